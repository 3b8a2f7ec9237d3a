"""Builds the packed index from the data files: `python tools/pack_facts.py [FILE]`."""

import os
import sys
from pathlib import Path

from joulebook.facts.catalog import PACKED
from joulebook.facts.loader import load
from joulebook.facts.pack import pack

if __name__ == "__main__":
    content = pack(load())
    index = Path(sys.argv[1] if len(sys.argv) > 1 else PACKED)
    written = index.with_suffix(f".{os.getpid()}")
    written.write_bytes(content)
    written.replace(index)  # who has the old one mapped keeps it whole: a file cut short under a map ends its reader
    edition = content.split(b'"')[1].decode()
    print(f"{len(content)} bytes, edition {edition}")
