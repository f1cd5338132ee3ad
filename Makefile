# make run: everything on a bare machine with Python 3.11 or newer. make test: the checks and all tests.
# All paths are relative: the checkout may lie anywhere, also below a folder with a blank in its name.

PYTHON ?= python3
PORT ?= 8000
JOBS ?= 2
TESTS ?= tests
ARGS ?=
VENV := .venv/bin/python
RUNTIME_DIGEST = $$(cksum < requirements.lock)
DEV_DIGEST = $$(cksum < requirements-dev.lock)
# What the checks need to load the settings; nothing is connected to.
FOR_CHECKS = SECRET_KEY=$$($(VENV) -c 'import secrets; print(secrets.token_hex(32))') \
	DATABASE_URL=postgresql://checks@/checks BROKER_URL=memory:// PUBLIC_URL=https://console.example

.NOTPARALLEL:
.PHONY: help run manage test lint pytest bench bench-pages soak lock clean packages dev-packages browser openssh

help:
	@echo 'make run     the console on http://127.0.0.1:$(PORT)/ (PORT=, VAR_DIR=, DATABASE_URL=, ... : docs/operations.md)'
	@echo 'make manage  a command of manage.py beside it: make manage COMMAND="changepassword anna"'
	@echo 'make test    lint and pytest (JOBS=, TESTS=, ARGS=)'
	@echo 'make lint    format, types, layers, migrations and deployment checks'
	@echo 'make soak    the long tests'
	@echo 'make bench   the measurements; make bench-pages: every page with 5,000,000 recipients'
	@echo 'make lock    pin the packages of requirements*.in (ARGS=--upgrade for newer ones)'
	@echo 'make clean   remove .venv and caches; the data in VAR_DIR stays'

run: export PORT := $(PORT)
run: packages
	@exec $(VENV) -m aicc_console --demo --stop-with-parent

manage: packages
	@exec $(VENV) -m aicc_console manage $(COMMAND)

test: lint pytest

lint: dev-packages
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(FOR_CHECKS) $(VENV) -m mypy
	$(VENV) -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())'
	$(FOR_CHECKS) $(VENV) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(FOR_CHECKS) $(VENV) manage.py check --deploy --fail-level WARNING

pytest: dev-packages browser openssh
	$(VENV) -m pytest -n $(JOBS) $(TESTS) $(ARGS)

soak: dev-packages browser openssh
	$(VENV) -m pytest -m soak $(TESTS) $(ARGS)

bench: dev-packages openssh
	$(VENV) -m tests.benchmarks $(ARGS)

bench-pages: dev-packages
	$(VENV) -m tests.benchmarks.pages $(ARGS)

packages:
	@$(VENV) -c "" 2>/dev/null && test "$$(cat .venv/runtime.digest 2>/dev/null)" = "$(RUNTIME_DIGEST)" || { \
		$(MAKE) --no-print-directory .install LOCK=requirements.lock && echo "$(RUNTIME_DIGEST)" > .venv/runtime.digest; }

dev-packages:
	@$(VENV) -c "" 2>/dev/null && test "$$(cat .venv/dev.digest 2>/dev/null)" = "$(DEV_DIGEST)" || { \
		$(MAKE) --no-print-directory .install LOCK=requirements-dev.lock && echo "$(DEV_DIGEST)" > .venv/dev.digest; }

# uv takes seconds where pip takes a minute; both check every package against its hash.
.PHONY: .install .venv-made
.install: .venv-made
	@echo 'Installing packages ($(LOCK)) ...'
	@if $(VENV) -m uv --version >/dev/null 2>&1 || $(VENV) -m pip install --quiet --disable-pip-version-check uv; then \
		$(VENV) -m uv pip install --quiet --python $(VENV) --require-hashes -r $(LOCK); \
	else \
		$(VENV) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK); \
	fi

.venv-made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'This needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...' >&2; exit 1; }
	@$(VENV) -m pip --version >/dev/null 2>&1 || $(VENV) -m uv --version >/dev/null 2>&1 || { \
		echo 'Making .venv ...'; $(PYTHON) -m venv --clear .venv; }

# The browser tests are part of the tests: without a browser they fail, they are not left out.
browser:
	@test -n "$$CHROMIUM" || command -v chromium >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo 'Installing chromium ...' && \
		DEBIAN_FRONTEND=noninteractive apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; } || { \
		echo 'The browser tests need Chromium: apt-get install chromium fonts-noto-cjk, or CHROMIUM=/path/to/chromium.' >&2; \
		exit 1; }

# So are the tests of SFTP against the server that most people run.
openssh:
	@PATH="$$PATH:/usr/sbin:/usr/local/sbin" command -v sshd >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo 'Installing openssh-server ...' && \
		DEBIAN_FRONTEND=noninteractive apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends openssh-server >/dev/null; } || { \
		echo 'The tests of SFTP need the OpenSSH server, which need not run: apt-get install openssh-server.' >&2; \
		exit 1; }

lock: dev-packages
	$(VENV) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header $(ARGS) \
		-o requirements.lock requirements.in
	$(VENV) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-header $(ARGS) \
		-c requirements.lock -o requirements-dev.lock requirements-dev.in

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-artefacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
