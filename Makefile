# Everything a newcomer needs: `make serve` and `make test` do all the set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 9621
# With the development set installed, the smaller one to serve with is there too.
SERVE_SET := $(or $(wildcard $(VENV)/.dev),$(VENV)/.serve)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--no-emit-index-url --no-header --generate-hashes

GRAPH_SCRIPT := compat_api/static/webui/build/graph.js

.PHONY: help serve webui test lint fix demo bench words lock clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

serve: $(SERVE_SET) $(GRAPH_SCRIPT) ## Start everything on port 9621 (PORT=…)
	$(BIN)/python -m lightrag_site.server --port $(PORT)

webui: $(SERVE_SET) ## Build the graph page's script anew, from npm
	sh webui/build.sh

test: $(VENV)/.dev $(GRAPH_SCRIPT) ## Run the tests (ARGS="-k chunking")
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q $(ARGS)

lint: $(VENV)/.dev ## Check style, types, import directions and migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -W ignore::RuntimeWarning \
		manage.py makemigrations --check --dry-run

fix: $(VENV)/.dev ## Mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo: $(SERVE_SET) ## Read the two examples into a server of their own, and ask about them
	$(BIN)/python examples/demo.py

bench: $(VENV)/.dev ## Measure ingestion and queries
	$(BIN)/python -m tests.benchmarks $(ARGS)

words: $(VENV)/.dev ## Gather what is to be translated, and compile it (wants gettext)
	$(BIN)/django-admin makemessages -l zh_Hant -l zh_Hans --no-wrap --no-location \
		-i '.venv/*' -i 'tests/*' -i 'build/*' -i 'webui/*' \
		--settings lightrag_site.settings --pythonpath .
	for file in lightrag_site/locale/*/LC_MESSAGES/django.po; do \
		msgfmt --check-format -o $${file%.po}.mo $$file || exit 1; done

lock: $(VENV)/.uv ## Lock the dependencies anew (ARGS=--upgrade)
	$(COMPILE) $(ARGS) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) $(ARGS) requirements/node.in -o requirements/node.txt
	$(COMPILE) $(ARGS) --no-deps requirements/upstream.in -o requirements/upstream.txt
	$(COMPILE) $(ARGS) --override requirements/overrides.txt \
		--extra embedded --extra cypher --extra telemetry pyproject.toml -o requirements/serve.txt
	$(COMPILE) $(ARGS) --override requirements/overrides.txt \
		--extra embedded --extra cypher --extra telemetry --group dev pyproject.toml -o requirements/dev.txt

clean: ## Remove what was made, but no data
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Without it all else works, and the page says what to do.
$(GRAPH_SCRIPT): webui/package-lock.json $(wildcard webui/*.js) | $(VENV)/.uv
	-sh webui/build.sh

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

# Apart from all else: its web UI is what the tests want of it.
$(VENV)/.upstream: requirements/upstream.txt $(VENV)/.uv
	$(BIN)/uv pip install --quiet --require-hashes --no-deps --target $(VENV)/upstream -r $<
	touch $@
