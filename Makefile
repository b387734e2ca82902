# The verbs of this repository. `make help` lists them; `make demo` and `make test` work from a bare clone.
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test check fmt bench bench-peers soak golden bless lock clean

help: ## list the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with everything that is needed (Python 3.11 and a JDK 17 must be there)

$(STAMP): requirements/all.lock requirements/bootstrap.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
	  || { echo "chronon needs Python 3.11: install it, or name it with 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@java -version 2>&1 | grep -q '"17\.' \
	  || { echo "chronon needs a JDK 17 for Spark and Flink: install one (Debian: openjdk-17-jdk-headless) and put its java on PATH." >&2; exit 1; }
	@echo "installing into $(VENV) (about a minute, 1.6 GB)" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/all.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: install ## from YAML to training rows and served values that are equal, on real flights
	@$(BIN)/python teams/demo.py

test: install check ## the whole test suite, as CI runs it
	@$(BIN)/pytest -q -n 2 -m "slow or engine"

check: install ## format, lint, types, import law, fast tests
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/codespell src tests docs benchmarks teams README.md
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >/tmp/chronon-lint-imports.$$$$ || { cat /tmp/chronon-lint-imports.$$$$; exit 1; }; rm -f /tmp/chronon-lint-imports.$$$$
	@$(BIN)/pytest -q -n 2 -m "not engine and not slow"

fmt: install ## format the code and sort its imports
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

bench: install ## benchmarks beside their peers (add ARGS=--quick for under a minute each)
	@set -e; for file in benchmarks/*.py; do $(BIN)/python $$file $(ARGS); done

bench-peers: install ## an environment of their own for peers that do not fit ours
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv --without-pip .venv-peers
	@$(BIN)/uv pip sync --quiet --python .venv-peers/bin/python --require-hashes requirements/peers.lock

soak: install ## longer than CI: fuzz the loader for ten minutes, apply 10,000 random edits, the whole corpus, 10,000 rewrites, kill and race applies, then every property with 20 times the examples
	@CHRONON_FUZZ_S=600 $(BIN)/pytest -q tests/fuzz
	@CHRONON_SOUNDNESS=10000 $(BIN)/pytest -q -n 2 tests/soundness
	@CHRONON_PRECISION=1000 CHRONON_REWRITES=10000 $(BIN)/pytest -q -n 2 tests/precision
	@CHRONON_KILLS=all CHRONON_SIMULATION=20000 CHRONON_RACES=200 $(BIN)/pytest -q -n 2 tests/runners/test_kill_matrix.py tests/runners/test_simulation.py tests/runners/test_races.py
	@CHRONON_EXAMPLES=20 $(BIN)/pytest -q -n 2 -m "not engine and not slow" tests

golden: install ## every case that Chronon itself has answered, against ours (another folder: DIR=...)
	@PYTHONPATH=tests/golden $(BIN)/python -m agreement $(DIR)

bless: install ## rewrite the expected outputs of stories and cases; read the diff in review
	@CHRONON_BLESS=1 $(BIN)/pytest -q -m "not engine" tests

lock: install ## pin requirements/*.in again, with hashes
	@for name in bootstrap all peers; do $(BIN)/uv pip compile --quiet --no-header --no-annotate --generate-hashes --upgrade \
	  --python-version 3.11 requirements/$$name.in -o requirements/$$name.lock; done

clean: ## remove what was built (not the virtual environment)
	@rm -rf .chronon .pytest_cache .mypy_cache .ruff_cache .hypothesis
