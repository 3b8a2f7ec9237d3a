"""Takes secrets out of what is recorded about a run: arguments, configuration, environment, addresses.

Loaded on the metering path. A secret is known by the name of its key, by the shape of a known kind of token,
or because it is a long random string; it becomes `***(32)`, with its length. When in doubt it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from joulebook.ledger.frame import MAX_DEPTH, asked, plain, plain_keys

LONGEST: Final = 32_768
"""Characters of one value that are kept; a longer one is cut, and says so."""

CONFIG_VALUES: Final = 20_000
"""Values of one configuration that are kept; a configuration may hold itself, or a data set."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ENVIRONMENT: Final = _set(
    """
    CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER NVIDIA_VISIBLE_DEVICES HIP_VISIBLE_DEVICES ROCR_VISIBLE_DEVICES
    ZE_AFFINITY_MASK OMP_NUM_THREADS OMP_PROC_BIND OMP_PLACES MKL_NUM_THREADS OPENBLAS_NUM_THREADS
    NUMEXPR_NUM_THREADS VECLIB_MAXIMUM_THREADS KMP_AFFINITY TORCH_NUM_THREADS PYTORCH_CUDA_ALLOC_CONF
    CUBLAS_WORKSPACE_CONFIG NVIDIA_TF32_OVERRIDE TF_ENABLE_ONEDNN_OPTS XLA_FLAGS PYTHONHASHSEED
    SLURM_JOB_ID SLURM_JOBID SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID SLURM_STEP_ID SLURM_PROCID SLURM_LOCALID
    SLURM_NODEID SLURM_NTASKS SLURM_NNODES SLURM_JOB_NUM_NODES SLURM_CPUS_PER_TASK SLURM_CPUS_ON_NODE
    SLURM_GPUS_ON_NODE SLURM_RESTART_COUNT PBS_JOBID PBS_ARRAYID LSB_JOBID LSB_JOBINDEX JOB_ID SGE_TASK_ID
    RANK LOCAL_RANK GROUP_RANK WORLD_SIZE LOCAL_WORLD_SIZE NODE_RANK OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE
    OMPI_COMM_WORLD_LOCAL_RANK PMI_RANK PMI_SIZE TORCHELASTIC_RESTART_COUNT
    JOULEBOOK_REGION JOULEBOOK_SENSORS JOULEBOOK_INTERVAL
    """
)
"""The only variables that are recorded, and those by `mask_text` too."""

_WORDS: Final = _set(
    """
    password passwords passwd passphrase pwd token secret secrets apikey credential credentials cred creds auth
    oauth authorization cookie cookies session sessionid bearer jwt accesskey privatekey secretkey authtoken
    accesstoken dsn otp webhook signature sig xsrf csrf
    """
)
_KEYS: Final = _set("api access private secret account encryption signing ssh subscription master service")
_ENDS: Final = ("password", "passwd", "passphrase", "secret", "apikey", "authtoken", "accesstoken", "clienttoken")
_SPECIAL: Final = _set(
    """
    pad bos eos unk cls sep mask special image audio video begin end start stop next per type types embedding class
    vocab count id ids index budget limit length mixing merging dropout
    """
)
"""Words that make `token` the token of a language model, not of a service."""
_SHA_WORDS: Final = _set("commit rev revision sha sha1 sha256 hash digest checksum snapshots blobs md5 etag")
_SWITCHES: Final = _set("use no with without enable disable skip allow require")

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^a-z0-9]+")

_SHAPES = re.compile(
    r"""
    -----BEGIN[ ][A-Z0-9 ]{0,40}(?:KEY|CERTIFICATE)[A-Z0-9 ]{0,10}-----.*?(?:-----END[ ][A-Z0-9 ]{0,50}-----|\Z)
  | (?<![A-Za-z0-9])(?:
      gh[pousr]_[A-Za-z0-9]{16,} | github_pat_\w{16,} | gl(?:pat|rt|dt|cbt|ptt|soat)-[\w-]{16,}
    | (?:sk|pk|rk)[-_](?=[\w-]{0,80}\d)[\w-]{16,} | hf_[A-Za-z0-9]{16,} | api_org_[A-Za-z0-9]{16,}
    | (?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{12,} | xox[a-z]-[\w-]{10,} | xapp-[\w-]{10,}
    | eyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]*)? | AIza[\w-]{30,} | ya29\.[\w.-]{10,} | GOCSPX-[\w-]{16,}
    | npm_[A-Za-z0-9]{20,} | pypi-[\w-]{16,} | do[opr]_v1_[a-f0-9]{16,} | r8_[A-Za-z0-9]{16,}
    | SG\.[\w-]{12,}\.[\w-]{12,} | nvapi-[\w-]{16,} | dapi[a-f0-9]{16,} | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16,}
    | lin_api_\w{16,} | AGE-SECRET-KEY-1[A-Z0-9]{20,} | \d{8,10}:[\w-]{35} | hvs\.[\w-]{16,} | gsk_[A-Za-z0-9]{16,}
    | local-[a-f0-9]{32,} | (?:T|B)[A-Z0-9]{8,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_USERINFO = re.compile(
    r"(?<=://)(?!git@)([^\s/?#@'\"]{0,300}|[^\s/?#@:'\"]{0,100}:(?!\d{1,6}(?:[/?#]|$))[^\s@'\"]{0,300})@"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic|digest|token)(\s+)([\w.~+/=-]{8,})")
_HEADER = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]{1,60}):\s+(.+)", re.DOTALL)
_KEY = re.compile(r"""(?<![\w-])(["']?)(-{0,2}[A-Za-z][\w.-]{1,60})\1\s*[:=]\s*(?!//)""")
_VALUE = re.compile(r"""(["'])(.*?)\1|[^\s,;&"'}\]]+""", re.DOTALL)
_RANDOM = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_ALNUM = re.compile(r"[A-Za-z0-9]+")
_CLASS = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "a" * 26 + "A" * 26 + "0" * 10)
_HEX = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")


def masked(value: str) -> str:
    """What stands in place of a secret: stars and its length."""
    return f"***({len(value)})"


def is_secret_name(name: str) -> bool:
    """True when the value under this key, option or variable is to be hidden whatever it looks like."""
    words = _words(name)
    joined = "".join(words)
    if "token" in words and not _SPECIAL.isdisjoint(words):
        words = [word for word in words if word != "token"]
    if not _WORDS.isdisjoint(words) or (joined.endswith(_ENDS) and bool(words)):
        return True
    pairs = pairwise(words)
    return (
        any(second in {"key", "keys"} and first in _KEYS for first, second in pairs)
        or (len(words) > 1 and words[-1] == "pass")
        or (bool(words) and words[-1].endswith("token") and not words[-1].startswith(("token", "sub", *_SPECIAL)))
    )


def mask_argv(argv: Iterable[str]) -> list[str]:
    """The command line without its secrets: `--token X`, `--token=X`, `KEY=VALUE`, headers, addresses."""
    result: list[str] = []
    owner = ""
    for item in map(str, argv):
        if owner and not item.startswith("--"):
            result.append(_mask_owned(owner, item))
            owner = ""
            continue
        owner = ""
        name, equals, value = item.partition("=")
        if equals and _is_name(name) and mask_text(name) == name:
            result.append(name + equals + _mask_value(name, value))
        else:
            if item.startswith("-") and (item in {"-u", "--user", "-H", "--header"} or _takes_secret(item)):
                owner = item
            result.append(mask_text(item))
    return result


def mask_config(value: object, name: str = "") -> object:
    """A nested configuration as plain JSON values without its secrets; beyond 20,000 values it is cut."""
    return _mask_nested(value, name, 0, [CONFIG_VALUES])


def _mask_nested(value: object, name: str, depth: int, room: list[int]) -> object:
    room[0] -= 1
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, int | float):
        return _mask_value(name, str(plain(value))) if is_secret_name(name) else plain(value)
    inside = _inside(value)
    if inside is None:
        text = str(plain(value))
        room[0] -= len(text) >> 8
        return _mask_value(name, text)
    if depth >= MAX_DEPTH or room[0] < len(inside):
        return "..."
    if not issubclass(kind, Mapping):
        return [_mask_nested(item, name, depth + 1, room) for _, item in inside]
    names = plain_keys(key for key, _ in inside)  # as the journal would write them
    return {
        mask_text(word): _mask_nested(item, word, depth + 1, room)
        for word, (_, item) in zip(names, inside, strict=True)
    }


def _inside(value: Any) -> list[tuple[object, object]] | None:  # noqa: ANN401 - anything
    """Keys and values of a mapping or of a collection; None for anything else, and for one that cannot be read."""
    return asked(lambda: _items(value))


def _items(value: Any) -> list[tuple[object, object]] | None:  # noqa: ANN401 - anything
    kind = type(value)
    if issubclass(kind, dict):
        return list(dict.items(value))
    if issubclass(kind, Mapping):
        return list(value.items())
    if issubclass(kind, list | tuple | set | frozenset):
        return list(enumerate(value))
    return None


def mask_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are on the list, and no other."""
    return {name: mask_text(environ[name]) for name in sorted(ENVIRONMENT & environ.keys())}


def mask_text(text: str, name: str = "") -> str:
    """Any text without the secrets that can be recognised in it; `name` is the key it stands under."""
    if len(text) > LONGEST:
        return mask_text(text[:LONGEST], name) + f"... ({len(text)} characters)"
    if len(text) < 6:
        return text
    text = _SHAPES.sub(_whole, text)
    if "://" in text:
        text = _USERINFO.sub(lambda match: masked(match[1]) + "@", text)
    if ":" in text or "=" in text:
        text = _mask_pairs(text)
    text = _BEARER.sub(lambda match: match[0] if match[3].isalpha() else match[1] + match[2] + masked(match[3]), text)
    if len(text) < 20 or not _SHA_WORDS.isdisjoint(_words(name)):
        return text
    return _RANDOM.sub(_random, text)


def _words(name: str) -> list[str]:
    return [word for word in _SPLIT.split(_CAMEL.sub("_", name[:200]).lower()) if word]


def _is_name(text: str) -> bool:
    return bool(re.fullmatch(r"-{0,2}[A-Za-z+][\w.:+-]{0,80}", text))


def _takes_secret(option: str) -> bool:
    words = _words(option)
    return is_secret_name(option) and bool(words) and words[0] not in _SWITCHES


def _mask_owned(owner: str, item: str) -> str:
    """The value that follows an option."""
    if owner in {"-u", "--user"}:
        user, colon, password = item.partition(":")
        return f"{user}:{masked(password)}" if colon else mask_text(item)
    if owner in {"-H", "--header"}:
        header = _HEADER.fullmatch(item)
        if header and is_secret_name(header[1]):
            return f"{header[1]}: {masked(header[2])}"
        return mask_text(item)
    return masked(item)


def _mask_value(name: str, value: str) -> str:
    """A value under a key: hidden by the key's name, else searched."""
    if value and is_secret_name(name) and not _harmless(value):
        return masked(value)
    return mask_text(value, name)


def _harmless(value: str) -> bool:
    """Switches."""
    return value.lower() in {"true", "false", "none", "null", "yes", "no", "0", "1"}


def _whole(match: re.Match[str]) -> str:
    return masked(match[0])


def _mask_pairs(text: str) -> str:
    """Mask the value after every secret name and `:` or `=`, wherever that stands."""
    parts, at = [], 0
    while key := _KEY.search(text, at):
        parts.append(text[at : key.end()])
        at = key.end()
        value = _VALUE.match(text, at) if is_secret_name(key[2]) else None
        if value is None:
            continue
        bare = value[2] if value[1] else value[0]
        if bare and not bare.startswith("***(") and not _harmless(bare):
            quote = value[1] or ""
            parts.append(quote + masked(bare) + quote)
            at = value.end()
    parts.append(text[at:])
    return "".join(parts)


def _random(match: re.Match[str]) -> str:
    """Mask the match, or those of its path segments that look random."""
    text = match[0]
    before = match.string[max(match.start() - 12, 0) : match.start()]
    if text.startswith(("GPU-", "MIG-")) or before.endswith(("sha256:", "sha1:", "md5:")):
        return text
    parts = text.split("/")
    if _SHA_WORDS.isdisjoint(parts) and _looks_random(text):
        return masked(text)
    for index, part in enumerate(parts):
        if _looks_random(part) and not (index and parts[index - 1] in _SHA_WORDS):
            parts[index] = masked(part)
    return "/".join(parts)


def _looks_random(text: str) -> bool:
    """About 20 characters with few separators, many different ones, and changes of class as chance makes them.

    Of two neighbours in random base 62 the classes (lower, upper, digit) differ with probability 0.62, in hexadecimal
    0.47, in lower case with digits 0.40; in words joined by capitals and numbers less than 0.3.
    """
    text = text.rstrip("=")
    runs = _ALNUM.findall(text)
    size = sum(map(len, runs))
    if size < 18 or (len(text) - size) * 10 > len(text):
        return False
    if _HEX.fullmatch(text) and not text.isdecimal():
        return len(set(text)) > 4
    changes = pairs = 0
    for run in runs:
        classes = run.translate(_CLASS)
        pairs += len(run) - 1
        changes += sum(map(str.__ne__, classes, classes[1:]))
    return len(set(text)) >= 10 and changes >= (0.28 if text.lower() == text else 0.34) * pairs
