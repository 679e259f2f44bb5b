# Everything sets itself up: only Python and make are needed; where it is not 3.11 to 3.13, uv brings one.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8866
# The environment's programs, where Linux and macOS put them and where Windows does.
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := .venv/ready
TOOLS := .venv/tools
# The extras that learners need; the rest is for those who change or check digitlib.
LEARN := lessons train reports cluster web heic worksheets
SYNC := $(BIN)/python -m uv sync --locked --inexact --python $(BIN)/python
SUITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
BRING := $(PYTHON) -m venv build/uv && $(BIN:.venv%=build/uv%)/python -m pip install --quiet "uv>=0.9" \
	&& $(BIN:.venv%=build/uv%)/python -m uv venv --quiet --allow-existing --seed --python ">=3.11,<3.14" .venv
NONE := digitlib needs Python 3.11, 3.12 or 3.13, and uv could bring none. Get one from python.org, and name it: make PYTHON=python3.12 ...
NBVAL := -p tests.notebook_pictures --nbval --nbval-sanitize-with tests/sanitize.cfg --nbval-current-env -p no:cacheprovider
JOBS ?= 2
# Some containers forbid Python to keep what it compiled: each kernel would compile TensorFlow anew, for 5 s.
unexport PYTHONDONTWRITEBYTECODE
# In a container one is often root, which Jupyter refuses unless told.
AS_ROOT := $(if $(filter 0,$(shell id -u 2>&1)),--allow-root)
# JupyterLab at the root of the repository, so that pictures and links in the lessons resolve; without its news.
LAB := $(BIN)/python -m jupyterlab --notebook-dir=. --LabApp.app_settings_dir=digitlib/notebooks/lab $(AS_ROOT)

.PHONY: help setup lab class demo test lint notebooks report student train bench mutants wheelhouse site clean

help:            ## Show this list.
	@grep -E '^[a-z]+: .*##|^[a-z]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:.*## /  /' | sort

setup: $(READY)  ## Install what learners need into .venv, in the exact versions of uv.lock.

$(READY): pyproject.toml uv.lock
	@if $(PYTHON) -c "$(SUITS)"; then $(PYTHON) -m venv .venv; \
	else echo "$(PYTHON) is not Python 3.11, 3.12 or 3.13: uv looks for one, or brings one."; $(BRING) || { echo "$(NONE)"; exit 1; }; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"
	$(SYNC) $(addprefix --extra ,$(LEARN))
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(READY)').touch()"

$(TOOLS): $(READY)
	$(SYNC) --all-extras --no-extra compare
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(TOOLS)').touch()"

lab: $(READY)    ## Open the lessons in JupyterLab, beginning with the first.
	$(LAB) notebooks/00_start_here.ipynb

class: $(READY)  ## Open the student copies in JupyterLab; they are written first, where there are none.
	test -d student || $(BIN)/python -m digitlib student --out student
	$(LAB) student/00_start_here.ipynb

demo: $(READY)   ## Serve the demo as a web page (HOST=0.0.0.0 for a class, NETWORK=runs/lesson for your own, CLASS=1 for a projector).
	$(BIN)/python -m digitlib.web.server.serve --host $(HOST) --port $(PORT) $(if $(NETWORK),--network "$(NETWORK)") $(if $(CLASS),--class) $(if $(PICTURES),--pictures)

test: $(TOOLS)   ## Run every check, and list those that failed at the end.
	@$(BIN)/python scripts/run_checks.py $(JOBS) $(NBVAL)

lint: $(TOOLS)   ## Check style, format, imports and docstrings.
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_docstrings.py

notebooks: $(READY)  ## Run every notebook and store its outputs.
	$(BIN)/python -m digitlib.notebooks.refresh
	$(BIN)/python scripts/update_readme.py

report: $(READY) ## Regenerate the reports.
	$(BIN)/python -m digitlib report

student: $(READY)  ## Write student copies of the lessons.
	$(BIN)/python -m digitlib student --out student

site: $(TOOLS)    ## Build the web site of the series into build/site/html.
	$(BIN)/python scripts/build_site.py

train: $(READY)  ## Train the networks that digitlib ships (about four hours on two cores).
	$(BIN)/python -m digitlib train --profile full --out runs/full
	$(BIN)/python -m digitlib train --profile lines --out runs/lines
	$(BIN)/python -m digitlib train --profile letters --out runs/letters
	$(BIN)/python -m digitlib train --profile text_lines --out runs/text_lines

bench: $(READY)  ## Measure what the README says.
	$(BIN)/python benchmarks/photos.py

mutants: $(TOOLS)  ## Break the package in 300 small ways a room, and see which of them the tests notice (hours).
	$(BIN)/python scripts/mutants.py

wheelhouse: $(READY)  ## Put all packages into a folder for a stick, to install the lessons without a network.
	$(BIN)/python scripts/wheelhouse.py

clean:           ## Remove caches; networks, reports, student copies and .venv stay.
	rm -rf build dist test-artefacts .pytest_cache .ruff_cache .import_linter_cache .hypothesis
