"""Where a process stands on its machine: its container, its part of processors and memory, its job on a cluster.

Parsers of text, and one door. What is not known stays empty; nothing here starts a process or raises.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from joulebook.sensors.host import beginning, mounts

_CGROUPS: Final = "sys/fs/cgroup"
_SERVICE_ACCOUNT: Final = "run/secrets/kubernetes.io/serviceaccount/namespace"
_PRESENT: Final = "sys/devices/system/cpu/present"
_NAMESPACES: Final = {"ipc": 0xEFFFFFFF, "uts": 0xEFFFFFFE, "pid": 0xEFFFFFFC}
"""Inodes of the namespaces that a machine boots with (Linux, include/linux/proc_ns.h)."""
_UNLIMITED: Final = 1 << 60
"""A limit of memory from here on is none: version 1 shows the largest number of pages in bytes."""
_DEPTH: Final = 40
_CHARS: Final = 200
_WORDS: Final = (
    ("kubepods", "kubernetes"),
    ("cri-containerd", "kubernetes"),
    ("libpod", "podman"),
    ("docker", "docker"),
    ("containerd", "containerd"),
    ("lxc", "lxc"),
    ("garden", "garden"),
)
"""Words in the paths of cgroups, the most telling first, and the runtime that writes them."""
_VARIABLES: Final = (
    ("APPTAINER_NAME", "apptainer"),
    ("SINGULARITY_NAME", "singularity"),
    ("CH_RUNNING", "charliecloud"),
    ("SHIFTER_RUNTIME", "shifter"),
)
_NODE: Final = ("NODE_NAME", "K8S_NODE_NAME", "KUBE_NODE_NAME", "MY_NODE_NAME")
"""Variables in which people have the downward API write the name of the node."""
_SLURM: Final = {
    "id": "SLURM_JOB_ID",
    "step": "SLURM_STEP_ID",
    "array": "SLURM_ARRAY_JOB_ID",
    "task": "SLURM_ARRAY_TASK_ID",
    "cluster": "SLURM_CLUSTER_NAME",
    "partition": "SLURM_JOB_PARTITION",
    "nodes": "SLURM_JOB_NODELIST",
    "node": "SLURM_NODEID",
    "cpus": "SLURM_CPUS_ON_NODE",
    "gpus": "SLURM_JOB_GPUS",
}
_JOBS: Final[Mapping[str, Mapping[str, str]]] = {
    "slurm": _SLURM,
    "pbs": {"id": "PBS_JOBID", "task": "PBS_ARRAY_INDEX", "partition": "PBS_QUEUE"},
    "lsf": {"id": "LSB_JOBID", "task": "LSB_JOBINDEX", "partition": "LSB_QUEUE"},
    "sge": {"id": "JOB_ID", "task": "SGE_TASK_ID", "partition": "QUEUE", "cluster": "SGE_CLUSTER_NAME"},
}
"""Schedulers, and the variables in which each tells a job about itself."""


class Limit(NamedTuple):
    """The least that any level allows, what says so, and a name of that level for this boot."""

    amount: float = 0.0
    """0: nothing limits."""
    by: str = ""
    holder: str = ""


class Context(NamedTuple):
    """What part of the machine a process may use, and on whose behalf."""

    container: str = ""
    """The runtime: docker, podman, kubernetes, lxc, apptainer, ...; "" outside of containers."""
    machine_cpus: int = 1
    cpus: Limit = Limit()
    """Processors allotted: by quota, by set, or by Slurm; 0 when it may use all of them."""
    affinity: int = 0
    """Processors that this process is bound to."""
    machine_memory: int = 0
    memory: Limit = Limit()
    """Bytes allotted; 0 when it may use all of it."""
    kubernetes: Mapping[str, str] = {}
    """namespace, pod, node; as far as they are known."""
    job: Mapping[str, str] = {}
    """scheduler, id, and what else it says: step, array, task, cluster, partition, nodes, node, cpus, gpus."""
    lxcfs: bool = False
    """Whether /proc shows the part of this container as if it were the machine."""

    @property
    def is_part(self) -> bool:
        """Whether it may use less than all processors."""
        return 0 < self.cpus.amount < self.machine_cpus

    @property
    def job_id(self) -> str:
        """The id by which the scheduler's own commands know the job: "1234", or "1200_7" of an array."""
        array, task = self.job.get("array", ""), self.job.get("task", "")
        return f"{array}_{task}" if array and task else self.job.get("id", "")

    def head(self) -> dict[str, object]:
        """What is written at the head of a journal: what there is, and no path."""
        found: dict[str, object] = {"container": self.container, "kubernetes": self.kubernetes, "job": self.job}
        if self.is_part:
            cpus = {"cpus": round(self.cpus.amount, 3), "cpus_by": self.cpus.by, "holder": self.cpus.holder}
            found |= {**cpus, "machine_cpus": self.machine_cpus}
        if self.memory.amount:
            memory = {"memory_bytes": int(self.memory.amount), "memory_by": self.memory.by}
            found |= {**memory, "machine_memory_bytes": self.machine_memory}
        if 0 < self.affinity < self.machine_cpus:
            found["affinity"] = self.affinity
        if self.lxcfs:
            found["lxcfs"] = True
        return {key: value for key, value in found.items() if value}


def read_context(cpus: int, memory_bytes: int, environ: Mapping[str, str] = os.environ, root: str = "/") -> Context:
    """The context of this process on a machine with `cpus` processors and so much memory, as it shows itself."""
    root = root.rstrip("/")
    groups = parse_cgroups(beginning(f"{root}/proc/self/cgroup", 16_384))
    container = _container(root, environ, groups)
    lxcfs = bool(container) and " - fuse.lxcfs " in mounts(root)
    if lxcfs:
        cpus = max(cpus, count_listed(beginning(f"{root}/{_PRESENT}")))
    job = parse_job(environ)
    limits = [
        _least(root, groups, "cpu", ("cpu.max", "cpu.cfs_quota_us"), _quota),
        _least(root, groups, "cpuset", ("cpuset.cpus.effective", "cpuset.effective_cpus"), _listed),
        _by_slurm(job),
    ]
    known = [limit for limit in limits if 0 < limit.amount < cpus]
    memory = _least(root, groups, "memory", ("memory.max", "memory.limit_in_bytes"), _bytes)
    return Context(
        container=container,
        machine_cpus=cpus,
        cpus=min(known, key=lambda limit: limit.amount, default=Limit()),
        affinity=_affinity(),
        machine_memory=memory_bytes,
        memory=memory if 0 < memory.amount < memory_bytes else Limit(),
        kubernetes=_kubernetes(root, environ),
        job=job,
        lxcfs=lxcfs,
    )


# -- parsers ---------------------------------------------------------------------------------------------------


def parse_cgroups(text: str) -> dict[str, str]:
    """The path of a process for each controller, from /proc/PID/cgroup; under "" that of version 2."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, colon, rest = line.partition(":")
        controllers, second, path = rest.partition(":")
        if colon and second and path.startswith("/"):
            parts = [part for part in path.split("/") if part not in ("", ".", "..")]
            for controller in controllers.split(","):
                found.setdefault(controller, "/".join(parts[:_DEPTH]))
    return found


def parse_quota(text: str, period: str = "") -> float:
    """Processors that a quota is worth: "400000 100000" is 4; 0 where it is "max", -1 or no quota."""
    words = (text.split() + period.split())[:2]
    if len(words) < 2 or not all(_is_natural(word) for word in words) or not int(words[1]):
        return 0.0
    return int(words[0]) / int(words[1])


def count_listed(text: str) -> int:
    """How many processors a list of the kernel names: "0-3,8" is 5; 0 where it is none."""
    count = 0
    for part in text.strip().split(",") if text.strip() else ():
        first, dash, last = part.partition("-")
        if not _is_natural(first) or (dash and not _is_natural(last)):
            return 0
        count += max(0, int(last) - int(first) + 1) if dash else 1
    return count


def parse_job(environ: Mapping[str, str]) -> dict[str, str]:
    """What a scheduler says of the job that this environment belongs to; empty outside of one."""
    for scheduler, variables in _JOBS.items():
        number = _plain(environ.get(variables["id"], ""))
        if not number or (scheduler == "sge" and "SGE_ROOT" not in environ):
            continue  # JOB_ID is a name that others use as well
        said = {key: _plain(environ.get(name, "")) for key, name in variables.items()}
        if said.get("task", "") in ("0", "undefined") and scheduler in ("lsf", "sge"):
            del said["task"]  # no member of an array
        return {"scheduler": scheduler} | {key: text for key, text in said.items() if text}
    return {}


def runtime_of(groups: Mapping[str, str]) -> str:
    """The container runtime that the paths of cgroups name; "" for none."""
    text = "/".join(groups.values())
    return next((runtime for word, runtime in _WORDS if word in text), "")


def _is_natural(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _plain(text: str) -> str:
    """A value of the environment as it may be kept: one line of printable characters, not too long."""
    text = text.strip()
    return text[:_CHARS] if text.isprintable() and " " not in text else ""


def _name(text: str) -> str:
    """A name as Kubernetes allows it (RFC 1123); "" for anything else."""
    text = text.strip()
    fits = 0 < len(text) < 254 and text.isascii() and text.lower() == text
    return text if fits and text.replace("-", "").replace(".", "").isalnum() else ""


# -- doors -----------------------------------------------------------------------------------------------------


def _least(
    root: str, groups: Mapping[str, str], controller: str, names: tuple[str, str], read: Callable[[str, str], float]
) -> Limit:
    """The smallest limit on the way from a cgroup to the root of its tree; of equal ones the outermost.

    In a container the path may be that of the host, which is not there: then the tree begins at its own root.
    """
    least = Limit()
    for base, path, name in (
        (f"{root}/{_CGROUPS}", groups.get(""), names[0]),
        (f"{root}/{_CGROUPS}/{controller}", groups.get(controller), names[1]),
    ):
        parts = path.split("/") if path else []
        for depth in range(len(parts), -1, -1) if path is not None else ():
            folder = "/".join((base, *parts[:depth]))
            amount = read(folder, name)
            if amount and (not least.amount or amount <= least.amount):
                least = Limit(amount, name, _holder(folder))
    return least


def _quota(folder: str, name: str) -> float:
    text = beginning(f"{folder}/{name}", 64)
    period = beginning(f"{folder}/cpu.cfs_period_us", 64) if text and name == "cpu.cfs_quota_us" else ""
    return parse_quota(text, period)


def _listed(folder: str, name: str) -> float:
    return float(count_listed(beginning(f"{folder}/{name}", 16_384)))


def _bytes(folder: str, name: str) -> float:
    text = beginning(f"{folder}/{name}", 64).strip()
    amount = int(text) if _is_natural(text) else 0
    return float(amount) if amount < _UNLIMITED else 0.0


def _holder(folder: str) -> str:
    """A name of a cgroup that is the same for all in it, in whatever namespace, and tells nobody its path."""
    try:
        found = os.stat(folder)  # noqa: PTH116 - pathlib costs an import on the metering path
    except OSError:
        return ""
    return f"{found.st_dev:x}.{found.st_ino:x}"


def _by_slurm(job: Mapping[str, str]) -> Limit:
    cpus = job.get("cpus", "") if job.get("scheduler") == "slurm" else ""
    return Limit(float(cpus), "Slurm", f"slurm {job['id']}") if _is_natural(cpus) else Limit()


def _container(root: str, environ: Mapping[str, str], groups: Mapping[str, str]) -> str:
    """The container runtime around this process.

    An image that was started as the disk of a virtual machine still has the marks of its builder: where all
    namespaces are those of the boot, files and variables are not believed.
    """
    named = next((runtime for variable, runtime in _VARIABLES if environ.get(variable)), "")
    if named:  # they keep the namespaces of their host
        return named
    if "KUBERNETES_SERVICE_HOST" in environ and not _is_at_boot(root):
        return "kubernetes"
    named = runtime_of(groups)
    if named or _is_at_boot(root):
        return named
    said = beginning(f"{root}/run/systemd/container", 64) or environ.get("container", "")
    if os.access(f"{root}/run/.containerenv", os.F_OK) or said == "podman":
        return "podman"
    if os.access(f"{root}/.dockerenv", os.F_OK):
        return "docker"
    return runtime_of(parse_cgroups(beginning(f"{root}/proc/1/cgroup"))) or _name(said)


def _is_at_boot(root: str) -> bool:
    for name, inode in _NAMESPACES.items():
        try:
            if os.stat(f"{root}/proc/self/ns/{name}").st_ino != inode:  # noqa: PTH116 - as above
                return False
        except OSError:
            return False
    return True


def _kubernetes(root: str, environ: Mapping[str, str]) -> dict[str, str]:
    if "KUBERNETES_SERVICE_HOST" not in environ:
        return {}
    space = beginning(f"{root}/var/{_SERVICE_ACCOUNT}", 256) or beginning(f"{root}/{_SERVICE_ACCOUNT}", 256)
    found = {
        "namespace": _name(space or environ.get("POD_NAMESPACE", "")),
        "pod": _name(environ.get("POD_NAME", "") or environ.get("HOSTNAME", "")),
        "node": next((name for variable in _NODE if (name := _name(environ.get(variable, "")))), ""),
    }
    return {key: name for key, name in found.items() if name}


def _affinity() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return 0
