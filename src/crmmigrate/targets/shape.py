"""The columns a table had when a run began: what it gained later is none of the run's business."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from crmmigrate.targets.naming import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

_LITERAL = re.compile(
    r"\s*\(?\s*(?:'(?:[^']|'')*'|[+-]?[0-9.]+|true|false|null)\s*\)?(?:::[\w \"()]+)?\s*\Z", re.IGNORECASE
)


def note_shape(connection: sa.Connection, journal: Journal, run: str, columns: Mapping[str, Sequence[str]]) -> None:
    """Note table → columns on the row of a run."""
    table = journal.table("run")
    connection.execute(table.update().where(table.c.run == run).values(columns=json.dumps(columns)))


def shape_of(connection: sa.Connection, journal: Journal, run: str) -> dict[str, frozenset[str]]:
    """Return table → the columns it had when `run` began; nothing of a run of an older version."""
    import sqlalchemy as sa

    if "columns" not in {spec["name"] for spec in sa.inspect(connection).get_columns(PREFIX + "run")}:
        return {}
    table = journal.table("run")
    kept = connection.execute(sa.select(table.c.columns).where(table.c.run == run)).scalar()
    return {name: frozenset(columns) for name, columns in json.loads(kept or "{}").items()}


def later_columns(connection: sa.Connection, now: LiveTable, then: LiveTable) -> dict[str, str]:
    """Return the columns of `now` that `then` did not have, with their default as SQL; those with a computed default are left out."""
    import sqlalchemy as sa

    added = set(now.stored) - set(then.columns)
    if not added:
        return {}
    defaults = {spec["name"]: str(spec.get("default") or "") for spec in sa.inspect(connection).get_columns(now.name)}
    return {name: defaults[name] for name in added if not defaults[name] or _LITERAL.match(defaults[name])}
