# Everything that is done with this checkout. It needs Python 3.11 or newer, Node 20, and nothing else.

SHELL := /bin/sh
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)) python3)
VENV := .venv/bin/python
PREPARE = @command -v $(PYTHON) >/dev/null || { echo "samplecase: Python 3.11 or newer is needed."; exit 1; }; \
	$(PYTHON) .ci/prepare.py
# Several checkouts share one environment, so none is installed in it.
export PYTHONPATH := $(CURDIR)/platform:$(CURDIR)

.PHONY: help demo test test-long check fix bench environment page tools peers
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

environment:
	$(PREPARE) environment

page: environment
	$(PREPARE) page

tools: environment
	$(PREPARE) tools

peers: environment
	$(PREPARE) peers

demo: page ## the main job on real images, then the server; CHECK=1 stops after the job
	@SAMPLECASE_DATA_DIR="$${SAMPLECASE_DATA_DIR:-$(CURDIR)/.samplecase}" \
		$(VENV) -m samplecase.cli demo $(if $(filter-out 0,$(CHECK)),--check)

TESTS = @$(VENV) .ci/test.py -n $(or $(JOBS),2)

test: page tools ## everything but the long tests
	$(TESTS) -m "not long"

test-long: page tools ## the long tests too
	$(TESTS)

check: environment ## formatting, lints, types, import contracts, migrations, the API's description
	$(PREPARE) node
	@$(VENV) .ci/check.py

fix: environment ## what can be fixed by a machine: formatting, lints, the API's description
	$(PREPARE) node
	@$(VENV) .ci/check.py --fix

# Every script of benchmarks/ but what they share.
BENCHMARKS = $(filter-out benchmarks/measuring.py,$(wildcard benchmarks/[a-z]*.py))

bench: environment peers ## measurements, as JSON in benchmarks/results/; BENCHMARKS=benchmarks/NAME.py ARGS=… for one
	@for file in $(BENCHMARKS); do $(VENV) $$file $(ARGS) || exit 1; done
