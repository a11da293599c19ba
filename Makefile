# Every target sets up what it needs in .venv (see .ci/venv).
#   make test PYTHON=python3.13   another Python (3.11 or newer); .venv is made anew for it
#   make test ARGS="-k money"     more arguments for the command behind run, live, test or bench
PYTHON ?=
ARGS ?=
bin := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run live test check bench lock docs clean runtime dev

help: ## what can be made
	@sed -n 's/^\([a-z]*\): .*## /  make \1|/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'
	@echo
	@sed -n 's/^#   //p' Makefile | sed 's/^/  /'

run: runtime ## one run over the bundled recording, into demo/
	@$(bin)/pricebook refresh --replay fixtures/captures --data-dir demo $(ARGS); status=$$?; \
	case $$status in \
	  0) echo "make run: ended 0, every source loaded" >&2 ;; \
	  3) echo "make run: ended 3, published, but someone should look at what is said above" >&2 ;; \
	  *) echo "make run: ended $$status" >&2; exit $$status ;; \
	esac

live: runtime ## one run over the sellers' own pages, into data/
	@$(bin)/pricebook refresh $(ARGS)

test: dev ## all tests, without the network
	$(bin)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile $(ARGS)

check: dev ## form, types, who may import whom, and whether the generated docs are current
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/pyright
	$(bin)/lint-imports --no-logo
	$(if $(wildcard docs/generate.py),$(bin)/python docs/generate.py --check)

bench: ## the benchmarks, with the tools they compare with
	@.ci/venv bench "$(PYTHON)"
	$(bin)/python -m benchmarks $(ARGS)

docs: dev ## write the generated docs anew
	$(bin)/python docs/generate.py

lock: dev ## resolve again within pyproject.toml and write requirements*.lock
	.ci/lock

clean: ## remove .venv, demo/ and caches; data/ stays
	rm -rf .venv demo dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +

runtime dev:
	@.ci/venv $@ "$(PYTHON)"
