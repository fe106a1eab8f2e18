"""08_试迁移覆盖表: what the sample of a trial meets, by which row, and what occurs in no row at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

WORKBOOK = "08_试迁移覆盖表.xlsx"
_KINDS = {
    "filled": Message("column filled"), "empty": Message("column empty"), "pattern": Message("pattern of empty cells"),
    "longest": Message("longest value"), "value": Message("entry of a value map"), "rule": Message("rule of the mapping"),
    "outcome": Message("rule of the mapping"), "sign": Message("unusual signs"), "reference": Message("reference"), "code": Message("finding of an earlier step"),
}  # fmt: skip

_DETAILS = {
    "made empty": Message("made empty"), "default": Message("default"), "value": Message("gives a value"), "given": Message("given"),
    "missing": Message("missing"), "merged": Message("merged"), "line break": Message("line break"),
    "quotation mark": Message("quotation mark"), "like a formula": Message("like a formula"),
    "beyond the basic plane": Message("emoji and rare characters"), "full width": Message("full width"),
    "leading zero": Message("leading zero"),
}  # fmt: skip
_NAMED = ("rule", "outcome", "sign", "reference", "code")
"""Kinds whose details are words of ours or codes; the others are the data's own."""


class TraitLike(Protocol):
    """What a row should have; see `checks.sample_traits.Trait`."""

    @property
    def object(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> Any: ...  # noqa: D102
    @property
    def column(self) -> str: ...  # noqa: D102
    @property
    def detail(self) -> str: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class Met:
    """A trait and the place of a row of the sample that has it; empty where no row of the data does."""

    trait: TraitLike
    by: str


def write_coverage(path: Path, language: str, *, met: Sequence[Met], facts: Mapping[str, Any]) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        met: every trait.
        facts: of the trial: per object the rows drawn at random and those added.

    Raises:
        OSError: it cannot be written.
    """
    heads = [Column(Message("Object")), Column(Message("Kind")), Column(Message("Column")), Column(Message("Which")),
             Column(Message("Rows that have it"), number=True), Column(Message("Met by"))]  # fmt: skip
    sizes = [Column(Message("Object")), *(Column(title, number=True) for title in (
        Message("All rows"), Message("In the sample"), Message("Drawn at random"), Message("Added to meet the rest")))]  # fmt: skip
    sheets = [
        Sheet(Message("Sample"), sizes, [
            [object_title(name), its["of"], its["rows"], its["random"], its["cover"]] for name, its in facts.items() if "of" in its
        ]),
        Sheet(Message("Occurs in no row"), heads[:4], [_row(one)[:4] for one in met if not one.by]),
        Sheet(Message("Met"), heads, [_row(one) for one in met if one.by]),
    ]  # fmt: skip
    there = sum(bool(one.by) for one in met)
    notes = [
        Message("The sample meets {met} of {all} things: rules of the mapping, entries of value maps, gaps, longest values, references and oddities found before.", met=there, all=len(met)),
        Message("What occurs in no row cannot be tried with this data; add a row to the sources, or test it in the mapping file."),
    ]  # fmt: skip
    write_workbook(
        path,
        language,
        sheets,
        title=Message("Coverage of the trial"),
        notes=notes,
        signatures=[Message("Project lead"), Message("Business"), Message("IT")],
    )


def _row(one: Met) -> list[Any]:
    trait = one.trait
    detail: Message | str = trait.detail
    if trait.kind in _NAMED and trait.detail in _DETAILS:
        detail = _DETAILS[trait.detail]
    elif trait.kind in _NAMED and trait.detail in CODES:
        detail = CODES[trait.detail]
    return [object_title(trait.object), _KINDS[trait.kind], trait.column or None, detail or None, trait.rows, one.by]
