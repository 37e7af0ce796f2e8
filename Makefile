# One word per job. Needs a POSIX make and Python >= 3.11; `make help` says what each word does.
.POSIX:
.SUFFIXES:
.DEFAULT_GOAL := help
PY = .venv/bin/python
LOCK = $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock"

help: ## Say what each word does
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r word what; do \
		printf '%-18s %s\n' "$$word" "$$what"; done

setup: ## Create .venv and install what running needs (locked, with hashes)
	@sh tools/setup runtime

setup-dev:
	@sh tools/setup dev

run: setup ## Start Darkroom; Ctrl-C stops it
	@exec $(PY) manage.py up

user: setup ## Make an account: make user NAME=alice
	@exec $(PY) manage.py adduser "$(NAME)"

test: setup-dev ## Run every test, in a real Chromium too: make test ARGS="-k gallery"
	@exec sh tools/test $(ARGS)

lint: setup-dev ## Check style, types, imports, templates, translations, migrations
	@exec sh tools/lint

fmt: setup-dev ## Put the code into shape
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup-dev ## Measure: page weight, start, last byte to picture, 2,000 open pages, memory, the gallery, cuts and kills
	@exec sh tools/browser $(PY) -m bench $(ARGS)

screenshots: setup-dev ## Take the README's pictures again
	@exec sh tools/browser $(PY) -m tools.screenshots $(ARGS)

messages: setup-dev ## Gather what is to be translated into locale/, and compile it
	@exec sh tools/messages

lock: setup-dev ## Choose versions anew and write requirements/*.txt
	$(LOCK) --upgrade pyproject.toml --output-file requirements/runtime.txt
	$(LOCK) --upgrade --constraint requirements/runtime.txt --group dev pyproject.toml --output-file requirements/dev.txt
	sh tools/setup dev
	$(PY) -m tools.licences

clean: ## Remove .venv and the caches; data/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.PHONY: help setup setup-dev run user test lint fmt bench screenshots messages lock clean
