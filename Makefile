# Every target is a small script of scripts/; this file is their list.
.DEFAULT_GOAL := help
.PHONY: help venv demo demo-reset test test-long check bench lock format clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name words; do printf '  make %-11s %s\n' "$$name" "$$words"; done

venv: ## .venv with the locked versions, tests included
	@scripts/venv test

demo: ## the demonstration Région on http://127.0.0.1:8000 (PORT=)
	@scripts/demo

demo-reset: ## the same, from an empty base
	@scripts/demo --reset

check: ## format, lint, types, floors, migrations, quick tests
	@scripts/check

test: ## everything, on SQLite and PostgreSQL and in Chromium (under 10 minutes)
	@scripts/test

test-long: ## and the full matrices, random walks and faults
	@scripts/test long

bench: ## the benchmarks (ONLY=loop); results in bench/results/
	@scripts/venv test && .venv/bin/python -m bench $(ONLY)

lock: ## writes requirements/*.lock again (UPGRADE=1: newest versions)
	@scripts/lock

format: ## formats and mends what can be mended
	@scripts/venv test && .venv/bin/python -m ruff format . && .venv/bin/python -m ruff check --fix .

clean: ## removes what tools left behind; keeps .venv and var/
	@rm -rf build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
