PYTHON ?= python3
BIN = .venv/bin

.PHONY: run test docs release

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test]'
	touch $@

.venv/documented: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[docs]'
	touch $@

.venv/releasable: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[release]'
	touch $@

run: .venv/installed
	$(BIN)/bactrian run --out out

test: .venv/tested
	$(BIN)/ruff check src tests scripts benchmarks docs
	$(BIN)/ruff format --check src tests scripts benchmarks docs
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal

docs: .venv/documented
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -c docs . out/site
	@echo open out/site/index.html

release: .venv/releasable
	$(BIN)/python scripts/check_release.py --out dist --bom
