"""Lint rules: what reading one finds, whether its SQL can be run, and what its tests leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.rule_engine import RuleFault, alike, distinct, parsed, tables_of
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest_or_all
from crmmigrate.model.issue import REFERENCE
from crmmigrate.model.lint import Finding
from crmmigrate.model.rule import build_rule, rule_files
from crmmigrate.runner.rule_tests import RuleBench
from crmmigrate.stages import declare_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crmmigrate.model.project import Project
    from crmmigrate.model.rule import Rule


def findings(places: Mapping[Path, Project | None]) -> Iterator[Finding]:
    """Yield everything that is wrong in rules, which must have codes of their own wherever they stand.

    Args:
        places: rules and folders of them → the migration they belong to, if one is known; its objects are the tables there are.

    Raises:
        LocationError: a file cannot be read.
    """
    declare_codes()
    codes: dict[str, Path] = {}
    done: set[Path] = set()
    benches: dict[Path, RuleBench] = {}
    for place, project in places.items():
        folder = place if place.is_dir() else place.parent
        try:
            benches[folder] = benches.get(folder) or RuleBench.beside(folder)
            files = [file for file in rule_files(place) if file.resolve() not in done]
        except ConfigurationError as error:
            yield from _each(error)
            continue
        done |= {file.resolve() for file in files}
        for file in files:
            yield from _of_file(file, benches[folder], project, codes)


def _of_file(file: Path, bench: RuleBench, project: Project | None, codes: dict[str, Path]) -> Iterator[Finding]:
    try:
        document = Document.load(file)
    except ConfigurationError as error:
        yield from _each(error)
        return
    rule = build_rule(document)
    if rule.code and codes.setdefault(rule.code, file) != file:
        message = Message("the rule in {file} has the code '{code}' too", file=str(codes[rule.code]), code=rule.code)
        document.report("rule.code-twice", message, ("code",))
    if document.errors:
        for problem in document.errors:
            yield Finding.of(problem)
        return
    yield from _of_rule(document, rule, bench, project)


def _each(error: ConfigurationError) -> Iterator[Finding]:
    for one in error.errors if isinstance(error, Findings) else (error,):
        yield Finding.of(one)


def _of_rule(document: Document, rule: Rule, bench: RuleBench, project: Project | None) -> Iterator[Finding]:
    try:
        sql, _ = parsed(rule.sql)
        tables = tables_of(sql)
    except RuleFault as fault:
        yield _of_fault(document, rule, fault)
        return
    if not rule.tests:
        yield _warning(
            document,
            "rule.no-tests",
            Message("the rule has no tests"),
            ("code",),
            Message("add tests: with given: and expect:"),
        )
    if project is not None:
        yield from _against_project(document, rule, bench, project, tables)
    result = bench.run(rule) if rule.tests else None
    if result is None:
        return
    if result.fault is not None:
        untold = result.fault.code == "rule.unknown-table" and rule.tests
        hint = Message("name it under 'given' of a test, with its columns") if untold else None
        yield _of_fault(document, rule, result.fault, hint)
    for index, message in result.wrong:
        yield Finding.of(ConfigurationError("rule.test-failed", message, document.place(("tests", index))))
    if not any(test.expect for test in rule.tests) and result.passed:
        yield _warning(document, "rule.never-finds", Message("no test expects the rule to find something"), ("tests",))
    if all(test.expect for test in rule.tests) and result.passed:
        rows = max(sum(map(len, test.given.values())) for test in rule.tests)
        if rows <= 1:
            yield _warning(
                document, "rule.always-finds", Message("no test shows a row that the rule lets pass"), ("tests",)
            )
    for name, message in result.loose:
        hint = Message("add a test just inside and one just outside of it")
        yield _warning(document, "rule.loose-limit", message, ("limits", name), hint)


def _against_project(
    document: Document, rule: Rule, bench: RuleBench, project: Project, tables: set[str]
) -> Iterator[Finding]:
    """Yield what a rule names that the project's objects have not."""
    columns = _columns_of(project)
    wanted = tables | ({rule.object} if rule.object else set())
    strange = sorted(name for name in wanted - set(columns) if not name.startswith("_") and "." not in name)
    for name in strange:
        message = Message("no object is called '{name}'", name=name)
        at = ("object",) if name == rule.object else ("sql",)
        yield Finding.of(
            ConfigurationError("rule.unknown-table", message, document.place(at), nearest_or_all(name, columns))
        )
    if strange or wanted - set(columns):
        return
    for name in sorted(wanted):
        for column, other in alike(columns[name], rule.sql):
            blanks = {"table": name, "column": column, "other": other}
            message = Message("{table}: to SQL '{column}' and '{other}' are one column", **blanks)
            yield _warning(document, "rule.columns-alike", message, ("sql",))
    try:
        bench.empty(rule, {name: distinct(columns[name]) for name in wanted})
    except RuleFault as fault:
        if not rule.tests or fault.code != "rule.sql":
            yield _of_fault(document, rule, fault)
            return
        found = _of_fault(document, rule, fault)
        yield found._replace(severity="warning")


def _columns_of(project: Project) -> dict[str, list[str]]:
    """Return object → the columns that the standard and the migration.yaml name."""
    from crmmigrate.standards import check_standard

    standard = check_standard(project.file(project.standard)) if project.standard else None
    found: dict[str, list[str]] = {}
    for name, feeds in project.objects.items():
        columns: dict[str, None] = {}
        for feed in feeds:
            columns |= dict.fromkeys(feed.columns)
            columns |= dict.fromkeys(REFERENCE + parent for parent in feed.relations)
        if standard and name in standard.objects:
            columns |= dict.fromkeys(standard.objects[name].columns)
        found[name] = list(columns)
    return found


def _of_fault(document: Document, rule: Rule, fault: RuleFault, hint: Message | None = None) -> Finding:
    """Return a fault of the SQL at its line in the file, where the SQL is a block of lines there."""
    del rule
    place = document.place(("sql",))
    name, line, column = place.rsplit(":", 2)
    if fault.line and isinstance(document.value.get("sql"), str) and "\n" in document.value["sql"]:
        return Finding(fault.code, "error", fault.message, name, int(line) + fault.line, 1, fault.hint or hint)
    return Finding(fault.code, "error", fault.message, name, int(line), int(column), fault.hint or hint)


def _warning(
    document: Document, code: str, message: Message, path: tuple[str, ...], hint: Message | None = None
) -> Finding:
    found = Finding.of(ConfigurationError(code, message, document.place(path), hint))
    return found._replace(severity="warning")
