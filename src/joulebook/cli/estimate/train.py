"""`joulebook estimate train`: what a training will take."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.cli.estimate.asked import add_place, place_of, put_statement
from joulebook.estimate.train.door import training


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook estimate train`."""
    parser.add_argument("--device", default="", help="accelerator: H100, A100-SXM4-80GB, 'TPU v4'")
    parser.add_argument("--count", default="1", metavar="N", help="of devices (default: 1)")
    parser.add_argument("--hours", metavar="H", help="from beginning to end: 84, '3.5 d', 80..120")
    parser.add_argument("--power", metavar="W", help="of the whole job: 1515.43, '1.5 kW'")
    parser.add_argument("--device-power", metavar="W", help="of each device: 250, 200..300")
    parser.add_argument("--name", default="training", help="what it is called")
    add_place(parser)


def main(arguments: Namespace) -> int:
    """Estimate a training from hours and power, or from its size and the hardware.

    examples:
      joulebook estimate train --device P100 --count 8 --hours 84 --power 1515.43
    """
    statement = training(
        device=arguments.device,
        count=arguments.count,
        hours=arguments.hours,
        power=arguments.power,
        device_power=arguments.device_power,
        name=arguments.name,
        **place_of(arguments),
    )
    put_statement(statement, arguments)
    return 0
