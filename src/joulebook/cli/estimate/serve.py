"""`joulebook estimate serve`: what requests to a model will take."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from typing import Final

from joulebook.cli.estimate.against import add_against, put_against
from joulebook.cli.estimate.asked import add_place, place_of, put_statement
from joulebook.estimate.serve.door import serving
from joulebook.estimate.serve.load import TASKS
from joulebook.estimate.serve.pictures import KINDS
from joulebook.estimate.serve.precision import PRECISIONS
from joulebook.estimate.serve.sized import serving_size

_ASKED: Final = (
    *("model", "params", "active", "precision", "device", "count", "task", "tokens_in", "tokens_out", "batch"),
    *("steps", "size", "frames", "fps", "guidance", "squeeze", "flop"),
    *("tensor_parallel", "expert_parallel", "data_parallel"),
    *("concurrency", "rate", "busy", "device_power", "host", "shared_host", "requests", "name"),
)


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook estimate serve`."""
    model = parser.add_argument_group("the model")
    model.add_argument("--model", help="by name: Qwen3-8B, gpt-oss-120b, deepseek-ai/DeepSeek-R1")
    model.add_argument("--params", metavar="N", help="its parameters, where it has no card: 8e9, 235B")
    model.add_argument("--active", metavar="N", help="those that one token uses (mixtures of experts): 22B")
    model.add_argument("--precision", help=f"of its weights: {', '.join(PRECISIONS)} (default: as published, or bf16)")
    server = parser.add_argument_group("the server")
    server.add_argument("--device", help="accelerator: H100, B200, L4")
    server.add_argument("--count", metavar="N", help="that share the model (default: as many as hold it)")
    for way, what in (("tensor", "matrices"), ("expert", "experts")):
        server.add_argument(f"--{way}-parallel", metavar="N", help=f"devices that {what} are divided between")
    server.add_argument("--data-parallel", metavar="N", help="copies of the model, which share the batch")
    server.add_argument("--device-power", metavar="W", help="of each at work, where it is known")
    server.add_argument("--host", metavar="RATIO", help="energy of the server around, over that of accelerators")
    server.add_argument("--busy", metavar="SHARE", help="of the time in which there is work (default: all)")
    hosts = server.add_mutually_exclusive_group()
    hosts.add_argument("--shared-host", action="store_true", default=None, help="eight such servers share a host")
    hosts.add_argument("--own-host", action="store_false", dest="shared_host", help="one has a host of its own")
    load = parser.add_argument_group("the requests")
    load.add_argument("--task", help=f"whose lengths were measured: {', '.join(TASKS)}")
    load.add_argument("--tokens-in", metavar="N", help="of a prompt, without what a cache of prompts has")
    load.add_argument("--tokens-out", metavar="N", help="of an answer")
    load.add_argument("--batch", metavar="N", help="requests at once, on average: 32, 16..64")
    load.add_argument("--concurrency", metavar="N", help="the most at once, with more waiting (max_num_seqs)")
    load.add_argument("--rate", metavar="N", help="requests that arrive in a second")
    load.add_argument("--requests", metavar="N", help="that are counted (default: 1)")
    _add_drawing(parser)
    parser.add_argument("--name", help="what it is called")
    add_place(parser)
    add_against(parser)


def _add_drawing(parser: ArgumentParser) -> None:
    """What pictures, films and classified images have besides."""
    drawing = parser.add_argument_group("pictures and films")
    drawing.add_argument(
        "--kind", dest="made", choices=("text", *KINDS), metavar="KIND", help="text, image, video, classify"
    )
    drawing.add_argument("--steps", metavar="N", help="of a diffusion model: 50 (default: as its makers use)")
    drawing.add_argument("--size", metavar="WxH", help="in pixels: 1024x1024, 1280x720")
    drawing.add_argument("--frames", metavar="N", help="of a film: 81")
    drawing.add_argument("--fps", metavar="N", help="frames in a second of it: 16")
    drawing.add_argument("--guidance", action=BooleanOptionalAction, help="each step is done twice")
    drawing.add_argument("--squeeze", metavar="N", help="pixels on an edge of a latent point: 8, 32 of SANA")
    drawing.add_argument("--flop", metavar="N", help="operations of one image that is classified: 8.2e9")


def main(arguments: Namespace) -> int:
    """Estimate energy, latency and cost of requests to a model, for each of them.

    examples:
      joulebook estimate serve --params 8e9 --device H100 --batch 32 --task chat
      joulebook estimate serve --model gpt-oss-120b --device H100 --rate 20
      joulebook estimate serve --kind image --model FLUX.1-dev --device H100
    """
    asked = {name: getattr(arguments, name) for name in _ASKED if getattr(arguments, name) is not None}
    statement = serving(kind=arguments.made or "text", **asked, **place_of(arguments))
    if arguments.against is not None:
        put_against(statement, arguments, serving_size(statement, asked) if not arguments.made else None)
        return 0
    put_statement(statement, arguments)
    return 0
