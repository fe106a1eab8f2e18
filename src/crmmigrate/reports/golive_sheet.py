"""上线检查清单: the go-live checklist that named people tick, and their answers. Items that the runs tick are shown, not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, CrmMigrateError, Findings
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.golive import GROUPS, ITEMS, STATES, Tick
from crmmigrate.reports.returned import read_back
from crmmigrate.reports.seal import BATCH, NO_BATCH
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.golive import Checked, Decision
    from crmmigrate.reports.returned import Line

NAME, KEPT = "上线检查清单.xlsx", "golive"
"""The workbook, and the folder beside a migration.yaml in which those that came back are kept."""

YES, NO = Message("yes"), Message("no")
_TICK, _BY, _ON, _REMARK = Message("Done (yes / no)"), Message("Confirmed by"), Message("Day"), Message("Remarks")
_ITEM = "_item"
_TITLES: dict[str, Message | str] = {
    "tick": _TICK, "by": _BY, "on": _ON, "remark": _REMARK, _ITEM: _ITEM, BATCH: BATCH,
}  # fmt: skip
_ROLES = (Message("Project lead"), Message("Business"), Message("IT"), Message("Data owner"))
_NOTES = (
    Message("Go live only when every line of this list is ticked. Please answer the lines of your responsibility on the second sheet with yes or no, and write your name and the day beside it. A tick without a name does not count."),
    Message("The first sheet is ticked by the program alone, from what its runs show; it is made anew with every check. When the data or a mapping file changes, its ticks are lost by themselves."),
    Message("Then: crmmigrate golive check --book WORKBOOK"),
)  # fmt: skip


def write_checklist(path: Path, language: str, decision: Decision) -> None:
    """Write the workbook.

    Raises:
        OSError: the file can't be written.
    """
    shown = [[GROUPS[c.item.group], c.item.title, STATES[c.state], c.told, c.step] for c in decision.items if c.item.by_evidence]  # fmt: skip
    heads = [
        Column(word)
        for word in (Message("Group"), Message("Item"), Message("State"), Message("Evidence"), Message("What to do"))
    ]
    asked = [Column(Message("Group")), Column(Message("Item")), Column(Message("State")), Column(_TICK, entry=True, choices=(YES, NO)),
             Column(_BY, entry=True), Column(_ON, entry=True), Column(_REMARK, entry=True), Column(_ITEM, hidden=True)]  # fmt: skip
    rows = [_asked_row(one) for one in decision.items if not one.item.by_evidence]
    sheets = [
        Sheet(Message("Ticked by evidence"), heads, shown, locked=True),
        Sheet(Message("To be ticked by people"), asked, rows, locked=True, batch=decision.load or NO_BATCH),
    ]
    verdict = (
        Message("GO")
        if decision.go
        else Message("NO-GO: {count} of {total} items are open", count=len(decision.open), total=len(ITEMS))
    )
    title = Message("Go-live checklist: {verdict}", verdict=verdict)
    write_workbook(path, language, sheets, title=title, notes=_NOTES, signatures=_ROLES)


def _asked_row(one: Checked) -> list[object]:
    return [GROUPS[one.item.group], one.item.title, STATES[one.state], None, None, None, None, one.item.code]


def read_checklist(path: Path) -> tuple[Tick, ...]:
    """Read what people answered; lines without an answer are left out.

    Raises:
        LocationError: the workbook cannot be read.
        ConfigurationError: it is none of ours.
        Findings: answers that cannot be taken, each with its place: an unknown word, no name, no day, an item of the runs.
    """
    made_by = Message("give a workbook that 'golive build' wrote; its hidden columns must stay")
    found: list[Tick] = []
    errors: list[ConfigurationError] = []
    for line in read_back(path, _TITLES, (_ITEM, "tick"), code="golive", made_by=made_by, altered=errors):
        if not line["tick"]:
            continue
        try:
            found.append(_tick(line))
        except ConfigurationError as error:
            errors.append(error)
    if errors:
        raise Findings(errors)
    return tuple(found)


def _tick(line: Line) -> Tick:
    yes, no = ({word.text(language).casefold() for language in LANGUAGES} for word in (YES, NO))
    said = line["tick"].casefold()
    if said not in yes | no | {"√", "×"}:
        raise ConfigurationError(
            "golive.word", Message("'{word}' is not allowed here", word=line["tick"]), line.place,
            Message("one of: {words}", words=f"{YES}, {NO}"),
        )  # fmt: skip
    if line[_ITEM] not in {item.code for item in ITEMS if not item.by_evidence}:
        raise ConfigurationError(
            "golive.key-missing", Message("the hidden keys of this row are gone or not ours"), line.place,
            Message("copy the row from the workbook that 'golive build' wrote"),
        )  # fmt: skip
    for name, title in (("by", _BY), ("on", _ON)):
        if not line[name]:
            raise ConfigurationError(
                "golive.unsigned", Message("'{column}' is empty: a tick without it does not count", column=title), line.place,
                Message("write it into the row"),
            )  # fmt: skip
    return Tick(
        line[_ITEM],
        said in yes | {"√"},
        line["by"],
        line["on"],
        line["remark"],
        line[BATCH].removeprefix(NO_BATCH),
        line.place,
    )


def has_answers(path: Path) -> bool:
    """Whether anybody answered in a checklist; also true of a workbook that cannot be read."""
    try:
        return bool(read_checklist(path))
    except CrmMigrateError:
        return True
