"""The domain packs and samples that come with the program: where they lie, and how a project is laid out from one."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.mapping import SUFFIX
from crmmigrate.model.system_words import os_reason
from crmmigrate.reports.untouched import marked_text

if TYPE_CHECKING:
    from collections.abc import Callable

_INSTALLED = Path(__file__).parent.parent / "data"
_CHECKOUT = Path(__file__).parents[3]

_PUBLIC = "odoo"
"""The public CRM for whose import files every pack has mapping files, in a folder of their own beside the packs."""

SCHEMAS = ".schemas"
"""The folder of a project with the JSON Schemas of its files."""

GITIGNORE = """# Customer data and what is made of it never goes into version control.
/in/
/work/
*.xlsx
*.xls
*.csv
!lists/*.csv
*.vcf
*.db
*.parquet
"""

_NOT_SET = "set it to the wheel of crmmigrate: its path here, its address, or git+https://HOST/REPOSITORY@TAG"
"""What CI says where nothing tells it which crmmigrate to install. By its name alone pip would fetch whatever somebody has registered under it."""

WORKFLOW = f"""# What the linter and the tests of the mapping files say, at every push. No customer data is needed for it.
# CRMMIGRATE_PACKAGE is a variable of the repository (Settings, Secrets and variables, Actions, Variables): the wheel of crmmigrate.
name: mapping files
on: [push, pull_request]
permissions:
  contents: read
jobs:
  mapping:
    runs-on: ubuntu-latest
    env:
      CRMMIGRATE_PACKAGE: ${{{{ vars.CRMMIGRATE_PACKAGE }}}}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "3.12"}}
      - run: 'pip install "${{CRMMIGRATE_PACKAGE:?{_NOT_SET}}}"'
      - run: crmmigrate guard mappings/ lists/ *.yaml
      - run: crmmigrate standard lint standard.yaml
      - run: crmmigrate rules lint rules/ --format github
      - run: crmmigrate mapping lint mappings/ --schema schema.yaml --format github
      - run: crmmigrate mapping test mappings/
"""

GITLAB = f"""# The same for GitLab: findings show in merge requests.
# CRMMIGRATE_PACKAGE is a variable of the project (Settings, CI/CD, Variables): the wheel of crmmigrate.
mapping files:
  image: python:3.12
  script:
    - 'pip install "${{CRMMIGRATE_PACKAGE:?{_NOT_SET}}}"'
    - crmmigrate guard mappings/ lists/ *.yaml
    - crmmigrate standard lint standard.yaml
    - crmmigrate rules lint rules/
    - crmmigrate mapping lint mappings/ --schema schema.yaml --format gitlab > gl-code-quality-report.json
    - crmmigrate mapping test mappings/
  artifacts:
    when: always
    reports: {{codequality: gl-code-quality-report.json}}
"""

HOOKS = """# Install pre-commit, and crmmigrate from its wheel; then: pre-commit install
repos:
  - repo: local
    hooks:
      - {id: mapping-lint, name: mapping files have no mistakes, entry: crmmigrate mapping lint, language: system, files: '\\.crmmap\\.yaml$', exclude: '^odoo/'}
      - {id: mapping-test, name: tests in mapping files pass, entry: crmmigrate mapping test, language: system, files: '\\.crmmap\\.yaml$'}
      - {id: standard-lint, name: data standards have no mistakes, entry: crmmigrate standard lint, language: system, files: '(^|/)standard[^/]*\\.yaml$'}
      - {id: rules-lint, name: rules have no mistakes and their tests pass, entry: crmmigrate rules lint, language: system, files: '(^|/)rules/.*\\.ya?ml$'}
      - {id: no-customer-data, name: no customer data is committed, entry: crmmigrate guard, language: system, types: [file]}
"""


def packs() -> list[str]:
    """Return the names of the domain packs."""
    return sorted(path.name for path in _home("mappings").iterdir() if (path / "standard.yaml").exists())


def import_profiles() -> dict[str, Path]:
    """Return the shipped profiles of import files by name."""
    return {path.stem: path for path in sorted((_home("mappings") / "imports").glob("*.yaml"))}


def _home(what: str) -> Path:
    """Return the folder of the packs or samples: inside the installed package, or in a checkout of the project."""
    installed = _INSTALLED / what
    return installed if installed.is_dir() else _CHECKOUT / what


def _pack(name: str) -> Path:
    known = packs()
    if name not in known:
        raise ConfigurationError(
            "pack.unknown", Message("no pack is called '{name}'", name=name), "",
            nearest(name, known) or Message("one of: {words}", words=", ".join(known)),
        )  # fmt: skip
    return _home("mappings") / name


def lay_out(folder: Path, pack: str) -> None:
    """Make a migration project from a pack.

    Mapping files go to `mappings/`, those to the import files of a public CRM to `odoo/`, everything else beside `migration.yaml`; `in/` waits for the sources.
    `.schemas/` holds the JSON Schemas that the files name in their first line, for editors.

    Raises:
        ConfigurationError: no pack has this name, or the folder holds files already.
        LocationError: the folder cannot be written.
    """
    home = _pack(pack)
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(
            "init.not-empty", Message("the folder is not empty"), str(folder), Message("choose a new folder")
        )
    try:
        (folder / "mappings").mkdir(parents=True)
        (folder / "in").mkdir()
        for path in home.iterdir():
            if path.is_dir():
                shutil.copytree(path, folder / path.name)
            elif path.name.endswith(SUFFIX):
                shutil.copyfile(path, folder / "mappings" / path.name)
            elif not path.name.startswith("."):
                shutil.copyfile(path, folder / path.name)
        imports = _home("mappings") / _PUBLIC / pack
        if imports.is_dir():  # beside the project's own mapping files: they are another way to the same customers
            shutil.copytree(imports, folder / _PUBLIC)
        shutil.copyfile(_home("samples") / pack / "migration.yaml", folder / "migration.yaml")
        _add_schemas(folder)
        _mark_schema(folder / "schema.yaml")
        (folder / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
        workflow = folder / ".github" / "workflows" / "mapping.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(WORKFLOW, encoding="utf-8")
        (folder / ".gitlab-ci.yml").write_text(GITLAB, encoding="utf-8")
        (folder / ".pre-commit-config.yaml").write_text(HOOKS, encoding="utf-8")
    except OSError as error:
        raise LocationError(
            "init.not-writable", Message("the folder cannot be written: {why}", why=os_reason(error)), str(folder)
        ) from error


def _add_schemas(folder: Path) -> None:
    """Let editors complete and check the files of a project."""
    from crmmigrate.runner.file_kinds import KINDS, json_schema, kind_of, schema_file

    (folder / SCHEMAS).mkdir()
    for name in KINDS:
        text = json.dumps(json_schema(name), ensure_ascii=False, indent=1) + "\n"
        (folder / SCHEMAS / schema_file(name)).write_text(text, encoding="utf-8")
    for path in folder.rglob("*.yaml"):
        if name := kind_of(path):
            way = "../" * (len(path.relative_to(folder).parts) - 1) + f"{SCHEMAS}/{schema_file(name)}"
            line = f"# yaml-language-server: $schema={way}\n"
            path.write_bytes(line.encode() + path.read_bytes())


def _mark_schema(path: Path) -> None:
    """Let `mapping schema` write the description of the real target over that of the pack, as long as nobody changed it."""
    if path.is_file():
        path.write_bytes(marked_text(path.read_bytes().decode("utf-8")).encode())


def generator(pack: str) -> Callable[..., dict[str, int]]:
    """Return the `generate(out, seed, scale, progress)` of a pack's sample.

    Raises:
        ConfigurationError: the pack has no sample.
    """
    _pack(pack)
    path = _home("samples") / pack / "generate.py"
    if not path.exists():
        raise ConfigurationError("pack.no-sample", Message("the pack '{name}' has no sample", name=pack))
    spec = importlib.util.spec_from_file_location(f"crmmigrate_sample_{pack}", path)
    assert spec is not None  # noqa: S101  # the file is there, and a Python file
    assert spec.loader is not None  # noqa: S101
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Callable[..., dict[str, int]] = module.generate  # it finds its own modules, which lie beside it
    return made
