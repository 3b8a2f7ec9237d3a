"""A framework that is missing, or too old: one line at the import, with the command that helps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from joulebook.errors import MissingExtra
from joulebook.integrations.training import needs


@pytest.mark.parametrize("name", ["lightning", "transformers", "keras", "accelerate", "torch", "sklearn"])
def test_a_framework_that_is_not_installed(name):
    program = f"import sys; sys.modules[{name!r}] = None; import joulebook.integrations.{name}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("joulebook.errors.MissingExtra: joulebook's callback for ")
    assert "pip install '" in last


def test_what_is_missing_is_an_import_error():
    with pytest.raises(ImportError, match=r"version 2\.15\.0 is here\); it needs  pip install 'keras>=3\.0'"):
        needs("keras", "3.0", "2.15.0")
    assert issubclass(MissingExtra, ImportError)


@pytest.mark.parametrize("version", ["3.0", "3.0.1", "10.1", "3.15.1+cpu", "4", "3.1rc1"])
def test_versions_that_will_do(version):
    needs("keras", "3.0", version)
