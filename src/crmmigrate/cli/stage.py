"""Builds the command of a stage from its declaration: `crmmigrate standardise LOCATION … -o OUT`."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import Answer, Place, command_of, refuse_twice
from crmmigrate.cli.root import COMMANDS
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, shell_line
from crmmigrate.model.document import nearest, nearest_header
from crmmigrate.model.location import Location
from crmmigrate.model.system_words import os_reason
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from dataclasses import Field

    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.stage import Stage
    from crmmigrate.model.table import Table
    from crmmigrate.runner.execute import Outcome

_SIDE_OUTPUTS = {
    "issues": Message("Where every change and doubt is written."),
    "rejects": Message("Where the rows set aside are written, with their reasons."),
    "crosswalk": Message("Where every input record and its survivor are written."),
    "pairs": Message("Where the compared pairs are written, scored and explained."),
    "values": Message("Where the origin of the golden values is written: field, winning record, by which rule."),
    "review": Message("Where the review workbook is written."),
    "report": Message("Where the report of the run is written (.html)."),
}
_EXAMPLES = {
    "standardise": "crmmigrate standardise 客户.xlsx --column 手机=phone --column 客户名称=company_name -o clean.csv\n"
    "crmmigrate standardise 客户.xlsx#联系人 --standard standard.yaml --object contact -o clean.parquet",
    "dedupe": "crmmigrate dedupe clean.parquet --object account -o golden.xlsx --pairs pairs.csv --review review.xlsx\n"
    "crmmigrate dedupe clean.parquet --object account -o golden.xlsx --decisions review.xlsx --report report.html\n"
    "crmmigrate dedupe new.csv --object account --existing golden.parquet --thresholds auto:0.995 -o all.parquet",
    "map": "crmmigrate map golden.parquet --mapping account.crmmap.yaml -o accounts.csv --rejects rejects.csv",
    "validate": "crmmigrate validate clean.parquet --standard standard.yaml --object account --rejects rejects.xlsx",
    "fill": "crmmigrate fill clean.parquet --standard standard.yaml --reference registry=工商登记.csv -o filled.csv",
    "scope": "crmmigrate scope 客户.xlsx --rules scope.yaml --object account -o kept.csv --rejects excluded.csv",
}


_REPORTS = {
    "review": (".xlsx", Message("the review workbook is an .xlsx file")),
    "report": (".html", Message("the report is an .html file")),
}
"""What a stage writes beside tables."""


def command(name: str) -> click.Command:
    """Return the command of the stage called `name`."""
    stage = load_stage(name)
    declared = [f for f in fields(stage.options) if "flag" in f.metadata]
    params: list[click.Parameter] = [
        click.Argument(["location"], type=Place()),
        click.Option(["-o", "--output"], type=Place(), help=Message("Where the result is written: a file, a database#table, or - .").text()),
        click.Option(["--encoding"], default="", help=Message("Encoding of a text file; found out if not given.").text()),
    ]  # fmt: skip
    if not any(f.metadata["flag"] == "--object" for f in declared):
        params.append(click.Option(["--object"], help=Message("The business object the table holds.").text()))
    params += [_parameter(f) for f in declared]
    params += [click.Option([f"--{side}"], type=Place(), help=_SIDE_OUTPUTS[side].text()) for side in stage.writes]

    def callback(**given: Any) -> int:
        return _run(stage, declared, given)

    return command_of(name, COMMANDS[name][1], callback, params, _EXAMPLES.get(name, ""))


def _parameter(declared: Field[Any]) -> click.Option:
    meta = declared.metadata
    kind: Any = click.Choice(meta["choices"]) if meta["choices"] else None
    if meta["read"]:
        kind = click.Path(path_type=Path)
    flag = isinstance(declared.default, bool)
    return click.Option(
        [meta["flag"], declared.name], type=None if flag else kind, is_flag=flag, multiple=meta["multiple"],
        required=meta["required"], help=meta["help"].text(),
        default=None if declared.default in (MISSING, ()) else declared.default,
    )  # fmt: skip


def options_from(stage: Stage, declared: list[Field[Any]], given: dict[str, Any]) -> Any:
    """Turn what the command line gave into an instance of the stage's options class."""
    values = {}
    for f in declared:
        value = given.get(f.name)
        if value is None or value == ():
            continue
        read = f.metadata["read"]
        if read is not None:
            value = tuple(read(path) for path in value) if f.metadata["multiple"] else read(value)
        values[f.name] = value
    return stage.options(**values)


def _run(stage: Stage, declared: list[Field[Any]], given: dict[str, Any]) -> int:
    options = options_from(stage, declared, given)
    location = Location.parse(given["location"])
    output = Location.parse(given["output"]) if given["output"] else None
    if output is None and stage.name != "validate":
        raise ConfigurationError(
            "usage.no-output",
            Message("say where the result goes with -o"),
            hint=Message("-o - writes CSV to standard output"),
        )
    sides = {side: Location.parse(given[side]) for side in stage.writes if given.get(side)}
    named = _named_references(given.get("reference") or ())
    if stage.name == "standardise":
        refuse_twice("--column", given.get("column") or (), "last")
    if given.get("existing"):
        named["existing"] = Location.parse(given["existing"])
    _check_reports(sides)
    from crmmigrate.cli.workspaces import context_for
    from crmmigrate.runner.single import check_outputs, read_with_issues, run_single, write_out

    inputs = [location, *named.values(), *_option_files(declared, given)]
    tables = [place for side, place in sides.items() if side not in _REPORTS]
    reports = [place for side, place in sides.items() if side in _REPORTS]
    check_outputs(inputs, [*([output] if output else []), *tables], reports)
    _check_review(sides.get("review"))
    with context_for(given["work"]) as context:
        table, noted = read_with_issues(location, context, given["encoding"], wanted=_wanted_table(stage, options))
        if stage.name == "standardise":
            _check_columns(given.get("column") or (), table.data_columns)
        if stage.name == "scope" and given.get("object"):
            _check_object(given["object"], options.rules.objects)
        read = {known: read_with_issues(place, context) for known, place in named.items()}
        name = given.get("object") or table.name.rpartition(".")[2]
        beside = {known: pair[0] for known, pair in read.items()}
        outcome, main = run_single(stage, name, table, options, context, beside=beside)
        if output is not None and main is not None:
            write_out(output, main)
        answer = Answer.of(outcome)
        answer.files = [output.shown] if output and not output.is_stream else []
        _write_sides(outcome, [noted, *(pair[1] for pair in read.values())], sides, answer)
        _tell_review(outcome, sides.get("review"), given.get("decisions") or (), answer)
        _copy_report(outcome, sides.get("report"), answer)
        _tell_issues(outcome, [(table, noted), *read.values()], stage, answer)
        return answer.show(given["format_"] if not (output and output.is_stream) else "text")


def _wanted_table(stage: Stage, options: Any) -> str:
    """Return the table that the only mapping file of `map` is about; it need not be named a second time."""
    mappings: tuple[Mapping, ...] = options.mappings if stage.name == "map" else ()
    return mappings[0].source.table if len(mappings) == 1 else ""


def _check_reports(sides: dict[str, Location]) -> None:
    for side, (ending, message) in _REPORTS.items():
        place = sides.get(side)
        if place and (place.is_stream or place.is_database or place.path.suffix.lower() != ending):
            raise ConfigurationError(
                f"usage.{side}-file",
                message,
                place.shown,
                Message("name it for example {example}", example=side + ending),
            )


def _check_review(place: Location | None) -> None:
    """Refuse a review workbook that would take the place of one in which people decided, before anything is done."""
    if place is not None:
        from crmmigrate.reports.review import is_filled_in
        from crmmigrate.reports.untouched import refuse_changed

        path = place.path
        hint = Message("give it with --decisions and name another with --review, or move it away")
        refuse_changed(path, hint, lambda: is_filled_in(path))


def _option_files(declared: list[Field[Any]], given: dict[str, Any]) -> list[Location]:
    """Return the files that the stage's own options name."""
    files: list[Location] = []
    for f in declared:
        value = given.get(f.name)
        if f.metadata["read"] is not None and value:
            files += [Location(str(path)) for path in (value if f.metadata["multiple"] else (value,))]
    return files


def _check_object(asked: str, known: Collection[str]) -> None:
    """Refuse an `--object` that the rules say nothing of: they would set nothing aside, or what is meant of another."""
    if asked not in known:
        raise ConfigurationError(
            "scope.unknown-object", Message("no object is called '{name}'", name=asked), "--object",
            nearest(asked, known) or Message("known are: {words}", words=", ".join(known)),
        )  # fmt: skip


def _check_columns(asked: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Refuse `--column 列=standard` for a column that the table has not."""
    for text in asked:
        column = text.rpartition("=")[0]
        if not column or column in columns:
            continue
        several = re.fullmatch(r"(.+?)=(.+?)[,，;；](.+)", column)
        if several:
            rest = several.group(3) + "=" + text.rpartition("=")[2]
            hint: Message | None = Message(
                "give each its own --column: {example}",
                example=f"--column {several.group(1)}={several.group(2)} --column {rest.strip()}",
            )
        else:
            hint = nearest_header(column, columns, Message("its columns are: {words}", words=", ".join(columns)))
        raise ConfigurationError(
            "usage.no-column", Message("the table has no column '{column}'", column=column), "--column", hint
        )


def _named_references(named: tuple[str, ...]) -> dict[str, Location]:
    """Return the places of tables given as `name=LOCATION`."""
    places: dict[str, Location] = {}
    refuse_twice("--reference", named)
    for text in named:
        name, _, where = text.partition("=")
        if not where:
            raise ConfigurationError("usage.reference", Message("a reference is given as NAME=LOCATION"), text)
        places[name] = Location.parse(where)
    return places


def _write_sides(outcome: Outcome, noted: list[Table], sides: dict[str, Location], answer: Answer) -> None:
    from crmmigrate.runner.single import write_out

    tables = {**outcome.tables, "rejects": outcome.aside}
    for side, place in sides.items():
        if side in ("review", "report"):
            continue
        write_out(place, *([*noted, outcome.issues] if side == "issues" else [tables[side]]))
        answer.files.append(place.shown)


def _tell_review(outcome: Outcome, place: Location | None, earlier: Sequence[Path], answer: Answer) -> None:
    """Write the workbook of doubtful pairs where it was asked for, and say what a user of one file does next.

    Without doubtful pairs there is no workbook; one of an earlier time, left there, would be taken for today's.

    Args:
        outcome: of the stage.
        place: where the workbook is wanted.
        earlier: the workbooks that this run was given: nothing but the command line remembers them.
        answer: is added to.
    """
    from crmmigrate.runner.single import copy_out, unwritable
    from crmmigrate.stages.dedupe import REVIEW_BOOK

    answer.next_step = ""
    manifest = outcome.run.manifest
    if outcome.run.manifest.stage != "dedupe":
        return
    if REVIEW_BOOK in manifest.reports:
        book = shell_line(place.shown) if place else "review.xlsx"
        options = " ".join([*(f"--decisions {shell_line(one)}" for one in earlier), f"--decisions {book}"])
        told = {"book": book, "options": options}
        answer.findings = [_told_doubts(found, told, written=bool(place)) for found in outcome.result.findings]
        step = Message("decide in {book} and run dedupe again with {options}, its other options as now", **told)
        answer.next_step = (
            step if place else Message("run it again with --review {book}, and decide in it", book=book)
        ).text()
        if place:
            copy_out(outcome.run.folder / "reports" / REVIEW_BOOK, place)
            answer.files.append(place.shown)
    elif place:
        line = Message("no pair is doubtful: there is nothing to review")
        if place.path.exists():
            try:
                place.path.unlink()
            except OSError as error:
                raise unwritable(os_reason(error), place) from error
            line = Message("no pair is doubtful: the old {book} was removed", book=place.shown)
        answer.lines.append(line.text())


def _told_doubts(found: Message, told: dict[str, str], *, written: bool) -> str:
    """Tell a finding of dedupe; of one that speaks of the workbook say nothing that asks for one that was not written."""
    if "book" not in found.params:
        return found.text()
    pairs = found.params["pairs"]
    if not written:
        return Message("pairs that may be duplicates: {pairs}; people have to decide on them", pairs=pairs).text()
    return Message(
        "pairs that may be duplicates: {pairs}; decide on them in {book}, then run again with {options}",
        pairs=pairs,
        **told,
    ).text()


def _copy_report(outcome: Outcome, place: Location | None, answer: Answer) -> None:
    from crmmigrate.runner.single import copy_out
    from crmmigrate.stages.dedupe import REPORT

    if place and REPORT in outcome.run.manifest.reports:
        copy_out(outcome.run.folder / "reports" / REPORT, place)
        answer.files.append(place.shown)


def _tell_issues(outcome: Outcome, read: list[tuple[Table, Table]], stage: Stage, answer: Answer) -> None:
    """Say how many values are unusable, which is a finding, and what was met while reading.

    Args:
        outcome: of the stage.
        read: each table that was read, with what was noted meanwhile.
        stage: says whether it writes issues.
        answer: is added to.
    """
    from crmmigrate.runner.extract import told_trouble
    from crmmigrate.runner.single import counted, lost_columns, places_of
    from crmmigrate.sources._quotes import SWALLOWS

    noted = [issues for _, issues in read]
    rejected = set(outcome.run.manifest.issues)
    rejected &= counted([outcome.aside] if rejected else [], "reason = 'rejected'").keys()
    wrong = counted([*noted, outcome.issues], "severity = 'error'")
    wrong = {code: count for code, count in wrong.items() if code not in rejected}
    met = counted(noted, "severity = 'warning'")
    if marks := wrong.pop(SWALLOWS, 0) + met.pop(SWALLOWS, 0):  # what it took in is searched for in vain
        answer.findings.append(told_trouble(SWALLOWS, marks, places_of(noted, SWALLOWS)).text())
    tail: Message | str = Message("; --issues FILE lists them") if "issues" in stage.writes else ""
    answer.facts |= {"reading": dict(met)} if met else {}
    if lost := met.pop("source.undecodable", 0):
        answer.findings.append(
            Message("cells of which some bytes mean nothing in the encoding that the file was read in: {count}; name its own with --encoding{tail}", count=f"{lost:,}", tail=tail).text()
        )  # fmt: skip
    if wrong:
        codes = ", ".join(f"{code} {count:,}" for code, count in wrong.items())
        count = sum(wrong.values())
        answer.findings.append(
            Message("unusable values: {count} ({codes}){tail}", count=f"{count:,}", codes=codes, tail=tail).text()
        )
        answer.facts["unusable"] = wrong
    answer.lines += [f"{told_trouble(code, count, places_of(noted, code)).text()}{tail}" for code, count in met.items()]
    answer.findings += [told.text() for told in lost_columns(read)] if met else []
