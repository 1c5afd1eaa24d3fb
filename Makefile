# `make help` lists everything. PYTHON chooses the Python that .venv is made with. pip heeds its own variables, as in
# PIP_EXTRA_INDEX_URL=… make install, for the CPU build of torch or a mirror (see docs/deploying.md).
PYTHON ?= python3
PYTEST_ARGS ?= -n 2
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
MODULES := service workers

.DEFAULT_GOAL := help
.PHONY: help install run test lint format pictures fuzz bench bench-review bench-api bench-intake calibrate requirements bootstrap clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: .venv/.installed  ## make .venv and install the product, leaving .venv/bin/legation

run: install  ## install, then run everything until Ctrl-C; as in make run ARGS="--port 8080"
	@$(BIN)/legation up $(ARGS)

test: bootstrap .venv/.installed-dev lint  ## install, lint, and run all tests
	OMP_NUM_THREADS=1 $(BIN)/pytest --dist loadgroup $(PYTEST_ARGS)

lint: .venv/.installed-dev  ## check style, types and who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: .venv/.installed-dev  ## put the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: bootstrap .venv/.installed-dev  ## take the pictures of README and docs anew
	LEGATION_SCREENSHOTS=build/screenshots OMP_NUM_THREADS=1 $(BIN)/pytest -q tests/browser/test_pictures.py
	cp build/screenshots/docs/*.png docs/screenshots/

fuzz: bootstrap .venv/.installed-dev  ## have schemathesis try much more of the API than in the tests
	LEGATION_FUZZ_EXAMPLES=200 OMP_NUM_THREADS=1 $(BIN)/pytest -q tests/strangers/test_schemathesis.py

bench: .venv/.installed-dev  ## measure and print a table
	$(BIN)/python -m bench $(ARGS)

bench-review: bootstrap .venv/.installed-dev  ## measure the review queue up to a million items, into docs/review-speed.md
	$(BIN)/python -m bench.review --write docs/review-speed.md $(ARGS)

bench-api: bootstrap .venv/.installed-dev  ## measure uploads, feed and exports up to a million records, into docs/api-speed.md
	$(BIN)/python -m bench.api --write docs/api-speed.md $(ARGS)

bench-intake: bootstrap .venv/.installed-dev  ## measure how documents of each kind are read, into docs/intake-speed.md
	$(BIN)/python -m bench.intake --write docs/intake-speed.md $(ARGS)

calibrate: .venv/.installed-dev  ## measure drafting against gold, fit its confidence, write both into docs/quality.md
	OMP_NUM_THREADS=1 $(BIN)/python -m bench.calibration $(ARGS)

requirements: .venv/.installed-dev  ## pin the newest versions that pyproject.toml allows
	scripts/pin-requirements.sh --upgrade

clean:  ## remove caches and build products; .venv and var/ stay
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(MODULES) tests bench seeds -name __pycache__ -type d -exec rm -rf {} +

bootstrap: | .venv/bin/python
	@scripts/bootstrap-test-machine.sh

.venv/bin/python:
	@scripts/check-python.sh "$(PYTHON)"
	$(PYTHON) -m venv .venv

# The build of our own package needs setuptools alone, which is among the pins: no second, unpinned set of tools.
.venv/.installed: requirements.txt pyproject.toml | .venv/bin/python
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(PIP) install -r requirements.txt -r requirements-dev.txt
	@touch $@
