"""01_数据质量审计报告.html: how good the data is, column by column, what may go wrong and how much work is ahead."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.profile import DIMENSIONS, MEANINGS, PERSONAL
from crmmigrate.reports import findings
from crmmigrate.reports.page import Badge, Bar, Grid, Page, Section, write_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmmigrate.model.profile import Audit, ColumnProfile, Risk

NAME = "01_数据质量审计报告.html"
_RISKS_SHOWN, _CHANGES_SHOWN = 60, 120


def write_quality(path: Path, language: str, audit: Audit) -> None:
    """Write the report.

    Args:
        path: the .html file.
        language: `en` or `zh`.
        audit: what was found out; no whole personal value is in it.
    """
    rows = sum(table.rows for table in audit.tables)
    columns = sum(len(table.columns) for table in audit.tables)
    high = sum(1 for risk in audit.risks if risk.is_high)
    lead = Message(
        "{tables} tables with {rows} rows and {columns} columns score {score} of 100; {high} risks are high; about {days} person-days of work on the data lie ahead.",
        tables=len(audit.tables), rows=f"{rows:,}", columns=columns, score=round(100 * audit.score), high=high, days=audit.effort.days,
    )  # fmt: skip
    sections = [
        _scores(audit), *_changes(audit), _sources(audit), _tables(audit), *_together(audit), *_rules(audit), _risks(audit), _effort(audit), _columns(audit)
    ]  # fmt: skip
    write_page(path, language, Page(Message("Data quality audit"), lead, sections))


def risk_level(risk: Risk) -> Badge:
    """Return the risk's level as a word in colour: 6 and more is high, 3 and more medium."""
    if risk.is_high:
        return Badge(Message("high"), "poor")
    return Badge(Message("medium"), "fair") if risk.level >= 3 else Badge(Message("low"), "good")


def _scores(audit: Audit) -> Section:
    explained = {
        "normativity": Message("cells in the standard form of their meaning"),
        "completeness": Message("filled cells of the columns that have a meaning"),
        "accuracy": Message("cells without damage, rows that repeat no other"),
        "consistency": Message("cells in their column's most frequent form, credit codes with one name"),
        "timeliness": Message("dated rows of the last three years of their table"),
        "accessibility": Message("rows read as data among all rows read"),
    }
    rows = [[DIMENSIONS[name], Bar(audit.scores.get(name)), explained[name]] for name in DIMENSIONS]
    grid = Grid([Message("Dimension"), Message("Score"), Message("What is counted")], rows)
    notes = [Message("Dimensions of GB/T 36344-2018 at their first level, weighted alike.")]
    figures = [(Message("Score"), f"{100 * audit.score:.0f} / 100"), (Message("High risks"), sum(1 for risk in audit.risks if risk.is_high)),
               (Message("Person-days"), f"{audit.effort.days:g}")]  # fmt: skip
    return Section(Message("Quality score"), notes, figures, [grid, *_gates(audit)])


def _gates(audit: Audit) -> list[Grid]:
    if not audit.gates:
        return []
    rows = [
        [gate.rule, "–" if gate.value is None else f"{gate.value:g}", Badge(Message("met"), "good") if gate.met else Badge(Message("NOT met"), "poor")]
        for gate in audit.gates
    ]  # fmt: skip
    return [Grid([Message("Gate"), Message("Measured"), Message("Result")], rows, Message("Gates"))]


def _changes(audit: Audit) -> list[Section]:
    if not audit.compared:
        return []
    ranks = {"better": "good", "worse": "poor", "new": "fair", "gone": "none"}
    count = Counter(change.verdict for change in audit.changes)
    figures = [(findings.VERDICTS[verdict], count[verdict]) for verdict in ranks]
    order = {"score": 0, "risk": 1, "table": 2, "column": 3}
    shown = sorted(audit.changes, key=lambda change: order[change.kind])[:_CHANGES_SHOWN]
    rows = findings.change_rows(shown, lambda verdict: Badge(findings.VERDICTS[verdict], ranks[verdict]))
    notes = [Message("Compared with {audit}.", audit=audit.compared), *_more(len(shown), len(audit.changes))]
    return [
        Section(
            Message("Since the last audit"),
            notes,
            figures,
            [Grid(findings.CHANGE_HEADERS, rows, empty=Message("Nothing has changed."))],
        )
    ]


def _more(shown: int, count: int) -> list[Message]:
    """Return the sentence that says where the rest is, if there is a rest."""
    if count <= shown:
        return []
    return [
        Message("The {shown} highest of {count}; all of them are in the inventory workbook.", shown=shown, count=count)
    ]


def _sources(audit: Audit) -> Section:
    headers = [Message("Source"), Message("Table"), Message("File"), Message("Format"), Message("Encoding"), Message("Number of rows"), Message("Owner"),
               Message("Changed on"), Message("Place in the sheet")]  # fmt: skip
    rows = [
        [source.get("source", ""), source.get("table", ""), source.get("file", ""), source.get("format", ""), source.get("encoding", ""),
         _number(source.get("rows")), source.get("owner", "") or Badge(Message("nobody"), "poor"), source.get("modified", "")[:10], source.get("region", "")]
        for source in audit.sources
    ]  # fmt: skip
    grids = [Grid(headers, rows)]
    odd = [
        row[:2] + row[5:7]
        for row, file in zip(findings.file_rows(audit), audit.files, strict=True)
        if file.get("state") != "read"
    ]
    if odd:
        grids.append(
            Grid(
                [Message("Source"), Message("File"), Message("State"), Message("Why")],
                odd[:_RISKS_SHOWN],
                Message("Files that were not read as data"),
            )
        )
    counted = sum(column.in_place for table in audit.tables for column in table.columns)
    notes = [
        Message("{count} columns of large tables were counted in the database: checks of whole rows (rows out of line, rules with columns that were read, keys of two columns, contradictions between sources) do not see them.",
                count=counted)
    ] if counted else []  # fmt: skip
    return Section(Message("Data sources"), notes, grids=grids)


def _number(text: str | None) -> int | str:
    return int(text) if text and text.isdigit() else text or ""


def _together(audit: Audit) -> list[Section]:
    """Return what the tables show together: references, overlaps, contradictions, one column under several names."""
    contradictions = findings.contradiction_rows(audit, differing=True)
    relations = [[*row[:5], Bar(row[5] / 100, 0.99), *row[6:]] for row in findings.relation_rows(audit)]
    headers = [*findings.RELATION_HEADERS[:5], Message("Found"), *findings.RELATION_HEADERS[6:]]
    compared = Message(
        "{pairs} pairs of columns were compared for those who stand in two tables; {differ} of them show a contradiction.",
        pairs=len(audit.contradictions), differ=len(contradictions),
    )  # fmt: skip
    sections = [
        _listed(
            Message("Relations"), headers, relations,
            Message("A reference is a column nine tenths of whose cells name a row of another table. Orphans name a row that is not there."),
        ),
        _listed(
            Message("Overlap of sources"), findings.OVERLAP_HEADERS, findings.overlap_rows(audit),
            Message("The same company or person is recognised by name, credit code, telephone and e-mail address. Bounds: below what certain or several signs show; above what signs may have missed."),
        ),
        _listed(Message("Contradictions between sources"), findings.CONTRADICTION_HEADERS, contradictions, compared, always=bool(audit.contradictions)),
        _listed(
            Message("Same under other names"), findings.SAME_HEADERS, findings.same_rows(audit),
            Message("Columns of different names that hold the same values: candidates for one field of the new system."),
            caption=Message("{count} pairs of columns", count=len(audit.same_columns)),
        ),
    ]  # fmt: skip
    return [section for section in sections if section]


def _listed(
    title: Message, headers: Sequence[Message], rows: list[list[Any]], note: Message, *, caption: Message | str = "", always: bool = False
) -> Section | None:  # fmt: skip
    """Return a section of one list, its first rows; folded where it has a caption, none where it is empty."""
    if not rows and not always:
        return None
    grid = Grid(headers, rows[:_RISKS_SHOWN], caption, folded=bool(caption), empty=Message("Nothing was found."))
    return Section(title, [note, *_more(min(len(rows), _RISKS_SHOWN), len(rows))], grids=[grid])


def _rules(audit: Audit) -> list[Section]:
    rows = findings.rule_rows(audit)
    if not rows:
        return []
    notes = [
        Message(
            "One column ought to decide another: one credit code, one name. Rules known from content hold for at least 19 of 20 values that come again."
        )
    ]
    return [
        Section(
            Message("Broken rules"),
            [*notes, *_more(_RISKS_SHOWN, len(rows))],
            grids=[Grid(findings.RULE_HEADERS, rows[:_RISKS_SHOWN])],
        )
    ]


def _tables(audit: Audit) -> Section:
    headers = [Message("Table"), Message("Number of rows"), Message("Number of columns"), Message("Filled"), Message("Key"), Message("Repeated rows"),
               Message("Probable duplicates"), Message("Rows out of line"), Message("Use")]  # fmt: skip
    rows = []
    for table in audit.tables:
        cells = sum(column.rows for column in table.columns)
        filled = sum(column.filled for column in table.columns) / cells if cells else None
        use = Message("reference") if table.reference else Message("to be migrated")
        rows.append([table.name, table.rows, len(table.columns), Bar(filled, 0.8), ", ".join(table.keys[:3]) or "–", table.duplicate_rows,
                     findings.duplicate_lines(table) or "–", findings.misplaced_lines(table) or "–", use])  # fmt: skip
    figures = [
        (Message("Companies in all sources (estimated)"), audit.entities),
        (Message("Companies in more than one source (estimated)"), audit.overlap),
    ]
    notes = [
        Message(
            "Duplicates are estimates: in brackets the bounds, from what certain or several signs show to what signs may have missed."
        )
    ]
    return Section(Message("Tables"), notes, figures, [Grid(headers, rows)])


def _risks(audit: Audit) -> Section:
    headers = [Message("Level"), Message("Table"), Message("Column"), Message("Finding"), Message("Measure")]
    shown = audit.risks[:_RISKS_SHOWN]
    rows = [[risk_level(risk), risk.table, risk.column, risk.finding, risk.measure] for risk in shown]
    notes = _more(len(shown), len(audit.risks))
    grid = Grid(headers, rows, empty=Message("Nothing was found."), filters=(0, 1), search=True)
    return Section(Message("Risk register"), notes, grids=[grid])


def _effort(audit: Audit) -> Section:
    effort = audit.effort
    figures = [
        (Message("Pairs to review"), effort.pairs),
        (Message("Cells to fill in"), effort.fill),
        (Message("Damaged cells to look at"), effort.mend),
        (Message("Contradictions and orphans to settle"), effort.conflicts),
        (Message("Tables to map"), effort.tables),
        (Message("Person-days"), f"{effort.days:g}"),
    ]
    return Section(Message("Effort estimate"), effort.assumptions, figures)


def _columns(audit: Audit) -> Section:
    headers = [Message("Column"), Message("Meaning"), Message("Sure"), Message("Filled"), Message("Distinct"), Message("Length"),
               Message("In standard form"), Message("Written as"), Message("Damage"), Message("To look at")]  # fmt: skip
    grids = []
    for table in audit.tables:
        rows = [
            [column.name, _meaning(column), f"{column.confidence:.0%}", Bar(column.fill_rate, 0.8), column.distinct,
             f"{column.shortest}–{column.longest}" if column.filled else "", Bar(column.conformity),
             findings.form_lines(column), findings.short_damage_lines(column), findings.doubt_lines(column)]
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
