# The main jobs on a fresh machine. They need Python 3.11 or newer, make and a package index; nothing else.

.DEFAULT_GOAL := help
.PHONY: help run frontend test e2e screenshots measure faults fuzz bench check check-code check-pages rehearse lock audit sbom licences

# What is imported is compiled once, not by each of the many processes that a test run starts.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
FUZZ := $(VENV)-fuzz
FOR := 600
# What a production server would have set; no server is asked for anything.
PRODUCTION := SECRET_KEY=a-long-random-value-that-stands-only-in-this-check-0123456789 \
	FIELD_KEYS=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= HTTPS=true DEBUG=false \
	ALLOWED_HOSTS=ledger.example.org CSRF_TRUSTED_ORIGINS=https://ledger.example.org \
	FLOWER_BASIC_AUTH=operator:a-long-password LOG_DIR=$(VENV)/logs

# Under another name: make runs a recipe that names MAKE even when it shall only print it (make -n test).
AGAIN = $(MAKE)

LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --annotation-style line

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.local-installed ## Start the whole system here, with a simulated fleet. More: make run ARGS="--port 9000 --no-fleet"
	@$(BIN)/python -m project.local.frontend build || echo "The pages are not built; all else starts."
	@exec $(BIN)/python manage.py up $(ARGS)

frontend: $(VENV)/.local-installed ## Build the pages, with the machine's Node or the one from PyPI
	$(BIN)/python -m project.local.frontend build

test: $(BIN)/python ## Checks, then all tests but the faults, several at a time. Some of them: make test ARGS="-k telemetry"
	@echo "The pages are checked and tested meanwhile; what they say stands at the end"; \
	$(BIN)/python project/local/frontend.py check test > $(VENV)/pages.log 2>&1 & pages=$$!; failed=0; \
	{ $(AGAIN) --no-print-directory $(VENV)/.dev-installed check-code && echo "$(BIN)/python -m pytest" && \
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder --ignore=tests/faults --ignore=tests/e2e $(ARGS); } || failed=$$?; \
	wait $$pages || failed=$$?; cat $(VENV)/pages.log; exit $$failed

e2e: $(VENV)/.dev-installed ## Play the screens' stories in Chromium against a running system (apt install chromium)
	$(BIN)/python -m pytest tests/e2e -p no:randomly $(ARGS)

screenshots: $(VENV)/.dev-installed ## Take the README's pictures from the running fleet
	$(BIN)/python -m tests.e2e.screenshots

measure: $(VENV)/.dev-installed ## Print what the screens cost with 10,000 devices, 50,000 topics and 60,000 points, and after ten minutes (HEAP_MINUTES)
	$(BIN)/python -m tests.e2e.measure

faults: $(VENV)/.dev-installed ## Kill, freeze, cut and flood real processes, and print what came of it. Quicker: ARGS="-m 'not long'"; into the page: TABLE=docs/guarantee.md; on RabbitMQ: QUEUES=rabbitmq
	FAULTS_TABLE=$(TABLE) FAULTS_QUEUES=$(QUEUES) $(BIN)/python -m pytest tests/faults -p no:randomly --durations=20 $(ARGS)

fuzz: $(FUZZ)/.installed ## Try inputs on parsers and topic matcher, guided by coverage, for ten minutes. Longer: FOR=3600
	$(FUZZ)/bin/python -m tests.fuzz $(FUZZ)/found -max_total_time=$(FOR)

bench: $(VENV)/.dev-installed ## Measure it beside what people would use instead. Less of each: make bench ARGS=--quick
	$(BIN)/python -m benchmarks $(ARGS)

rehearse: $(VENV)/.dev-installed ## Run each step of worker.Dockerfile in a scratch root (as root)
	$(BIN)/python -m pytest -m rehearsal tests/test_image.py $(ARGS)

lock: $(BIN)/uv ## Write requirements/*.lock anew, after a *.txt has changed
	$(LOCK) requirements/dev.txt -o requirements/dev.lock
	$(LOCK) requirements/local.txt -c requirements/dev.lock -o requirements/local.lock
	$(LOCK) requirements/base.txt -c requirements/dev.lock -o requirements/base.lock
	$(LOCK) requirements/export.txt -c requirements/dev.lock -o requirements/export.lock
	$(LOCK) requirements/fuzz.txt -o requirements/fuzz.lock
	$(LOCK) requirements/frontend.txt -o requirements/frontend.lock

audit: $(VENV)/.dev-installed ## Ask for known vulnerabilities of everything that runs, and say what could not be asked
	$(BIN)/python -m project.advisories

sbom: $(VENV)/.dev-installed ## Write a bill of materials of what runs, sbom.json (CycloneDX)
	$(BIN)/cyclonedx-py requirements requirements/base.lock --output-reproducible --of JSON -o sbom.json

licences: $(VENV)/.dev-installed ## Write docs/licences.md anew
	$(BIN)/python -m project.licences

check: check-code check-pages ## Style, security rules, types, floors, migrations, deployment settings

check-code: $(VENV)/.dev-installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit -q -c pyproject.toml -r manage.py project sites mqtt_app tasks benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PRODUCTION) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

check-pages: $(VENV)/.dev-installed
	$(BIN)/python -m project.local.frontend check

# Installed again only when a lock has changed. Every package must have the hash that stands in its lock.
$(VENV)/.local-installed: requirements/local.lock | $(BIN)/python
	@echo "Installing the pinned packages into $(VENV); the first time takes a minute"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.dev-installed: requirements/dev.lock | $(BIN)/python
	@echo "Installing the pinned packages and tools into $(VENV); the first time takes a minute"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(VENV)/.local-installed

# Apart: what it adds does not run everywhere that we do.
$(FUZZ)/.installed: requirements/base.lock requirements/fuzz.lock | $(BIN)/python
	$(BIN)/python -m venv $(FUZZ)
	@$(FUZZ)/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements/base.lock -r requirements/fuzz.lock
	@touch $@

$(BIN)/uv:
	$(MAKE) $(VENV)/.dev-installed

$(BIN)/python:
	@set -e; \
	for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "Python 3.11 or newer is needed; none was found." >&2; exit 1; fi; \
	if ! $$found -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$found cannot make virtual environments. Debian, Ubuntu: apt install python3-venv" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$found --version)"; \
	$$found -m venv $(VENV)
