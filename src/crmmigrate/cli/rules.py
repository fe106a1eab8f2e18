"""`crmmigrate rules`: lint, test and run the rules of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.lint import FORMATS, show
from crmmigrate.cli.options import Answer, Place, command_of, group_of, project_file
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.day import is_day
from crmmigrate.model.missing import refuse_missing
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.text_width import display_width

if TYPE_CHECKING:
    from crmmigrate.model.project import Project
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
    from crmmigrate.model.lint import Finding
    from crmmigrate.model.rule import rule_files
    from crmmigrate.runner.rule_lint import findings

    del work
    refuse_missing(paths)
    found: list[Finding] = []
    places: dict[Path, Project | None] = {}
    files: list[Path] = []
    for path in paths:
        try:
            project, place = _project_and_rules(path)
            places[place] = places.get(place) or project
            files += rule_files(place)
        except ConfigurationError as error:
            found += [Finding.of(one) for one in (error.errors if isinstance(error, Findings) else (error,))]
    found += findings(places)
    return show(found, [str(file) for file in dict.fromkeys(files)], format_)


def _project_and_rules(path: Path) -> tuple[Project | None, Path]:
    """Return the project at a path and where its rules are; a path that is no project is that place itself.

    Raises:
        ConfigurationError: the project is wrong, or names no rules.
    """
    if not _is_project(path):
        return None, path
    from crmmigrate.model.project import read_project

    project = read_project(project_file(path))
    return project, _rules_of(project, path)


def _is_project(path: Path) -> bool:
    return (path / PROJECT).is_file() or path.name in (PROJECT, Path(PROJECT).with_suffix(".yml").name)


def _rules_of(project: Project, path: Path) -> Path:
    """Return where the rules of the project at `path` are.

    Raises:
        ConfigurationError: it names none.
    """
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
    benches = {place: RuleBench.beside(place) for _, place in map(_project_and_rules, paths)}
    for rule in read_rules(benches):
        document = Document.load(rule.file)
        bench = next(bench for place, bench in benches.items() if Path(rule.file).is_relative_to(place))
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
        click.Option(["--object", "objects"], multiple=True,
                     help=Message("The business object a table holds; once for each table, in their order.").text()),
        click.Option(["--as-of"], default="",
                     help=Message("Judge on this day, e.g. 2026-10-31, not on that of migration.yaml or today; gates do not go by it.").text()),
        click.Option(["--issues"], help=Message("Where what the rules found is written.").text()),
    ]  # fmt: skip
    example = "crmmigrate rules run migration.yaml\ncrmmigrate rules run 投诉登记.xlsx --object complaint --rules rules/ --issues found.xlsx"
    about = Message("Run the rules over the records of a project, or over tables.")
    return command_of("run", about, _run, params, example)


def _run(
    places: tuple[str, ...], rules: Path | None, objects: tuple[str, ...], as_of: str, issues: str | None, work: Path | None,
    format_: str,
) -> int:  # fmt: skip
    if as_of and not is_day(as_of):
        raise ConfigurationError("rule.date", Message("a date like 2023-10-31 is expected here"), as_of)
    path = Path(places[0])
    if len(places) == 1 and (path.suffix in _YAML or _is_project(path)):
        if rules or objects:
            raise ConfigurationError(
                "usage.rules", Message("--rules and --object are for tables; a migration.yaml names both itself")
            )
        return _run_project(path, as_of, issues, work, format_)
    if rules is None:
        raise ConfigurationError("usage.rules", Message("say which rules"), hint=Message("add --rules rules/"))
    return _run_tables(places, rules, objects, as_of, issues, work, format_)


def _run_project(path: Path, as_of: str, issues: str | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.project import open_pipeline
    from crmmigrate.model.location import Location
    from crmmigrate.runner.judging import judge_on
    from crmmigrate.runner.single import check_outputs

    with open_pipeline(path, work) as pipeline:
        _rules_of(pipeline.project, path)
        if issues:
            check_outputs([], [Location.parse(issues)])
        pipeline.run(last="dedupe")
        outcome = judge_on(pipeline, as_of) if as_of else pipeline.run_only("rules")[0].outcome
        return _answer(outcome, issues).show(format_) if outcome else 0


def _run_tables(
    places: tuple[str, ...], rules: Path, objects: tuple[str, ...], as_of: str, issues: str | None, work: Path | None,
    format_: str,
) -> int:  # fmt: skip
    from dataclasses import replace

    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.model.location import Location
    from crmmigrate.model.rule import read_rules
    from crmmigrate.model.work_calendar import read_calendar
    from crmmigrate.runner.execute import execute
    from crmmigrate.runner.single import check_outputs, read_named
    from crmmigrate.stages import load_stage

    given = read_rules([rules])
    locations = [Location.parse(place) for place in places]
    if issues:
        check_outputs(locations, [Location.parse(issues)])
    with context_for(work) as context:
        tables = read_named(locations, context, objects)
        stage = load_stage("rules")
        options = stage.options(given, read_calendar(rules), as_of)
        answer = _answer(execute(stage, tables, options, replace(context, accounted=None)), issues)
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
