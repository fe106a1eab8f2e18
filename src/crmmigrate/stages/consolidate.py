"""consolidate: turn source tables into business objects, and children into children of their parents."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from crmmigrate.checks.feed_names import called, check_feeds, fed_tables, fitting, keyed_feed, naming_tables
from crmmigrate.checks.parent_links import Relation, folding, link
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import CANDIDATE_COLUMNS, CANDIDATES, CHILD_COLUMNS, CHILDREN
from crmmigrate.model.feed_rows import NUMBER, PLACE, ROW, SURVIVOR, condition, rows_sql, shaped, shaped_sql
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, declare_code, text_frame
from crmmigrate.model.link_correction import keys_of, of_links, said
from crmmigrate.model.project import FeedSpec, Project, RelationSpec
from crmmigrate.model.stage import PROJECT, Job, Query, StageResult, stage
from crmmigrate.model.table import quoted, sql_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmmigrate.model.correction import Correction
    from crmmigrate.model.table import Tables

_FEED = "_feed"
"""Beside each row: the number of the table it is from."""
UNUSED = declare_code("consolidate.unused", Message("the row feeds no business object"))
GROUPED = declare_code("consolidate.grouped", Message("the row became one with another of its group"))
DIFFERS = declare_code(
    "consolidate.group-differs", Message("rows of one group say different things here; the first was taken")
)
NO_SUM = declare_code("consolidate.not-a-number", Message("a cell is no number, so there is no sum"))
_NAMED = 12
"""Tables that a finding names; the rest is counted."""


@dataclass(frozen=True)
class ConsolidateOptions:
    """Which source tables become which objects.

    Args:
        objects: as in migration.yaml.
        references: tables that are only looked things up in; they pass unchanged.
        file: the migration.yaml, for the places of mistakes in it.
        corrections: of columns that name a parent, and of the keys of parents: by what people wrote there it is looked for.
    """

    objects: Mapping[str, tuple[FeedSpec, ...]] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    file: str = ""

    def corrected(self, name: str) -> tuple[Correction, ...]:
        """Return the corrections of an object's rows."""
        return tuple(one for one in self.corrections if one.object == name)

    @classmethod
    def from_project(cls, project: Project) -> ConsolidateOptions:
        """Take the objects and the reference sources of a project."""
        patterns = tuple(f"{name}.*" for name, source in project.sources.items() if source.reference)
        return cls(project.objects, patterns, link_corrections(project), project.written_in)


def link_corrections(project: Project) -> tuple[Correction, ...]:
    """Return what people corrected in the columns by which rows name their parents, and in the parents' keys; the cells themselves `standardise` corrects."""
    from crmmigrate.reports.worklist import kept_corrections

    return of_links(kept_corrections(project), project.objects)


@stage(title=Message("Gather source tables into business objects"), options=ConsolidateOptions)
def consolidate(job: Job) -> StageResult:
    """Rename columns, stack the tables that feed an object, and resolve each row's parent to its `_record`.

    A row may feed several objects (customer and contact in one line). A row that feeds none is set aside; a parent that
    does not exist, or exists twice, leaves `_ref_<parent>` empty and an issue. Which ones it may be where it exists twice
    is told beside (`model.ambiguous`).
    """
    options: ConsolidateOptions = job.options
    sources = _sources(job.tables)
    check_feeds(options.objects, sources, options.file)
    feeds = {name: fed_tables(specs, sources) for name, specs in options.objects.items()}
    flows: dict[str, tuple[str, ...]] = {}
    pieces = frozenset(name for name, specs in options.objects.items() if any(spec.each for spec in specs))
    result = StageResult(flows=flows, pieces=pieces)
    unfed: list[str] = []
    children: list[tuple[str | None, ...]] = []
    candidates: list[tuple[str | None, ...]] = []
    for name, matched in feeds.items():
        result.tables[name] = Query(_object_sql(name, matched, job.tables, options))
        for relation in _relations(name, matched, job.tables, options):
            rows = relation.not_plain(job.tables)
            result.issues += relation.issues(rows)
            several = relation.ambiguous(rows, job.tables)
            children += several[0]
            candidates += several[1]
        result.issues += [issue for table, spec in matched for issue in _group_issues(name, table, spec, job.tables)]
    for table in job.tables:
        if table.startswith("_") or any(fnmatchcase(table, pattern) for pattern in options.references):
            result.tables[table] = job.tables[table]
            continue
        fed = {name: [spec for source, spec in matched if source == table] for name, matched in feeds.items()}
        fed = {name: specs for name, specs in fed.items() if specs}
        flows[table] = tuple(fed)
        if not fed and job.tables[table].rows:
            unfed.append(table)
        result.aside += _unused_rows(table, [spec for specs in fed.values() for spec in specs], job.tables)
    if children:
        result.tables[CHILDREN] = text_frame(children, CHILD_COLUMNS)
        result.tables[CANDIDATES] = text_frame([*dict.fromkeys(candidates)], CANDIDATE_COLUMNS)
    if unfed:
        result.findings.append(_unfed(unfed, job.tables))
    result.facts = {name: {"tables": [table for table, _ in matched]} for name, matched in feeds.items()}
    result.next_step = Message("set the scope: crmmigrate run {project} --to scope", project=PROJECT)
    return result


def _unfed(names: list[str], tables: Tables) -> Message:
    """Say which tables feed nothing: one met on a sheet beside the expected one must not go unnoticed."""
    listed = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
    return Message(
        "tables that feed no object, their {rows} rows are set aside: {tables}",
        rows=f"{sum(tables[name].rows for name in names):,}", tables=listed,
    )  # fmt: skip


def _sources(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Return the source tables with the columns that they had before they were read."""
    return {name: table.data_columns for name, table in tables.items() if not name.startswith("_")}


def _object_sql(name: str, matched: list[tuple[str, FeedSpec]], tables: Tables, options: ConsolidateOptions) -> str:
    columns: list[str] = []
    for table, spec in matched:
        columns += [c for c in _renamed(table, spec, tables) if c not in columns]
    _check_case(columns, ", ".join(dict.fromkeys(table for table, _ in matched)))
    parents = list(dict.fromkeys(parent for _, spec in matched for parent in spec.relations))
    feeds = [
        _feed_sql(name, (table, spec), number, columns, parents, tables, options)
        for number, (table, spec) in enumerate(matched)
    ]
    chosen = [RECORD, ORIGIN, *(REFERENCE + parent for parent in parents), *columns]
    # A join answers in the order of whichever side is the larger, a group in none.
    ordered = any(shaped(spec) or any(not one.same_row for one in spec.relations.values()) for _, spec in matched)
    order = f" ORDER BY {_FEED}, {PLACE}, length({RECORD}), {RECORD}" if ordered else ""
    return f"SELECT {', '.join(map(quoted, chosen))} FROM ({' UNION ALL '.join(feeds)}){order}"


def _check_case(columns: list[str], tables: str) -> None:
    known: dict[str, str] = {}
    for column in columns:
        if (other := known.setdefault(sql_name(column), column)) != column:
            raise ConfigurationError(
                "consolidate.columns-alike", Message("to SQL '{column}' and '{other}' are one column", column=column, other=other),
                tables, Message("give both one name, or two that differ, under 'columns' of the object in migration.yaml"),
            )  # fmt: skip


def _renamed(table: str, spec: FeedSpec, tables: Tables) -> dict[str, str]:
    """Return object column → source column."""
    return called(spec, tables[table].data_columns)


def _feed_sql(
    own_name: str, feed: tuple[str, FeedSpec], place: int, columns: list[str], parents: list[str], tables: Tables,
    options: ConsolidateOptions,
) -> str:  # fmt: skip
    (table, spec), objects = feed, options.objects
    renamed = _renamed(table, spec, tables)
    chosen = [f"{place} AS {_FEED}", f"s.{PLACE}", f"s.{RECORD}", f"s.{ORIGIN}"]
    joins = ""
    for number, parent in enumerate(parents):
        name = quoted(REFERENCE + parent)
        relation = spec.relations.get(parent)
        if relation is None:
            chosen.append(f"CAST(NULL AS VARCHAR) AS {name}")
        elif relation.same_row:
            when = objects[parent] and _same_row_condition(table, objects[parent])
            own = f"s.{ROW}" if shaped(spec) else f"s.{RECORD}"
            grouped = next((f for f in objects[parent] if f.group and not f.each and fnmatchcase(table, f.table)), None)
            if grouped is not None:
                joins += f" LEFT JOIN ({rows_sql(table, grouped)}) g{number} ON g{number}.{ROW} = {own}"
                own = f"g{number}.{SURVIVOR}"
            chosen.append(f"CASE WHEN {when} THEN {own} END AS {name}")
        else:
            keys = _parent_keys(relation, parent, tables, options)
            join, names = said(spec, relation.column, options.corrected(own_name), f"c{number}")
            met = link(names, keys, f"p{number}_", folding(relation))
            joins += join + met.join
            chosen.append(f"CASE WHEN {met.count} = 1 THEN {met.record} END AS {name}")
    for column in columns:
        source = renamed.get(column)
        value = f"s.{quoted(source)}" if source else "CAST(NULL AS VARCHAR)"
        chosen.append(f"{value} AS {quoted(column)}")
    plain = f"SELECT *, row_number() OVER () AS {PLACE} FROM {quoted(table)}"
    rows = shaped_sql(table, spec, tables) if shaped(spec) else plain
    return f"SELECT {', '.join(chosen)} FROM ({rows}) s{joins} WHERE {condition(spec)}"


def _same_row_condition(table: str, parent_feeds: tuple[FeedSpec, ...]) -> str:
    """The row has a parent only if it feeds the parent's object too."""
    found = [condition(feed) for feed in parent_feeds if fnmatchcase(table, feed.table)]
    return " OR ".join(found) or "false"


def _parent_keys(relation: RelationSpec, parent: str, tables: Tables, options: ConsolidateOptions) -> str:
    """SQL that gives each key, or name, by which rows name their parents with the `_record` of every parent that has it."""
    feeds = options.objects[parent]
    if relation.by:
        found = _named(relation, tables, feeds)
    else:
        feed = keyed_feed(relation, feeds)
        pattern = relation.table or feed.table
        of_parents = fitting(pattern, _sources(tables))
        found = [(feed, feed.key, _having(feed, table, feed.key, feeds)) for table in of_parents]
    return keys_of(found, options.corrected(parent))


def _named(relation: RelationSpec, tables: Tables, feeds: tuple[FeedSpec, ...]) -> list[tuple[FeedSpec, str, str]]:
    """Return the tables that feed the parent's object and have the column by which it is named, as for `keys_of`."""
    return [
        (feed, names[relation.by], _having(feed, table, names[relation.by], (feed,)))
        for table, feed, names in naming_tables(relation, feeds, _sources(tables))
        if relation.by in names
    ]


def _having(feed: FeedSpec, table: str, column: str, feeds: tuple[FeedSpec, ...]) -> str:
    """Return the relation of the parents that a table holds, with the column that names them."""
    if shaped(feed):
        return f"(SELECT DISTINCT {quoted(column)}, {SURVIVOR} AS {RECORD} FROM ({rows_sql(table, feed)}))"
    fed = _same_row_condition(table, feeds)
    return quoted(table) if fed == "true" else f"(SELECT * FROM {quoted(table)} s WHERE {fed})"


def _relations(
    name: str, matched: list[tuple[str, FeedSpec]], tables: Tables, options: ConsolidateOptions
) -> Iterator[Relation]:
    """Yield how the rows of an object name their parents by a key."""
    for table, spec in matched:
        for parent, relation in spec.relations.items():
            if not relation.same_row:
                keys = _parent_keys(relation, parent, tables, options)
                join, names = said(spec, relation.column, options.corrected(name), "c")
                rows = f"({shaped_sql(table, spec, tables)})" if shaped(spec) else quoted(table)
                yield Relation(name, parent, relation, (f"{rows} s{join}", condition(spec)), names, keys)


def _unused_rows(table: str, specs: list[FeedSpec], tables: Tables) -> list[tuple[str | None, ...]]:
    """Return the rows that arrive nowhere: those that feed nothing, and those that became one with another of their group."""
    if any(not spec.when and not shaped(spec) for spec in specs):
        return []
    used = " OR ".join(condition(spec) for spec in specs if not shaped(spec)) or "false"
    formed = [rows_sql(table, spec) for spec in specs if shaped(spec)]
    arrived = "".join(
        f" AND s.{RECORD} NOT IN (SELECT {ROW} FROM ({rows}) WHERE {RECORD} = {SURVIVOR})" for rows in formed
    )
    survivors = " UNION ALL ".join(f"SELECT {ROW}, {SURVIVOR} FROM ({rows})" for rows in formed)
    into = f"(SELECT min({SURVIVOR}) FROM ({survivors}) g WHERE g.{ROW} = s.{RECORD})" if formed else "NULL"
    rows = tables.sql(
        f"SELECT {RECORD}, {ORIGIN}, {into} AS into_ FROM {quoted(table)} s WHERE NOT ({used}){arrived}"
    ).to_pylist()
    return [
        (table, row[RECORD], row[ORIGIN], "merged", GROUPED, None, None, row["into_"]) if row["into_"]
        else (table, row[RECORD], row[ORIGIN], "quarantined", UNUSED, None, None, None)
        for row in rows
    ]  # fmt: skip


def _group_issues(name: str, table: str, spec: FeedSpec, tables: Tables) -> list[tuple[str | None, ...]]:
    """Say where a group was not of one mind, and where cells could not be added up."""
    if not spec.group:
        return []
    issues: list[tuple[str | None, ...]] = []
    asked = [
        column
        for column in tables[table].data_columns
        if column not in spec.group and spec.combine.get(column, "sum") == "sum"
    ]
    for column in asked:
        cell = f"nullif(trim({quoted(column)}), '')"
        summed = column in spec.combine
        wrong = (
            f"NOT bool_and({cell} IS NULL OR regexp_matches({cell}, '{NUMBER}'))"
            if summed
            else f"count(DISTINCT {cell}) > 1"
        )
        rows = tables.sql(
            f"SELECT {SURVIVOR} AS r, first({ORIGIN} ORDER BY {PLACE}) AS o FROM ({rows_sql(table, spec)}) GROUP BY 1 HAVING {wrong}"
        ).to_pylist()
        code, severity = (NO_SUM, "error") if summed else (DIFFERS, "warning")
        issues += [
            (name, row["r"], row["o"], column, code, severity, "LOGIC", None, None, "group", "certain") for row in rows
        ]
    return issues
