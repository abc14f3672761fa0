# Everything below sets up .venv/ in this checkout first, once: it needs only Python 3.11+, make and the package index.
PYTHON ?= python3
BIN := .venv/bin
# Prefect's own analytics and its server's heartbeat know no other switches; both before anything imports it.
export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS := 120

SAMPLE_AUTHORITY := E06000034
SAMPLE_QUARTER := 2025-Q3
SAMPLE_PUBLISHED := data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods
SAMPLE_NOTE := The households of the sample are invented; only the totals of its official tables are real.

.DEFAULT_GOAL := help
.PHONY: help run run-errors test coverage test-browser check wheel-check docs docs-check site golden sample mutate differential bench bench-bad bench-england bench-years bench-fleet bench-page bench-soak bench-kills clean

help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.venv/core: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: .venv/core
	@echo "Setting up the tools for tests (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,forecast,people,browser,databases,mssql,oracle,fleet]'
	@touch $@

run: .venv/core ## the sample export → checked return, tables, metrics, report, in out/
	@$(BIN)/python -m pipelines.flows data/sample/native --authority $(SAMPLE_AUTHORITY) --quarter $(SAMPLE_QUARTER) --source native --out out --personal \
	  --published $(SAMPLE_PUBLISHED) --note "$(SAMPLE_NOTE)"
	@echo; echo "$(SAMPLE_NOTE)"

run-errors: .venv/core ## the same with deliberate errors: a blocked run
	@$(BIN)/hclic run data/sample/errors --authority $(SAMPLE_AUTHORITY) --quarter $(SAMPLE_QUARTER) --source native --out out/errors; \
	  status=$$?; test $$status -eq 1 && echo "Blocked, as it should be (exit 1)."

test: .venv/dev ## the tests, the same ones CI runs
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

coverage: .venv/dev ## the tests, and which lines and branches none of them reaches; several times as slow
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

test-browser: .venv/dev ## the pages in headless Chromium (Debian: chromium), with axe-core
	@$(BIN)/python -m pytest tests/browser -m browser

check: .venv/dev ## ruff, mypy, sqlfluff, imports, generated files, licences, known vulnerabilities, site
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar sql
	@$(MAKE) --no-print-directory docs-check
	@$(BIN)/python -m tools.supply audit
	@$(MAKE) --no-print-directory site

# Asks the package index: two installs from it, about a minute.
wheel-check: .venv/dev ## the wheel installed by uv and by pipx, run from elsewhere; wheel, SBOM and digests → dist/
	@$(BIN)/python -m tools.supply wheel

docs: .venv/dev ## write the generated pages
	@$(BIN)/python -m pipelines.docs write
	@$(BIN)/python -m tools.supply licences write

docs-check: .venv/dev ## fail when a generated page is stale
	@$(BIN)/python -m pipelines.docs check
	@$(BIN)/python -m tools.supply licences

# Not quiet: MkDocs counts only the warnings that it shows.
site: .venv/dev ## the documentation as a site → build/site; fails on a link that leads nowhere
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

golden: .venv/dev ## rewrite the golden scenarios; the git diff is the review
	@$(BIN)/python -m pytest tests/golden tests/spine/test_readme.py --rewrite-golden

sample: .venv/core ## make data/sample again from its seed
	@$(BIN)/python data/sample/make_sample.py

# Hours for all of it; FILES="sql/return/return_selection.sql schemas/rules/relief.py" names some, ARGS="--sample 50" draws.
mutate: .venv/dev ## change SQL and rules span by span: which changes does no test notice?
	@$(BIN)/python -m tools.mutate $(FILES) $(ARGS)

# ARGS="--cases 20000 --seed 7"
differential: .venv/dev ## our rules beside the same in XPath, by lxml and Saxon, on thousands of faulty cases
	@$(BIN)/python -m tools.differential $(ARGS)

# The published panel of all authorities is not part of the repository: name yours with PANEL=FILE.
PANEL ?= $(firstword $(wildcard ../shared/published/panel_*.csv))
bench: .venv/dev ## the benchmarks → bench/results.md
	@$(BIN)/python bench/run.py $(if $(PANEL),--panel $(PANEL))

# One workbook, or WORKBOOK="A B" of quarters that follow each other; ARGS="--every 10" for some authorities.
bench-england: .venv/dev ## every authority of a workbook invented and counted again: fails on a cell left over
	@$(BIN)/python -m bench.england $(WORKBOOK) $(ARGS)

# FROM="FOLDER" of hclic synthesise --all, TO="FOLDER"; ARGS="--copies 3" for fewer years.
bench-years: .venv/dev ## years of cases of every authority, from one quarter of them
	@$(BIN)/python -m bench.years $(FROM) $(TO) $(ARGS)

# ARGS="FOLDER --years FOLDER --sizes 8,16" for exports that are there already, and fewer of them.
bench-fleet: .venv/dev ## every authority of a quarter through hclic fleet run, added up, and years of England checked
	@$(BIN)/python -m bench.fleet $(or $(ARGS),--pages --lake)

bench-page: .venv/dev ## the page of findings with 50,000 of them in Chromium: milliseconds from a choice to the list
	@$(BIN)/python bench/findings_page.py $(ARGS)

bench-bad: .venv/core ## large wrong inputs: fails above 20 s or 2 GiB
	@$(BIN)/python bench/bad_inputs.py

# ARGS="--quarters 8 --seed 3"
bench-soak: .venv/dev ## forty quarters of one authority with late cases, corrections, kills and revisions, recounted
	@$(BIN)/python -m bench.soak.run $(ARGS)

# ARGS="200 7": kills, seed
bench-kills: .venv/dev ## a thousand runs killed at random moments, each held against an undisturbed one
	@$(BIN)/python bench/kills.py $(ARGS)

clean: ## remove what was set up and written here
	@rm -rf .venv .mutate out
