"""待处理清单 and 补录工作表: the cells that only people can mend or fill in, one workbook per person, and their answers.

A worklist row is one cell: what stands there, what is wrong, what it may be. A row of the sheet for filling in is one
record, with its empty cells open. Hidden keys say which row and column is meant, so rows may be sorted and filtered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.correction import Action, Correction
from crmmigrate.model.issue import CODES
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.returned import read_back, signed_by
from crmmigrate.reports.seal import NO_BATCH
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.project import Project
    from crmmigrate.reports.returned import Line

FOLDER = "待处理清单"
CORRECTIONS = "corrections"
"""The folder beside a migration.yaml in which worklists that came back are kept, oldest name first."""

DECLINED = "corrections/declined"
"""Of corrections that were not taken: their rows were in the target already, as an earlier copy of the workbook had corrected them."""

WORDS: dict[Action, Message] = {
    "correct": Message("correct"), "clear": Message("make empty"), "keep": Message("right as it is"),
}  # fmt: skip
_ACTION, _NEW, _REASON, _BY = (
    Message("What to do"),
    Message("New value"),
    Message("Reason for the change"),
    Message("Done by"),
)
_BEFORE, _PLACE, _SOURCE = Message("Value in the source"), Message("Source row"), Message("Where the value is from")
_OBJECT_KEY, _RECORD_KEY, _COLUMN_KEY, _BEFORE_KEY, _RAW_KEY = "_object", "_record", "_column", "_before", "_raw"
_TITLES: dict[str, Message | str] = {
    "action": _ACTION, "new": _NEW, "reason": _REASON, "by": _BY, _OBJECT_KEY: _OBJECT_KEY, _RECORD_KEY: _RECORD_KEY,
    _COLUMN_KEY: _COLUMN_KEY, _BEFORE_KEY: _BEFORE_KEY, _RAW_KEY: _RAW_KEY,
}  # fmt: skip
_NOTES = (
    Message("These values could not be mended by the program for certain. Please decide on each row of the first sheets: correct it, make it empty, or say that it is right as it is."),
    Message("A new value needs a reason. The program never changes a value without one, and keeps it with your name."),
    Message("On the sheets for filling in please complete the tinted cells as far as you know them, and say where the value is from."),
    Message("Rows you leave alone stay as they are and come again."),
    Message("Then: crmmigrate tasks collect migration.yaml WORKBOOK"),
)  # fmt: skip


@dataclass(frozen=True)
class Doubt:
    """One cell for the worklist.

    Args:
        object: the business object; `record` and `column` say which cell.
        origin: where a person finds it.
        before: the source's value.
        codes: issue codes.
        proposals: what it may be.
        named: how people call the record, e.g. its company.
    """

    object: str
    record: str
    column: str
    origin: str
    before: str | None
    codes: tuple[str, ...]
    proposals: tuple[str, ...]
    named: str = ""


@dataclass(frozen=True)
class Gap:
    """One record with empty cells.

    Args:
        object: the business object; `record` says which row.
        origin: where a person finds it.
        known: column → value, of what helps to recognise it and of the columns that matter.
        empty: the columns to be filled in.
        raw: of these, column → what the source says in place of a value (无, -).
    """

    object: str
    record: str
    origin: str
    known: dict[str, str | None]
    empty: tuple[str, ...]
    raw: dict[str, str] = field(default_factory=dict)


def write_worklist(
    path: Path, language: str, owner: str, doubts: Sequence[Doubt], gaps: Sequence[Gap], run: str = ""
) -> None:
    """Write the workbook of one person.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        owner: whose it is.
        doubts: the worklist.
        gaps: the records to be completed.
        run: of fill, that shows them.
    """
    batch = run or NO_BATCH
    sheets = [
        Sheet(Message("To settle {object}", object=object_title(name)), _doubt_columns(), [_doubt_row(d) for d in doubts if d.object == name], locked=True, batch=batch)
        for name in dict.fromkeys(doubt.object for doubt in doubts)
    ]  # fmt: skip
    for name in dict.fromkeys(gap.object for gap in gaps):
        own = [gap for gap in gaps if gap.object == name]
        sheets.append(_gap_sheet(name, own, batch))
    title = Message("Worklist of {owner}", owner=owner)
    write_workbook(path, language, sheets, title=title, notes=_NOTES, signatures=[owner], personal=True)


def write_corrections(path: Path, language: str, corrections: Sequence[Correction]) -> None:
    """Write corrections that came another way as a worklist that is answered, to be kept beside the others.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        corrections: each with a reason.
    """
    sheets = [
        Sheet(Message("To settle {object}", object=object_title(name)), _doubt_columns(), [
            [told.record, told.column, told.before, None, None, WORDS[told.action], told.after, told.reason, told.by, told.place,
             told.object, told.record, told.column, json.dumps(told.before)]
            for told in corrections if told.object == name
        ], batch=NO_BATCH)
        for name in dict.fromkeys(told.object for told in corrections)
    ]  # fmt: skip
    write_workbook(path, language, sheets, personal=True)


def kept_corrections(project: Project, *, before: str = "", folder: str = CORRECTIONS) -> tuple[Correction, ...]:
    """Return every correction of the workbooks kept beside a migration.yaml, oldest first.

    Args:
        project: whose.
        before: name of a run; what was kept after it began is left out. Both names begin with the time.
        folder: of the workbooks; `DECLINED` for those that were not taken.
    """
    books = (book for book in project.kept_books(folder) if not before or book.name < before)
    return tuple(correction for book in books for correction in read_worklist(book))


def _doubt_columns() -> list[Column]:
    return [
        Column(Message("Record")), Column(Message("Column")), Column(_BEFORE), Column(Message("What is wrong")),
        Column(Message("Proposal")), Column(_ACTION, entry=True, choices=tuple(WORDS.values())), Column(_NEW, entry=True),
        Column(_REASON, entry=True), Column(_BY, entry=True), Column(_PLACE), Column(_OBJECT_KEY, hidden=True),
        Column(_RECORD_KEY, hidden=True), Column(_COLUMN_KEY, hidden=True), Column(_BEFORE_KEY, hidden=True),
    ]  # fmt: skip


def _doubt_row(doubt: Doubt) -> list[Any]:
    wrong = tuple(CODES.get(code, code) for code in doubt.codes)
    return [
        doubt.named or doubt.record, doubt.column, doubt.before, wrong, "; ".join(doubt.proposals) or None, None, None, None,
        None, doubt.origin, doubt.object, doubt.record, doubt.column, json.dumps(doubt.before, ensure_ascii=False),
    ]  # fmt: skip


def _gap_sheet(name: str, gaps: Sequence[Gap], batch: str) -> Sheet:
    open_ = list(dict.fromkeys(column for gap in gaps for column in gap.empty))
    known = [column for column in dict.fromkeys(column for gap in gaps for column in gap.known) if column not in open_]
    columns = [
        *map(Column, known), *(Column(column, entry=True) for column in open_), Column(_SOURCE, entry=True),
        Column(_BY, entry=True), Column(_PLACE), Column(_OBJECT_KEY, hidden=True), Column(_RECORD_KEY, hidden=True),
        Column(_COLUMN_KEY, hidden=True), Column(_RAW_KEY, hidden=True),
    ]  # fmt: skip
    rows = [
        [*(gap.known.get(column) for column in (*known, *open_)), None, None, gap.origin, name, gap.record, "\n".join(gap.empty),
         json.dumps(gap.raw, ensure_ascii=False)]
        for gap in gaps
    ]  # fmt: skip
    return Sheet(Message("To fill in {object}", object=object_title(name)), columns, rows, locked=True, batch=batch)


def read_worklist(path: Path) -> tuple[Correction, ...]:
    """Read what a person decided and filled in; rows that were left alone are left out.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: it is none of ours.
        Findings: every row that cannot be taken over, each with its place: no reason, no new value, an unknown word.
    """
    made_by = Message("give a workbook that 'tasks build' wrote; its hidden columns must stay")
    signer = signed_by(path, "tasks")
    found: list[Correction] = []
    errors: list[ConfigurationError] = []
    for line in read_back(
        path, _TITLES, (_OBJECT_KEY, _RECORD_KEY, _COLUMN_KEY), code="tasks", made_by=made_by, rest=True, altered=errors
    ):
        try:
            found += _decided(line, signer) if _BEFORE_KEY in line.cells else _filled(line, signer)
        except ConfigurationError as error:
            errors.append(error)
    if errors:
        raise Findings(errors)
    return tuple(found)


def _decided(line: Line, signer: str) -> Iterator[Correction]:
    word, new = line["action"].casefold(), line["new"]
    known = {text.text(language).casefold(): action for action, text in WORDS.items() for language in LANGUAGES}
    if not word and not new:
        return
    if word and word not in known:
        raise ConfigurationError(
            "tasks.word", Message("'{word}' is not allowed here", word=line["action"]), line.place,
            Message("one of: {words}", words=", ".join(text.text() for text in WORDS.values())),
        )  # fmt: skip
    action: Action = known.get(word, "correct")
    if action == "correct" and not new:
        raise ConfigurationError(
            "tasks.no-value", Message("the new value is missing"), line.place,
            Message("write it, or choose '{word}'", word=WORDS["clear"]),
        )  # fmt: skip
    if action != "correct" and new:
        raise ConfigurationError(
            "tasks.contradiction", Message("a new value stands beside '{word}'", word=WORDS[action]), line.place,
            Message("take one of them out"),
        )  # fmt: skip
    if not line["reason"] and action != "keep":
        raise _no_reason(line, _REASON)
    yield Correction(
        *_key(line),
        line[_COLUMN_KEY],
        _hidden(line, _BEFORE_KEY, "null"),
        action,
        new or None,
        line["reason"],
        line["by"] or signer,
        line.place,
    )


def _filled(line: Line, signer: str) -> Iterator[Correction]:
    source = _either(line, _SOURCE)
    values = {column: line.rest.get(column, "") for column in line[_COLUMN_KEY].split("\n")}
    filled = {column: value for column, value in values.items() if value}
    if filled and not source:
        raise _no_reason(line, _SOURCE)
    raw = _hidden(line, _RAW_KEY, "{}") if filled else {}
    for column, value in filled.items():
        yield Correction(
            *_key(line), column, raw.get(column), "correct", value, source, line["by"] or signer, line.place
        )


def _hidden(line: Line, name: str, empty: str) -> Any:
    try:
        return json.loads(line[name] or empty)
    except ValueError as error:
        raise _key_missing(line) from error


def _either(line: Line, title: Message) -> str:
    return next((line.rest[word] for word in map(title.text, LANGUAGES) if line.rest.get(word)), "")


def _key(line: Line) -> tuple[str, str]:
    if not (line[_OBJECT_KEY] and line[_RECORD_KEY]):
        raise _key_missing(line)
    return line[_OBJECT_KEY], line[_RECORD_KEY]


def _key_missing(line: Line) -> ConfigurationError:
    return ConfigurationError(
        "tasks.key-missing", Message("the hidden keys of this row are gone"), line.place,
        Message("copy the row from the workbook that 'tasks build' wrote"),
    )  # fmt: skip


def _no_reason(line: Line, column: Message) -> ConfigurationError:
    return ConfigurationError(
        "tasks.no-reason", Message("'{column}' is empty: nothing is changed without it", column=column), line.place,
        Message("write it into the row"),
    )  # fmt: skip
