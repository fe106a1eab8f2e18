"""scope: set aside the records that are not to be migrated, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import CANDIDATES, CHILDREN, SIDE_TABLES
from crmmigrate.model.document import nearest, nearest_header, nearest_or_all
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, Issue, declare_code
from crmmigrate.model.object_title import object_title
from crmmigrate.model.scope import KeepRule, ObjectScope, ScopeRules, read_scope
from crmmigrate.model.stage import PROJECT, Batch, Job, Query, Report, StageResult, option, stage
from crmmigrate.model.table import literal, quoted
from crmmigrate.standards._since import on_or_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Table, Tables

NO_RULE = declare_code("scope.no-rule-holds", Message("no scope rule keeps the record"))
PARENT_OUT = declare_code("scope.parent-out", Message("its parent is out of scope"))
DATE_UNCLEAR = declare_code(
    "scope.date-unclear", Message("a date that may be before or after the day from which records are in scope")
)


@dataclass(frozen=True)
class ScopeOptions:
    """The rules to apply."""

    rules: ScopeRules = option("--rules", Message("the scope rules (scope.yaml)"), read=read_scope, required=True)

    @classmethod
    def from_project(cls, project: Project) -> ScopeOptions:
        """Read the scope.yaml that a project names; without one everything is kept."""
        return cls(read_scope(project.file(project.scope), project.objects) if project.scope else ScopeRules(1))


@stage(title=Message("Set aside what is not to be migrated"), options=ScopeOptions, writes=("issues", "rejects"))
def scope(job: Job) -> StageResult:
    """Keep records for which a rule of their object holds, then the children of what is kept.

    Dates are read by the `date` standard; one that may be before or after the day keeps its record, and is told (`standards/_since.py`).
    """
    rules = _of_a_single_table(job.options.rules, job.tables)
    for name in rules.objects:
        if name not in job.tables and len(set(job.tables) - SIDE_TABLES) > 1:
            raise ConfigurationError(
                "scope.unknown-object", Message("no object is called '{name}'", name=name), "scope",
                nearest_or_all(name, job.tables),
            )  # fmt: skip
    result = StageResult()
    stays: dict[str, NDArray[np.bool_]] = {}
    kept: dict[str, pa.Table] = {}
    for name in _order(rules, job.tables):
        unclear: list[_Unclear] = []
        stays[name], kept[name] = _decided(name, rules.objects[name], kept, job.tables, unclear)
        for dates in unclear:
            _tell(dates, job.tables, result)
    for name, table in job.tables.items():
        if name not in stays:
            result.tables[name] = table
            continue
        result.tables[name] = _split(table, stays[name], PARENT_OUT if rules.objects[name].follow else NO_RULE)
        result.facts[name] = {"kept": int(stays[name].sum()), "of": table.rows}
    result.tables |= {name: _without(name, kept) for name in (CHILDREN, CANDIDATES) if name in job.tables and kept}
    if stays:
        result.reports.append(_form(rules, job.tables, stays))
    result.next_step = Message(
        "write values the standard way: crmmigrate run {project} --to standardise", project=PROJECT
    )
    return result


def _of_a_single_table(rules: ScopeRules, tables: Tables) -> ScopeRules:
    """Return the rules, which are about a single table whatever that is called, where they are about one object.

    Raises:
        ConfigurationError: they are about several objects, and the only table is none of them: nothing would be set aside.
    """
    names = [name for name in tables if name not in SIDE_TABLES]
    if len(names) != 1 or not rules.objects or names[0] in rules.objects:
        return rules
    if len(rules.objects) == 1:
        return replace(rules, objects={names[0]: next(iter(rules.objects.values()))})
    raise ConfigurationError(
        "scope.unknown-object", Message("no object is called '{name}'", name=names[0]), "scope",
        nearest(names[0], rules.objects) or Message("give --object with one of: {words}", words=", ".join(rules.objects)),
    )  # fmt: skip


def _without(name: str, kept: Mapping[str, pa.Table]) -> Query:
    """Return a table of `model.ambiguous` without the records that are set aside."""
    frames = {f"_kept{number}": records for number, records in enumerate(kept.values())}
    stay = [f"(object <> {literal(of)} OR record IN (SELECT {RECORD} FROM {rows}))" for of, rows in zip(kept, frames, strict=True)]  # fmt: skip
    return Query(f"SELECT * FROM {quoted(name)} WHERE {' AND '.join(stay)} ORDER BY ALL", frames)


def _form(rules: ScopeRules, tables: Tables, stays: Mapping[str, NDArray[np.bool_]]) -> Report:
    from crmmigrate.reports.scope_sheet import WORKBOOK, LeftOut, write_scope

    out = {name: LeftOut(PARENT_OUT if rules.objects[name].follow else NO_RULE, ~kept) for name, kept in stays.items()}
    return Report(WORKBOOK, lambda path, language: write_scope(path, language, rules, tables, out))


def _order(rules: ScopeRules, tables: Tables) -> list[str]:
    """Return the objects with rules, parents before those that follow them."""
    waiting = {name: scope for name, scope in rules.objects.items() if name in tables}
    order: list[str] = []
    while waiting:
        ready = [name for name, scope in waiting.items() if not scope.follow or scope.follow not in waiting]
        if not ready:
            raise ConfigurationError(
                "scope.cycle", Message("'follow' goes round in a circle: {names}", names=", ".join(waiting)), "scope"
            )
        for name in ready:
            del waiting[name]
        order += ready
    return order


def _split(table: Table, stays: NDArray[np.bool_], code: str) -> Iterator[Batch]:
    """Yield the rows that stay, in their order, and set the others aside."""
    at = 0
    for rows in table.batches():
        mask = stays[at : at + len(rows)]
        at += len(rows)
        out = rows.loc[~mask, [RECORD, ORIGIN]].astype(object)
        aside: list[tuple[str | None, ...]] = [
            (table.name, record, origin if isinstance(origin, str) else None, "out_of_scope", code, None, None, None)
            for record, origin in out.itertuples(index=False)
        ]
        yield Batch(rows.loc[mask], aside=aside)


def _decided(
    name: str, scope: ObjectScope, kept: dict[str, pa.Table], tables: Tables, unclear: list[_Unclear]
) -> tuple[NDArray[np.bool_], pa.Table]:
    """Return whether each row of an object stays, in the order of the rows, and the records that do.

    Args:
        name: the object.
        scope: its rules.
        kept: the records that stay of the objects before it.
        tables: all of them.
        unclear: is given the dates for which a record stays though they may be too early.
    """
    import numpy as np

    beside: dict[str, Any] = {}
    if scope.follow:
        parent = quoted(REFERENCE + scope.follow)
        alone = f"{parent} IS NULL" + _and_not_lost(name, scope.follow, tables)
        condition = f"{alone} OR {parent} IN (SELECT {RECORD} FROM _kept)" if scope.follow in kept else "true"
        beside = {"_kept": kept[scope.follow]} if scope.follow in kept else {}
    else:
        condition = " OR ".join(_kept_by(name, rule, tables, beside, unclear) for rule in scope.keep) or "true"
    for relation, rows in beside.items():
        tables.connection.register(relation, rows)
    # Which side of a join DuckDB goes through first is its own choice, and with it the order of the answer.
    found = tables.sql(
        f"SELECT n, {RECORD} FROM (SELECT *, row_number() OVER () - 1 AS n FROM {quoted(name)}) AS t WHERE {condition}"
    )
    for relation in beside:
        tables.connection.unregister(relation)
    stays = np.zeros(tables[name].rows, dtype=np.bool_)
    stays[found.column("n").to_numpy()] = True
    return stays, found.select([RECORD])


def _and_not_lost(name: str, parent: str, tables: Tables) -> str:
    """Return the SQL that leaves out the children of several parents none of which stays."""
    if CHILDREN not in tables:
        return ""
    lost = f"keyed NOT IN (SELECT keyed FROM {CANDIDATES} WHERE record IN (SELECT {RECORD} FROM _kept))"
    return f" AND {RECORD} NOT IN (SELECT record FROM {CHILDREN} WHERE {_between(name, parent)} AND {lost})"


def _between(child: str, parent: str) -> str:
    return f"object = {literal(child)} AND parent = {literal(parent)}"


def _kept_by(name: str, rule: KeepRule, tables: Tables, beside: dict[str, Any], unclear: list[_Unclear]) -> str:
    """Return the SQL that holds for the rows `t` of an object that a rule keeps; the values that it wants go into `beside`."""
    owner = rule.child or name
    if owner not in tables:
        return "false"
    if rule.column:
        _check_column(owner, rule.column, tables)
    says = "true"
    if rule.since or rule.values:
        wanted = f"_wanted{len(beside)}"
        beside[wanted] = _wanted(owner, rule, tables, unclear)
        says = f"{'o' if rule.child else 't'}.{quoted(rule.column)} IN (SELECT value FROM {wanted})"
    here = " OR ".join(f"t.{RECORD} GLOB {literal(f'{source}/*')}" for source in rule.source) or "true"
    if not rule.child:
        return f"({says} AND ({here}))"
    # A child of several parents keeps each of them.
    _check_column(owner, REFERENCE + name, tables)
    link = f"o.{quoted(REFERENCE + name)}"
    named = [f"SELECT {link} FROM {quoted(owner)} o WHERE {link} IS NOT NULL AND {says}"]
    if CHILDREN in tables:
        says_so = f"record IN (SELECT o.{RECORD} FROM {quoted(owner)} o WHERE {says})"
        keyed = f"SELECT keyed FROM {CHILDREN} WHERE {_between(owner, name)} AND {says_so}"
        named.append(f"SELECT record FROM {CANDIDATES} WHERE keyed IN ({keyed})")
    return f"(t.{RECORD} IN ({' UNION ALL '.join(named)}) AND ({here}))"


def _wanted(owner: str, rule: KeepRule, tables: Tables, unclear: list[_Unclear]) -> pd.DataFrame:
    """Return the values of a rule's column for which it holds, or may hold."""
    import numpy as np

    column = quoted(rule.column)
    values = tables.frame(f"SELECT DISTINCT {column} AS value FROM {quoted(owner)} WHERE {column} IS NOT NULL")
    if rule.since:
        told = on_or_after(values["value"].tolist(), rule.since)
        if None in told:
            unclear.append(
                _Unclear(owner, rule.column, rule.since, values[np.array([one is None for one in told], dtype=bool)])
            )
        values = values[np.array([one is not False for one in told], dtype=bool)]
    if rule.values:
        wanted = {_folded(value) for value in rule.values}
        values = values[values["value"].map(_folded).isin(wanted)]
    return values


@dataclass(frozen=True)
class _Unclear:
    """Dates of a column that may be before or after the day of a rule."""

    owner: str
    column: str
    since: str
    values: pd.DataFrame


def _tell(dates: _Unclear, tables: Tables, result: StageResult) -> None:
    """Tell of dates for which a record stays though they may be too early."""
    column = quoted(dates.column)
    tables.connection.register("_unclear", dates.values)
    found = tables.sql(
        f"SELECT {RECORD}, {ORIGIN}, {column} AS value FROM {quoted(dates.owner)} WHERE {column} IN (SELECT value FROM _unclear) ORDER BY {RECORD}"
    ).to_pylist()
    tables.connection.unregister("_unclear")
    result.issues += [
        Issue(dates.owner, row[RECORD], row[ORIGIN] or "", dates.column, DATE_UNCLEAR, before=row["value"]).row()
        for row in found
    ]
    result.findings.append(Message(
        "{column}: {count} dates may be before or after {day}; their records stay in scope",
        column=f"{object_title(dates.owner)}.{dates.column}", count=len(found), day=dates.since,
    ))  # fmt: skip


def _check_column(owner: str, column: str, tables: Tables) -> None:
    if column not in tables[owner].columns:
        raise ConfigurationError(
            "scope.no-column", Message("'{owner}' has no column '{column}'", owner=owner, column=column), "scope",
            nearest_header(column, tables[owner].data_columns),
        )  # fmt: skip


def _folded(value: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", value).strip().casefold()
