# The daily commands. `make` lists them. Set VENV to use another virtual environment.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

.PHONY: help
help: ## List these commands
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Set up and run

.PHONY: setup
setup: ## Create the virtual environment with everything that tests and checks need
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements-dev.txt
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .

.PHONY: hooks
hooks: ## Install the git hooks (needs pre-commit)
	pre-commit install

.PHONY: setup-node
setup-node: ## Install what the tests of generated clients need from npm (needs Node 20.19 or newer)
	cd tests/clients/typescript && npm ci

.PHONY: serve
serve: ## Start the service on http://127.0.0.1:8000 (ARGS="--port 8080")
	$(BIN)/kb serve $(ARGS)

##@ Test and check

.PHONY: test
test: ## Run the tests that are not marked slow (ARGS="tests/system/test_documentation.py -k links")
	$(BIN)/pytest $(ARGS)

.PHONY: test-all
test-all: ## Run all tests
	$(BIN)/pytest -m "slow or not slow" $(ARGS)

.PHONY: coverage
coverage: ## Run all tests and show the branches that none takes (also in htmlcov/)
	$(BIN)/pytest -m "slow or not slow" --cov --cov-report=term --cov-report=html $(ARGS)

.PHONY: lint
lint: ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: ## Format the code and apply the safe fixes of the linter
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: types
types: ## Check the types
	$(BIN)/mypy

.PHONY: contracts
contracts: ## Check that imports run one way
	$(BIN)/lint-imports --no-logo

.PHONY: openapi-check
openapi-check: ## Check that openapi.yaml is what the code says
	@work=$$(mktemp -d); trap 'rm -rf "$$work"' EXIT; \
	$(BIN)/flask openapi write --format=yaml "$$work/openapi.yaml" >/dev/null; \
	diff -u openapi.yaml "$$work/openapi.yaml" || { echo "Run: make openapi" >&2; exit 1; }

.PHONY: openapi-lint
openapi-lint: ## Check openapi.yaml with redocly and spectral (after make setup-node)
	cd tests/clients/typescript && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npm run --silent lint

.PHONY: check
check: lint types contracts openapi-check test ## Run every check but the installation tests of the gate

.PHONY: ci
ci: ## Run the whole gate on the last commit, in fresh clones (may install PostgreSQL)
	bash .ci/run

##@ Generate

.PHONY: openapi
openapi: ## Write openapi.yaml anew, after a change of the API
	$(BIN)/flask openapi write --format=yaml openapi.yaml

.PHONY: examples
examples: ## Record the answers that openapi.yaml shows as examples anew
	$(BIN)/python scripts/record-examples

.PHONY: migration
migration: ## Draft a migration from the models (m="add the column x")
	@test -n "$(m)" || { echo 'Usage: make migration m="what it does"' >&2; exit 2; }
	$(BIN)/flask db revision --autogenerate -m "$(m)"

.PHONY: pins
pins: ## Pin all dependencies anew, with hashes (needs uv)
	scripts/pin

.PHONY: bench
bench: ## Run a benchmark (ARGS="search --documents 10000")
	$(BIN)/python -m bench $(or $(ARGS),--help)

##@ Release (docs/releasing.md)

.PHONY: build
build: ## Build the wheel and the source distribution into dist/
	rm -rf dist
	$(BIN)/hatchling build

.PHONY: release-check
release-check: ## Check that version, changelog, openapi.yaml and git agree
	VENV=$(VENV) scripts/release-check

.PHONY: clean
clean: ## Remove what builds and tools leave behind; kb-data/ and the environment stay
	rm -rf build dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
