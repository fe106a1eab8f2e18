"""Compare an audit with an earlier one, as its audit.json tells: what got better, worse, new, gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.audit import Change
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crmmigrate.model.profile import Audit, ColumnProfile, TableProfile

VERSION = 2
"""Of audit.json: raised when a field goes or changes its meaning; new fields don't raise it."""

_SMALL = 0.0005
"""Shares that differ by less are the same."""


def read_audit(path: Path) -> dict[str, Any]:
    """Read the audit.json of an earlier audit.

    Raises:
        LocationError: it can't be read, is none, or is of another version.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = os_reason(error) if isinstance(error, OSError) else None
        raise LocationError(
            "audit.not-readable", Message("the earlier audit cannot be read: {why}", why=why or Message("it is no JSON")), str(path),
            Message("give the id of an audit run, or its audit.json"),
        ) from error  # fmt: skip
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("tables"), list)
        or not isinstance(value.get("scores"), dict)
    ):
        raise LocationError(
            "audit.not-readable", Message("this is no audit.json"), str(path), Message("give the id of an audit run, or its audit.json")
        )  # fmt: skip
    if value.get("version") != VERSION:
        raise LocationError(
            "audit.other-version", Message("this audit.json is of another version of the program"), str(path),
            Message("audit the earlier state again with this version, then compare"),
        )  # fmt: skip
    return value


def compare(audit: Audit, earlier: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what is different from an earlier audit: scores first, then tables, columns and risks.

    Args:
        audit: the audit of now.
        earlier: the content of an audit.json.
    """
    return (*_scores(audit, earlier), *_tables(audit, earlier), *_risks(audit, earlier))


def _change(
    kind: str, what: str, measure: str, before: float | None, after: float | None, *, more_is_better: bool
) -> Iterator[Change]:
    if before is None and after is None:
        return
    if before is None or after is None:
        yield Change(kind, what, measure, before, after, "new" if before is None else "gone")
    elif abs(before - after) >= _SMALL:
        yield Change(kind, what, measure, before, after, "better" if (after > before) is more_is_better else "worse")


def _scores(audit: Audit, earlier: Mapping[str, Any]) -> Iterator[Change]:
    old: dict[str, float] = earlier["scores"]
    mean = sum(old.values()) / len(old) if old else None
    yield from _change("score", "score", "share", mean, audit.score if audit.scores else None, more_is_better=True)
    for name in dict.fromkeys([*old, *audit.scores]):
        yield from _change("score", name, "share", old.get(name), audit.scores.get(name), more_is_better=True)


def _tables(audit: Audit, earlier: Mapping[str, Any]) -> Iterator[Change]:
    old: dict[str, dict[str, Any]] = {str(table.get("name")): table for table in earlier["tables"]}
    now = {table.name: table for table in audit.tables}
    for name in dict.fromkeys([*old, *now]):
        if name not in old or name not in now:
            before, after = old.get(name, {}).get("rows"), now[name].rows if name in now else None
            yield Change("table", name, "rows", before, after, "new" if name in now else "gone")
            continue
        yield from _table(old[name], now[name])


def _table(old: Mapping[str, Any], now: TableProfile) -> Iterator[Change]:
    counts = {
        "duplicates": (old.get("near_duplicates"), now.near_duplicates),
        "repeated": (old.get("duplicate_rows"), now.duplicate_rows),
        "contradictions": (old.get("contradictions"), now.contradictions),
    }
    for measure, (before, after) in counts.items():
        if before is not None and after is not None:
            yield from _change("table", now.name, measure, float(before), float(after), more_is_better=False)
    columns: dict[str, dict[str, Any]] = {str(column.get("name")): column for column in old.get("columns", [])}
    current = {column.name: column for column in now.columns}
    for name in dict.fromkeys([*columns, *current]):
        what = f"{now.name}/{name}"
        if name not in columns or name not in current:
            yield Change("column", what, "", None, None, "new" if name in current else "gone")
        else:
            yield from _column(what, columns[name], current[name])


def _column(what: str, old: Mapping[str, Any], now: ColumnProfile) -> Iterator[Change]:
    rows, filled, conforming = (old.get(name) for name in ("rows", "filled", "conforming"))
    if rows and now.rows:
        yield from _change("column", what, "filled", (filled or 0) / rows, now.fill_rate, more_is_better=True)
    if filled and conforming is not None and now.conformity is not None:
        yield from _change("column", what, "conforming", conforming / filled, now.conformity, more_is_better=True)
    before, after = sum((old.get("damage") or {}).values()), sum(now.damage.values())
    yield from _change("column", what, "damaged", float(before), float(after), more_is_better=False)


def _risks(audit: Audit, earlier: Mapping[str, Any]) -> Iterator[Change]:
    def key(risk: Any) -> str:
        get = risk.get if isinstance(risk, dict) else lambda name: getattr(risk, name)
        place = f"{get('table')}/{get('column')}" if get("column") else get("table")
        return f"{get('code')} · {place}"

    old: dict[str, float] = {}
    now: dict[str, float] = {}
    for risk in earlier.get("risks", []):
        old[key(risk)] = old.get(key(risk), 0.0) + float(risk.get("cells") or 0)
    for found in audit.risks:
        now[key(found)] = now.get(key(found), 0.0) + found.cells
    for name in dict.fromkeys([*old, *now]):
        yield from _change("risk", name, "cells", old.get(name), now.get(name), more_is_better=False)
