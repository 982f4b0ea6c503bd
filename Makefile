# make setup       .venv with everything, once (PYTHON=python3.12 chooses another interpreter)
# make demo        trains, scores, draws; prints a table (DEMO_FLAGS="--output_dir=...")
# make zoo         trains five small models into zoo/, for tfdis.load("zoo://NAME")
# make test        lint, then the tests but those marked exhaustive (PYTEST_FLAGS="-k data" chooses)
# make test-fast   the same without those marked long, and of several cases of a test the first and the last
# make test-all    lint, then every test, as before a release
# make extras      packages of W&B, MLflow, Hugging Face, Kaggle and MuJoCo, without which their tests are skipped
# make evidence-fast  computes numbers of docs/evidence again, and compares them (minutes; exit code 1 if one differs)
# make docs        the pages of docs/ in docs/_build/html (NOTEBOOKS=off does not run the notebooks)
# make tables      writes the tables of names in docs/ anew, after a name or its first sentence has changed
# make lint        ruff: mistakes and format
# make format      ruff: mends what it can
# make clean       removes .venv and caches; never runs/ or zoo/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Processes that run tests: each builds its graphs on one core, and waits for commands that it started.
WORKERS ?= 3
# The packages' own commands come first, also for what tests start.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: setup demo zoo test test-fast test-all extras evidence-fast docs tables lint format clean

setup: $(INSTALLED)

# A file that exists only after a whole installation: one that was interrupted is taken up again.
$(INSTALLED): requirements.txt requirements-dlib.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "Expected PYTHON to be CPython 3.11, 3.12 or 3.13. Received: $(PYTHON)," \
			"which is $$($(PYTHON) --version 2>&1 | head -n 1)." \
			"Fix: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@rm -f $@
	@minor='import sys; print(sys.version_info[:2])'; \
	if [ "$$($(BIN)/python -c "$$minor" 2>/dev/null)" != "$$($(PYTHON) -c "$$minor")" ]; then \
		$(PYTHON) -m venv --clear $(VENV); fi
	@echo "Installing into $(VENV): about two minutes, once."
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install --quiet --no-deps -r requirements-dlib.txt
	@# Last, so that our dlib_* commands replace disentanglement_lib's of the same names.
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/tfdis_demo $(DEMO_FLAGS)

zoo: setup
	$(BIN)/tfdis_study --study=zoo --output_dir=zoo

PYTEST := $(BIN)/python -m pytest -q -n $(WORKERS)

test: lint
	$(PYTEST) -m "not exhaustive" $(PYTEST_FLAGS)

test-fast: lint
	$(PYTEST) -m "not exhaustive and not long" --few_cases $(PYTEST_FLAGS)

test-all: lint
	$(PYTEST) $(PYTEST_FLAGS)

extras: setup
	$(PIP) install --quiet -r requirements-extras.txt

evidence-fast: setup
	$(BIN)/tfdis_report --check docs/evidence

docs: setup
	$(PIP) install --quiet -r requirements-docs.txt
	$(BIN)/sphinx-build -W --keep-going -q -j 2 -b html docs docs/_build/html
	@echo "Wrote docs/_build/html/index.html."

tables: setup
	$(BIN)/python docs/_extensions/generated_pages.py

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache docs/_build docs/_generated
	find . -name __pycache__ -type d -not -path './runs/*' -prune -exec rm -rf {} +
