"""`crmmigrate mapping`: lint and test mapping files. Lint starts as fast as a bare program: nothing heavy is imported here."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate import standards, transforms
from crmmigrate.cli.options import command_of
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.lint import Finding, Subject
from crmmigrate.model.mapping import Mapping, build_mapping, load_order, mapping_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmmigrate.model.lint import LintRule
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.transform import Transform

_SHELF = Path(__file__).parent.parent / "checks"
_PATHS = click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path))


def command(name: str) -> click.Group:
    """Return the group `mapping`."""
    group = click.Group(name, help=Message("Lint and test mapping files.").text(), no_args_is_help=True)
    group.add_command(_lint_command())
    group.add_command(command_of("test", Message("Run the tests in mapping files."), run_tests, [_PATHS],
                                 "crmmigrate mapping test mappings/"))  # fmt: skip
    return group


def _lint_command() -> click.Command:
    params: list[click.Parameter] = [
        _PATHS,
        click.Option(["--schema"], type=click.Path(path_type=Path),
                     help=Message("A description of the target's tables (schema.yaml) to check against.").text()),
        click.Option(["--data"], help=Message("Source data whose columns must all be mapped or ignored.").text()),
    ]  # fmt: skip
    made = command_of("lint", Message("Find mistakes in mapping files."), lint, params,
                      "crmmigrate mapping lint mappings/ --schema schema.yaml")  # fmt: skip
    for param in made.params:
        if param.name == "format_":
            param.type = click.Choice(["text", "json", "github"])
    return made


def lint(paths: tuple[Path, ...], schema: Path | None, data: str | None, work: Path | None, format_: str) -> int:
    """Print what is wrong in the files, worst first within nothing: by file and line. Answer 1 where it is an error."""
    target = None
    if schema is not None:
        from crmmigrate.model.schema import read_target_schema

        target = read_target_schema(schema)
    columns = _columns(data, work) if data else None
    files = list(dict.fromkeys(file for path in paths for file in mapping_files(path)))
    found = sorted(find(files, target, columns), key=lambda finding: (finding.file, finding.line, finding.column))
    errors = sum(finding.severity == "error" for finding in found)
    counts = {"files": len(files), "errors": errors, "warnings": len(found) - errors}
    if format_ == "json":
        status = "findings" if errors else "ok"
        click.echo(json.dumps({"status": status, "run": None, "counts": counts,
                               "findings": [_as_json(finding) for finding in found]}, ensure_ascii=False))  # fmt: skip
        return 1 if errors else 0
    for finding in found:
        click.echo(_as_github(finding) if format_ == "github" else _as_text(finding))
    click.echo(Message("{files} files, {errors} errors, {warnings} warnings", **counts).text(), err=True)
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
            yield _finding(error)
            continue
        mapping = build_mapping(document)
        yield from map(_finding, document.errors)
        if not document.errors:
            built.append((document, mapping))
    yield from _order_problems([mapping for _, mapping in built])
    rules = [rule for name in sorted(_SHELF.glob("mapping_*.py")) for rule in _rules(name.stem)]
    tables = _tables(built)
    for document, mapping in built:
        subject = Subject(
            document,
            mapping,
            (*transforms.NAMES, *standards.NAMES),
            _transform,
            standard_options,
            tables,
            schema,
            columns,
        )
        for rule in rules:
            for problem in rule.find(subject):
                place = document.key_place(problem.path) if problem.key else document.place(problem.path)
                file_name, line, column = place.rsplit(":", 2)
                yield Finding(problem.code or rule.code, rule.severity, problem.message, file_name, int(line), int(column),
                              problem.hint)  # fmt: skip


def _rules(module: str) -> tuple[LintRule, ...]:
    rules: tuple[LintRule, ...] = import_module(f"crmmigrate.checks.{module}").RULES
    return rules


def _finding(error: ConfigurationError) -> Finding:
    parts = error.place.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return Finding(error.code, "error", error.message, parts[0], int(parts[1]), int(parts[2]), error.hint)
    return Finding(error.code, "error", error.message, error.place, 1, 1, error.hint)


def _order_problems(mappings: list[Mapping]) -> Iterator[Finding]:
    try:
        load_order(mappings)
    except ConfigurationError as error:
        yield _finding(error)


def _tables(built: list[tuple[Document, Mapping]]) -> dict[str, str]:
    """Return object → target table, of the files under lint and of those beside them."""
    tables = {mapping.object: mapping.target.table for _, mapping in built}
    known = {Path(document.name).resolve() for document, _ in built}
    for folder in {file.parent for file in known}:
        for file in folder.glob("*.crmmap.yaml"):
            if file not in known:
                try:
                    value = Document.load(file).value
                    tables.setdefault(str(value["object"]), str(value["target"]["table"]))
                except (ConfigurationError, KeyError, TypeError):
                    continue  # lint of that file says what is wrong with it
    return tables


def _transform(name: str) -> Transform | None:
    return transforms.find(name) if name in transforms.NAMES else None


def standard_options(name: str) -> tuple[str, ...] | None:
    """Return the options a standard declares, read from its file without importing it; None where they can't be told."""
    import ast

    file = Path(standards.__file__ or "").parent / f"{name}.py"
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


def run_tests(paths: tuple[Path, ...], work: Path | None, format_: str) -> int:
    """Run the tests in mapping files through the code of the stage map. Answer 1 where one fails."""
    del work
    from crmmigrate.stages.map import run_test

    passed, failed = 0, []
    for file in dict.fromkeys(file for path in paths for file in mapping_files(path)):
        document = Document.load(file)
        mapping = build_mapping(document)
        document.check()
        for index, test in enumerate(mapping.tests):
            wrong = run_test(mapping, test)
            passed += not wrong
            failed += [(document.place(("tests", index)), message) for message in wrong]
    counts = {"passed": passed, "failed": len({place for place, _ in failed})}
    if format_ == "json":
        findings = [{"place": place, "message": message.text()} for place, message in failed]
        status = "findings" if failed else "ok"
        click.echo(
            json.dumps({"status": status, "run": None, "counts": counts, "findings": findings}, ensure_ascii=False)
        )
        return 1 if failed else 0
    for place, message in failed:
        click.echo(f"{place}: {message.text()} [mapping.test-failed]")
    click.echo(Message("{passed} tests passed, {failed} failed", **counts).text(), err=True)
    return 1 if failed else 0
