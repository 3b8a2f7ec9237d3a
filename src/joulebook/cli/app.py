"""The `joulebook` command: its verbs, and the outermost door where errors become words and exit codes.

A verb is a module beside this one with `add_arguments(parser)` and `main(arguments) -> exit code`; it is
loaded when the verb is used. Only the standard library's argparse: see docs/decisions/0005.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from importlib import import_module

from joulebook.cli.output import close_broken, say
from joulebook.errors import JoulebookError
from joulebook.version import __version__

VERBS = {
    "run": "meter any command: its output, signals and exit code stay its own",
    "runs": "list the runs of this book, newest first",
    "show": "show the whole account of one run",
    "compare": "compare two runs term by term: what makes the difference, and what else differs",
    "explain": "unfold one figure of a run down to readings and cited facts",
    "report": "write runs as Markdown, LaTeX, HTML, CSV, JSON or a model card",
    "top": "show present watts by device and by run",
    "figure": "draw one chart of a run, or of several, as SVG, PNG, PDF, HTML or JSON",
    "recover": "say what damaged journals still hold, clean them, bring runs in from elsewhere",
    "prune": "show how much room the book takes, and remove or thin old runs",
    "config": "show the settings and where each comes from, or set one",
    "calibrate": "compare a run with the log of a wall meter: what the sensors miss is known from then on",
    "doctor": "say which sensors are used, why the others are not, and what would change that",
}
_EXAMPLES = """\
examples:
  joulebook run -- python train.py      meter a training
  joulebook show last                   its account, with sources
  joulebook config region FR            say once where the machine stands
"""


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
        arguments = _top().parse_args(words)
        if arguments.verb is None:
            _top().print_help()
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
    parser = ArgumentParser(
        prog=f"joulebook {verb}", description=module.main.__doc__, formatter_class=RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    code: int = module.main(parser.parse_args(words))
    return code


def _top() -> ArgumentParser:
    parser = ArgumentParser(
        prog="joulebook",
        description="The account book for the energy, carbon and money that deep learning uses.",
        epilog=_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"joulebook {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    for verb, summary in VERBS.items():
        verbs.add_parser(verb, help=summary, add_help=False)
    return parser
