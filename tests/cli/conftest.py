"""Fixtures that use the installed command line with a book of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture
def environment(tmp_path):
    """Makes an environment without any JOULEBOOK_* of the caller, with a fresh book."""

    def make(extra=None):
        env = {key: value for key, value in os.environ.items() if not key.startswith(("JOULEBOOK_", "XDG_"))}
        env |= {"JOULEBOOK_HOME": str(tmp_path / "book"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        for key, value in (extra or {}).items():
            if value is None:
                env.pop(key, None)
            else:
                env[key] = value
        return env

    return make


@pytest.fixture
def joulebook(environment):
    """Runs `joulebook ARGS` to its end."""

    def run(*args, env=None, **options):
        command = [sys.executable, "-m", "joulebook", *args]
        return subprocess.run(command, env=environment(env), capture_output=True, check=False, timeout=60, **options)

    return run


@pytest.fixture
def bare(environment):
    """Runs a command without joulebook."""

    def run(*command, **options):
        return subprocess.run(command, env=environment(), capture_output=True, check=False, timeout=60, **options)

    return run


@pytest.fixture
def spawn(environment):
    """Starts `joulebook ARGS` and ends what is left of it after the test."""
    started = []

    def start(*args, env=None, **options):
        command = [sys.executable, "-m", "joulebook", *args]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        process = subprocess.Popen(command, env=environment(env), **options)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()  # `joulebook run` passes it on to its command
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr, process.stdin):
            if stream is not None:
                stream.close()
