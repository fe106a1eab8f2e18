"""Follow one record through the runs of a workspace: where it came from, what touched it, where it is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, ISSUES, ORIGIN, RECORD
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.runner.history import rollbacks
from crmmigrate.runner.parts import kept_part
from crmmigrate.stages import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.runner.workspace import Workspace

_TOLD = {
    ISSUES: ("table", "column", "code", "rule"),
    ASIDE: ("table", "reason", "code", "column", "into"),
    "crosswalk": ("survivor",),
    "values": ("column", "winner", "policy"),
}
"""What is told of a row. Other tables hold the sources' own columns, whatever their names: none of their values is told."""

_TARGET_KEY = "target_key"


@dataclass(frozen=True)
class Trace:
    """What the runs know of a key.

    Args:
        steps: `stage`, `table`, `what` (codes and places; no values), in the order of the stages, with `record`, `origin` and `told`,
            of which `what` is made; of a row that was taken back, `undone` names the rollback. Empty where the key fits several records.
        candidates: the records that the key may mean: one, or several of which one must be chosen.
    """

    steps: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)


def trace(workspace: Workspace, key: str) -> Trace:
    """Return what the newest completed run of each stage knows of a record and of those it was merged with.

    Args:
        workspace: where the runs are.
        key: a `_record`, an origin (`file!sheet!row`), a key of the source (the end of a `_record`), a row's key in the
            target, or the last with its object: `account:17`.

    Raises:
        ConfigurationError: no run knows it.
    """
    places = Tables(dict(_tables(workspace)), confined=False)
    found = _meant(places, key)
    if not found:
        raise workspace.destroyed() or ConfigurationError(
            "trace.unknown", Message("no run knows '{key}'", key=key), str(workspace.folder),
            Message("give a record id such as crm/客户/C00012, or an origin such as file.xlsx#sheet!12"),
        )  # fmt: skip
    family = _family(places, found[:1])
    if not set(found) <= family:
        return Trace(candidates=found)
    steps = [step for place in places for step in _in_table(places, place, family)]
    for step in steps:
        if _is_loaded(step["stage"] + "/") and (key_there := step["told"].get(_TARGET_KEY)):
            step["undone"] = _taken_back(workspace, step["table"], key_there, step["record"])
    return Trace(steps, found)


def _tables(workspace: Workspace) -> Iterator[tuple[str, Table]]:
    """Yield, under the name `stage/table`, everything the newest completed runs wrote that has records."""
    latest = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    if load := _load_told_of(workspace):
        latest["load"] = load
    order = ("extract", *ORDER)
    latest.pop("delta", None)  # what it found went into a load, or is a plan
    for stage in sorted(latest, key=lambda name: order.index(name) if name in order else len(order)):
        manifest = latest[stage]
        folder = workspace.runs_folder / manifest.run
        tables = [Table(name, folder / out["path"]) for name, out in manifest.outputs.items()]
        tables += [Table(side, folder / "tables" / f"{side}.parquet") for side in (ISSUES, ASIDE)]
        yield from (
            (f"{stage}/{table.name}", table) for table in tables if table.path.exists() and RECORD in table.columns
        )


def _meant(places: Tables, key: str) -> list[str]:
    """Return the records a key means: those of this very name or place, else those whose source or target key it is."""
    exact: dict[str, None] = {}
    alike: dict[str, None] = {}
    kind, _, number = key.rpartition(":")
    for place, table in places.items():
        where = f"{RECORD} = $key" + (f" OR {ORIGIN} = $key" if ORIGIN in table.columns else "")
        exact |= dict.fromkeys(_records(places, place, where, {"key": key}))
        alike |= dict.fromkeys(_records(places, place, f"ends_with({RECORD}, $key)", {"key": f"/{key}"}))
        if _is_loaded(place) and _TARGET_KEY in table.columns:
            wanted = [key, number] if kind == table.name else [key]
            alike |= dict.fromkeys(_records(places, place, f"list_contains($keys, {_TARGET_KEY})", {"keys": wanted}))
    return list(exact or alike)


def _records(places: Tables, place: str, where: str, parameters: dict[str, object]) -> list[str]:
    query = f"SELECT DISTINCT {RECORD} FROM {quoted(place)} WHERE {where} ORDER BY {RECORD}"
    rows = places.connection.execute(query, parameters).fetchall()
    return [str(record) for (record,) in rows]


def _family(places: Tables, records: Iterable[str]) -> set[str]:
    """Return the records with all they were merged into and all that were merged into these."""
    links = [
        (place, follow)
        for place, table in places.items()
        for follow in ("into", "survivor")
        if follow in _TOLD.get(table.name, ())
    ]
    family, new = set(records), set(records)
    while new:
        met: set[str] = set()
        for place, follow in links:
            query = (
                f"SELECT {RECORD}, {quoted(follow)} FROM {quoted(place)} WHERE {quoted(follow)} IS NOT NULL "
                f"AND (list_contains($new, {RECORD}) OR list_contains($new, {quoted(follow)}))"
            )
            pairs = places.connection.execute(query, {"new": sorted(new)}).fetchall()
            met.update(str(record) for pair in pairs for record in pair)
        new = met - family
        family |= new
    return family


def _load_told_of(workspace: Workspace) -> Manifest | None:
    """Return the newest load of which not everything was rolled back; where there is none, the newest."""
    loads = [m for m in workspace.manifests() if m.stage == "load" and m.state == "done"]
    undone = {m.facts.get("undoes", m.parent) for m in rollbacks(workspace) if not m.facts.get("selection")}
    return next((load for load in reversed(loads) if load.run not in undone), loads[-1] if loads else None)


def _wrote(workspace: Workspace, name: str, record: str) -> str:
    """Return the newest load that brought a record in; a later one that found it there did not."""
    for load in reversed([m for m in workspace.manifests() if m.stage == "load" and m.state == "done"]):
        part = kept_part(workspace, load.run)
        if part is None or record in part.of(name):
            return load.run
    return ""


def _taken_back(workspace: Workspace, name: str, key: str, record: str) -> str:
    """Return the rollback that took the row of an object out again, or gave it back what it held; empty where none did."""
    load = _wrote(workspace, name, record)
    for manifest in reversed(rollbacks(workspace)):
        chosen = manifest.facts.get("selection") or {}
        meant = (not chosen.get("objects") or name in chosen["objects"]) and (
            not chosen.get("keys") or key in chosen["keys"]
        )
        if manifest.facts.get("undoes", manifest.parent) != load or not meant or chosen.get("batches"):
            continue
        kept = workspace.runs_folder / manifest.run / manifest.outputs.get("kept", {}).get("path", "")
        rows = Table("kept", kept).frame(["object", "key", "outcome"]) if kept.is_file() else None
        stayed = rows is not None and len(
            rows[(rows["object"] == name) & (rows["key"] == key) & (rows["outcome"] != "gone")]
        )
        if not stayed:
            return manifest.run
    return ""


def _is_loaded(place: str) -> bool:
    return place.startswith("load/")


def _in_table(places: Tables, place: str, records: set[str]) -> Iterator[dict[str, Any]]:
    table = places[place]
    columns = (_TARGET_KEY,) if _is_loaded(place) and table.name not in _TOLD else _TOLD.get(table.name, ())
    columns = tuple(name for name in columns if name in table.columns)
    origin = ORIGIN if ORIGIN in table.columns else RECORD
    chosen = ", ".join([RECORD, f"{origin} AS origin", *map(quoted, columns)])
    query = f"SELECT {chosen} FROM {quoted(place)} WHERE list_contains($records, {RECORD})"
    rows = places.connection.execute(query, {"records": sorted(records)}).fetchall()
    for record, where, *values in rows:
        told = {column: value for column, value in zip(columns, values, strict=True) if value}
        name = told.pop("table", "") or table.name
        words = " ".join(f"{column}={value}" for column, value in told.items())
        yield {
            "stage": place.partition("/")[0], "table": name, "what": f"{record} ({where}) {words}".rstrip(),
            "record": record, "origin": where, "told": told,
        }  # fmt: skip
