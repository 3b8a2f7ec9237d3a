"""`joulebook audit FILE|-`: what does not close in somebody's report."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import FORMS, read_document
from joulebook.cli.output import put, put_json
from joulebook.report.findings import findings_document, findings_text
from joulebook.report.wording import count

FOUND: Final = 3


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook audit`."""
    parser.add_argument(
        "file", metavar="FILE", help="a report: JSON, CSV, Markdown, YAML, HTML or plain text; - is stdin"
    )
    parser.add_argument("--form", choices=FORMS, default="", help="what the file is, where its name does not say so")
    parser.add_argument("--all", action="store_true", dest="minor", help="also figures without range or source")
    parser.add_argument("--strict", action="store_true", help="exit code 3 when something was found")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.audit/1")


def main(arguments: Namespace) -> int:
    """Find figures in a report that cannot be right or do not fit together.

    Sums and products that do not close, slips of units, impossible magnitudes,
    mixed bases, double counts, stale factors, extreme cases told as typical.
    Each finding has its position, its arithmetic and a confidence; nothing is
    corrected.

    examples:
      joulebook audit report.md
      curl -s https://example.org/report.html | joulebook audit - --form html
      joulebook audit figures.csv --strict --json
    """
    document = read_document(arguments.file, arguments.form)
    found = [finding.as_dict() for finding in audit(document, minor=arguments.minor)]
    amounts = len(document.amounts())
    if arguments.as_json:
        put_json(findings_document(document.name, document.form, found, amounts, document.notes))
    else:
        read = f"{count(amounts, 'amount')} read as {document.form}"
        put(findings_text(document.name, found, read, document.notes))
    return FOUND if found and arguments.strict else 0
