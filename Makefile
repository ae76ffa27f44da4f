# Everything from nothing but Python >= 3.11, make and a package registry. `make help` lists the targets.
#   make PYTHON=python3.12 test        another Python
#   make run ARGS='--draws 20'         more options for the command

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
# The environment is made once for each Python, and again when what it holds has changed; the cache of compiled rules is filled
# for each state of the sources. Bytecode is written here, for where Python is told not to write any, a start takes three seconds more.
READY := .venv/ready-$(notdir $(PYTHON))
# Editors complete parameter and plan files by these; the last one written stands for all.
SCHEMAS := params/schema/plan.json
WARM := .venv/warm-$(notdir $(PYTHON))

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types tables docs check-dual check-fund check-tail check-chance check-relations check-conservation check-mutation \
	check-mechanisms check-closed-forms check-precision check-rng check-digest check-everybody check-cache check-tamper check-print \
	check-what-if check-app check-workbook check-optima check-verdicts check-batch check-cluster check-intervals check-claims check-faults check-hostile check-fit check-sensitivity check-calibration validation model-document gallery bench \
	constraints clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(WARM) $(SCHEMAS)  ## Make .venv with everything that `run` and `test` need, the schemas for editors, and compile the rules

# uv does not read pip's configuration; where only that leads to a registry, pip installs.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("fundsim needs Python 3.11 or newer, not " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode -c constraints.txt -e '.[dev]' \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(SCHEMAS): $(READY) $(wildcard simulator/parameters/*.py) simulator/dimensions.py simulator/plan.py
	@$(BIN)/fundsim params schema $(@D) --force >/dev/null

# What cannot be compiled beforehand is compiled by the first run.
$(WARM): $(READY) $(shell find simulator params -name '*.py' -o -name '*.yaml' -o -name '*.csv')
	-@$(BIN)/python -m compileall -q simulator tests
	-@$(BIN)/python -m simulator.engine.warm
	@touch $@

run: setup  ## Compare Jiangsu and Linyi from 2012 on, into results/
	$(BIN)/fundsim compare jiangsu linyi --year 2012 $(ARGS)

test: setup lint types  ## Lint, check the types, then all tests that take seconds
	$(BIN)/python -m pytest -m "not slow" --numprocesses logical --maxprocesses 8 --dist worksteal $(ARGS)

lint: setup  ## Check the style
	$(BIN)/ruff check .

types: setup  ## Check the types
	$(BIN)/mypy

tables: setup  ## Write the table of plan terms in docs/settlement.md from its rows
	$(BIN)/python -m tests.support.term_table

# Warnings are errors. Pages of reference are written from the program into docs/reference and docs/zh/reference first.
docs: setup  ## Build the manual, English and Chinese, in docs/_build
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d docs/_build/doctrees/en $(ARGS) docs docs/_build/en
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d docs/_build/doctrees/zh -c docs -D language=zh_CN $(ARGS) docs/zh docs/_build/zh
	@echo docs/_build/index.html

check-dual: setup  ## Settle ten million bills by the rules, by the reference and by the kernel (long)
	$(BIN)/python -m tests.campaigns.dual --bills 10000000 $(ARGS)

check-fund: setup  ## Run 20,000 random funds through the calendar and the plain program of the fund's year (long)
	$(BIN)/python -m tests.campaigns.fund $(ARGS)

check-tail: setup  ## Measure how a year's cost gathers in few persons, beside published figures
	$(BIN)/python -m tests.campaigns.tail $(ARGS)

check-chance: setup  ## Compare the simulated chance of a fund with the chance of its real population (long)
	$(BIN)/python -m tests.campaigns.chance $(ARGS)

check-relations: setup  ## Hold the relations between settlements on a million pairs each (long)
	$(BIN)/python -m tests.campaigns.relations $(ARGS)

check-conservation: setup  ## Settle a hundred million random bills: no fen is lost, no limit passed (long)
	$(BIN)/python -m tests.campaigns.conservation $(ARGS)

check-mutation: setup  ## Change the rules one place at a time: do the tests notice? (long)
	$(BIN)/python -m tests.campaigns.mutation $(ARGS)

check-mechanisms: setup  ## Run every mechanism's scenario and write docs/mechanisms.md's table
	$(BIN)/python -m tests.campaigns.mechanisms --write $(ARGS)

check-closed-forms: setup  ## Simulate 240 cases whose means are known, a million person-years each (long)
	$(BIN)/python -m tests.campaigns.closed_forms $(ARGS)

check-precision: setup  ## Measure the control variate's gain, and intervals and warnings of few draws (long)
	$(BIN)/python -m tests.campaigns.precision $(ARGS)

check-rng: setup  ## A long battery of tests of the random layout (long)
	$(BIN)/python -m tests.campaigns.rng $(ARGS)

check-digest: setup  ## One digest over 40 kinds of workers, older processors, and rules edited and edited back (long)
	$(BIN)/python -m tests.campaigns.digest $(ARGS)

check-everybody: setup  ## Time, memory and chance of simulating each enrolled person
	$(BIN)/python -m tests.campaigns.everybody $(ARGS)

check-cache: setup  ## Damage every file of the cache, take its folder away: no wrong result, no refusal to start (long)
	$(BIN)/python -m tests.campaigns.cache $(ARGS)

check-optima: setup  ## Solve 100 problems whose answers are known: do the stated intervals hold them?
	$(BIN)/python -m tests.campaigns.optima $(ARGS)

check-verdicts: setup  ## Try what solve calls feasible in 10,000 fresh worlds: at most 5% is refuted (long)
	$(BIN)/python -m tests.campaigns.verdicts $(ARGS)

check-claims: setup  ## Settle claims in every dress and damaged: paid to the fen the same, or named (long)
	$(BIN)/python -m tests.campaigns.claims $(ARGS)

check-faults: setup  ## Refuse every verb calls, sizes, files and disks 200 times: one line, nothing touched or left (long)
	$(BIN)/python -m tests.campaigns.faults $(ARGS)

check-hostile: setup  ## Read 100,000 damaged files of every kind, and try 300 hostile texts at every door (long)
	$(BIN)/python -m tests.campaigns.hostile_names
	$(BIN)/python -m tests.campaigns.hostile $(ARGS)

check-fit: setup  ## Fit 200 funds whose rates and bills are known: do 95% intervals hold them? And against other programs (long)
	$(BIN)/python -m tests.campaigns.fit $(ARGS)

check-tamper: setup  ## Damage, exchange and delete files of run folders 2,000 times, kill what writes them: all is noticed (long)
	$(BIN)/python -m tests.campaigns.tamper $(ARGS)

check-print: setup  ## Print reports with Chromium: at most 15 A4 pages, the answer on one
	$(BIN)/python -m tests.campaigns.printing $(ARGS)

check-what-if: setup  ## Move a page's sliders in Chromium and simulate 50 places of them: fast, and as near as printed? (long)
	$(BIN)/python -m tests.campaigns.what_if $(ARGS)

check-app: setup  ## Move the application's sliders in Chromium: is its fan redrawn fast, and does any request leave the machine?
	$(BIN)/python -m tests.campaigns.app $(ARGS)

check-workbook: setup  ## Work a run's workbook out with LibreOffice: equal to the fen, checks notice every edit (long)
	$(BIN)/python -m tests.campaigns.workbook $(ARGS)

check-sensitivity: setup  ## Tell variance shares of known models from their worlds: how far off, how often within the errors?
	$(BIN)/python -m tests.campaigns.sensitivity $(ARGS)

check-calibration: setup  ## Calibrate on 200 known worlds and plant contradictions: do intervals hold, are they named? (long)
	$(BIN)/python -m tests.campaigns.calibration $(ARGS)

validation: setup  ## Forecast from the end of 2009 to 2012, score it beside rivals and write docs/validation.md whole (long)
	$(BIN)/python -m tests.campaigns.validation $(ARGS)

model-document: setup  ## Ask seven earlier states of the program the same question and write docs/model-document.md (long)
	$(BIN)/python -m tests.campaigns.bridge $(ARGS)

gallery: setup  ## Answer the questions of scenarios/gallery and write docs/gallery.md
	$(BIN)/python -m tests.support.gallery_page

check-batch: setup  ## Kill a batch 500 times at random moments: nothing is lost and nothing done twice (long)
	$(BIN)/python -m tests.campaigns.batches $(ARGS)

check-cluster: setup  ## Kill workers 50 times and schedulers 10 times under a batch on a Dask cluster of this machine (long)
	$(BIN)/python -m tests.campaigns.cluster $(ARGS)

check-intervals: setup  ## Make a comparison again 40 times with other worlds and rosters: do its 95% intervals hold? (long)
	$(BIN)/python -m tests.campaigns.intervals $(ARGS)

bench: setup  ## Time the reference job side by side with what others use (long; peers: benchmarks/requirements.txt)
	$(BIN)/python -m benchmarks $(ARGS)

constraints: setup  ## Write constraints.txt anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-annotate --no-header --python-version 3.11 --extra dev pyproject.toml -o constraints.txt

clean:  ## Remove the environment and the tools' leavings; results/ stays
	rm -rf .venv build dist docs/_build docs/reference docs/zh/reference .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find simulator tests -name __pycache__ -prune -exec rm -rf {} +
