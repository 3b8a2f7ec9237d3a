"""What is trained: the words of a user become `Task`, its operations and its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple, TypedDict

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none, untold
from joulebook.estimate.train import flop
from joulebook.quantity import Basis, Quantity, Source, derived

ARCHITECTURES: Final = ("decoder", "encoder", "cnn", "vit", "dit", "unet")
"""What a network is; a mixture of experts is a decoder with `active` parameters."""
CONVOLUTIONS: Final = ("cnn", "unet")
PRECISIONS: Final = ("bf16", "fp16", "fp8", "tf32", "fp32")
_PATCH: Final = {"vit": 16.0, "dit": 2.0}
_LEAST_PARAMETERS: Final = 1e3
_EACH: Final = Source(
    "operations of a parameter and token",
    "for each parameter and token, two forward and four backward (Kaplan et al. 2020, arXiv 2001.08361)",
)
TOKENS_FROM_SCRATCH: Final = 20.0
"""Per parameter, of a training from scratch whose tokens nobody said (Hoffmann et al. 2022, arXiv 2203.15556)."""


class Workload(TypedDict, total=False):
    """What is trained; none of it is needed where hours and power are given."""

    params: Asked
    """All parameters: 65e9, "65B"."""
    active: Asked
    """Parameters that a token uses, of a mixture of experts."""
    tokens: Asked
    """That it consumes, repeats included; or `corpus` and `epochs`."""
    corpus: Asked
    """Tokens of the corpus, each once."""
    epochs: Asked
    samples: Asked
    """Pictures or sequences of the data set, each once."""
    flop: Asked
    """Of the whole training, where it is known."""
    flop_per_sample: Asked
    """Of one pass forward of one sample."""
    architecture: str
    image: Asked
    """Pixels of a side."""
    patch: Asked
    """Pixels (of the latent for a dit) of a side that make a token."""
    context: Asked
    """Tokens of a sequence."""
    precision: str
    peak: Asked
    """TFLOP/s of one device, dense; with it, a device that the catalogue does not know need not be named."""
    utilisation: Asked
    """Of the peak, as a run of one's own showed it."""
    like: str
    """A published family whose utilisation is a precedent: "llama 2"."""
    from_base: Asked
    """Parameters of a trained model that is fine-tuned; the tokens are those of the fine-tuning."""
    lora: bool
    boundary: str
    """How far the energy reaches: accelerator, chips (processors and memory too), server, cluster."""


class Task(NamedTuple):
    """A training as far as its operations go."""

    operations: Quantity | None
    """FLOP; None where too little was said."""
    active: Quantity | None
    total: Quantity | None
    tokens: Quantity | None
    precision: str
    architecture: str = "decoder"
    adapted: bool = False
    """Whether only adapters are trained."""
    missing: str = ""
    """What would tell the operations."""
    warnings: tuple[str, ...] = ()


def task_of(asked: Workload) -> Task | None:
    """The training that was described; None where nothing was said of it.

    Raises `ConfigError` for what is contradictory or no amount.
    """
    if not set(asked) - {"precision", "peak", "boundary"}:
        return None
    precision = one_of("precision", asked.get("precision", "") or "bf16", PRECISIONS)
    kind = one_of("architecture", asked.get("architecture", "") or "decoder", ARCHITECTURES)
    base, total, active = (_parameters(asked, name) for name in ("from_base", "params", "active"))
    total = total or base
    if base is not None and "params" in asked:
        raise ConfigError("params and from_base are both the size of the model: give from_base when it is fine-tuned")
    if active is not None and (total is None or active.value > total.value * 1.001):
        of = f"{total.value:.4g}" if total is not None else "params, which are not given"
        raise ConfigError(f"active = {active.value:.4g} parameters cannot be more than all of them, {of}")
    active = active or total
    tokens = _tokens(asked)
    adapted = bool(asked.get("lora"))
    if adapted and base is None:
        raise ConfigError("lora adapts a trained model: say its parameters with from_base")
    made = _operations(asked, kind, active, tokens, adapted=adapted)
    warnings = _oddities(total, tokens) if kind in ("decoder", "encoder") else []
    missing = "" if made is not None else _missing(kind, active)
    return Task(made, active, total, tokens, precision, kind, adapted, missing, tuple(warnings))


def _parameters(asked: Workload, name: Literal["from_base", "params", "active"]) -> Quantity | None:
    found = amount_or_none(name, asked.get(name), "1", most=1e15)
    if found is not None and found.value < _LEAST_PARAMETERS:
        raise ConfigError(f"{name} = {found.value:g} parameters: write 65B or 65e9 for billions, 110M for millions")
    return found


def _missing(kind: str, active: Quantity | None) -> str:
    """What would tell the operations."""
    if kind == "cnn":
        return "samples and flop_per_sample (its parameters alone do not tell how often each is used)"
    size = "" if active is not None else "params and "
    what = "tokens (or corpus and epochs)" if kind in ("decoder", "encoder") else "samples and image"
    return f"{size}{what}, or flop of the whole training"


def _tokens(asked: Workload) -> Quantity | None:
    tokens = amount_or_none("tokens", asked.get("tokens"), "1", least=1.0, most=1e18)
    corpus = amount_or_none("corpus", asked.get("corpus"), "1", least=1.0, most=1e18)
    epochs = amount_or_none("epochs", asked.get("epochs"), "1", most=1e7)
    if tokens is not None and (corpus is not None or (epochs is not None and "samples" not in asked)):
        raise ConfigError("tokens are those consumed, repeats included: give corpus and epochs instead of it, not both")
    if corpus is not None:
        return (corpus * (epochs or Quantity.exact(1.0))).named("tokens")
    return tokens


def _operations(
    asked: Workload, kind: str, active: Quantity | None, tokens: Quantity | None, *, adapted: bool
) -> Quantity | None:
    whole = amount_or_none("flop", asked.get("flop"), "FLOP", least=1e6, most=1e29)
    if whole is not None:
        return whole
    samples = amount_or_none("samples", asked.get("samples"), "1", most=1e18)
    context = amount_or_none("context", asked.get("context"), "1", most=1e9)
    if samples is not None:
        epochs = amount_or_none("epochs", asked.get("epochs"), "1", most=1e7) or Quantity.exact(1.0)
        seen = (samples * epochs).named("samples")
        forward = _forward(asked, kind, active)
        if forward is not None:
            return _made("operations of the samples", f"{flop.PASSES:g} x product of", flop.of_samples, seen, forward)
        if kind in ("decoder", "encoder") and context is not None:
            tokens = seen * context
    if kind not in ("decoder", "encoder") or active is None or tokens is None:
        return None
    longer = flop.attention(active.value, context.value if context is not None else 0.0)
    rule = flop.of_adapters if adapted else flop.of_tokens
    each = Quantity.of(flop.WHOLE, "1", basis=Basis.REPORTED, source=_EACH, name="operations each")
    per = () if adapted else (each,)
    words = f"{flop.ADAPTED + flop.WHOLE * flop.ADAPTER_SHARE:.4g} x product of" if adapted else "product of"
    more = Quantity.exact(longer, name="" if longer == 1 else "longer context")
    return _made("operations of the tokens", words, rule, active, tokens, *per, more)


_PICTURE: Final = "operations of a picture"


def _forward(asked: Workload, kind: str, active: Quantity | None) -> Quantity | None:
    """Operations of one pass forward of one sample."""
    given = amount_or_none("flop_per_sample", asked.get("flop_per_sample"), "FLOP", most=1e25)
    side = amount_or_none("image", asked.get("image"), "1", least=1.0, most=1e6)
    if given is not None or side is None or active is None:
        return given
    usual = untold("patch", _PATCH.get(kind, 1.0), "1", f"pixels on a side of a token, as most of kind {kind} have")
    patch = amount("patch", asked.get("patch", usual), "1", most=1e4)
    if patch.value > side.value:
        raise ConfigError(f"patch = {patch.value:g} is larger than image = {side.value:g}: both are sides in pixels")
    if kind == "vit":
        return _made(_PICTURE, "2 x parameters x ((side / patch)^2 + 1):", flop.vit_forward, active, side, patch)
    if kind == "dit":
        return _made(
            _PICTURE, f"2 x parameters x (side / {flop.LATENT} / patch)^2:", flop.dit_forward, active, side, patch
        )
    words = f"{flop.FORWARD * flop.UNET_SHARE:g} x parameters x (side / {flop.LATENT})^2:"
    return _made(_PICTURE, words, flop.unet_forward, active, side) if kind == "unet" else None


def _made(name: str, words: str, rule: Callable[..., float], *operands: Quantity) -> Quantity:
    """The result of a rule; `words` say it to whoever unfolds it."""
    return derived(words, rule, operands, rule(*(one.value for one in operands)), "FLOP").named(name)


def one_of(name: str, word: str, known: tuple[str, ...]) -> str:
    """The word, which has to be one of those."""
    if word not in known:
        raise ConfigError.bad(name, word, f"one of {', '.join(known)}")
    return word


def _oddities(total: Quantity | None, tokens: Quantity | None) -> list[str]:
    """Amounts that look like a slip."""
    if total is None or tokens is None:
        return []
    each = tokens.value / total.value
    if each < 0.01:
        return [f"{tokens.value:.3g} tokens are few for {total.value:.3g} parameters: were billions of tokens meant?"]
    if each > 1e6:
        return [f"{each:.3g} tokens for each parameter are many: are params in billions, or tokens counted twice?"]
    return []
