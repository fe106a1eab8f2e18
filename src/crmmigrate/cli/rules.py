"""`crmmigrate rules`: lint, test and run the rules of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.lint import FORMATS, show
from crmmigrate.cli.options import Answer, Place, command_of, group_of
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.text_width import display_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Finding
    from crmmigrate.runner.execute import Outcome

_YAML = (".yaml", ".yml")


def command(name: str) -> click.Group:
    """Return the group `rules`."""
    group = group_of(name, Message("Lint, test and run the rules of the business over the records."))
    for made in (_lint_command(), _test_command(), _run_command()):
        group.add_command(made)
    return group


def _paths() -> click.Argument:
    return click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path))


def _lint_command() -> click.Command:
    return command_of("lint", Message("Find mistakes in rules; with a migration.yaml, also in what they name."), _lint, [_paths()],
                      "crmmigrate rules lint rules/\ncrmmigrate rules lint migration.yaml", formats=FORMATS)  # fmt: skip


def _lint(paths: tuple[Path, ...], work: Path | None, format_: str) -> int:
    del work
    found = [finding for path in paths for finding in _findings(path)]
    files = [file for path in paths for file in (sorted(path.rglob("*.y*ml")) if path.is_dir() else [path])]
    return show(found, [str(file) for file in files], format_)


def _findings(path: Path) -> Iterator[Finding]:
    from crmmigrate.model.lint import Finding
    from crmmigrate.runner.rule_lint import findings

    try:
        if path.name not in ("migration.yaml", "migration.yml") and not (path / "migration.yaml").is_file():
            yield from findings(path)
            return
        from crmmigrate.model.project import read_project

        project = read_project(path / "migration.yaml" if path.is_dir() else path)
        yield from findings(_rules_of(path), project)
    except Findings as errors:
        for error in errors.errors:
            yield Finding.of(error)
    except ConfigurationError as error:
        yield Finding.of(error)


def _rules_of(path: Path) -> Path:
    """Return where the rules of a project are; a path that is no project is that place itself.

    Raises:
        ConfigurationError: the project names no rules.
    """
    if path.name not in ("migration.yaml", "migration.yml") and not (path / "migration.yaml").is_file():
        return path
    from crmmigrate.model.project import read_project

    project = read_project(path / "migration.yaml" if path.is_dir() else path)
    if project.rules is None:
        raise ConfigurationError(
            "rule.none-named",
            Message("the migration.yaml names no rules"),
            str(path),
            Message("add for example  rules: rules/"),
        )
    return project.file(project.rules.files)


def _test_command() -> click.Command:
    return command_of("test", Message("Run the tests of rules."), _test, [_paths()], "crmmigrate rules test rules/")


def _test(paths: tuple[Path, ...], work: Path | None, format_: str) -> int:
    del work
    from crmmigrate.model.document import Document
    from crmmigrate.model.rule import read_rules
    from crmmigrate.runner.rule_tests import RuleBench

    passed, failed, loose = 0, [], []
    for place in map(_rules_of, paths):
        bench = RuleBench.beside(place)
        for rule in read_rules([place]):
            document = Document.load(rule.file)
            result = bench.run(rule)
            if result.fault is not None:
                failed.append((document.place(("sql",)), result.fault.message))
                continue
            wrong = {index for index, _ in result.wrong}
            passed += len(rule.tests) - len(wrong)
            failed += [(document.place(("tests", index)), message) for index, message in result.wrong]
            loose += [(document.place(("limits", name)), message) for name, message in result.loose]
            loose += [] if rule.tests else [(document.place(("code",)), Message("the rule has no tests"))]
    counts = {"passed": passed, "failed": len({place for place, _ in failed})}
    if format_ == "json":
        told = [{"place": place, "message": message.text()} for place, message in failed]
        notes = [{"place": place, "message": message.text()} for place, message in loose]
        click.echo(json.dumps({"status": "findings" if failed else "ok", "run": None, "counts": counts, "findings": told, "notes": notes},
                              ensure_ascii=False))  # fmt: skip
        return 1 if failed else 0
    for where, message in failed:
        click.echo(f"{where}: {message.text()} [rule.test-failed]")
    for where, message in loose:
        click.echo(f"{where}: {message.text()}", err=True)
    click.echo(Message("{passed} tests passed, {failed} failed", **counts).text(), err=True)
    return 1 if failed else 0


def _run_command() -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["places"], nargs=-1, type=Place(), required=True, metavar="migration.yaml | LOCATION…"),
        click.Option(["--rules"], type=click.Path(path_type=Path), help=Message("a rule or a folder of them").text()),
        click.Option(["--object"], help=Message("The business object the table holds.").text()),
        click.Option(["--as-of"], default="", help=Message("the day on which is judged, e.g. 2026-10-31; today by default").text()),
        click.Option(["--issues"], help=Message("Where what the rules found is written.").text()),
    ]  # fmt: skip
    example = "crmmigrate rules run migration.yaml\ncrmmigrate rules run 投诉登记.xlsx --object complaint --rules rules/ --issues found.xlsx"
    about = Message("Run the rules over the records of a project, or over tables.")
    return command_of("run", about, _run, params, example)


def _run(
    places: tuple[str, ...], rules: Path | None, object: str | None, as_of: str, issues: str | None, work: Path | None, format_: str
) -> int:  # fmt: skip
    from crmmigrate.stages.rules import check_as_of

    if as_of:
        check_as_of(as_of)
    path = Path(places[0])
    if len(places) == 1 and (path.suffix in _YAML or (path / "migration.yaml").is_file()):
        if rules or object:
            raise ConfigurationError(
                "usage.rules", Message("--rules and --object are for tables; a migration.yaml names both itself")
            )
        return _run_project(path, as_of, issues, work, format_)
    return _run_tables(places, rules, object, as_of, issues, work, format_)


def _run_project(path: Path, as_of: str, issues: str | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.project import open_pipeline

    _rules_of(path)
    with open_pipeline(path, work) as pipeline:
        if as_of:
            pipeline.overrides = {"rules": {"as_of": as_of}}
        pipeline.run(last="dedupe")
        step = pipeline.run_only("rules")[0]
        if step.outcome is None:
            return 0
        return _answer(step.outcome, issues).show(format_)


def _run_tables(
    places: tuple[str, ...], rules: Path | None, object: str | None, as_of: str, issues: str | None, work: Path | None, format_: str
) -> int:  # fmt: skip
    from dataclasses import replace

    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.location import Location
    from crmmigrate.model.rule import read_rules
    from crmmigrate.model.table import Table
    from crmmigrate.model.work_calendar import read_calendar
    from crmmigrate.runner.execute import execute
    from crmmigrate.runner.single import check_outputs, read_one, read_tables
    from crmmigrate.stages import load_stage

    if rules is None:
        raise ConfigurationError("usage.rules", Message("say which rules"), hint=Message("add --rules rules/"))
    given = read_rules([rules])
    locations = [Location.parse(place) for place in places]
    if issues:
        check_outputs(locations, [Location.parse(issues)])
    with context_for(work) as context:
        if object:
            tables = {object: Table(object, read_one(locations[0], context).path)}
        else:
            read = read_tables(locations, context).tables
            tables = {name.partition(".")[2]: table for name, table in read.items() if not name.startswith("_")}
            tables = {name: Table(name, table.path) for name, table in tables.items()}
        stage = load_stage("rules")
        options = stage.options(given, read_calendar(rules), as_of)
        outcome = execute(stage, tables, options, replace(context, accounted=None))
        answer = _answer(outcome, issues)
        answer.next_step = ""
        return answer.show(format_)


def _answer(outcome: Outcome, issues: str | None) -> Answer:
    """Say what every rule found; the issues go where they were asked for."""
    from crmmigrate.model.issue import CODES
    from crmmigrate.model.location import Location
    from crmmigrate.runner.single import write_out

    answer = Answer.of(outcome)
    answer.counts = {}
    figures = answer.facts.get("rules", {})
    width = max(map(len, figures), default=0)
    for code, facts in figures.items():
        share = (
            Message("{count} of {all}", count=facts["found"], all=facts["of"]).text()
            if "of" in facts
            else str(facts["found"])
        )
        answer.result.append(f"{code:<{width}}  {' ' * (14 - display_width(share))}{share}  {CODES[code].text()}")
    if issues:
        place = Location.parse(issues)
        write_out(place, outcome.issues)
        answer.files.append(place.shown)
    return answer
