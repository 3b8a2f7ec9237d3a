"""Which rank of a training this process is, by what its launcher says in the environment.

Each rank records its own journal and waits for nobody. What they have in common is the name of their group, which
every rank derives by itself. Which of them are one run is told when journals are read (`members.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

GROUP_VARIABLE: Final = "JOULEBOOK_GROUP"
"""Environment variable that names the group where the launcher does not, or names it wrongly."""
UNNUMBERED: Final = -1
_LAUNCHERS: Final = (
    ("torch", "WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    ("lightning", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_RANK", "WORLD_SIZE"),
    ("horovod", "HOROVOD_SIZE", "HOROVOD_RANK", "HOROVOD_LOCAL_RANK", "HOROVOD_LOCAL_SIZE"),
    ("open mpi", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK", ""),
    ("mpi", "PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID", ""),
    ("slurm", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID", ""),
)
"""Who may have started us: the variables of its number of ranks, our rank, our rank on this node, the ranks there."""
_NO_NAME: Final = ("", "none")


class Rank(NamedTuple):
    """One process among those of a training. Rank and size are labels: an elastic launcher gives them anew."""

    group: str
    """Twelve hexadecimal digits: the same for all ranks of one launch, and mostly for them alone."""
    rank: int
    of: int
    """How many there are; 0 where nobody says."""
    local: int
    """Its number on its node."""
    attempt: int
    """How often the launcher had started the training anew."""
    launcher: str


def rank_here(environ: Mapping[str, str], boot: str, parent: Callable[[], str]) -> Rank | None:
    """What the launcher says of this process; None where it is the only one. Never raises.

    `boot` is the id of the boot, and `parent` names the process that started this one.
    """
    name = environ.get(GROUP_VARIABLE, "").strip()
    for launcher, size, rank, local, on_node in _LAUNCHERS:
        of, number = _natural(environ.get(size)), _natural(environ.get(rank))
        if of is None or number is None or not (of > 1 or name) or number >= of:
            continue
        if launcher == "lightning" and environ.get("NODE_RANK", "0") != "0":  # its own launcher says no number here
            continue
        alone = _natural(environ.get(on_node)) == of
        key = f"name {name}" if name else _key(launcher, environ, boot if alone else "") or f"{boot} {parent()}"
        attempt = _natural(environ.get("TORCHELASTIC_RESTART_COUNT")) or _natural(environ.get("SLURM_RESTART_COUNT"))
        return Rank(group_id(key), number, of, _natural(environ.get(local)) or 0, attempt or 0, launcher)
    return Rank(group_id(f"name {name}"), UNNUMBERED, 0, 0, 0, "name") if name else None


def is_first(environ: Mapping[str, str]) -> bool:
    """Whether this process, of all ranks, is the one that tells people something."""
    return all(environ.get(name, "0") == "0" for _, _, *numbers, _ in _LAUNCHERS for name in numbers)


def is_of_several(environ: Mapping[str, str]) -> bool:
    """Whether there are ranks beside this one, which may wait for it."""
    return any(environ.get(size, "1") not in ("", "0", "1") for _, size, *_ in _LAUNCHERS)


def _key(launcher: str, environ: Mapping[str, str], boot: str) -> str:
    """What the ranks of one launch have in common, by their launcher; "" where it names nothing.

    `boot` is that of the node when all ranks are on it: an address such as 127.0.0.1 is then its own.
    """
    get = environ.get
    port = get("MASTER_PORT", "") if launcher in ("torch", "horovod", "lightning") else ""
    if get("TORCHELASTIC_RUN_ID", "") not in _NO_NAME and launcher == "torch":
        return f"torch {get('TORCHELASTIC_RUN_ID')}"
    if not boot and get("SLURM_JOB_ID") and get("SLURM_STEP_ID"):
        return f"slurm {get('SLURM_CLUSTER_NAME', '')} {get('SLURM_JOB_ID')}.{get('SLURM_STEP_ID')} {port}"
    if get("PMIX_NAMESPACE") and launcher != "torch":
        return f"pmix {get('PMIX_NAMESPACE')} {boot}"
    if port and get("MASTER_ADDR"):
        return f"master {get('MASTER_ADDR')}:{port} {get('RAY_JOB_ID', '')} {boot}"
    return ""


def group_id(key: str) -> str:
    """Twelve hexadecimal digits for what ranks have in common."""
    from hashlib import blake2b  # a millisecond that a process without ranks is spared

    return blake2b(key.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def _natural(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 7:
        return None
    return int(text)
