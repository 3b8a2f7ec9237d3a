"""The `joulebook` command: its verbs, and the outermost door where errors become words and exit codes.

A verb is a module beside this one with `add_arguments(parser)` and `main(arguments) -> exit code`, whose docstring
is the verb's help; it is loaded when the verb is used. Only the standard library's argparse: see docs/decisions/0005.
"""

from __future__ import annotations

import sys
from argparse import SUPPRESS, ArgumentParser, RawDescriptionHelpFormatter
from importlib import import_module

from joulebook.cli.output import close_broken, say
from joulebook.errors import JoulebookError
from joulebook.version import __version__

_GROUPS = {
    "measure": {
        "run": "meter any command",
        "top": "show present watts by device and by run",
    },
    "look ahead": {
        "estimate": "say what a training, serving or a search will take",
    },
    "look back": {
        "runs": "list the runs of this book, newest first",
        "show": "show the whole account of one run",
        "explain": "unfold one figure down to readings and cited facts",
        "compare": "compare two runs: what makes the difference",
        "check": "hold runs against their budgets: exit code 3 when exceeded",
        "report": "write runs as Markdown, LaTeX, HTML, CSV, JSON or a model card",
        "figure": "draw one chart as SVG, PNG, PDF, HTML or JSON",
    },
    "is it true": {
        "reproduce": "compute published tables again, cell by cell",
        "audit": "find what does not close in a report of somebody else",
        "diff": "compare reports of two tools: aligned, explained or refused",
        "trend": "say how fast the computation of trainings grows, with an interval",
    },
    "keep in order": {
        "catalog": "search and show the facts behind figures; add your own",
        "config": "show the settings and where each comes from, or set one",
        "doctor": "say which sensors are used, and why the others are not",
        "calibrate": "find what the sensors miss, from the log of a wall meter",
        "recover": "read damaged journals, bring runs in from elsewhere",
        "prune": "show how much room the book takes, remove or thin runs",
    },
}
VERBS = {verb: summary for group in _GROUPS.values() for verb, summary in group.items()}
_BEGIN = "Begin with  joulebook run -- python train.py ; joulebook VERB --help says more."


def main(words: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. A known error is one clear line on stderr."""
    words = sys.argv[1:] if words is None else words
    try:
        code = _main(words)
        if sys.stdout is not None:
            sys.stdout.flush()  # while a problem can still be told
    except JoulebookError as error:
        say(f"joulebook: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever was reading has read enough
        close_broken()
        return 0
    except OSError as error:
        close_broken()
        say(f"joulebook: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost door: one line that can be reported, never a traceback
        say(f"joulebook: unexpected {type(error).__name__}: {error} ({_place(error)}); please report this")
        return 1
    return code


def _main(words: list[str]) -> int:
    try:
        if words and words[0] in VERBS:
            return _run_verb(words[0], words[1:])
        _top().parse_args(words or ["--help"])
    except SystemExit as leave:  # argparse, after its help or its message
        return leave.code if isinstance(leave.code, int) else 0
    return 0


def _place(error: Exception) -> str:
    """File and line where an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace is not None else "?"


def _run_verb(verb: str, words: list[str]) -> int:
    module = import_module(f"joulebook.cli.{verb}")
    text = module.main.__doc__.replace("\n    ", "\n").rstrip()  # as Python 3.13 keeps it
    description, title, examples = text.partition("examples:\n")
    parser = ArgumentParser(
        prog=f"joulebook {verb}",
        description=description,
        epilog=title + examples,
        formatter_class=RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    code: int = module.main(parser.parse_args(words))
    return code


def _top() -> ArgumentParser:
    groups = [
        "\n".join([f"{title}:", *(f"  {verb:<10} {summary}" for verb, summary in verbs.items())])
        for title, verbs in _GROUPS.items()
    ]
    parser = ArgumentParser(
        prog="joulebook",
        usage="joulebook [--help] [--version] VERB ...",
        description="The account book for the energy, carbon and money that deep learning uses.",
        epilog="\n".join([*groups, "", _BEGIN]),
        formatter_class=RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="help", help=SUPPRESS)
    parser.add_argument("--version", action="version", version=f"joulebook {__version__}", help=SUPPRESS)
    parser.add_argument("verb", nargs="?", metavar="VERB", choices=VERBS, help=SUPPRESS)
    return parser
