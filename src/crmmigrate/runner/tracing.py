"""Follow one record through the runs of a workspace: where it came from, what touched it, where it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.table import Table, Tables, quoted

if TYPE_CHECKING:
    from crmmigrate.runner.workspace import Workspace


def trace(workspace: Workspace, key: str) -> list[dict[str, str]]:
    """Return what the newest completed run of each stage knows of a record, in the order of the runs.

    Args:
        workspace: where the runs are.
        key: a `_record`, an origin (`file!sheet!row`), or a row's key in the target.

    Returns:
        Steps of `stage`, `table`, `what` (codes and places; no values).

    Raises:
        ConfigurationError: no run knows it.
    """
    latest = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    steps: list[dict[str, str]] = []
    records = {key}
    for stage, manifest in latest.items():
        folder = workspace.runs_folder / manifest.run
        tables = {name: Table(name, folder / out["path"]) for name, out in manifest.outputs.items()}
        for side in ("issues", "aside"):
            tables[side] = Table(side, folder / "tables" / f"{side}.parquet")
        for name, table in tables.items():
            if table.path.exists() and RECORD in table.columns:
                steps += _in_table(stage, name, table, records)
    if not steps:
        raise ConfigurationError(
            "trace.unknown", Message("no run knows '{key}'", key=key), str(workspace.folder),
            Message("give a record id such as crm/客户/C00012, or an origin such as file.xlsx#sheet!12"),
        )  # fmt: skip
    return steps


def _in_table(stage: str, name: str, table: Table, records: set[str]) -> list[dict[str, str]]:
    tables = Tables({name: table})
    marks = ", ".join("?" for _ in records)
    origin = ORIGIN if ORIGIN in table.columns else RECORD
    columns = [
        c for c in ("table", "column", "code", "reason", "into", "survivor", "rule", "target_key") if c in table.columns
    ]
    chosen = ", ".join([RECORD, origin, *map(quoted, columns)])
    query = f"SELECT {chosen} FROM {quoted(name)} WHERE {RECORD} IN ({marks}) OR {origin} IN ({marks})"
    steps = []
    for row in tables.sql(query, [*records, *records]).to_pylist():
        records.add(row[RECORD])
        for follow in ("into", "survivor"):
            if row.get(follow):
                records.add(row[follow])
        told = " ".join(f"{column}={row[column]}" for column in columns if row.get(column) and column != "table")
        steps.append(
            {
                "stage": stage,
                "table": row.get("table") or name,
                "what": f"{row[RECORD]} ({row[origin]}) {told}".rstrip(),
            }
        )
    return steps
