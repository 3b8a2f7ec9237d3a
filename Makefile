# Everything a working copy needs. Only Python >= 3.11, git and make are expected; all else goes into .venv.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long bench facts docs clean
MAKEFLAGS += --no-print-directory

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: .venv/.dev ## make .venv with the package and the tools of its developers

demo: .venv/.demo ## train a small network under `joulebook run` and show its account
	@$(BIN)/joulebook run -- $(BIN)/python examples/train_digits.py
	@$(BIN)/joulebook show last
	@echo "joulebook is in $(BIN); to have it on the path:  . $(BIN)/activate"

test: .venv/.dev ## the whole suite: formatting, types, import floors and every test
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal

test-long: .venv/.dev ## the long kill loops and large counts
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m long

bench: .venv/.dev ## every benchmark, each beside the figure it is compared with
	@$(BIN)/python benchmarks/all.py

facts: .venv/.demo ## build the packed catalogue of facts from its tables
	@$(BIN)/python tools/pack_facts.py

docs: .venv/.demo ## write the generated pages of docs/
	@$(BIN)/python tools/make_docs.py

clean: ## remove what the other targets made, .venv included
	@rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.python:
	@if $(BIN)/python -m pip --version >/dev/null 2>&1 && $(BIN)/python -c '$(NEW_ENOUGH)'; then exit 0; fi; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 none; do \
	  $$python -c '$(NEW_ENOUGH)' >/dev/null 2>&1 && break; \
	done; \
	if [ $$python = none ]; then \
	  echo "joulebook needs Python 3.11 or newer; python3 here is: $$(python3 --version 2>&1)." >&2; \
	  echo "Install a newer one, or say where it is:  make PYTHON=path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python has no venv module; on Debian and Ubuntu:  apt install python3-venv" >&2; exit 1; \
	fi; \
	$$python -m venv --clear .venv
	@touch $@

.venv/.demo: .venv/.python pyproject.toml constraints.txt
	@echo "setting up .venv for the demo ..."
	@$(PIP) --editable '.[demo]'
	@$(BIN)/python -m compileall -q src # as pip does for what it copies: the first start is as quick as the next
	@touch $@

.venv/.dev: .venv/.python pyproject.toml constraints.txt
	@echo "setting up .venv ..."
	@$(PIP) 'pip>=25.1' # the first that reads dependency groups
	@$(PIP) torch # alone: where an index has it for the processor only, nothing else pulls in a larger one
	@$(PIP) --editable '.[arrays,demo,live,report,tui,yaml]' --group dev --group frameworks
	@$(BIN)/python -m compileall -q src
	@touch $@ .venv/.demo
