"""迁移验收报告: the decision on going live with all it rests on, to be signed; no customer's data is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.golive import GROUPS, ITEMS, STATES
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.page import Badge, Grid, Page, Section, write_page
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Protocol

    from crmmigrate.model.golive import Decision

    class Judged(Protocol):
        """A quality gate as it was judged."""

        @property
        def met(self) -> bool | None:
            """Whether it is met; None where it was not judged."""

        def sentence(self) -> Message:
            """Return it in words."""


WORKBOOK, PAGE = "迁移验收报告.xlsx", "迁移验收报告.html"
_ROLES = (Message("Project lead"), Message("Business"), Message("IT"), Message("Data owner"))
_HEADS = (Message("Group"), Message("Item"), Message("State"), Message("Evidence"))
_TERMS: dict[str, Message] = {
    "source": Message("Source"), "out_of_scope": Message("Out of scope"), "merged": Message("Merged"), "quarantined": Message("Set aside"),
    "rejected": Message("Rejected"), "expected": Message("Expected"), "in_target": Message("In target"), "difference": Message("Difference"),
}  # fmt: skip


def write_handover(
    path: Path, language: str, decision: Decision, equation: Mapping[str, Mapping[str, Any]], gates: Sequence[Judged]
) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        decision: of the check.
        equation: object → term → rows, of the reconciliation of this load; empty where there is none.
        gates: the quality gates.
    """
    items = [[GROUPS[one.item.group], one.item.title, STATES[one.state], one.told] for one in decision.items]
    columns = [Column(Message("Object")), *(Column(title, number=True) for title in _TERMS.values())]
    sheets = [
        Sheet(Message("Checklist"), [Column(head) for head in _HEADS], items),
        Sheet(
            Message("Equation"),
            columns,
            [[object_title(name), *(terms.get(term) for term in _TERMS)] for name, terms in equation.items()],
        ),
        Sheet(Message("Quality gates"), [Column(Message("Gate"))], [[gate.sentence()] for gate in gates]),
    ]
    notes = (_lead(decision), Message("Load: {run}", run=decision.load or "–"))
    write_workbook(
        path, language, sheets, title=Message("Acceptance report of the migration"), notes=notes, signatures=_ROLES
    )


def write_handover_page(
    path: Path, language: str, decision: Decision, equation: Mapping[str, Mapping[str, Any]], gates: Sequence[Judged]
) -> None:
    """Write the same as a page."""
    items = [
        [
            GROUPS[one.item.group],
            one.item.title,
            Badge(STATES[one.state], "good" if one.state == "ticked" else "poor"),
            one.told,
        ]
        for one in decision.items
    ]
    rows = [[object_title(name), *(terms.get(term) for term in _TERMS)] for name, terms in equation.items()]
    nothing = Message("this load was not reconciled yet")
    judged = [[Badge(gate.sentence(), {True: "good", False: "poor", None: "none"}[gate.met])] for gate in gates]
    sections = [
        Section(Message("Checklist"), figures=[(Message("Load"), decision.load or "–")], grids=[Grid(_HEADS, items)]),
        Section(Message("Equation"), grids=[Grid([Message("Object"), *_TERMS.values()], rows, empty=nothing)]),
        Section(Message("Quality gates"), grids=[Grid([Message("Gate")], judged)]),
    ]
    write_page(path, language, Page(Message("Acceptance report of the migration"), _lead(decision), sections, _ROLES))


def _lead(decision: Decision) -> Message:
    if decision.go:
        return Message("GO: all {total} items of the checklist are ticked.", total=len(ITEMS))
    return Message("NO-GO: {count} of {total} items are open", count=len(decision.open), total=len(ITEMS))
