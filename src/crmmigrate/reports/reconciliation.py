"""10_迁移核对报告: the equation per object, what was set aside and why, every difference, totals and relations; to be signed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.model.privacy import masked
from crmmigrate.model.reconciliation import KINDS
from crmmigrate.reports.page import Badge, Grid, Page, Section, write_page
from crmmigrate.reports.reconciliation_parts import (
    REASONS,
    declared_sections,
    declared_sheets,
    relation_sheets,
    term_sheet,
    totals_section,
    totals_sheet,
    trend_sections,
    trend_sheets,
)
from crmmigrate.reports.reconciliation_waves import wave_sections, wave_sheets
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.reconciliation import Difference, ObjectReconciliation, Reconciliation
    from crmmigrate.reports.reconciliation_parts import Behind

WORKBOOK, PAGE, DATA = "10_迁移核对报告.xlsx", "10_迁移核对报告.html", "reconcile.json"
_SHOWN_ON_PAGE = 50
_SIGNATURES = [
    Message("Sales"),
    Message("Customer service"),
    Message("Finance"),
    Message("IT"),
    Message("Project lead"),
]


def write_reconciliation_workbook(
    path: Path, language: str, found: Reconciliation, behind: Behind | None = None
) -> None:
    """Write the workbook that departments sign.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        found: what was found out; values are shown masked, whole ones stay in the table `differences` of the run.
        behind: yields the rows behind a term of the equation, of each object at most so many: object, place, code, column, survivor.
    """
    notes = [
        _lead(found),
        Message("Every row of the sources is in the target or listed with its reason. Differing values are shown by their first and last character; the run's table 'differences' holds them whole.")
        if found.objects else
        Message("Differing values are shown by their first and last character. With --work FOLDER the comparison keeps them whole, in the run's table 'differences'."),
        *found.left_out,
    ]  # fmt: skip
    terms = (term_sheet(found, term, title, behind) for term, title in REASONS.items() if behind)
    sheets = [
        _equation_sheet(found),
        *wave_sheets(found),
        _reasons_sheet(found),
        *filter(None, terms),
        _difference_sheet(found),
        *declared_sheets(found),
        totals_sheet(found),
        *relation_sheets(found),
        *trend_sheets(found),
    ]
    kept = [sheet for sheet in sheets if found.objects] or [_difference_sheet(found)]
    write_workbook(path, language, kept, title=Message("Reconciliation report"), notes=notes, signatures=_SIGNATURES)


def write_reconciliation_page(path: Path, language: str, found: Reconciliation) -> None:
    """Write the report as HTML."""
    sections = []
    if found.objects:
        sections = [
            _equation_section(found),
            *wave_sections(found),
            _reasons_section(found),
            *declared_sections(found),
            totals_section(found),
            *trend_sections(found),
        ]
    else:
        left, right, columns = found.compared
        figures = [
            (Message("Rows on the left"), left),
            (Message("Rows on the right"), right),
            (Message("Columns compared"), columns),
        ]
        sections = [Section(Message("Two tables"), found.left_out, figures=figures)]
    sections.append(_difference_section(found))
    write_page(path, language, Page(Message("Reconciliation report"), _lead(found), sections, _SIGNATURES))


def write_reconciliation_data(path: Path, language: str, found: Reconciliation) -> None:
    """Write the report for programs: figures and the places of differences, without values."""
    rules = {one.name: one.rules for one in found.objects}
    content = {
        "agrees": found.agrees,
        "left_out": dict(zip(("left", "right"), found.alone, strict=True)),
        "objects": [
            {
                "object": one.name, "table": one.table, "agrees": one.agrees, "source": one.equation.source, **one.equation.aside,
                "expected": one.equation.expected, "in_target": one.equation.in_target, "difference": one.equation.difference,
                "unaccounted": one.equation.unaccounted, "strangers": one.strangers, "explained": one.explained,
                "left_over": asdict(one.left_over), "of_objects": one.of_objects, "table_rows": one.target_rows,
                "totals": [asdict(total) for total in one.totals], "relations": [asdict(relation) for relation in one.relations],
                "declared": [asdict(total) | {"agrees": not total.off} for total in one.declared], "pairs": [asdict(pair) for pair in one.pairs],
                "waves": [{"wave": wave, **asdict(equation), "difference": equation.difference, "unaccounted": equation.unaccounted} for wave, equation in one.waves],
            }
            for one in found.objects
        ],
        "earlier": [asdict(one) for one in found.earlier],
        "kinds": {kind: {"count": count, "title": KINDS[kind].text(language)} for kind, count in _kinds(found.all_differences).items()},
    }  # fmt: skip
    head = json.dumps(content, ensure_ascii=False, indent=1, default="{:f}".format)
    encoder = json.JSONEncoder(ensure_ascii=False)  # which is quicker by far where it need not indent
    lines = (
        encoder.encode(
            {"object": d.object, "origin": d.origin, "column": d.column, "kind": d.kind} | ({"rule": rule} if (rule := rules.get(d.object, {}).get(d.column)) else {})
        )
        for d in found.all_differences
    )  # fmt: skip
    listed = ",\n  ".join(lines)
    path.write_text(f'{head[:-2]},\n "differences": [\n  {listed}\n ]\n}}\n', encoding="utf-8")


def _kinds(differences: Sequence[Difference]) -> dict[str, int]:
    return dict(Counter(difference.kind for difference in differences).most_common())


def _lead(found: Reconciliation) -> Message:
    differences = len(found.all_differences)
    if not found.objects:
        return (
            Message("The tables agree.")
            if found.agrees
            else Message("{count} differences were found.", count=differences)
        )
    expected = sum(one.equation.expected for one in found.objects)
    present = sum(one.equation.in_target for one in found.objects)
    if found.agrees:
        return Message(
            "All {expected} expected rows of {objects} objects are in the target, and every value is as expected.",
            expected=f"{expected:,}", objects=len(found.objects),
        )  # fmt: skip
    return Message(
        "{present} of {expected} expected rows are in the target; {count} differences were found.",
        present=f"{present:,}", expected=f"{expected:,}", count=differences,
    )  # fmt: skip


_EQUATION_TITLES = (
    Message("Object"), Message("In the sources"), Message("− out of scope"), Message("− merged"), Message("− set aside"), Message("− rejected"),
    Message("= expected"), Message("In target"), Message("Difference"), Message("Differing rows and cells"),
    Message("Loaded earlier, gone from the sources"), Message("Loaded earlier, set aside since"), Message("Strangers"), Message("Rows of the table"),
    Message("Kept by policy"), Message("Result"),
)  # fmt: skip


def _equation_rows(found: Reconciliation) -> list[list[object]]:
    rows: list[list[object]] = []
    for one in found.objects:
        equation = one.equation
        aside = [equation.aside.get(reason, 0) for reason in REASONS]
        rows.append([one.title, equation.source, *aside, equation.expected, equation.in_target, equation.difference, len(one.differences),
                     one.left_over.gone, one.left_over.aside, one.strangers, one.target_rows, one.explained, _verdict(one)])  # fmt: skip
    return rows


def _verdict(one: ObjectReconciliation) -> Badge:
    return Badge(Message("agrees"), "good") if one.agrees else Badge(Message("differs"), "poor")


def _equation_sheet(found: Reconciliation) -> Sheet:
    columns = [
        Column(title, number=0 < index < len(_EQUATION_TITLES) - 1) for index, title in enumerate(_EQUATION_TITLES)
    ]
    rows = [[*row[:-1], one.text if isinstance(one := row[-1], Badge) else None] for row in _equation_rows(found)]
    return Sheet(Message("Equation"), columns, rows)


def _equation_section(found: Reconciliation) -> Section:
    notes = [
        Message("Strangers are rows of the target's table that this migration did not make. Kept by policy: the target had a value of its own that the mapping says to keep.")
    ]  # fmt: skip
    if any(one.left_over for one in found.objects):
        notes.append(
            Message("Loaded earlier: an earlier load brought these rows in, and they stand in the table although no load would write them any more. They are in no figure of what is expected; crmmigrate delta with --deletes says what is to become of them.")
        )  # fmt: skip
    return Section(Message("The equation"), notes, grids=[Grid(_EQUATION_TITLES, _equation_rows(found))])


def _reason_rows(found: Reconciliation) -> list[list[object]]:
    return [
        [one.title, REASONS.get(reason, reason), code, CODES.get(code, ""), count]
        for one in found.objects for reason, code, count in one.reasons
    ]  # fmt: skip


_REASON_TITLES = (
    Message("Object"),
    Message("Reason"),
    Message("Code"),
    Message("Meaning of the code"),
    Message("Rows"),
)


def _reasons_sheet(found: Reconciliation) -> Sheet:
    columns = [Column(title, number=index == len(_REASON_TITLES) - 1) for index, title in enumerate(_REASON_TITLES)]
    return Sheet(Message("Set aside"), columns, _reason_rows(found))


def _reasons_section(found: Reconciliation) -> Section:
    empty = Message("Nothing was set aside.")
    return Section(Message("Rows set aside, by reason"), grids=[Grid(_REASON_TITLES, _reason_rows(found), empty=empty)])


_DIFFERENCE_TITLES = (
    Message("Object"),
    Message("Place"),
    Message("Column"),
    Message("What is wrong"),
    Message("Expected"),
    Message("In the target"),
)
_RULE_TITLE = Message("Rule of the mapping")


def _difference_titles(found: Reconciliation) -> tuple[Message, ...]:
    return (*_DIFFERENCE_TITLES, _RULE_TITLE) if found.objects else _DIFFERENCE_TITLES[1:]


def _difference_rows(found: Reconciliation, most: int | None = None) -> Iterator[list[object]]:
    """Yield the differences, each with the rule of the mapping that made the value; two tables have no rules."""
    rules = {one.name: one.rules for one in found.objects}
    for one in found.all_differences[:most]:
        place = one.origin or (one.record if one.object else masked(one.record))
        row: list[object] = [
            found.title(one.object),
            place,
            one.column,
            KINDS[one.kind],
            masked(one.expected),
            masked(one.actual),
        ]
        yield [*row, rules[one.object].get(one.column)] if found.objects else row[1:]


def _difference_sheet(found: Reconciliation) -> Sheet:
    columns = [Column(title) for title in _difference_titles(found)]
    return Sheet(Message("Differences"), columns, _difference_rows(found))


def _difference_section(found: Reconciliation) -> Section:
    differences = found.all_differences
    kinds = [[KINDS[kind], count] for kind, count in _kinds(differences).items()]
    shown = list(_difference_rows(found, _SHOWN_ON_PAGE))
    notes = []
    if len(differences) > len(shown):
        notes.append(
            Message(
                "The first {shown} of {count}; all of them are in the workbook.",
                shown=len(shown),
                count=len(differences),
            )
        )
    grids = [
        Grid((Message("What is wrong"), Message("Cells or rows")), kinds, empty=Message("There are no differences.")),
        Grid(_difference_titles(found), shown),
    ]
    return Section(Message("Differences"), notes, grids=grids)
