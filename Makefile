PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test]'
	touch $@

run: .venv/installed
	$(BIN)/bactrian run --out out

test: .venv/tested
	$(BIN)/ruff check src tests scripts benchmarks
	$(BIN)/ruff format --check src tests scripts benchmarks
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal
