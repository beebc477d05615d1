# make quickstart   the main job, on real data
# make test         the everyday tests
# CONTRIBUTING.md tells of the others. Each sets up what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help quickstart test test-slow examples docs lint types imports format benchmarks bench release-check clean

help:
	@sed -n 's/^# //p' Makefile

$(READY): pyproject.toml s3r_spark/jvm/build_jar.py s3r_spark/jvm/pom.xml $(shell find s3r_spark/jvm/src/main -name '*.java')
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "s3r_spark needs Python 3.10 or newer: make PYTHON=python3.12"; exit 2; }
	@echo "setting up $(VENV) (some minutes the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[spark,fsspec,pyiceberg,migrate]' --group dev
	@touch $@

quickstart: $(READY)
	@$(BIN)/python jobs/quickstart.py

test: $(READY)
	$(BIN)/pytest --numprocesses 2 --dist loadfile -m "not slow and not examples"

test-slow: $(READY)
	$(BIN)/python tests/servers/install.py minio seaweed ceph versity chromium
	$(BIN)/pytest --numprocesses 2 --dist loadfile -m slow --durations 25

examples: $(READY)
	$(BIN)/pytest -m examples

docs: $(READY)
	@$(BIN)/python -c 'import material' 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/typed/mypy.ini
	$(BIN)/basedpyright --project tests/typed --pythonpath $(BIN)/python

imports: $(READY)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

benchmarks: $(READY)
	$(BIN)/python jobs/benchmarks/benchmark_routing.py
	$(BIN)/python jobs/benchmarks/benchmark_session.py
	$(BIN)/python jobs/benchmarks/benchmark_boto.py
	$(BIN)/python jobs/benchmarks/benchmark_router.py
	$(BIN)/python jobs/benchmarks/benchmark_fsspec.py

bench: $(READY)
	$(BIN)/python jobs/benchmarks/report.py $(if $(FULL),--full) -o build/benchmarks.md

release-check: $(READY)
	$(BIN)/python tests/release.py $(PYTHONS)

clean:
	rm -rf $(VENV) .cache build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis spark-warehouse
