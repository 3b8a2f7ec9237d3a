r"""Statements as LaTeX: a booktabs table, a paragraph with citations, and the BibTeX entries behind them.

What comes out is a fragment to \input; it needs the package booktabs alone. Every character that pdflatex has no
glyph for is spelled out, so that no name can stop a compilation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from tabulate import DataRow, Line, TableFormat, tabulate

from joulebook.account.terms import Statement
from joulebook.facts.catalog import Catalog, SourceCard
from joulebook.report import sheets
from joulebook.report.citations import publications
from joulebook.report.sheets import Sentence, Sheet
from joulebook.report.wording import plain
from joulebook.version import __version__

HEAD: Final = (
    "% joulebook: needs \\usepackage{booktabs}; the entries behind \\cite are those of  joulebook report --bibtex\n"
)
OWN_KEY: Final = "joulebook"
_MANY: Final = 6
"""Columns from which a table is set smaller and closer."""
_SIGNS: Final = {
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "_": "\\_", "%": "\\%",
    "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "$<$", ">": "$>$", "|": "$|$", '"': "''",
    "[": "{[}", "]": "{]}", "*": "{*}",  # after the end of a row they would be its argument
    "`": "\\`{}", "\N{NO-BREAK SPACE}": "~", "\N{EM SPACE}": "\\quad{}",
    "\N{EN DASH}": "--", "\N{EM DASH}": "---", "\N{MINUS SIGN}": "$-$", "\N{PLUS-MINUS SIGN}": "$\\pm$",
    "\N{MULTIPLICATION SIGN}": "$\\times$", "\N{MIDDLE DOT}": "$\\cdot$", "\N{MICRO SIGN}": "$\\mu$",
    "\N{DEGREE SIGN}": "$^{\\circ}$", "\N{HORIZONTAL ELLIPSIS}": "\\ldots{}", "\N{SUBSCRIPT TWO}": "$_2$",
    "\N{GREEK SMALL LETTER MU}": "$\\mu$", "\N{LATIN SMALL LETTER SHARP S}": "\\ss{}",
    "\N{LATIN SMALL LETTER AE}": "\\ae{}",
    "\N{LATIN CAPITAL LETTER AE}": "\\AE{}", "\N{LATIN SMALL LETTER O WITH STROKE}": "\\o{}",
    "\N{LATIN CAPITAL LETTER O WITH STROKE}": "\\O{}", "\N{LATIN SMALL LETTER L WITH STROKE}": "\\l{}",
    "\N{LATIN CAPITAL LETTER L WITH STROKE}": "\\L{}", "\N{LATIN SMALL LIGATURE OE}": "\\oe{}",
    "\N{LATIN CAPITAL LIGATURE OE}": "\\OE{}", "\N{LATIN SMALL LETTER DOTLESS I}": "\\i{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
}  # fmt: skip
_ACCENTS: Final = {
    "\N{COMBINING GRAVE ACCENT}": "`", "\N{COMBINING ACUTE ACCENT}": "'", "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~", "\N{COMBINING DIAERESIS}": '"', "\N{COMBINING MACRON}": "=",
    "\N{COMBINING DOT ABOVE}": ".", "\N{COMBINING RING ABOVE}": "r", "\N{COMBINING DOUBLE ACUTE ACCENT}": "H",
    "\N{COMBINING CARON}": "v", "\N{COMBINING CEDILLA}": "c", "\N{COMBINING BREVE}": "u",
}  # fmt: skip
_LIGATURES: Final = frozenset("-',`?!")
"""Characters of which two become one sign: two hyphens of an option are no dash."""


def escape(text: str) -> str:
    """`text` as pdflatex sets it in any font encoding; a character without a glyph there is written as its code."""
    parts, before = [], ""
    for character in unicodedata.normalize("NFC", text):
        parts.append("{}" if before in _LIGATURES and character in _LIGATURES else "")
        parts.append(_character(character))
        before = character
    return "".join(parts)


def _character(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if " " <= character <= "~":
        return character
    base, *marks = list(unicodedata.normalize("NFD", character))
    if len(marks) == 1 and marks[0] in _ACCENTS and base.isascii() and base.isalpha():
        dotless = {"i": "\\i", "j": "\\j"}.get(base, base)
        return f"\\{_ACCENTS[marks[0]]}{{{dotless}}}"
    return escape(character.encode("unicode_escape", "surrogatepass").decode("ascii"))


def document(statements: Sequence[Statement], catalog: Catalog, nested: frozenset[str] = frozenset()) -> str:
    """The table and the paragraph of one run; for several one table over all of them, and a paragraph each."""
    several = len(statements) > 1
    parts = [HEAD.rstrip()]
    if several:
        caption = f"Energy, carbon and cost of {len(statements)} runs. Intervals are 90{_NBSP}%; unknown is not zero."
        parts.append(table(sheets.overview(statements, nested), caption, "joulebook-runs"))
    for statement in statements:
        if not several:
            name = plain(statement.name, 60) or plain(statement.run)[:6]
            caption = f"Account of the run {name}. Intervals are 90{_NBSP}%; unknown is not zero."
            parts.append(table(sheets.figures(statement), caption, f"joulebook-{_key(statement.run[:6])}"))
        parts.append("\n".join(map(_sentence, sheets.paragraph(statement, catalog))))
    return "\n\n".join(parts) + "\n"


_NBSP: Final = "\N{NO-BREAK SPACE}"


def bibliography(statements: Iterable[Statement], catalog: Catalog) -> str:
    """BibTeX entries of every source that the paragraphs cite, and one of joulebook itself."""
    cards: dict[str, SourceCard] = {}
    editions: dict[str, None] = {}
    for statement in statements:
        editions[plain(statement.edition)] = None
        for sentence in sheets.paragraph(statement, catalog):
            cards.update((card.id, card) for card in publications(sentence.facts))
    own = _entry(
        "misc",  # "software" is no entry of the standard styles
        OWN_KEY,
        {
            "key": "joulebook",
            "title": "joulebook",
            "note": f"version {__version__}, facts of edition {', '.join(editions)}",
        },
    )
    return "\n".join([own, *map(_publication, cards.values())])


def _publication(card: SourceCard) -> str:
    fields = {"title": card.title, "author": card.publisher, "year": str(card.year), "url": card.url}
    return _entry("misc", _key(card.id), fields)


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    """An entry in which no field is re-cased, split into names or left open."""
    rows = []
    for name, value in fields.items():
        if name == "url":
            rows += (
                [f"  url = {{{_url(value)}}}", f"  howpublished = {{\\texttt{{{_broken(value)}}}}}"] if value else []
            )
        else:
            rows.append(f"  {name} = {{{{{escape(plain(value, 400))}}}}}")
    return f"@{kind}{{{key},\n" + ",\n".join(rows) + "\n}\n"


def _url(address: str) -> str:
    return "".join(
        character if character.isalnum() or character in "-._~:/?@!$'()*+,;=" else "" for character in address
    )


def _broken(address: str) -> str:
    """An address that may be broken into lines after its slashes and dots, without a package."""
    return re.sub(r"(?<=[/.-])(?=\w)", r"\\allowbreak ", escape(address))


def _key(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", word)


def _sentence(sentence: Sentence) -> str:
    keys = [_key(card.id) for card in publications(sentence.facts)]
    if sentence.text.startswith("Recorded with joulebook"):
        keys = [OWN_KEY]
    cite = f"~\\cite{{{','.join(keys)}}}" if keys else ""
    return f"{escape(sentence.text)}{cite}."


def _begin(_widths: Sequence[int], sides: Sequence[str]) -> str:
    letters = "".join("r" if side == "right" else "l" for side in sides)
    return f"\\begin{{tabular}}{{@{{}}{letters}@{{}}}}\n\\toprule"


_RAW_BOOKTABS: Final = TableFormat(
    lineabove=_begin,
    linebelowheader=Line("\\midrule", "", "", ""),
    linebetweenrows=None,
    linebelow=Line("\\bottomrule\n\\end{tabular}", "", "", ""),
    headerrow=DataRow("", " & ", " \\\\"),
    datarow=DataRow("", " & ", " \\\\"),
    padding=0,
    with_header_hide=None,
)
"""tabulate's own latex_booktabs escapes what is escaped already, and no character beyond ASCII."""


def table(sheet: Sheet, caption: str, label: str) -> str:
    """The sheet as a table of booktabs."""
    headings = [escape(column.removeprefix(">")) for column in sheet.columns]
    sides = ["right" if column.startswith(">") else "left" for column in sheet.columns]
    rows = [[escape(cell) for cell in row] for row in sheet.rows]
    body = tabulate(rows, headings, tablefmt=_RAW_BOOKTABS, colalign=sides, disable_numparse=True)
    size = "\\small" if len(sheet.columns) < _MANY else "\\footnotesize\\setlength{\\tabcolsep}{4pt}"
    return (
        f"\\begin{{table}}\n\\centering{size}\n"
        f"\\caption{{{escape(caption)}}}\n\\label{{tab:{label}}}\n\\medskip\n{body}\n\\end{{table}}"
    )
