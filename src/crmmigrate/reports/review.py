"""疑似重复审核表: the pairs that a person has to decide, and what the person decided.

Each group has one record that leads and the records that may be the same thing; a decision on a row is about that row
and the leading one. The workbook is read back by its hidden keys, so rows may be sorted, filtered and deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings, LocationError
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.decision import Decision, Verdict
from crmmigrate.model.document import nearest
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.decision import ReviewGroup

VERDICTS: dict[Verdict, Message] = {
    "merge": Message("Merge"),
    "separate": Message("Keep apart"),
    "undecided": Message("Undecided"),
}
_WORDS: dict[str, Verdict] = {
    "merge": "merge", "合并": "merge", "keep apart": "separate", "不合并": "separate", "undecided": "undecided",
    "待定": "undecided", "": "undecided",
}  # fmt: skip
_DECISION, _WHY, _WHO = Message("Decision"), Message("Why"), Message("Reviewer")
_HEADERS = {"decision": _DECISION, "reason": _WHY, "reviewer": _WHO}
_RECORD, _LEADING, _OBJECT = "_record", "_leading", "_object"
_NOTES = (
    Message("The program found records that may stand for the same customer or person, but is not sure enough to merge them."),
    Message("Each group begins with the leading record. Say for every other row of the group whether it is the same as the leading record."),
    Message("Merge: they are one; the program merges them. Keep apart: they are two; the program never asks again. Undecided or empty: it asks again next time."),
    Message("Write why you decided so and your name. Rows may be sorted and filtered; the hidden columns must stay."),
    Message("Then run dedupe again with --decisions and this workbook."),
)  # fmt: skip


def write_review(path: Path, language: str, groups: Sequence[ReviewGroup]) -> None:
    """Write the review workbook: one sheet per object, one row per record of a group.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        groups: numbered in this order within their object.

    Raises:
        OSError: it cannot be written.
    """
    sheets = []
    for kind in dict.fromkeys(group.object for group in groups):
        own = [group for group in groups if group.object == kind]
        sheets.append(Sheet(kind, _columns(own[0].columns), _rows(own)))
    write_workbook(path, language, sheets, title=Message("Review of possible duplicates"), notes=_NOTES)


def _columns(values: Sequence[str]) -> list[Column]:
    return [
        Column(Message("Group"), number=True), Column(Message("Row")), Column(Message("Similarity")),
        Column(Message("What speaks for and against")), Column(Message("Fields in conflict")),
        *(Column(name) for name in values),
        Column(Message("Source row")), Column(Message("Merged already"), number=True),
        Column(_DECISION, entry=True, choices=tuple(VERDICTS.values())), Column(_WHY, entry=True),
        Column(_WHO, entry=True),
        Column(_OBJECT, hidden=True), Column(_LEADING, hidden=True), Column(_RECORD, hidden=True),
    ]  # fmt: skip


def _rows(groups: Sequence[ReviewGroup]) -> Iterator[list[Any]]:
    for number, group in enumerate(groups, start=1):
        leading = group.rows[0].record
        for row in group.rows:
            leads = row.similarity is None
            yield [
                number, Message("leading") if leads else Message("the same?"),
                None if row.similarity is None else f"{min(row.similarity, 0.99):.0%}",
                None if leads else row.reason, "、".join(row.conflicts) or None,
                *(row.values.get(name) for name in group.columns),
                row.origin or None, row.merged or None, None, None, None, group.object, leading, row.record,
            ]  # fmt: skip


def read_review(path: Path) -> tuple[Decision, ...]:
    """Read the decisions of a review workbook; rows without one are left out.

    Raises:
        LocationError: the file cannot be read.
        ConfigurationError: it is no review workbook.
        Findings: every row whose decision cannot be read or that contradicts another row, each with its place.
    """
    import zipfile

    from openpyxl import load_workbook

    try:
        book = load_workbook(path, data_only=True)
    except OSError as error:
        raise LocationError(
            "file.unreadable", Message("the file cannot be read: {why}", why=error.strerror or "?"), str(path)
        ) from error
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ConfigurationError("review.not-a-workbook", Message("this is no Excel workbook"), str(path)) from error
    errors: list[ConfigurationError] = []
    found: dict[tuple[str, str, str], Decision] = {}
    sheets = 0
    for sheet in book.worksheets:
        rows = sheet.iter_rows(values_only=True)
        at = _positions(next(rows, ()))
        if at is None:
            continue
        sheets += 1
        for number, row in enumerate(rows, start=2):
            _read_row(row, at, f"{path.name}!{sheet.title}!{number}", found, errors)
    if not sheets:
        raise ConfigurationError(
            "review.no-sheet", Message("no sheet of this workbook has the columns of a review"), str(path),
            Message("give the workbook that dedupe wrote; its hidden columns must stay"),
        )  # fmt: skip
    if errors:
        raise Findings(errors)
    return tuple(found.values())


def _positions(header: Sequence[Any]) -> dict[str, int] | None:
    """Return column positions by meaning, or None where this is no sheet of a review."""
    titles = [str(title or "").strip() for title in header]
    at = {name: titles.index(name) for name in (_RECORD, _LEADING, _OBJECT) if name in titles}
    for name, titled in _HEADERS.items():
        words = {titled.text(language) for language in LANGUAGES}
        position = next((index for index, title in enumerate(titles) if title in words), None)
        if position is not None:
            at[name] = position
    return at if {_RECORD, _LEADING, _OBJECT, "decision"} <= set(at) else None


def _read_row(
    row: Sequence[Any],
    at: dict[str, int],
    place: str,
    found: dict[tuple[str, str, str], Decision],
    errors: list[ConfigurationError],
) -> None:
    def cell(name: str) -> str:
        value = row[at[name]] if name in at and at[name] < len(row) else None
        return "" if value is None else str(value).strip()

    word = cell("decision").casefold()
    if word not in _WORDS:
        errors.append(ConfigurationError(
            "review.word", Message("'{word}' is no decision", word=cell("decision")), place,
            nearest(word, _WORDS) or Message("one of: {words}", words=", ".join(v.text() for v in VERDICTS.values())),
        ))  # fmt: skip
        return
    verdict = _WORDS[word]
    record, leading, kind = cell(_RECORD), cell(_LEADING), cell(_OBJECT)
    if verdict == "undecided" or (record == leading and record):
        return
    if not (record and leading and kind):
        errors.append(ConfigurationError(
            "review.key-missing", Message("the hidden keys of this row are gone"), place,
            Message("copy the row from the workbook that dedupe wrote"),
        ))  # fmt: skip
        return
    decision = Decision.of(
        kind, record, leading, verdict, reason=cell("reason"), reviewer=cell("reviewer"), place=place
    )
    before = found.get(decision.pair)
    if before is not None and before.verdict != verdict:
        errors.append(ConfigurationError(
            "review.contradiction", Message("this row contradicts {place}", place=before.place), place
        ))  # fmt: skip
        return
    found[decision.pair] = decision
