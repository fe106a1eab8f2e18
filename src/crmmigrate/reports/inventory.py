"""01_数据源盘点表.xlsx: which data lies where, in what shape; its columns; how tables hang together and contradict; risks; effort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.profile import DIMENSIONS, MEANINGS
from crmmigrate.reports import findings
from crmmigrate.reports.facts import SOURCE_NUMBERS, SOURCE_TITLES, source_cell
from crmmigrate.reports.findings import (
    damage_lines,
    doubt_lines,
    duplicate_lines,
    form_lines,
    misplaced_lines,
    way_lines,
)
from crmmigrate.reports.quality import risk_level
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmmigrate.model.profile import Audit

NAME = "01_数据源盘点表.xlsx"


def write_inventory(path: Path, language: str, audit: Audit) -> None:
    """Write the workbook: sources, columns, risks, effort; with a block to sign.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        audit: what was found out.
    """
    notes = [
        Message("What was found in every source, before anything was changed. Nothing here is a guess about what is right: meanings of columns carry how sure they are."),
        Message("Please complete the yellow columns: who answers for the data, and what is decided about each risk."),
    ]  # fmt: skip
    write_workbook(
        path, language, _sheets(audit), title=Message("Inventory of data sources"),
        notes=notes, signatures=[Message("Owner of the data"), Message("IT"), Message("Project lead")],
    )  # fmt: skip


def _sheets(audit: Audit) -> list[Sheet]:
    """Return the sheets in the order in which one plans; those without a row are left out, but for the first and the register."""
    further = [
        _plain(Message("Relations"), findings.RELATION_HEADERS, findings.relation_rows(audit)),
        _plain(Message("Overlap of sources"), findings.OVERLAP_HEADERS, findings.overlap_rows(audit)),
        _plain(Message("Contradictions"), findings.CONTRADICTION_HEADERS, findings.contradiction_rows(audit)),
        _plain(Message("Broken rules"), findings.RULE_HEADERS, findings.rule_rows(audit)),
        _plain(Message("Same under other names"), findings.SAME_HEADERS, findings.same_rows(audit)),
    ]
    changes = _plain(Message("Since the last audit"), findings.CHANGE_HEADERS, findings.change_rows(audit.changes))
    files = _plain(Message("Files"), findings.FILE_HEADERS, findings.file_rows(audit))
    kept = [sheet for sheet in (files, *further) if sheet.rows]
    sheets = (
        [*kept[:1], _sources(audit), _columns(audit), *kept[1:]]
        if files.rows
        else [_sources(audit), _columns(audit), *kept]
    )
    return [*sheets, _risks(audit), _effort(audit), *([changes] if audit.compared else [])]


def _plain(title: Message, headers: Sequence[Message], rows: list[list[Any]]) -> Sheet:
    """Return a sheet whose numbers are written as numbers."""
    numeric = [any(isinstance(row[place], int | float) for row in rows) for place in range(len(headers))]
    return Sheet(title, [Column(header, number=number) for header, number in zip(headers, numeric, strict=True)], rows)


def _sources(audit: Audit) -> Sheet:
    known = [name for name in SOURCE_TITLES if any(source.get(name) for source in audit.sources)]
    extra = sorted({name for source in audit.sources for name in source} - set(SOURCE_TITLES))
    names = known + [name for name in extra if not name.startswith("_")]
    columns = [Column(SOURCE_TITLES.get(name, name), number=name in SOURCE_NUMBERS) for name in names]
    by_table = {table.name: table for table in audit.tables}
    rows = []
    for source in audit.sources:
        table = by_table.get(f"{source.get('source', '')}.{source.get('table', '')}") or by_table.get(
            source.get("table", "")
        )
        cells = [source_cell(name, source.get(name), table) for name in names]
        judged = ([table.keys[:3], table.duplicate_rows, duplicate_lines(table), misplaced_lines(table)] if table
                  else [None] * 4)  # fmt: skip
        rows.append([*cells, *judged, None])
    columns += [
        Column(Message("Key candidates")),
        Column(Message("Repeated rows"), number=True),
        Column(Message("Probable duplicates")),
        Column(Message("Rows out of line")),
        Column(Message("Who answers for it"), entry=True),
    ]
    return Sheet(Message("Sources"), columns, rows)


def _columns(audit: Audit) -> Sheet:
    titles = [Column(Message("Table")), Column(Message("Column")), Column(Message("Meaning")), Column(Message("Sure (%)"), number=True),
              Column(Message("Rows"), number=True), Column(Message("Filled"), number=True), Column(Message("Filled (%)"), number=True),
              Column(Message("Distinct"), number=True), Column(Message("In standard form (%)"), number=True), Column(Message("Written as")),
              Column(Message("Damage")), Column(Message("Only written otherwise")), Column(Message("To look at"))]  # fmt: skip
    rows = [
        [column.table, column.name, MEANINGS[column.meaning], round(100 * column.confidence), column.rows, column.filled,
         round(100 * column.fill_rate, 1), column.distinct, None if column.conformity is None else round(100 * column.conformity, 1),
         form_lines(column), damage_lines(column), way_lines(column), doubt_lines(column)]
        for table in audit.tables for column in table.columns
    ]  # fmt: skip
    return Sheet(Message("All columns"), titles, rows)


def _risks(audit: Audit) -> Sheet:
    titles = [Column(Message("No."), number=True), Column(Message("Code")), Column(Message("Level")), Column(Message("Likelihood (1–3)"), number=True),
              Column(Message("Impact (1–3)"), number=True), Column(Message("Table")), Column(Message("Column")), Column(Message("Finding")),
              Column(Message("Cells or rows"), number=True), Column(Message("Measure")), Column(Message("Responsible"), entry=True),
              Column(Message("Due"), entry=True),
              Column(Message("Decision"), entry=True, choices=(Message("accept"), Message("mend"), Message("leave out")))]  # fmt: skip
    rows = [
        [number, risk.code, risk_level(risk).text, risk.likelihood, risk.impact, risk.table, risk.column, risk.finding, risk.cells, risk.measure, None, None, None]
        for number, risk in enumerate(audit.risks, start=1)
    ]  # fmt: skip
    return Sheet(Message("Risk register"), titles, rows)


def _effort(audit: Audit) -> Sheet:
    effort = audit.effort
    rows: list[Sequence[object]] = [
        [Message("Pairs to review"), effort.pairs, None],
        [Message("Cells to fill in"), effort.fill, None],
        [Message("Damaged cells to look at"), effort.mend, None],
        [Message("Contradictions and orphans to settle"), effort.conflicts, None],
        [Message("Sources to explain"), effort.sources, None],
        [Message("Tables to map"), effort.tables, None],
        [Message("Person-days"), effort.days, None],
        *([Message("Quality: {dimension} (%)", dimension=DIMENSIONS[name]), round(100 * share, 1), None] for name, share in audit.scores.items()),
        *([Message("Gate"), gate.value, Message("{rule}: met", rule=gate.rule) if gate.met else Message("{rule}: NOT met", rule=gate.rule)] for gate in audit.gates),
        *([Message("Assumption"), None, line] for line in effort.assumptions),
    ]  # fmt: skip
    return Sheet(
        Message("Effort and score"),
        [Column(Message("What")), Column(Message("Figure"), number=True), Column(Message("Remarks"))],
        rows,
    )
