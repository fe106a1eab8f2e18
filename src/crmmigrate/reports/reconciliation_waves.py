"""The part of 10_迁移核对报告 about waves: the equation of each, object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.reports.page import Badge, Grid, Section
from crmmigrate.reports.reconciliation_parts import REASONS
from crmmigrate.reports.worksheet import Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.reconciliation import Reconciliation

_TITLES = (
    Message("Object"), Message("Wave"), Message("In the sources"), Message("− out of scope"), Message("− merged"), Message("− set aside"), Message("− rejected"),
    Message("= expected"), Message("In target"), Message("Difference"), Message("Result"),
)  # fmt: skip


def _rows(found: Reconciliation) -> Iterator[list[object]]:
    for one in found.objects:
        for wave, equation in one.waves:
            aside = [equation.aside.get(reason, 0) for reason in REASONS]
            holds = not (equation.difference or equation.unaccounted)
            verdict = Badge(Message("agrees"), "good") if holds else Badge(Message("differs"), "poor")
            yield [one.title, wave or Message("(in no wave)"), equation.source, *aside, equation.expected, equation.in_target,
                   equation.difference, verdict]  # fmt: skip


def wave_sheets(found: Reconciliation) -> list[Sheet]:
    """Return the sheet of the waves; none where the migration has none."""
    rows = [[*row[:-1], row[-1].text if isinstance(row[-1], Badge) else None] for row in _rows(found)]
    columns = [Column(title, number=1 < index < len(_TITLES) - 1) for index, title in enumerate(_TITLES)]
    return [Sheet(Message("Equation per wave"), columns, rows)] if rows else []


def wave_sections(found: Reconciliation) -> list[Section]:
    """Return the section of the waves; none where the migration has none."""
    rows = list(_rows(found))
    notes = [Message("Rows of a wave that is still to come are out of scope. A row that several waves need is counted in each of them.")]  # fmt: skip
    return [Section(Message("The equation, wave by wave"), notes, grids=[Grid(_TITLES, rows)])] if rows else []
