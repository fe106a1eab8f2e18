"""疑似重复审核表: the pairs that a person has to decide, and what the person decided.

Each group has one record that leads and the records that may be the same thing; a decision on a row is about that row
and the leading one. The workbook is read back by its hidden keys, so rows may be sorted, filtered and deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.decision import Decision, Verdict
from crmmigrate.model.document import nearest
from crmmigrate.reports.returned import read_back
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.decision import ReviewGroup
    from crmmigrate.reports.returned import Line

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
_RECORD, _LEADING, _OBJECT = "_record", "_leading", "_object"
_NEEDED = (_RECORD, _LEADING, _OBJECT, "decision")
_COLUMNS: dict[str, Message | str] = {
    "decision": _DECISION, "reason": _WHY, "reviewer": _WHO, _RECORD: _RECORD, _LEADING: _LEADING, _OBJECT: _OBJECT,
}  # fmt: skip
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
    errors: list[ConfigurationError] = []
    found: dict[tuple[str, str, str], Decision] = {}
    made_by = Message("give the workbook that dedupe wrote; its hidden columns must stay")
    for line in read_back(path, _COLUMNS, _NEEDED, code="review", made_by=made_by):
        _read_row(line, found, errors)
    if errors:
        raise Findings(errors)
    return tuple(found.values())


def _read_row(line: Line, found: dict[tuple[str, str, str], Decision], errors: list[ConfigurationError]) -> None:
    place = line.place
    word = line["decision"].casefold()
    if word not in _WORDS:
        errors.append(ConfigurationError(
            "review.word", Message("'{word}' is no decision", word=line["decision"]), place,
            nearest(word, _WORDS) or Message("one of: {words}", words=", ".join(v.text() for v in VERDICTS.values())),
        ))  # fmt: skip
        return
    verdict = _WORDS[word]
    record, leading, kind = line[_RECORD], line[_LEADING], line[_OBJECT]
    if verdict == "undecided" or (record == leading and record):
        return
    if not (record and leading and kind):
        errors.append(ConfigurationError(
            "review.key-missing", Message("the hidden keys of this row are gone"), place,
            Message("copy the row from the workbook that dedupe wrote"),
        ))  # fmt: skip
        return
    decision = Decision.of(
        kind, record, leading, verdict, reason=line["reason"], reviewer=line["reviewer"], place=place
    )
    before = found.get(decision.pair)
    if before is not None and before.verdict != verdict:
        errors.append(ConfigurationError(
            "review.contradiction", Message("this row contradicts {place}", place=before.place), place
        ))  # fmt: skip
        return
    found[decision.pair] = decision
