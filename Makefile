# `make serve` and `make test` install everything they need into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 9621
# The development packages contain all packages of the server.
SERVE_SET := $(or $(wildcard $(VENV)/.dev),$(VENV)/.serve)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--no-emit-index-url --no-header --generate-hashes
JS := compat_api/webui/js
JS_FILES := $(shell find $(JS)/src -name '*.js')
SCRIPTS := compat_api/static/webui/build/graph.js
TEMPLATES := git ls-files -z '*templates/*.html'
SPELLING := $(BIN)/codespell

.PHONY: help serve webui test lint fix docs demo bench messages lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

serve: $(SERVE_SET) $(SCRIPTS) ## Start the server with its databases (PORT=9621)
	$(BIN)/python -m lightrag_site.server --port $(PORT)

webui: $(SERVE_SET) ## Rebuild the scripts of the pages with packages from npm
	sh $(JS)/build.sh --omit=dev

test: $(VENV)/.dev $(JS)/node_modules/.dev $(SCRIPTS) ## Run the tests (ARGS="-k chunking", ARGS=--cov)
	@if [ -f $(JS)/node_modules/.dev ]; then sh $(JS)/npm.sh run --silent test; \
		else echo "JavaScript tests skipped: npm packages are missing"; fi
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(ARGS)

lint: $(VENV)/.dev $(JS)/node_modules/.dev ## Check style, spelling, types, import rules and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z | xargs -0 $(SPELLING)
	$(TEMPLATES) | xargs -0 $(BIN)/djade --check --target-version 5.2
	sh $(JS)/npm.sh run --silent lint
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -W ignore::RuntimeWarning \
		manage.py makemigrations --check --dry-run

fix: $(VENV)/.dev $(JS)/node_modules/.dev ## Correct style errors that can be corrected automatically
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	-$(TEMPLATES) | xargs -0 $(BIN)/djade --target-version 5.2
	sh $(JS)/npm.sh run --silent fix

docs: $(VENV)/.dev ## Build the documentation in build/docs, without network access
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

demo: $(SERVE_SET) ## Start a temporary server, upload two example documents and ask about them
	$(BIN)/python examples/demo.py

bench: $(VENV)/.dev ## Measure ingestion and queries (ARGS="queries")
	$(BIN)/python -m tests.benchmarks $(ARGS)

messages: $(VENV)/.dev ## Update and compile the translation catalogues (needs gettext)
	$(BIN)/django-admin makemessages -l zh_Hant -l zh_Hans --no-wrap --no-location \
		-i '.venv/*' -i 'tests/*' -i 'build/*' -i 'node_modules/*' \
		--settings lightrag_site.settings --pythonpath .
	for file in lightrag_site/locale/*/LC_MESSAGES/django.po; do \
		msgfmt --check-format -o $${file%.po}.mo $$file || exit 1; done

lock: $(VENV)/.uv ## Lock the versions of all dependencies (ARGS=--upgrade)
	$(COMPILE) $(ARGS) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) $(ARGS) requirements/node.in -o requirements/node.txt
	$(COMPILE) $(ARGS) --no-deps requirements/upstream.in -o requirements/upstream.txt
	$(COMPILE) $(ARGS) --override requirements/overrides.txt \
		--extra embedded --extra ocr --extra cypher --extra telemetry --extra gemini --extra bedrock pyproject.toml -o requirements/serve.txt
	$(COMPILE) $(ARGS) --override requirements/overrides.txt \
		--extra embedded --extra ocr --extra cypher --extra telemetry --extra gemini --extra bedrock --group dev pyproject.toml -o requirements/dev.txt

clean: ## Remove the virtual environment, builds and caches, but no data
	rm -rf $(VENV) $(JS)/node_modules compat_api/static/webui/build build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# If this fails (no access to npm), the pages say that their scripts are missing.
$(SCRIPTS): $(JS)/package-lock.json $(JS)/package.json $(JS_FILES) | $(VENV)/.uv
	-sh $(JS)/build.sh --omit=dev

# The packages for lint and tests.
$(JS)/node_modules/.dev: $(JS)/package-lock.json | $(VENV)/.uv
	-sh $(JS)/npm.sh ci --ignore-scripts --no-audit --no-fund --loglevel=error \
		--fetch-retries=1 --fetch-timeout=20000 && touch $@

$(VENV)/.uv: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

$(VENV)/.serve: requirements/serve.txt $(VENV)/.uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python $<
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.uv $(VENV)/.upstream
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python $<
	touch $@

# Installed in a folder of its own: the tests only need LightRAG's web UI.
$(VENV)/.upstream: requirements/upstream.txt $(VENV)/.uv
	$(BIN)/uv pip install --quiet --require-hashes --no-deps --target $(VENV)/upstream -r $<
	touch $@
