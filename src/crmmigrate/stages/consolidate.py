"""consolidate: turn source tables into business objects, and children into children of their parents."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, declare_code
from crmmigrate.model.project import FeedSpec, Project, RelationSpec
from crmmigrate.model.stage import PROJECT, Job, Query, StageResult, stage
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.table import Tables

UNUSED = declare_code("consolidate.unused", Message("the row feeds no business object"))
ORPHAN = declare_code("consolidate.orphan", Message("the parent named in the row does not exist"))
AMBIGUOUS = declare_code("consolidate.ambiguous-parent", Message("the parent named in the row exists more than once"))

_NAMED = 12
"""Tables that a finding names; the rest is counted."""


@dataclass(frozen=True)
class ConsolidateOptions:
    """Which source tables become which objects.

    Args:
        objects: as in migration.yaml.
        references: tables that are only looked things up in; they pass unchanged.
    """

    objects: Mapping[str, tuple[FeedSpec, ...]] = field(default_factory=dict)
    references: tuple[str, ...] = ()

    @classmethod
    def from_project(cls, project: Project) -> ConsolidateOptions:
        """Take the objects and the reference sources of a project."""
        patterns = tuple(f"{name}.*" for name, source in project.sources.items() if source.reference)
        return cls(project.objects, patterns)


@stage(title=Message("Gather source tables into business objects"), options=ConsolidateOptions)
def consolidate(job: Job) -> StageResult:
    """Rename columns, stack the tables that feed an object, and resolve each row's parent to its `_record`.

    A row may feed several objects (customer and contact in one line). A row that feeds none is set aside; a parent that
    does not exist, or exists twice, leaves `_ref_<parent>` empty and an issue.
    """
    options: ConsolidateOptions = job.options
    feeds = {name: _matched(name, specs, job.tables) for name, specs in options.objects.items()}
    flows: dict[str, tuple[str, ...]] = {}
    result = StageResult(flows=flows)
    unfed: list[str] = []
    for name, matched in feeds.items():
        result.tables[name] = Query(_object_sql(matched, job.tables, options.objects))
        result.issues += _reference_issues(name, matched, job.tables, options.objects)
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


def _matched(name: str, specs: tuple[FeedSpec, ...], tables: Tables) -> list[tuple[str, FeedSpec]]:
    matched = []
    for spec in specs:
        found = [table for table in tables if fnmatchcase(table, spec.table)]
        if not found:
            raise ConfigurationError(
                "consolidate.no-table",
                Message("object '{name}': no source table is called '{table}'", name=name, table=spec.table),
                hint=nearest(spec.table, tables) or Message("there are: {tables}", tables=", ".join(tables)),
            )
        matched += [(table, spec) for table in found]
        for table in found:
            _check_columns(name, table, spec, tables)
    return matched


def _check_columns(name: str, table: str, spec: FeedSpec, tables: Tables) -> None:
    needed = [*spec.columns.values(), spec.key, spec.when, *(relation.column for relation in spec.relations.values())]
    for column in filter(None, needed):
        if column not in tables[table].columns:
            raise ConfigurationError(
                "consolidate.no-column",
                Message("object '{name}': the table has no column '{column}'", name=name, column=column), table,
                nearest(column, tables[table].data_columns)
                or Message("there are: {columns}", columns=", ".join(tables[table].data_columns)),
            )  # fmt: skip


def _object_sql(
    matched: list[tuple[str, FeedSpec]], tables: Tables, objects: Mapping[str, tuple[FeedSpec, ...]]
) -> str:
    columns: list[str] = []
    for table, spec in matched:
        columns += [c for c in _renamed(table, spec, tables) if c not in columns]
    parents = list(dict.fromkeys(parent for _, spec in matched for parent in spec.relations))
    return " UNION ALL ".join(_feed_sql(table, spec, columns, parents, tables, objects) for table, spec in matched)


def _renamed(table: str, spec: FeedSpec, tables: Tables) -> dict[str, str]:
    """Return object column → source column, in a sensible order."""
    taken = set(spec.columns.values())
    kept = {
        column: column for column in tables[table].data_columns if column not in taken and column not in spec.columns
    }
    return {**spec.columns, **kept}


def _feed_sql(
    table: str, spec: FeedSpec, columns: list[str], parents: list[str], tables: Tables,
    objects: Mapping[str, tuple[FeedSpec, ...]],
) -> str:  # fmt: skip
    renamed = _renamed(table, spec, tables)
    chosen = [f"s.{RECORD}", f"s.{ORIGIN}"]
    joins = ""
    for number, parent in enumerate(parents):
        name = quoted(REFERENCE + parent)
        relation = spec.relations.get(parent)
        if relation is None:
            chosen.append(f"CAST(NULL AS VARCHAR) AS {name}")
        elif relation.same_row:
            when = objects[parent] and _same_row_condition(table, objects[parent])
            chosen.append(f"CASE WHEN {when} THEN s.{RECORD} END AS {name}")
        else:
            keys = _parent_keys(relation, objects[parent], tables)
            joins += f" LEFT JOIN ({keys}) p{number} ON s.{quoted(relation.column)} = p{number}.key"
            chosen.append(f"CASE WHEN p{number}.n = 1 THEN p{number}.{RECORD} END AS {name}")
    for column in columns:
        source = renamed.get(column)
        value = f"s.{quoted(source)}" if source else "CAST(NULL AS VARCHAR)"
        chosen.append(f"{value} AS {quoted(column)}")
    return f"SELECT {', '.join(chosen)} FROM {quoted(table)} s{joins} WHERE {_condition(spec)}"


def _condition(spec: FeedSpec) -> str:
    return f"nullif(trim(s.{quoted(spec.when)}), '') IS NOT NULL" if spec.when else "true"


def _same_row_condition(table: str, parent_feeds: tuple[FeedSpec, ...]) -> str:
    """The row has a parent only if it feeds the parent's object too."""
    found = [_condition(feed) for feed in parent_feeds if fnmatchcase(table, feed.table)]
    return " OR ".join(found) or "false"


def _parent_keys(relation: RelationSpec, parent_feeds: tuple[FeedSpec, ...], tables: Tables) -> str:
    """SQL that gives each key of the parent's table, its `_record` and how often it occurs."""
    pattern = relation.table or parent_feeds[0].table
    feed = next((feed for feed in parent_feeds if feed.table == pattern), parent_feeds[0])
    if not feed.key:
        raise ConfigurationError(
            "consolidate.no-key", Message("rows refer to '{table}', but no key is named for it", table=pattern),
            hint=Message("add 'key: COLUMN' to its entry under 'objects'"),
        )  # fmt: skip
    found = [table for table in tables if fnmatchcase(table, pattern)]
    union = " UNION ALL ".join(f"SELECT {quoted(feed.key)} AS key, {RECORD} FROM {quoted(table)}" for table in found)
    return f"SELECT key, min({RECORD}) AS {RECORD}, count(*) AS n FROM ({union}) GROUP BY key"


def _reference_issues(
    name: str, matched: list[tuple[str, FeedSpec]], tables: Tables, objects: Mapping[str, tuple[FeedSpec, ...]]
) -> list[tuple[str | None, ...]]:
    issues: list[tuple[str | None, ...]] = []
    for table, spec in matched:
        for parent, relation in spec.relations.items():
            if relation.same_row:
                continue
            keys = _parent_keys(relation, objects[parent], tables)
            column = quoted(relation.column)
            found = tables.sql(
                f"SELECT s.{RECORD}, s.{ORIGIN}, s.{column} AS value, p.n FROM {quoted(table)} s "
                f"LEFT JOIN ({keys}) p ON s.{column} = p.key "
                f"WHERE {_condition(spec)} AND s.{column} IS NOT NULL AND coalesce(p.n, 0) <> 1"
            ).to_pylist()
            issues += [
                (name, row[RECORD], row[ORIGIN], relation.column, AMBIGUOUS if row["n"] else ORPHAN,
                 "error" if relation.required else "warning", "LOGIC", row["value"], None, f"relation {parent}", "certain")
                for row in found
            ]  # fmt: skip
    return issues


def _unused_rows(table: str, specs: list[FeedSpec], tables: Tables) -> list[tuple[str | None, ...]]:
    if specs and not all(spec.when for spec in specs):
        return []
    used = " OR ".join(_condition(spec) for spec in specs) or "false"
    rows = tables.sql(f"SELECT {RECORD}, {ORIGIN} FROM {quoted(table)} s WHERE NOT ({used})").to_pylist()
    return [(table, row[RECORD], row[ORIGIN], "quarantined", UNUSED, None, None, None) for row in rows]
