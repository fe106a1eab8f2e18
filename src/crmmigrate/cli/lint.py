"""`crmmigrate mapping lint`, without click: it takes as long to import as the whole work takes, and lint runs at every save.

`quick` understands the plain ways to call lint; help, mistakes and anything unusual are left to `cli.mapping`.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.errors import ConfigurationError, CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.lint import READING, Finding, Repair, Subject
from crmmigrate.model.lint_settings import settings_of
from crmmigrate.model.load_order import load_order
from crmmigrate.model.mapping import SUFFIX, Mapping, build_mapping, mapping_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmmigrate.model.lint import DataFigures, LintRule, Place, Problem, Severity
    from crmmigrate.model.schema import TargetColumn, TargetSchema
    from crmmigrate.model.transform import Transform

FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit")
_SHELVES = Path(__file__).parent.parent
_VALUES = ("--schema", "--format", "--lang")
_OBJECT = "object:"
_SPELLING = frozenset({
    "yaml.unknown-key", "yaml.not-allowed", "mapping.unknown-standard", "mapping.unknown-option", "mapping.test-unknown-field",
})  # fmt: skip
"""Findings that are mended by taking the name their hint offers: with the wrong one the file says nothing at all."""


class TableData(NamedTuple):
    """What is known of the source table of one mapping file: its columns, and what the mapping makes of its rows.

    No columns mean that there is no such table; None, that no data was given.
    """

    columns: tuple[str, ...] | None
    figures: DataFigures | None = None


class Around(NamedTuple):
    """What lint looks at besides the mapping files.

    Args:
        schema: the target's tables; of the project a file belongs to where it is not given.
        columns: the columns of the source table of every file.
        data: file name → its source table.
        live: the target's tables as they are.
    """

    schema: TargetSchema | None = None
    columns: tuple[str, ...] | None = None
    data: dict[str, TableData] | None = None
    live: dict[str, dict[str, TargetColumn]] | None = None


def quick(words: Sequence[str]) -> int | None:
    """Run `mapping lint` where `words` call it plainly; None where the command line has to look at them.

    An error is left to the command line, too: it lints again and tells it.
    """
    given: dict[str, str] = {}
    paths: list[Path] = []
    rest = iter(words[2:])
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _VALUES:
            value = value if equals else next(rest, "")
            if not value or value.startswith("-"):
                return None
            given[name] = value
        elif word.startswith("-"):
            return None
        else:
            paths.append(Path(word))
    if not paths or given.get("--format", "text") not in FORMATS:
        return None
    schema = Path(given["--schema"]) if "--schema" in given else None
    try:
        return lint(tuple(paths), schema, given.get("--format", "text"))
    except CrmMigrateError:
        return None


def lint(paths: tuple[Path, ...], schema: Path | None, format_: str) -> int:
    """Print what is wrong in the files, by file and line. Answer 1 where one is an error."""
    files = files_of(paths)
    return show(ordered(find(files, read_schema(schema))), [str(file) for file in files], format_)


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return the mapping files at the paths, each once."""
    return list(dict.fromkeys(file for path in paths for file in mapping_files(path)))


def read_schema(path: Path | None) -> TargetSchema | None:
    """Read a schema.yaml, where one is named."""
    if path is None:
        return None
    from crmmigrate.model.schema import read_target_schema

    return read_target_schema(path)


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Return findings by file, line and column."""
    return sorted(found, key=lambda finding: (finding.file, finding.line, finding.column))


def show(found: Sequence[Finding], files: Sequence[str], format_: str) -> int:
    """Print findings in one of `FORMATS`, their count on standard error. Answer 1 where one is an error."""
    errors = sum(finding.severity == "error" for finding in found)
    needs_titles = format_ == "sarif"
    report = import_module(f"crmmigrate.reports.lint_{format_}")
    print(report.render(found, files, titles() if needs_titles else {}), end="")
    if format_ != "json":
        counts = {"files": len(files), "errors": errors, "warnings": len(found) - errors}
        print(Message("{files} files, {errors} errors, {warnings} warnings", **counts).text(), file=sys.stderr)
        if fixable := sum(finding.repair is not None for finding in found):
            print(Message("{count} of them can be mended with --fix", count=fixable).text(), file=sys.stderr)
    return 1 if errors else 0


def find(
    files: Iterable[Path], schema: TargetSchema | None = None, columns: tuple[str, ...] | None = None,
    around: Around | None = None,
) -> Iterator[Finding]:  # fmt: skip
    """Yield everything that the rules of the shelf `checks` find in the files, and what reading them finds.

    Severities are those of the rules, or of the `lint:` of the migration.yaml that a file belongs to.

    Raises:
        LocationError: a file cannot be read.
    """
    around = around or Around(schema, columns)
    built: list[tuple[Document, Mapping]] = []
    for file in files:
        try:
            document = Document.load(file)
        except ConfigurationError as error:
            yield Finding.of(error)
            continue
        mapping = build_mapping(document)
        yield from (_spelled(Finding.of(error), document) for error in document.errors)
        if not document.errors:
            built.append((document, mapping))
    yield from _order_problems([mapping for _, mapping in built])
    rules = all_rules()
    tables = _tables(built)
    names = (*_names("transforms"), *_names("standards"))
    told: set[Path] = set()
    for document, mapping in built:
        settings = settings_of(Path(document.name), changeable())
        if settings.file is not None and settings.file not in told:
            told.add(settings.file)
            yield from settings.findings
        data = TableData(around.columns) if around.data is None else around.data.get(document.name, TableData(()))
        subject = Subject(
            document, mapping, names, _transform, standard_options, tables, around.schema or settings.schema(),
            data.columns, data.figures, around.live,
        )  # fmt: skip
        for rule in rules:
            if settings.severities.get(rule.code) == "off" and not rule.others:
                continue
            for problem in rule.find(subject):
                code = problem.code or rule.code
                severity = settings.severities.get(code, rule.severity)
                if severity != "off":
                    yield _finding(problem, code, severity, document)


def _finding(problem: Problem, code: str, severity: Severity, document: Document) -> Finding:
    place = document.key_place(problem.path) if problem.key else document.place(problem.path, problem.within)
    file_name, line, column = place.rsplit(":", 2)
    made = Finding(code, severity, problem.message, file_name, int(line), int(column), problem.hint, problem.repair)
    return made if made.repair is not None else _spelled(made, document)


def _spelled(finding: Finding, document: Document) -> Finding:
    """Return a finding about a misspelt name with the repair that its hint offers."""
    hint = finding.hint
    if finding.code not in _SPELLING or hint is None or set(hint.params) != {"name"}:
        return finding
    place = (finding.line, finding.column)
    # Steps are known by several paths; the longest that YAML has too is the written one.
    at = [path for path, mark in document.marks.items() if mark == place and _is_written(document, path)]
    if not at:
        return finding
    path = max(at, key=lambda one: (one[-1] == "@key", len(one)))
    name = str(hint.params["name"])
    return finding._replace(
        repair=Repair("rename", path[:-1], name) if path[-1] == "@key" else Repair("set", path, name)
    )


def _is_written(document: Document, path: Place) -> bool:
    """Whether a path is one of the file itself, and ends at a key or a single value."""
    value: Any = document.value
    plain: tuple[Any, ...] = path[:-1] if path and path[-1] == "@key" else path
    for step in plain:
        known: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        if step not in known:
            return False
        value = value[step]
    return plain != path or not isinstance(value, dict | list)


@cache
def all_rules() -> tuple[LintRule, ...]:
    """Return every rule of the shelf `checks`, file by file."""
    rules: list[LintRule] = []
    for file in sorted((_SHELVES / "checks").glob("mapping_*.py")):
        rules += import_module(f"crmmigrate.checks.{file.stem}").RULES
    return tuple(rules)


@cache
def titles() -> dict[str, Message]:
    """Return code → title of all that lint may find."""
    found = dict(READING)
    for rule in all_rules():
        found[rule.code] = rule.title
        found.update(rule.others)
    return found


@cache
def changeable() -> frozenset[str]:
    """Return the codes whose severity a project may change."""
    return frozenset(code for code in titles() if code not in READING)


def _order_problems(mappings: list[Mapping]) -> Iterator[Finding]:
    try:
        load_order(mappings)
    except ConfigurationError as error:
        yield Finding.of(error)


def _tables(built: list[tuple[Document, Mapping]]) -> dict[str, str]:
    """Return object → target table: of the files under lint, and of those beside them that lookups ask for."""
    tables = {mapping.object: mapping.target.table for _, mapping in built}
    for document, mapping in built:
        wanted = {parent for several in mapping.references.values() for parent in several.split("|")} - tables.keys()
        for file in Path(document.name).parent.glob("*" + SUFFIX) if wanted else ():
            if not wanted & _objects_named(file):
                continue
            try:
                value = Document.load(file).value
                tables.setdefault(str(value["object"]), str(value["target"]["table"]))
            except (CrmMigrateError, KeyError, TypeError):
                continue  # lint of that file says what is wrong with it
    return tables


def _objects_named(file: Path) -> set[str]:
    """Return what stands behind `object:` at the beginning of a line; cheaper than reading the whole file."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.removeprefix(_OBJECT).partition("#")[0].strip(" \"'") for line in lines if line.startswith(_OBJECT)}


@cache
def _names(shelf: str) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in (_SHELVES / shelf).glob("[!_]*.py")))


def _transform(name: str) -> Transform | None:
    from crmmigrate import transforms

    return transforms.find(name) if name in transforms.NAMES else None


@cache
def standard_options(name: str) -> tuple[str, ...] | None:
    """Return the options a standard declares, read from its file without importing it; None where they can't be told."""
    import ast

    file = _SHELVES / "standards" / f"{name}.py"
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "STANDARD"
            and isinstance(node.value, ast.Call)
        ):
            given = {keyword.arg: keyword.value for keyword in node.value.keywords}
            options = given.get("options") or (node.value.args[3] if len(node.value.args) > 3 else ast.Tuple([]))
            try:
                return tuple(str(option) for option in ast.literal_eval(options))
            except ValueError:
                return None
    return None
