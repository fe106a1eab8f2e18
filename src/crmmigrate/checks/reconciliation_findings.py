"""What a reconciliation tells at its end: each object that is not as it should be, and where its first rows are."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from crmmigrate.messages import Message, joined
from crmmigrate.model.reconciliation import KINDS, TOTAL_PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.reconciliation import Difference, ObjectReconciliation, Reconciliation

_NAMED = 3
"""How many places a finding names; all of them are in the table `differences`."""


def reconciliation_findings(found: Reconciliation) -> list[Message]:
    """Return a sentence for each object that is not as it should be, with the first places; none where all agrees."""
    findings = []
    if not (sum(one.equation.expected for one in found.objects) + sum(found.compared[:2])):
        findings.append(Message("there were no rows to compare, so nothing is proven"))
    for one in found.objects:
        if one.agrees:
            continue
        rows, cells = _split(one.differences)
        if rows or cells:
            findings.append(
                Message(
                    "{object}: {rows} rows and {cells} cells are not as expected; first: {places}",
                    object=one.name, rows=rows, cells=cells, places=_places(one.differences),
                )
            )  # fmt: skip
        findings += _wave_findings(one)
        if one.equation.unaccounted:
            findings.append(
                Message(
                    "{object}: the equation is off by {count} rows", object=one.name, count=one.equation.unaccounted
                )
            )
        findings += _total_findings(one)
    if found.differences:
        rows, cells = _split(found.differences)
        findings.append(
            Message(
                "{rows} rows and {cells} cells differ; first: {places}",
                rows=rows,
                cells=cells,
                places=_places(found.differences),
            )
        )
    if alike := _nearly_alike(found.differences):
        findings.append(
            Message(
                "{count} keys of rows without a partner stand on the other side too, but with other blanks, capitals, width or leading zeros; "
                "write the keys alike, then compare again", count=alike,
            )
        )  # fmt: skip
    return findings


def reconciliation_notes(found: Reconciliation) -> list[Message]:
    """Return a sentence for each object in whose table rows of earlier loads stand beside those that are expected: what the table adds up to as it is."""
    return [_table_told(one) for one in found.objects if one.left_over]


def _table_told(one: ObjectReconciliation) -> Message:
    figures = {
        "object": one.name, "total": f"{one.target_rows:,}", "present": f"{one.equation.in_target:,}", "gone": f"{one.left_over.gone:,}",
        "aside": f"{one.left_over.aside:,}", "others": f"{one.others:,}",
    }  # fmt: skip
    if one.of_objects:
        return Message(
            "{object}: the table holds {total} rows = {present} of those expected + {gone} loaded earlier and gone from the sources + {aside} loaded earlier and set aside since + {objects} of other objects + {others} others",
            objects=f"{one.of_objects:,}", **figures,
        )  # fmt: skip
    return Message(
        "{object}: the table holds {total} rows = {present} of those expected + {gone} loaded earlier and gone from the sources + {aside} loaded earlier and set aside since + {others} others",
        **figures,
    )  # fmt: skip


def _nearly_alike(differences: Sequence[Difference]) -> int:
    """Return how many keys that only one side has are the same but for how they are written."""
    left, right = (
        {_plain(d.record) for d in differences if d.kind == kind and not d.object}
        for kind in ("row.missing", "row.extra")
    )
    return len((left & right) - {""})


def _plain(key: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", key).casefold().split())
    return plain.lstrip("0") if plain.isdigit() else plain


def _wave_findings(one: ObjectReconciliation) -> list[Message]:
    """Name the waves whose equation does not hold; the rows are among the differences."""
    off = [(wave, equation) for wave, equation in one.waves if wave and (equation.unaccounted or equation.difference)]
    return [
        Message(
            "{object}: wave '{wave}' lacks {missing} rows in the target, and {count} are not accounted for",
            object=one.name, wave=wave, missing=equation.difference, count=equation.unaccounted,
        )
        for wave, equation in off
    ]  # fmt: skip


def _total_findings(one: ObjectReconciliation) -> list[Message]:
    """Name the first groups of each total that is out of tolerance. What a group is called stays in the report: it may be personal."""
    findings = []
    for total in one.declared:
        if total.off:
            amounts = [
                Message("{place}: {difference}", place=TOTAL_PLACES[check.at], difference=f"{check.difference:+,f}")
                for line in total.off for check in line.checks if not check.agrees
            ]  # fmt: skip
            findings.append(
                Message(
                    "{object}: the total of {column} is out of tolerance in {count} of its lines; first: {amounts}",
                    object=one.name, column=total.column or Message("rows"), count=len(total.off), amounts=joined(amounts[:_NAMED]),
                )
            )  # fmt: skip
    return findings


def _split(differences: Sequence[Difference]) -> tuple[int, int]:
    cells = sum(1 for difference in differences if difference.column)
    return len(differences) - cells, cells


def _places(differences: Sequence[Difference]) -> Message | str:
    """Name the first places: where a person finds the row, and what is wrong there. A key stays in the table: it may be personal."""
    shown = dict.fromkeys(
        (f"{d.origin or (d.record if d.object else '')} {d.column}".strip(), d.kind) for d in differences
    )
    named = [(place, KINDS.get(kind, kind)) for place, kind in list(shown)[:_NAMED]]
    return joined([Message("{place} ({kind})", place=place, kind=kind) if place else kind for place, kind in named])
