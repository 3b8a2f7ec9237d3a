"""`joulebook estimate train`: what a training will take."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import cast

from joulebook.cli.estimate.against import add_against, put_against
from joulebook.cli.estimate.asked import add_place, place_of, put_statement
from joulebook.estimate.train.door import training
from joulebook.estimate.train.sized import training_size
from joulebook.estimate.train.workload import Workload


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook estimate train`."""
    parser.add_argument("--device", default="", help="accelerator: H100, A100-SXM4-80GB, 'TPU v4'")
    parser.add_argument(
        "--count", metavar="N", help="of devices (default: as few as hold it, or as the run of --power-from)"
    )
    parser.add_argument("--hours", metavar="H", help="from beginning to end: 84, '3.5 d', 80..120")
    parser.add_argument("--power", metavar="W", help="of the whole job: 1515.43, '1.5 kW'")
    parser.add_argument("--device-power", metavar="W", help="of each device: 250, 200..300")
    parser.add_argument("--power-from", metavar="RUN", help="a short metered run of it: an id, a name, last")
    parser.add_argument("--steps", metavar="N", help="of the whole, each as long as those of --power-from")
    parser.add_argument("--name", default="training", help="what it is called")
    add_size(parser)
    add_place(parser)
    add_against(parser)


def add_size(parser: ArgumentParser) -> None:
    """What is trained: hours follow from it."""
    size = parser.add_argument_group("what is trained, where hours are not known")
    size.add_argument("--params", metavar="N", help="parameters: 65e9, 65B")
    size.add_argument("--active", metavar="N", help="parameters that a token uses, of a mixture of experts: 37B")
    size.add_argument("--tokens", metavar="N", help="consumed, repeats included: 1.4T")
    size.add_argument("--corpus", metavar="N", help="tokens of the corpus, each once; with --epochs")
    size.add_argument("--epochs", metavar="N", help="times that the corpus or the samples are seen")
    size.add_argument("--samples", metavar="N", help="pictures or sequences of the data set")
    size.add_argument("--flop", metavar="N", help="operations of the whole training, if known: 3.8e25")
    size.add_argument("--flop-per-sample", metavar="N", help="operations of one pass forward of one sample: 8.2e9")
    size.add_argument("--architecture", metavar="KIND", help="decoder (default), encoder, cnn, vit, dit, unet")
    size.add_argument("--image", metavar="PIXELS", help="side of a picture: 224")
    size.add_argument("--patch", metavar="N", help="side of a token: pixels of a vit (16), of the latent of a dit (2)")
    size.add_argument("--context", metavar="N", help="tokens of a sequence (default: at most 2048)")
    size.add_argument("--precision", metavar="BITS", help="bf16 (default), fp16, fp8, tf32, fp32")
    size.add_argument("--peak", metavar="TFLOPS", help="of a device that the catalogue does not know, dense")
    size.add_argument("--utilisation", metavar="SHARE", help="of the peak, from a run of your own: 0.35..0.42")
    size.add_argument("--like", metavar="FAMILY", help="published trainings that are a precedent: 'llama 2', falcon")
    size.add_argument(
        "--from-base", metavar="N", help="fine-tuning: parameters of the trained model; tokens are of the tuning"
    )
    size.add_argument("--lora", action="store_true", default=None, help="fine-tuning of adapters alone")
    size.add_argument("--boundary", metavar="REACH", help="accelerator, chips, server (default), cluster")


def main(arguments: Namespace) -> int:
    """Estimate a training from hours and power, or from its size and the hardware.

    examples:
      joulebook estimate train --device P100 --count 8 --hours 84 --power 1515.43
      joulebook estimate train --power-from last --hours 100 --count 8
      joulebook estimate train --device A100 --count 64 --params 7B --tokens 1T
      joulebook estimate train --device H800 --params 671B --active 37B --tokens 9T
      joulebook estimate train --device H100 --from-base 8B --tokens 1B --lora
    """
    statement = training(
        device=arguments.device,
        count=arguments.count,
        hours=arguments.hours,
        power=arguments.power,
        device_power=arguments.device_power,
        power_from=arguments.power_from,
        steps=arguments.steps,
        name=arguments.name,
        **size_of(arguments),
        **place_of(arguments),
    )
    if arguments.against is not None:
        put_against(statement, arguments, training_size(arguments.device, size_of(arguments)))
        return 0
    put_statement(statement, arguments)
    return 0


def size_of(arguments: Namespace) -> Workload:
    """What was said of what is trained."""
    said = {name: getattr(arguments, name) for name in Workload.__annotations__}
    return cast("Workload", {name: value for name, value in said.items() if value is not None})
