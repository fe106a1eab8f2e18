"""用户验收 workbooks: each key user's own customers, old value beside new one, with verdicts to choose; and their answers.

The first sheet has a row per customer, the second its records, each with its fields below it. A verdict on a customer holds
for all of it, one on a record for all its fields. Hidden keys say which line is meant and what stood in it, so rows may be
sorted and filtered, and a workbook that shows something else than was handed out is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, CrmMigrateError
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.acceptance import VERDICTS, Judged, Signature, Verdict, seal
from crmmigrate.model.stage import PROJECT
from crmmigrate.reports.cells import as_written
from crmmigrate.reports.returned import read_back
from crmmigrate.reports.seal import BATCH
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.acceptance import Line
    from crmmigrate.reports.returned import Line as Row

FOLDER = "用户验收"
KEPT = "acceptance"
"""The folder beside a migration.yaml in which workbooks that came back are kept, oldest name first."""

_LINE, _SEAL = "_line", "_seal"
_CUSTOMER, _KIND, _NAME = Message("Customer"), Message("Kind of record"), Message("Record")
_FIELD, _OLD, _NEW = Message("Field"), Message("Old system"), Message("New system")
_CHANGE, _PLACE = Message("What became of it"), Message("Source row")
_VERDICT, _COMMENT, _RELATED = Message("Your verdict"), Message("Comment"), Message("Records: old → new system")
_TITLES: dict[str, Message | str] = {
    "customer": _CUSTOMER, "kind": _KIND, "name": _NAME, "field": _FIELD, "old": _OLD, "new": _NEW, "related": _RELATED,
    "verdict": _VERDICT, "comment": _COMMENT, BATCH: BATCH, _LINE: _LINE, _SEAL: _SEAL,
}  # fmt: skip
_SIGNED: dict[str, Message | str] = {
    "role": Message("Role"), "by": Message("Full name"), "agreed": Message("Agreed (yes / no)"),
    "remarks": Message("Remarks"), "signature": Message("Signature"), "on": Message("Date"),
}  # fmt: skip
_YES = {"yes", "y", "true", "agreed", "ok", "√", "✓", "是", "同意", "已同意", "对"}
_NO = {"no", "n", "false", "not agreed", "×", "✗", "x", "否", "不同意", "不"}
MADE_BY = Message("give a workbook that 'uat build' wrote; its hidden columns must stay")


def write_acceptance(
    path: Path, language: str, user: str, run: str, lines: Sequence[Line], figures: Mapping[str, str]
) -> None:
    """Write the workbook of one key user.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        user: whose it is.
        run: that makes it, with its digest; hidden in every row.
        lines: theirs, customer by customer.
        figures: `drawn`, `population` and `share`, as they are written.
    """
    notes = [
        Message("These {drawn} of your {population} customers ({share}) were drawn at random from the new system. Please look at each of them as you know it.", **figures),
        Message("Sheet '{sheet}': choose a verdict for the customer as a whole. '{right}' stands for all its records and fields below.", sheet=_CUSTOMER, right=VERDICTS["right"]),
        Message("Sheet '{sheet}': every record with its fields, the old value beside the new one. Where something is wrong, choose '{wrong}' in that row and say in the comment what it should be.", sheet=_details(), wrong=VERDICTS["wrong"]),
        Message("If you cannot tell, choose '{unsure}'; it counts as an error until it is settled.", unsure=VERDICTS["unsure"]),
        Message("Then fill in the last sheet with your name, your agreement and the day, and send the workbook back."),
        Message("To collect it: crmmigrate uat collect migration.yaml WORKBOOK"),
    ]  # fmt: skip
    whole = [line for line in lines if not line.object]
    records = [line for line in lines if line.object]
    sheets = [
        Sheet(_CUSTOMER, _customer_columns(), [
            [line.customer, line.new, line.place, None, None, run, str(line.line), line.seal(run)] for line in whole
        ], locked=True),
        Sheet(_details(), _record_columns(), [
            [line.customer, line.kind, line.name, line.field or None, line.old, line.new, line.change, None, None,
             line.place, run, str(line.line), line.seal(run)] for line in records
        ], heads=3, locked=True),
    ]  # fmt: skip
    write_workbook(
        path,
        language,
        sheets,
        title=Message("Acceptance by {user}", user=user),
        notes=notes,
        signatures=[user],
        personal=True,
    )


def _details() -> Message:
    return Message("Customer 360")


def _verdict_columns() -> list[Column]:
    return [
        Column(_VERDICT, entry=True, choices=tuple(VERDICTS.values()), width=12),
        Column(_COMMENT, entry=True, width=36),
    ]


def _keys() -> list[Column]:
    return [Column(name, hidden=True) for name in (BATCH, _LINE, _SEAL)]


def _customer_columns() -> list[Column]:
    return [Column(_CUSTOMER), Column(_RELATED), Column(_PLACE), *_verdict_columns(), *_keys()]


def _record_columns() -> list[Column]:
    shown = [_CUSTOMER, _KIND, _NAME, _FIELD, _OLD, _NEW, _CHANGE]
    return [*map(Column, shown), *_verdict_columns(), Column(_PLACE), *_keys()]


def read_acceptance(path: Path, run: str, lines: Mapping[int, Line]) -> tuple[list[Judged], str]:
    """Read the verdicts of a workbook that came back, and whose it is.

    Args:
        path: the .xlsx file.
        run: that made the workbooks which may come back, with its digest.
        lines: all of its lines by their number.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: `uat.stale`: it is of another run; `uat.altered`: it shows something else than was handed out, or
            rows are missing; `uat.word`: a verdict is none; `uat.no-sheet`, `uat.not-a-workbook`.
    """
    # The rows are held against the lines that the run kept, which is more than their own seal.
    found: dict[int, Judged] = {}
    for row in read_back(path, _TITLES, (BATCH, _LINE, _SEAL, "verdict"), code="uat", made_by=MADE_BY):
        line = _meant(row, run, lines)
        found[line.line] = Judged(line.line, _word(row), row["comment"])
    users = {lines[number].user for number in found}
    if len(users) != 1:
        raise _altered(str(path), Message("it has rows of {count} people", count=len(users)))
    [user] = users
    missing = sum(line.user == user and line.line not in found for line in lines.values())
    if missing:
        raise _altered(str(path), Message("{count} rows are missing", count=missing))
    return list(found.values()), user


def _meant(row: Row, run: str, lines: Mapping[int, Line]) -> Line:
    if not (row[BATCH] and row[_LINE] and row[_SEAL]):
        raise _altered(row.place, Message("the hidden keys of this row are gone"))
    if row[BATCH] != run:
        raise ConfigurationError(
            "uat.stale", Message("this workbook is of {old}; the newest is {new}", old=row[BATCH].partition(":")[0], new=run.partition(":")[0]),
            row.place, Message("hand out the newest workbooks: crmmigrate uat build {project}", project=PROJECT),
        )  # fmt: skip
    line = lines.get(int(row[_LINE])) if row[_LINE].isdecimal() else None
    if line is None or row[_SEAL] != line.seal(run):
        raise _altered(row.place, Message("the hidden keys of this row are not those that were handed out"))
    shown = (str(line.line), *(row[name] for name in ("customer", "kind", "name", "field", "old")), row["new"])
    if not line.object:
        shown = (str(line.line), row["customer"], line.kind, line.name, line.field, line.old, row["related"])
    written = (str(line.line), *map(as_written, (line.customer, line.kind, line.name, line.field, line.old, line.new)))
    if seal(run, shown) != seal(run, written):
        raise _altered(row.place, Message("this row shows something else than was handed out"))
    return line


def _altered(place: str, why: Message) -> ConfigurationError:
    return ConfigurationError(
        "uat.altered", Message("the workbook was altered: {why}", why=why), place,
        Message("have the verdicts entered into the workbook as it was handed out; a copy is in the folder of the run"),
    )  # fmt: skip


def _word(row: Row) -> Verdict | None:
    said = row["verdict"].casefold()
    if not said:
        return None
    known = {text.text(language).casefold(): word for word, text in VERDICTS.items() for language in LANGUAGES}
    if said not in known:
        raise ConfigurationError(
            "uat.word", Message("'{word}' is not allowed here", word=row["verdict"]), row.place,
            Message("one of: {words}", words=", ".join(text.text() for text in VERDICTS.values())),
        )  # fmt: skip
    return known[said]


def read_signature(path: Path) -> Signature:
    """Read the block at the end of a workbook; an empty one where nobody signed. A typed name counts, an ink one cannot be seen.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: it has no such block, or its answer is neither yes nor no.
    """
    signed = Signature()
    for row in read_back(path, _SIGNED, ("role", "by", "agreed", "on"), code="uat", made_by=MADE_BY):
        said = row["agreed"].casefold()
        if said and said not in _YES | _NO:
            raise ConfigurationError(
                "uat.word", Message("'{word}' is not allowed here", word=row["agreed"]), row.place,
                Message("one of: {words}", words=f"{Message('yes')}, {Message('no')}"),
            )  # fmt: skip
        agreed = None if not said else said in _YES
        signed = Signature(row["by"] or row["signature"], row["on"], agreed, row["remarks"], row.place)
    return signed


def has_verdicts(path: Path) -> bool:
    """Whether anybody wrote a verdict or a comment into a workbook; also true of one that cannot be read."""
    try:
        rows = read_back(path, _TITLES, (BATCH, _LINE, _SEAL, "verdict"), code="uat", made_by=MADE_BY)
        return any(row["verdict"] or row["comment"] for row in rows)
    except CrmMigrateError:
        return True
