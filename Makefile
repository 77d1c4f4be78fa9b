# Each target does its own set-up: a virtual environment in .venv with what constraints.txt pins.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
DOCS := .venv/.docs-installed
# What is imported is compiled then: compiling all 16,000 files here takes half of the installation.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

# Many short processes are started: compiled modules are kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo explore test quick-tests test-all lint lint-style lint-format lint-types lint-layers
.PHONY: lint-gap bench faults docs theory-pdf release data catalog explorer-data names clean

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) 'pip>=25.1'
	$(PIP) --group dev --editable '.[nn,catalog,explorer]'
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/python examples/demo.py

explore: $(STAMP)
	$(BIN)/plrep explore

# All tools run, also after one has found something.
lint: $(STAMP)
	$(MAKE) --no-print-directory --keep-going lint-style lint-format lint-types lint-layers lint-gap

lint-style: ; $(BIN)/ruff check .
lint-format: ; $(BIN)/ruff format --check .
lint-types: ; $(BIN)/mypy
lint-layers: ; $(BIN)/lint-imports
lint-gap: ; $(BIN)/gaplint $$(git ls-files -co --exclude-standard 'gap_scripts/*.g')

test: $(STAMP)
	$(MAKE) --no-print-directory -j 2 lint quick-tests

quick-tests: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 -m 'not slow'

test-all: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4

bench: $(STAMP)
	$(BIN)/python benchmarks/run_all.py

$(DOCS): $(STAMP)
	$(PIP) --group docs
	touch $(DOCS)

# The site, in out/docs: every cell runs, and a warning is an error.
docs: $(DOCS)
	OMP_NUM_THREADS=1 $(BIN)/python -m sphinx -q -W --keep-going -E -a -j 2 -b html docs out/docs

# The theory as one PDF, in out/theory.pdf; printed by a Chromium of the system.
theory-pdf: docs
	$(BIN)/python docs/print_theory.py

# Wheel and source distribution in out/release/dist, tried on every Python that there is here. An
# environment of its own: cffconvert keeps to an old jsonschema. TRY: see .ci/release/run.py --help.
TRY ?=
release:
	$(PYTHON) -m venv out/release/tools
	out/release/tools/bin/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	out/release/tools/bin/python -m pip install --quiet --disable-pip-version-check --group release
	out/release/tools/bin/python .ci/release/run.py $(TRY)

SEED ?= 1
SHARE ?= 1
faults: $(STAMP)
	$(BIN)/python benchmarks/faults/run_all.py --seed $(SEED) --share $(SHARE) $(PARTS)

data: $(STAMP)
	$(BIN)/python data/build_answers.py

catalog: $(STAMP)
	$(BIN)/python data/build_catalog.py

explorer-data: $(STAMP)
	$(BIN)/python data/build_explorer.py

names: $(STAMP)
	$(BIN)/python data/build_names.py

clean:
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf docs/reference/names docs/theory/checks.rst
