# `make demo` and `make test` need Python 3.11 or newer, git and make. All else is installed into .venv, as uv.lock says.

UV_VERSION := 0.13.9
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
ARGS ?=

bin := .venv/bin
python := $(bin)/python
installed := .venv/.installed
locale := src/crmmigrate/data/locale
catalogue := $(locale)/zh_CN/LC_MESSAGES/crmmigrate.po
click = $(shell $(python) -c 'import click, pathlib; print(pathlib.Path(click.__file__).parent)')
# Our own sentences are `Message("…")`; click asks the same catalogue for its words ("Usage:", "No such option …").
extract = mkdir -p build && $(bin)/pybabel --quiet extract --keywords="Message _ ngettext:1,2" --no-default-keywords \
	--no-location --sort-output --output=build/crmmigrate.pot src/crmmigrate $(click)
update = $(bin)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120 \
	--domain=crmmigrate --locale=zh_CN --input-file=build/crmmigrate.pot --output-dir=$(locale)

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format catalogue docs site benchmark wheel sbom clean

help:
	@echo "make demo       migrate the shipped sample into a new CRM database; options: ARGS='--target URL'"
	@echo "make test       run the tests; options: ARGS='-k dedupe'"
	@echo "make lint       style, types, directions of import, catalogue, changelog"
	@echo "make format     write the code in the project's style"
	@echo "make catalogue  take up new messages into the Chinese catalogue and compile it"
	@echo "make docs       write the reference of the documentation from the program"
	@echo "make site       build the documentation into build/site, in both languages"
	@echo "make benchmark  time of start and rows per second of each stage"
	@echo "make wheel      build the packages (wheel and source) into dist/"
	@echo "make sbom       write the bill of materials of the locked packages (CycloneDX)"
	@echo "make install    only make .venv;  make clean  remove it"

install: $(installed)

$(installed): pyproject.toml uv.lock hatch_build.py $(wildcard $(catalogue))
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found; name it: make PYTHON=/path/to/python3.12 demo" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is not Python 3.11 or newer; name another: make PYTHON=/path/to/python3.12 demo" >&2; exit 2; }
	@test -x $(python) && $(python) -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv || { echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	$(python) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	UV_PYTHON_DOWNLOADS=never $(python) -m uv sync --quiet --frozen --all-extras --no-extra spark --python $(python)
	@touch $@

demo: $(installed)
	$(bin)/crmmigrate demo $(ARGS)

test: $(installed)
	$(bin)/pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(installed)
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports --no-logo
	$(extract)
	$(update) --check
	$(bin)/towncrier build --draft --version next >/dev/null

format: $(installed)
	$(bin)/ruff check --fix
	$(bin)/ruff format

catalogue: $(installed)
	$(extract)
	$(update)
	$(bin)/pybabel --quiet compile --domain=crmmigrate --directory=$(locale)

docs: $(installed)
	$(python) docs/generate.py

# Warnings are errors; nothing is fetched. The pages of each language are searched by themselves.
site: $(installed)
	$(bin)/sphinx-build --quiet --fail-on-warning --keep-going docs build/site
	$(bin)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs --define language=zh_CN docs/zh build/site/zh

benchmark: $(installed)
	$(python) benchmarks/startup.py
	$(python) benchmarks/pipeline.py

wheel: $(installed)
	$(python) -m uv build --quiet --out-dir dist

sbom: $(installed)
	$(python) -m uv export --quiet --frozen --no-dev --all-extras --format cyclonedx1.5 --output-file dist/crmmigrate.cdx.json

clean:
	rm -rf .venv build dist
