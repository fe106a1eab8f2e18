"""Waves: one department after the other, each with everything that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest_or_all
from crmmigrate.model.issue import RECORD, REFERENCE
from crmmigrate.model.project import project_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.project import Project, WaveRule
    from crmmigrate.model.table import Table
    from crmmigrate.runner.pipeline import Pipeline


def wave_table(pipeline: Pipeline) -> Table:
    """Write down which rows belong to which wave: `number` and `wave` in the order of the project, `table`, `_record`."""
    import pandas as pd

    from crmmigrate.runner.tables import TableWriter

    folder = pipeline.context.workspace.folder / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    writer = TableWriter("waves", folder / "waves.parquet", ("number", "wave", "table", RECORD))
    for number, wave in enumerate(pipeline.project.waves):
        for name, records in records_of(pipeline, wave).items():
            rows = pd.DataFrame({RECORD: sorted(records)}, dtype="str")
            writer.write(rows.assign(number=str(number), wave=wave, table=name))
    return writer.close()


def records_of(pipeline: Pipeline, wave: str) -> dict[str, frozenset[str]]:
    """Return object → the records of a wave.

    Rows of an object with a rule go by it. Rows of others go with the rows they refer to; what refers to nothing that is
    divided into waves (users, products) goes in every wave, because rows of each may need it.

    Raises:
        ConfigurationError: `load.wave-column`: there is no such column.
    """
    rules = pipeline.project.waves[wave]
    tables = {name: table for name, table in pipeline.by_step["dedupe"].items() if name in pipeline.objects()}
    for name, table in tables.items():
        _check_column(pipeline.project, wave, name, table)
    chosen: dict[str, frozenset[str]] = {}
    for name in _parents_first(tables, rules):
        chosen[name] = _of_object(name, tables[name], rules, chosen)
    return chosen | {
        name: frozenset(table.frame([RECORD])[RECORD]) for name, table in tables.items() if name not in chosen
    }


def _parents_first(tables: Mapping[str, Table], rules: Mapping[str, WaveRule]) -> list[str]:
    """Return the objects that are divided into waves, by a rule or by what they refer to, each after those by which it is.

    In which order migration.yaml names them does not matter. Of objects that refer to each other in a circle, one goes by what is known of its parents so far.
    """
    order = [name for name in tables if name in rules]
    parents = {
        name: {other for other in tables if other != name and REFERENCE + other in tables[name].columns}
        for name in tables
    }
    divided = set(order)
    while more := {name for name in tables if name not in divided and parents[name] & divided}:
        divided |= more
    rest = [name for name in tables if name in divided and name not in rules]
    while rest:
        known = set(order)
        ready = [name for name in rest if parents[name] & divided <= known] or [
            name for name in rest if parents[name] & known
        ]
        order.append(ready[0])
        rest.remove(ready[0])
    return order


def _check_column(project: Project, wave: str, name: str, table: Table) -> None:
    rule = project.waves[wave].get(name)
    if rule is None or rule.column in table.columns:
        return
    document = project_document(project.written_in)
    raise ConfigurationError(
        "load.wave-column", Message("table '{table}' has no column '{column}'", table=name, column=rule.column),
        document.place(("waves", wave, name, "column")) if document else "waves",
        nearest_or_all(rule.column, table.data_columns),
    )  # fmt: skip


def _of_object(
    name: str, table: Table, rules: Mapping[str, WaveRule], chosen: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """Return the records that go of an object that is divided into waves; `chosen` are those of the objects before it."""
    rule = rules.get(name)
    if rule is not None:
        rows = table.frame([RECORD, rule.column])
        return frozenset(rows[rows[rule.column].isin(rule.values)][RECORD])
    parents = [parent for parent in chosen if REFERENCE + parent in table.columns]
    rows = table.frame([RECORD, *(REFERENCE + parent for parent in parents)])
    named = [rows[REFERENCE + parent].isin(chosen[parent]) for parent in parents]
    free = [rows[REFERENCE + parent].isna() for parent in parents]
    goes = named[0]
    alone = free[0]
    for more, without in zip(named[1:], free[1:], strict=True):
        goes, alone = goes | more, alone & without
    return frozenset(rows[goes | alone][RECORD])
