# Needs make and Python 3.11 or newer; everything else is installed into .venv.
# Another interpreter: make run PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Extra arguments for the program that the target runs: make test ARGS="-k teams"
ARGS ?=
# Where the server listens, if not at port 5000: make run PORT=5001
PORT ?=

# What installs: it is asked for `runtime`, `testing` or `development`, and installs what
# isn't there. INSTALL=: for an environment that is made by other means.
INSTALL = "$(PYTHON)" requirements/install.py \
	$(if $(filter file,$(origin PYTHON)),,--this-python) "$(VENV)"

# What Python has compiled is kept: whatever is started then starts in half the time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run reset test test-all fuzz lint format coverage check \
	check-migrations documents bench bench-check bench-growth bench-plot bench-servers \
	bench-startup faults mutants requirements hooks
NEEDS := needs-runtime needs-testing needs-development
.PHONY: $(NEEDS)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: needs-development ## Create .venv with the pinned dependencies and the project, editable

# The sections [app:address] and [server:address] of development.ini.
AT_PORT = $(if $(PORT),host=127.0.0.1 "port=$(PORT)" -n address --server-name=address)

run: needs-runtime ## Serve http://127.0.0.1:5000/ (or PORT=…), reloading on changes
	$(BIN)/pserve development.ini $(AT_PORT) $(ARGS) --reload

# Asks where DATABASE_URL names the database, or takes ARGS=--yes.
reset: needs-runtime ## Delete the development database; run recreates it
	$(BIN)/apiserver reset -i development.ini $(ARGS)

# Whoever has nothing left to do takes tests from the others: the slowest are neighbours.
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal

test: needs-testing ## Run all tests but the slow ones (two minutes)
	$(PYTEST) -m "not slow" $(ARGS)

# The slow ones start servers, browsers and copies of the project.
test-all: needs-development ## Run all tests (ten minutes)
	$(PYTEST) $(ARGS)

# FUZZ_EXAMPLES: how many for each operation; 5 take a minute or two, 100 (as without
# it) a quarter of an hour.
fuzz: needs-development ## Let schemathesis look for undocumented behaviour
	$(PYTEST) tests/fuzz $(ARGS)

lint: needs-development ## Check format, style, types and import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports --no-logo

format: needs-development ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Of all branches; the rest is for PostgreSQL alone, or for clients, which .ci/run adds.
coverage: needs-development ## Run all tests; fail under 98% branch coverage
	$(PYTEST) --cov --cov-fail-under=98 $(ARGS)

check-migrations: needs-runtime ## Check that the migrations match the models
	@directory=$$(mktemp -d) && trap 'rm -rf "$$directory"' EXIT && \
	export DATABASE_URL="sqlite:///$$directory/migrated.db" && \
	$(BIN)/alembic -c testing.ini upgrade head && \
	$(BIN)/alembic -c testing.ini check

check: lint check-migrations coverage ## Run all checks that a change must pass

faults: needs-development ## Inject faults into the database and the server; print a table
	$(BIN)/python -m pytest -n 0 tests/faults --rounds 300 $(ARGS)

# An hour or so on two cores; ARGS="--group patch --mutants 20" takes minutes.
mutants: needs-development ## Break the code in 100 small ways; print what no test notices
	nice $(BIN)/python benchmarks/mutants.py $(ARGS)

# What a pull request shows of a change of the API; tests compare it with the server.
documents: needs-development ## Regenerate docs/swagger.json and docs/openapi.json
	$(BIN)/invoke app.swagger > docs/swagger.json.new
	$(BIN)/invoke app.swagger --openapi > docs/openapi.json.new
	mv docs/swagger.json.new docs/swagger.json
	mv docs/openapi.json.new docs/openapi.json

hooks: needs-development ## Check format, style, types and imports before each commit
	$(BIN)/pre-commit install

# On SQLite and, where BENCH_DATABASE_URL names a server, PostgreSQL. It needs valgrind.
bench: needs-development ## Count instructions per request; fail if one is over budget
	$(BIN)/python benchmarks/run.py $(ARGS)

bench-check: needs-development ## Fail if a request needs 10% more than the baseline
	$(BIN)/python benchmarks/run.py --check $(ARGS)

bench-growth: needs-development ## Measure pages, tokens and a purge among a million rows
	$(BIN)/python benchmarks/growth.py $(ARGS)

# Of what bench-growth ARGS=--save has saved. It needs the extra bench.
bench-plot: needs-development ## Draw docs/images/growth.svg
	$(BIN)/python benchmarks/plot.py $(ARGS)

bench-startup: needs-development ## Measure how long server, commands and tasks take to start
	$(BIN)/python benchmarks/startup.py

# Needs wrk, PostgreSQL and requirements/servers.txt.
bench-servers: needs-development ## Measure servers, processes, pools, memory, sign-ins
	$(BIN)/python benchmarks/servers.py $(ARGS)
	$(BIN)/python benchmarks/footprint.py $(ARGS)
	$(BIN)/python benchmarks/hashing.py $(ARGS)

# Keeps the pins that still fit; make requirements ARGS=--upgrade takes the newest.
# Extras stay in the pins: pip before 24.0 takes `coverage[toml]` for another requirement
# than `coverage==…`, and refuses it for want of a pin.
# Renovate runs these commands as it finds them at the top of the files: with `=`.
COMPILE = $(BIN)/uv pip compile --quiet $(ARGS) --universal --python-version=3.11 \
	--no-strip-extras --generate-hashes

requirements: needs-development ## Compile requirements/*.txt from the ranges in setup.py
	$(COMPILE) --extra=postgresql --extra=redis --extra=providers \
		--output-file=requirements/runtime.txt setup.py
	$(COMPILE) --extra=postgresql --extra=redis --extra=providers --extra=opentelemetry \
		--extra=testing --extra=tasks \
		--constraint=requirements/runtime.txt \
		--output-file=requirements/testing.txt setup.py
	$(COMPILE) --extra=postgresql --extra=redis --extra=providers --extra=opentelemetry \
		--extra=s3 --extra=dramatiq --extra=testing --extra=tasks --extra=dev \
		--constraint=requirements/testing.txt \
		--output-file=requirements/development.txt setup.py
	$(COMPILE) --extra=postgresql --extra=redis --extra=providers \
		--extra=s3 --extra=dramatiq \
		--extra=gunicorn --extra=uwsgi --extra=granian --extra=opentelemetry \
		--constraint=requirements/development.txt \
		--output-file=requirements/servers.txt setup.py
	$(COMPILE) --extra=codegen \
		--constraint=requirements/development.txt \
		--output-file=requirements/codegen.txt setup.py
	$(COMPILE) --output-file=requirements/uv.txt requirements/uv.in

$(NEEDS): needs-%:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "There is no '$(PYTHON)' here. Install Python 3.11 or newer," \
			"or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(INSTALL) $*
