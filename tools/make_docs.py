"""Write the generated pages of docs/: `make docs`, or `python tools/make_docs.py --check` to see whether they are current."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import check_published
import three_jobs

from joulebook.cli import reproduce

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "literature.md": reproduce.literature_page,
    "claims.md": reproduce.claims_page,
    "against-jobs.md": three_jobs.page,
    "estimates-checked.md": check_published.current,
}
"""Each page with what writes it."""


def outdated() -> dict[str, str]:
    """The pages that would change, with their new text."""
    new = {name: write() for name, write in PAGES.items()}
    old = {name: path.read_text(encoding="utf-8") if (path := DOCS / name).exists() else "" for name in PAGES}
    return {name: text for name, text in new.items() if text != old[name]}


def main(words: list[str]) -> int:
    """Write what changed, or with --check only say so."""
    changed = outdated()
    for name, text in changed.items():
        if "--check" not in words:
            (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}: {'is not current' if '--check' in words else 'written'}")
    return int(bool(changed) and "--check" in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
