"""What the sources call rows of the target, as a load of this workspace brought them in: for people who have to settle them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.privacy import masked
from crmmigrate.model.standard import read_data_standard
from crmmigrate.model.table import Tables, quoted
from crmmigrate.model.target import SourceRow
from crmmigrate.runner.execute import reopen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.table import Table
    from crmmigrate.runner.pipeline import Pipeline

_NAMES = 2
"""Columns that name a row where the data standard does not say which do."""


def source_rows(pipeline: Pipeline, load: str, name: str, keys: Sequence[str]) -> Mapping[str, SourceRow]:
    """Return key → the row of the sources; keys of rows that the workspace no longer knows are left out.

    Nothing is raised where it cannot be read: names are a courtesy, and a rollback that was done is not to end as if it had failed.

    Args:
        pipeline: the project and its workspace.
        load: id of the run that brought the rows in.
        name: of the object.
        keys: of the rows in the target.
    """
    import duckdb

    try:
        return _found(pipeline, load, name, keys)
    except (CrmMigrateError, OSError, duckdb.Error):
        return {}


def _found(pipeline: Pipeline, load: str, name: str, keys: Sequence[str]) -> Mapping[str, SourceRow]:
    made = _tables(pipeline, load, name)
    if "loaded" not in made:
        return {}
    tables = Tables(made, confined=False)
    shown = (
        f"concat_ws(' ', {', '.join(f's.{quoted(c)}' for c in named)})"
        if (named := _naming(pipeline, made, name))
        else "NULL"
    )
    join = f"LEFT JOIN source s ON s.{RECORD} = l.{RECORD}" if "source" in made else ""
    found = tables.sql(
        f"SELECT l.target_key AS key, l.{RECORD} AS record, l.{ORIGIN} AS origin, {shown} AS name FROM loaded l {join} "
        "WHERE l.target_key IN (SELECT unnest(?::VARCHAR[]))",
        [list(keys)],
    )
    return {
        row["key"]: SourceRow(row["record"], row["origin"] or "", masked(row["name"]) or "")
        for row in found.to_pylist()
    }


def _tables(pipeline: Pipeline, load: str, name: str) -> dict[str, Table]:
    """Return the rows that the load knew, and those of the sources behind it, as far as they are still there."""
    workspace = pipeline.context.workspace
    known = {manifest.run: manifest for manifest in workspace.manifests()}
    made, run = {}, known.get(load)
    while run is not None:
        called = {"load": "loaded", "consolidate": "source"}.get(run.stage, "")
        table = reopen(workspace, run.run).get(name) if called else None
        if table is not None and table.path.exists():
            made[called] = table
        run = known.get(run.parent)
    return made


def _naming(pipeline: Pipeline, made: Mapping[str, Table], name: str) -> list[str]:
    """Return the columns of the sources by which people recognise a row; none where these cannot be told."""
    import pyarrow as pa

    project = pipeline.project
    if not project.standard or "source" not in made:
        return []
    try:
        spec = read_data_standard(project.file(project.standard)).objects.get(name)
        there = made["source"].columns
    except (CrmMigrateError, OSError, pa.ArrowException):
        return []
    if spec is None:
        return []
    required = [column for column, rules in spec.columns.items() if rules.required and column != spec.key]
    return [column for column in (spec.known_by or required[:_NAMES]) if column in there]
