"""From journals to what is known of runs: measured, priced, listed. Everything that looks back on runs starts here."""

from joulebook.index.book import Book

__all__ = ["Book"]
