"""Books of generated runs, with nothing of the user's own settings."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def nothing_of_the_user(tmp_path, monkeypatch):
    for key in list(os.environ):
        if key.startswith(("JOULEBOOK_", "XDG_")):
            monkeypatch.delenv(key)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def home(tmp_path):
    return tmp_path / "book"
