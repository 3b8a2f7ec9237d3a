"""A book of its own for every test, in this process."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def book_of_its_own(tmp_path, monkeypatch):
    for key in list(os.environ):
        if key.startswith("JOULEBOOK_"):
            monkeypatch.delenv(key)
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
