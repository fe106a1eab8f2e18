"""疑似重复审核表: the pairs that a person has to decide, and what the person decided.

Each group has one record that leads and the records that may be the same thing; a decision on a row is about that row
and the leading one. The workbook is read back by its hidden keys, so rows may be sorted, filtered and deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.decision import Choice, Decision, Split, Told, Verdict
from crmmigrate.model.document import nearest
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.returned import or_unreadable, read_back, signed_by, signers
from crmmigrate.reports.seal import NO_BATCH
from crmmigrate.reports.worksheet import SHUT, Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
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
_MARK, _LEADING_MARK, _SIDE = "_mark", "_leading_mark", "_side"
_THERE, _HERE = "_leading:", "_own:"
"""Before the name of a column: the hidden values of the leading record and of the row's own where they contradict each other."""
_NEEDED = (_RECORD, _LEADING, _OBJECT, "decision")
_COLUMNS: dict[str, Message | str] = {
    "decision": _DECISION, "reason": _WHY, "reviewer": _WHO, _RECORD: _RECORD, _LEADING: _LEADING, _OBJECT: _OBJECT,
    _MARK: _MARK, _LEADING_MARK: _LEADING_MARK, _SIDE: _SIDE,
}  # fmt: skip
_NOTES = (
    Message("The program found records that may stand for the same customer or person, but is not sure enough to merge them."),
    Message("Each group begins with the leading record. Say for every other row of the group whether it is the same as the leading record. The groups worth most come first: where most duplicates are expected and most other rows depend on the answer."),
    Message("Two rows of a group are not compared here: where both are kept apart from the leading record, and may be the same as each other, it is asked next time."),
    Message("Merge: they are one; the program merges them. Keep apart: they are two; the program never asks again. Undecided or empty: it asks again next time. Undecided also takes back what was decided about the two before; an empty cell leaves that."),
    Message("Where the two contradict each other, a column 'Keep: …' offers both values, and another may be written. Left empty, the rules of the migration decide. It counts only together with Merge; without a decision it is refused."),
    Message("Write why you decided so and your name."),
    Message("Then run dedupe again with --decisions and this workbook."),
)  # fmt: skip


def write_review(path: Path, language: str, groups: Sequence[ReviewGroup], run: str = "") -> None:
    """Write the review workbook: one sheet per object, one row per record of a group.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        groups: numbered in this order within their object.
        run: of dedupe, that asks.

    Raises:
        OSError: it cannot be written.
    """
    sheets = []
    for kind in dict.fromkeys(group.object for group in groups):
        own = [group for group in groups if group.object == kind]
        met = {column for group in own for row in group.rows for column in row.conflicts}
        torn = [column for column in own[0].columns if column in met]
        sheets.append(
            Sheet(
                object_title(kind), _columns(own[0].columns, torn), _rows(own, torn), locked=True, batch=run or NO_BATCH
            )
        )
    write_workbook(path, language, sheets, title=Message("Review of possible duplicates"), notes=_NOTES,
                   signatures=[Message("Owner of the data")], personal=True)  # fmt: skip


def _keep(column: str) -> Message:
    return Message("Keep: {column}", column=column)


def _columns(values: Sequence[str], torn: Sequence[str]) -> list[Column]:
    return [
        Column(Message("Group"), number=True), Column(Message("Row")), Column(Message("Similarity")),
        Column(Message("Why it is asked")), Column(Message("What speaks for and against")),
        Column(Message("Fields in conflict")),
        *(Column(name) for name in values),
        Column(Message("Source row")), Column(Message("Merged already"), number=True),
        Column(Message("Rows that depend on it"), number=True), Column(Message("Suggestion")),
        Column(_DECISION, entry=True, choices=tuple(VERDICTS.values())),
        *(Column(_keep(name), entry=True, picks=(_THERE + name, _HERE + name)) for name in torn),
        Column(_WHY, entry=True), Column(_WHO, entry=True),
        Column(_OBJECT, hidden=True), Column(_LEADING, hidden=True), Column(_RECORD, hidden=True),
        Column(_LEADING_MARK, hidden=True), Column(_MARK, hidden=True),
        *(Column(side + name, hidden=True) for name in torn for side in (_THERE, _HERE)),
    ]  # fmt: skip


def _rows(groups: Sequence[ReviewGroup], torn: Sequence[str]) -> Iterator[list[Any]]:
    for number, group in enumerate(groups, start=1):
        leading = group.rows[0]
        for row in group.rows:
            leads = row.similarity is None
            own = SHUT if leads else None  # a decision is about a row and the leading one
            sides: list[str | None] = []
            for name in torn:
                sides += [leading.values[name], row.values[name]] if name in row.conflicts else [None, None]
            yield [
                number, Message("leading") if leads else Message("the same?"),
                None if row.similarity is None else f"{min(row.similarity, 0.99):.0%}",
                row.rule, None if leads else row.reason, "、".join(row.conflicts) or None,
                *(row.values.get(name) for name in group.columns),
                row.origin or None, row.merged or None, row.children or None,
                VERDICTS[row.suggestion] if row.suggestion else None, own, *(own for _ in torn), own, own,
                group.object, leading.record, row.record, leading.mark or None, row.mark or None, *sides,
            ]  # fmt: skip


def write_split(path: Path, language: str, split: Split) -> None:
    """Write that a group is taken apart as a workbook that is read back like a reviewed one: one row per record, with its side.

    Raises:
        OSError: it cannot be written.
    """
    columns = [
        Column(_OBJECT), Column(_RECORD), Column(_LEADING), Column(_SIDE),
        Column(_DECISION, entry=True, choices=tuple(VERDICTS.values())), Column(_WHY, entry=True), Column(_WHO, entry=True),
        Column(_MARK, hidden=True),
    ]  # fmt: skip
    leading = split.sides[0][0]
    rows = [
        [split.object, record, leading, str(number), VERDICTS["separate"], split.reason or None, split.reviewer or None,
         split.marks.get(record) or None]
        for number, side in enumerate(split.sides, start=1)
        for record in side
    ]  # fmt: skip
    write_workbook(path, language, [Sheet(Message("Decisions"), columns, rows, batch=NO_BATCH)], personal=True)


def read_review(path: Path) -> tuple[Told, ...]:
    """Read the decisions of a review workbook, also that two are undecided; rows without one are left out.

    Raises:
        LocationError: the file cannot be read.
        ConfigurationError: it is no review workbook.
        Findings: every row whose decision cannot be read, is about nothing or contradicts another row, and every value to keep
            without a decision, each with its place.
    """
    errors: list[ConfigurationError] = []
    found: dict[tuple[str, str, str], Decision] = {}
    sides: dict[tuple[str, str], list[Line]] = {}
    made_by = Message("give the workbook that dedupe wrote; its hidden columns must stay")
    signer = signed_by(path, "review")
    for line in read_back(path, _COLUMNS, _NEEDED, code="review", made_by=made_by, rest=True, altered=errors):
        verdict = _verdict(line, errors)
        if line[_SIDE] and verdict == "separate":
            sides.setdefault((line[_OBJECT], line[_LEADING]), []).append(line)
        elif (
            _is_about_two(line, verdict, errors)
            and (decision := _decided(line, verdict, signer, path.name, errors)) is not None
        ):
            _keep_once(decision, found, errors)
    splits = [_split(lines, signer, path.name) for lines in sides.values()]
    errors += _against(splits, found.values())
    if errors:
        raise Findings(errors)
    return (*found.values(), *splits)


def is_filled_in(path: Path) -> bool:
    """Whether people wrote anything into a review workbook; one that cannot be read is taken to hold it."""

    def found() -> bool:
        errors: list[ConfigurationError] = []
        made_by = Message("give the workbook that dedupe wrote; its hidden columns must stay")
        lines = list(read_back(path, _COLUMNS, _NEEDED, code="review", made_by=made_by, rest=True, altered=errors))
        written = any(line["decision"] or line["reason"] or line["reviewer"] or _choices(line) for line in lines)
        return bool(errors or written or signers(path, "review"))

    return or_unreadable(found)


def _verdict(line: Line, errors: list[ConfigurationError]) -> Verdict:
    word = line["decision"].casefold()
    if word not in _WORDS:
        errors.append(ConfigurationError(
            "review.word", Message("'{word}' is no decision", word=line["decision"]), line.place,
            nearest(word, _WORDS) or Message("one of: {words}", words=", ".join(v.text() for v in VERDICTS.values())),
        ))  # fmt: skip
    return _WORDS.get(word, "undecided")


def _is_about_two(line: Line, verdict: Verdict, errors: list[ConfigurationError]) -> bool:
    """Return whether a row decides about its record and the leading one; a value to keep for which nobody decided is told."""
    leads = bool(line[_RECORD]) and line[_RECORD] == line[_LEADING]
    keeps = _choices(line)
    if leads and (verdict != "undecided" or keeps):
        errors.append(ConfigurationError(
            "review.leading", Message("this is the row of the leading record, and nothing is decided in it"), line.place,
            Message("clear the decision and the values to keep in this row; decide in the other rows of its group"),
        ))  # fmt: skip
    elif keeps and verdict == "undecided" and line["decision"].casefold() in _WORDS:
        errors.append(ConfigurationError(
            "review.keep-undecided",
            Message("a value to keep stands here ({columns}), but no decision", columns=", ".join(one.column for one in keeps)),
            line.place, Message("choose {merge} if the two are one, or clear the value", merge=VERDICTS["merge"]),
        ))  # fmt: skip
    return not leads and bool(line["decision"]) and line["decision"].casefold() in _WORDS


def _decided(line: Line, verdict: Verdict, signer: str, book: str, errors: list[ConfigurationError]) -> Decision | None:
    """Return the decision about a row and its leading one; None where its keys are gone."""
    record, leading, kind = line[_RECORD], line[_LEADING], line[_OBJECT]
    if not (record and leading and kind):
        errors.append(ConfigurationError(
            "review.key-missing", Message("the hidden keys of this row are gone"), line.place,
            Message("copy the row from the workbook that dedupe wrote"),
        ))  # fmt: skip
        return None
    return Decision.of(
        kind, record, leading, verdict, reason=line["reason"], reviewer=line["reviewer"] or signer, place=line.place, book=book,
        marks=(line[_MARK], line[_LEADING_MARK]), choices=_choices(line) if verdict == "merge" else (),
    )  # fmt: skip


def _split(lines: list[Line], signer: str, book: str) -> Split:
    """Return what the rows of a group that was taken apart say."""
    sides: dict[str, list[str]] = {}
    for line in lines:
        sides.setdefault(line[_SIDE], []).append(line[_RECORD])
    first = lines[0]
    return Split(
        first[_OBJECT], tuple(map(tuple, sides.values())), {line[_RECORD]: line[_MARK] for line in lines},
        first["reason"], first["reviewer"] or signer, first.place, book,
    )  # fmt: skip


def _keep_once(
    decision: Decision, found: dict[tuple[str, str, str], Decision], errors: list[ConfigurationError]
) -> None:
    before = found.get(decision.pair)
    if before is None or before.verdict == "undecided":
        found[decision.pair] = decision
    elif decision.verdict not in (before.verdict, "undecided"):
        errors.append(_contradicts(before, decision.place))


def _against(splits: Sequence[Split], decisions: Iterable[Decision]) -> Iterator[ConfigurationError]:
    """Yield the merges of records that a split takes apart; a decision is only held against the splits of its records."""
    about: dict[tuple[str, str], list[Split]] = {}
    for split in splits:
        for record in split.records:
            about.setdefault((split.object, record), []).append(split)
    for decision in decisions:
        for split in about.get((decision.object, decision.record_a), ()) if decision.verdict == "merge" else ():
            if split.parts(decision.record_a, decision.record_b):
                yield _contradicts(decision, split.place)


def _contradicts(before: Decision, place: str) -> ConfigurationError:
    return ConfigurationError(
        "review.contradiction", Message("this row contradicts {place}", place=before.place), place,
        Message("decide alike in both rows, or clear one of the two decisions"),
    )  # fmt: skip


def _choices(line: Line) -> tuple[Choice, ...]:
    """Return the values that a person chose in a row."""
    made = []
    for title in line.rest:
        if not title.startswith(_HERE):
            continue
        column = title.removeprefix(_HERE)
        value = next((text for language in LANGUAGES if (text := line.rest.get(_keep(column).text(language)))), "")
        if value:
            seen = (line.rest.get(_THERE + column, ""), line.rest[title])
            made.append(Choice(column, value, tuple(part for part in seen if part)))
    return tuple(made)
