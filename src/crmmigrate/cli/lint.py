"""`crmmigrate mapping lint`, without click: it takes as long to import as the whole work takes, and lint runs at every save.

`quick` understands the plain ways to call lint; help, mistakes and anything unusual are left to `cli.mapping`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.lint import Finding, Subject
from crmmigrate.model.load_order import load_order
from crmmigrate.model.mapping import SUFFIX, Mapping, build_mapping, mapping_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmmigrate.model.lint import LintRule
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.transform import Transform

FORMATS = ("text", "json", "github")
_SHELVES = Path(__file__).parent.parent
_VALUES = ("--schema", "--format", "--lang")
_OBJECT = "object:"


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
        return lint(tuple(paths), schema, None, None, given.get("--format", "text"))
    except CrmMigrateError:
        return None


def lint(paths: tuple[Path, ...], schema: Path | None, data: str | None, work: Path | None, format_: str) -> int:
    """Print what is wrong in the files, worst first within nothing: by file and line. Answer 1 where it is an error."""
    target = None
    if schema is not None:
        from crmmigrate.model.schema import read_target_schema

        target = read_target_schema(schema)
    columns = _columns(data, work) if data else None
    files = list(dict.fromkeys(file for path in paths for file in mapping_files(path)))
    found = sorted(find(files, target, columns), key=lambda finding: (finding.file, finding.line, finding.column))
    return show(found, len(files), format_)


def show(found: Sequence[Finding], files: int, format_: str) -> int:
    """Print findings in one of `FORMATS`, their count on standard error. Answer 1 where one is an error."""
    errors = sum(finding.severity == "error" for finding in found)
    counts = {"files": files, "errors": errors, "warnings": len(found) - errors}
    if format_ == "json":
        import json

        status = "findings" if errors else "ok"
        print(json.dumps({"status": status, "run": None, "counts": counts,
                               "findings": [_as_json(finding) for finding in found]}, ensure_ascii=False))  # fmt: skip
        return 1 if errors else 0
    for finding in found:
        print(_as_github(finding) if format_ == "github" else _as_text(finding))
    print(Message("{files} files, {errors} errors, {warnings} warnings", **counts).text(), file=sys.stderr)
    return 1 if errors else 0


def find(files: Iterable[Path], schema: TargetSchema | None, columns: tuple[str, ...] | None) -> Iterator[Finding]:
    """Yield everything that the rules of the shelf `checks` find in the files, and what reading them finds.

    Raises:
        LocationError: one cannot be read.
    """
    built: list[tuple[Document, Mapping]] = []
    for file in files:
        try:
            document = Document.load(file)
        except ConfigurationError as error:
            yield Finding.of(error)
            continue
        mapping = build_mapping(document)
        yield from map(Finding.of, document.errors)
        if not document.errors:
            built.append((document, mapping))
    yield from _order_problems([mapping for _, mapping in built])
    rules = [rule for name in sorted((_SHELVES / "checks").glob("mapping_*.py")) for rule in _rules(name.stem)]
    tables = _tables(built)
    names = (*_names("transforms"), *_names("standards"))
    for document, mapping in built:
        subject = Subject(document, mapping, names, _transform, standard_options, tables, schema, columns)
        for rule in rules:
            for problem in rule.find(subject):
                place = document.key_place(problem.path) if problem.key else document.place(problem.path)
                file_name, line, column = place.rsplit(":", 2)
                yield Finding(problem.code or rule.code, rule.severity, problem.message, file_name, int(line), int(column),
                              problem.hint)  # fmt: skip


def _rules(module: str) -> tuple[LintRule, ...]:
    rules: tuple[LintRule, ...] = import_module(f"crmmigrate.checks.{module}").RULES
    return rules


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


def _names(shelf: str) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in (_SHELVES / shelf).glob("[!_]*.py")))


def _transform(name: str) -> Transform | None:
    from crmmigrate import transforms

    return transforms.find(name) if name in transforms.NAMES else None


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


def _columns(data: str, work: Path | None) -> tuple[str, ...]:
    """Return the columns of the table at a location; this reads data and takes the time that takes."""
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.location import Location
    from crmmigrate.runner.single import read_one

    with context_for(work) as context:
        return read_one(Location.parse(data), context).data_columns


def _as_text(finding: Finding) -> str:
    mark = "" if finding.severity == "error" else Message("warning: ").text()
    line = f"{finding.file}:{finding.line}:{finding.column}: {mark}{finding.message.text()} [{finding.code}]"
    return line if finding.hint is None else f"{line}\n  → {finding.hint.text()}"


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "file": finding.file, "line": finding.line, "column": finding.column, "code": finding.code,
        "severity": finding.severity, "message": finding.message.text(),
        "hint": finding.hint.text() if finding.hint else None,
    }  # fmt: skip


def _as_github(finding: Finding) -> str:
    """Write a workflow command; `%`, line ends and, in properties, `:` and `,` are escaped as GitHub asks."""

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def property_(text: str) -> str:
        return escaped(text).replace(":", "%3A").replace(",", "%2C")

    message = finding.message.text() if finding.hint is None else f"{finding.message.text()}\n→ {finding.hint.text()}"
    return (
        f"::{finding.severity} file={property_(finding.file)},line={finding.line},col={finding.column},"
        f"title={property_(finding.code)}::{escaped(message)}"
    )
