# Each target does all its set-up. The same commands by hand are in README.md.
SKILL ?= rag-app
DEST ?= ../my-$(SKILL)

# Run, not looked up: a version manager leaves names on PATH that do not start.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)

.PHONY: help new test check

help:
	@echo "make new     a project in $(DEST), installed, tested, with its first answer (about two minutes)"
	@echo "make test    the tests of this repository (about fifteen minutes)"
	@echo "make check   lint and types"

new: .venv/bin/python
	.venv/bin/python -m pip install -q .
	.venv/bin/scaffold new $(SKILL) "$(DEST)" --verify

test: .venv/bin/python
	.venv/bin/python -m pip install -q -e ".[test]"
	.venv/bin/python -m pytest -n auto --dist loadfile

check: .venv/bin/python
	.venv/bin/python -m pip install -q -e ".[dev]"
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "scaffold needs Python 3.11 or newer. Install it, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv
