"""01_数据质量审计报告.html: how good the data is, column by column, what may go wrong and how much work is ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.profile import DAMAGES, DIMENSIONS, MEANINGS, PERSONAL
from crmmigrate.reports.page import Badge, Bar, Grid, Page, Section, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.profile import Audit, ColumnProfile, Risk

NAME = "01_数据质量审计报告.html"
_RISKS_SHOWN, _FORMS_SHOWN = 60, 4


def write_quality(path: Path, language: str, audit: Audit) -> None:
    """Write the report.

    Args:
        path: the .html file.
        language: `en` or `zh`.
        audit: what was found out; no whole personal value is in it.
    """
    rows = sum(table.rows for table in audit.tables)
    columns = sum(len(table.columns) for table in audit.tables)
    high = sum(1 for risk in audit.risks if risk.level >= 6)
    lead = Message(
        "{tables} tables with {rows} rows and {columns} columns score {score} of 100; {high} risks are high; about {days} person-days of work on the data lie ahead.",
        tables=len(audit.tables), rows=f"{rows:,}", columns=columns, score=round(100 * audit.score), high=high, days=audit.effort.days,
    )  # fmt: skip
    sections = [_scores(audit), _tables(audit), _risks(audit), _effort(audit), _columns(audit)]
    write_page(path, language, Page(Message("Data quality audit"), lead, sections))


def risk_level(risk: Risk) -> Badge:
    """Return the risk's level as a word in colour: 6 and more is high, 3 and more medium."""
    if risk.level >= 6:
        return Badge(Message("high"), "poor")
    return Badge(Message("medium"), "fair") if risk.level >= 3 else Badge(Message("low"), "good")


def damage_lines(column: ColumnProfile) -> list[Message]:
    """Return one line per kind of damage in the column, the most frequent first."""
    ordered = sorted(column.damage.items(), key=lambda item: -item[1])
    return [Message("{count} × {damage}", count=count, damage=DAMAGES[kind]) for kind, count in ordered]


def _scores(audit: Audit) -> Section:
    explained = {
        "normativity": Message("cells in the standard form of their meaning"),
        "completeness": Message("filled cells of the columns that have a meaning"),
        "accuracy": Message("cells without damage, rows that repeat no other"),
        "consistency": Message("cells in their column's most frequent form, credit codes with one name"),
        "timeliness": Message("dated rows of the last three years of their table"),
        "accessibility": Message("rows read as data among all rows read"),
    }
    rows = [[DIMENSIONS[name], Bar(share), explained[name]] for name, share in audit.scores.items()]
    grid = Grid([Message("Dimension"), Message("Score"), Message("What is counted")], rows)
    notes = [Message("Dimensions of GB/T 36344-2018 at their first level, weighted alike.")]
    return Section(Message("Quality score"), notes, grids=[grid])


def _tables(audit: Audit) -> Section:
    headers = [Message("Table"), Message("Number of rows"), Message("Number of columns"), Message("Filled"), Message("Key"), Message("Repeated rows"),
               Message("Probable duplicates"), Message("Use")]  # fmt: skip
    rows = []
    for table in audit.tables:
        cells = sum(column.rows for column in table.columns)
        filled = sum(column.filled for column in table.columns) / cells if cells else None
        use = Message("reference") if table.reference else Message("to be migrated")
        rows.append([table.name, table.rows, len(table.columns), Bar(filled, 0.8), ", ".join(table.keys[:3]) or "–", table.duplicate_rows,
                     "–" if table.near_duplicates is None else table.near_duplicates, use])  # fmt: skip
    figures = [
        (Message("Companies in all sources (estimated)"), audit.entities),
        (Message("Companies in more than one source (estimated)"), audit.overlap),
    ]
    return Section(Message("Tables"), figures=figures, grids=[Grid(headers, rows)])


def _risks(audit: Audit) -> Section:
    headers = [Message("Level"), Message("Table"), Message("Column"), Message("Finding"), Message("Measure")]
    shown = audit.risks[:_RISKS_SHOWN]
    rows = [[risk_level(risk), risk.table, risk.column, risk.finding, risk.measure] for risk in shown]
    notes = []
    if len(audit.risks) > len(shown):
        notes.append(
            Message("The {shown} highest of {count}; all of them are in the inventory workbook.", shown=len(shown), count=len(audit.risks))
        )  # fmt: skip
    return Section(Message("Risk register"), notes, grids=[Grid(headers, rows, empty=Message("Nothing was found."))])


def _effort(audit: Audit) -> Section:
    effort = audit.effort
    figures = [
        (Message("Pairs to review"), effort.pairs),
        (Message("Cells to fill in"), effort.fill),
        (Message("Damaged cells to look at"), effort.mend),
        (Message("Person-days"), str(effort.days)),
    ]
    return Section(Message("Effort estimate"), effort.assumptions, figures)


def _columns(audit: Audit) -> Section:
    headers = [Message("Column"), Message("Meaning"), Message("Sure"), Message("Filled"), Message("Distinct"), Message("Length"),
               Message("In standard form"), Message("Written as"), Message("Damage")]  # fmt: skip
    grids = []
    for table in audit.tables:
        rows = [
            [column.name, _meaning(column), f"{column.confidence:.0%}", Bar(column.fill_rate, 0.8), column.distinct,
             f"{column.shortest}–{column.longest}" if column.filled else "", Bar(column.conformity),
             [f"{form.mask} × {form.cells:,} ({form.example})" for form in column.forms[:_FORMS_SHOWN]], damage_lines(column)]
            for column in table.columns
        ]  # fmt: skip
        caption = Message("{table}: {rows} rows", table=table.name, rows=f"{table.rows:,}")
        grids.append(Grid(headers, rows, caption, folded=len(audit.tables) > 3))
    notes = [
        Message("Digits are shown as 9, letters as A, Chinese characters as 汉; of examples only the first and last character. Personal data is marked †.")
    ]  # fmt: skip
    return Section(Message("All columns"), notes, grids=grids)


def _meaning(column: ColumnProfile) -> list[Message | str]:
    title = MEANINGS[column.meaning]
    return [Message("{meaning} †", meaning=title) if column.meaning in PERSONAL else title]
