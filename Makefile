# Every chore is one command. On a system without make, the README says what each one runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check format bench install office browser clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: install office ## generate every example into build/demo/
	@$(BIN)/python tools/demo.py

test: install office browser check ## install what the tests need, check the code, run every test
	@$(BIN)/pytest

check: install ## style, types, layers, the library itself
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/reqgen validate

format: install ## put the code in its layout
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install ## measure, as ratios in one run
	@$(BIN)/python tools/bench.py

install: $(VENV)/.installed ## the virtual environment, with every extra
	@$(BIN)/python -m compileall -q reqgen # else each start compiles it, where Python may not write its cache as it runs

$(VENV)/.installed: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed (make PYTHON=python3.12 ...)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

office: ## LibreOffice, for page numbers and for the tests that lay pages out
	@sh tools/install_office.sh

browser: ## Chromium, for the tests that open the site
	@sh tools/install_browser.sh

clean: ## everything that can be made again
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
