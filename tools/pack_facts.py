"""Builds the packed index from the data files: `python tools/pack_facts.py`."""

from pathlib import Path

from joulebook.facts.catalog import PACKED
from joulebook.facts.loader import load
from joulebook.facts.pack import pack

if __name__ == "__main__":
    content = pack(load())
    Path(PACKED).write_bytes(content)
    edition = content.split(b'"')[1].decode()
    print(f"{len(content)} bytes, edition {edition}")
