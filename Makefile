# Set-up and checks. `make help` lists what there is.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := $(BIN)/uv
LOCK := $(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

export PATH := $(CURDIR)/$(BIN):$(PATH)
export DBT_PROFILES_DIR := $(CURDIR)
# dbt and its companions start twice as fast from compiled bytecode
unexport PYTHONDONTWRITEBYTECODE
# a thread that waits for another leaves the processor to those who work
export OMP_WAIT_POLICY := passive

.DEFAULT_GOAL := help
.PHONY: help run test check lint lint-python lint-sql rules unit dbt-test format docs lock browser java spark clean

help: ## List these targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(UV): requirements/bootstrap.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/.runtime: $(UV) requirements/runtime.txt pyproject.toml
	@echo "Installing $$(grep -c '==' requirements/runtime.txt) packages into .venv (30 to 150 seconds on 2 cores, with the index nearby)"
	$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/runtime.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements/dev.txt
	@echo "Installing what the checks need into .venv"
	$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.spark: .venv/.runtime requirements/spark.txt
	@echo "Installing Spark into .venv"
	$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/spark.txt
	@touch $@

.venv/.lineage: $(UV) requirements/lineage.txt
	@echo "Installing what draws the lineage of columns into .venv/lineage"
	$(UV) venv --quiet --clear --python $(BIN)/python .venv/lineage
	$(UV) pip install --quiet --python .venv/lineage/bin/python --require-hashes -r requirements/lineage.txt
	@touch $@

run: .venv/.runtime ## Load the bundled 2013 flights, build and test every model, generate the docs.
	@ontime quickstart

# `run`, and what looks at what it built, are run by tests in a fresh clone, beside others that leave a core idle
test: ## Run all that CI runs.
	@$(MAKE) --jobs=2 lint-python browser
	@$(MAKE) unit

check: lint-python ## Style, types, the unit tests of Python and dbt's parser: what to run while at work.
	pytest --numprocesses auto tests/unit
	dbt --quiet parse

lint: lint-python lint-sql ## Check the style and types of Python and SQL.

lint-python: .venv/.dev
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-cache

lint-sql: .venv/.dev run
	sqlfluff lint --processes 2 --disable-progress-bar models snapshots tests/dbt/data analyses

rules: .venv/.dev run ## Check the structure and the documentation of the dbt project.
	dbt-bouncer run --config-file dbt-bouncer.yml
	dbt-coverage compute doc --cov-report target/coverage.json --cov-fail-under 1.0
	dbt-features lint --strict

unit: .venv/.dev .venv/.lineage browser ## Run the Python tests.
	pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

dbt-test: .venv/.dev run ## Run the dbt tests that `make run` leaves out, those of the models' logic, and look at freshness.
	dbt source freshness
	dbt test --selector unit_tests

spark: .venv/.spark java ## Install what the target spark needs.

java: ## Install the Java 17 that Spark runs on, where there is none.
	@command -v java >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null)

# after Java: apt serves one at a time
browser: | java ## Install the browser that reads the docs site in a test, where there is none.
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null)

format: .venv/.dev ## Put Python and SQL into shape.
	ruff check --fix .
	ruff format .
	sqlfluff fix --processes 2 --disable-progress-bar models snapshots tests/dbt/data analyses

docs: .venv/.lineage run ## Serve pages of all tables, columns and features on http://127.0.0.1:8080.
	ontime docs build
	ontime docs serve --port 8080

lock: $(UV) ## Resolve the requirements to hashes again.
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/lineage.in -o requirements/lineage.txt
	$(LOCK) requirements/runtime.in -c requirements/dev.txt -o requirements/runtime.txt
	$(LOCK) requirements/spark.in -c requirements/dev.txt -o requirements/spark.txt

clean: ## Remove what was built; the landing area and the raw data stay.
	rm -rf target logs data/ontime.duckdb data/published/ontime.duckdb
