"""Find the rows of a batch that are in the target already, and lock them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.targets import rejects as codes
from crmmigrate.targets.crosswalk import parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.targets.batch import Batch
    from crmmigrate.targets.live import LiveColumn

Values = tuple[Any, ...]


@dataclass
class Found:
    """Rows of the batch that are in the target already.

    Args:
        keys: position in the batch → key of the row, as the driver gives it.
        linked: positions found through the crosswalk.
        stale: records whose row in the crosswalk points to a row that is gone.
    """

    keys: dict[int, Any] = field(default_factory=dict)
    linked: set[int] = field(default_factory=set)
    stale: list[str] = field(default_factory=list)


def find(batch: Batch, owners: Mapping[str, str] | None, *, lock: bool = True) -> Found:
    """Find the rows that are there: through the crosswalk first, then through the match key.

    Only keys come to the client: what the rows hold is compared where they lie.

    Args:
        batch: converted.
        owners: key of a row to which several records are linked → the one that owns it; None where the crosswalk knows no row of the batch.
        lock: keep others from changing the rows until the transaction ends.
    """
    found = Found()
    if owners is not None:
        _follow_links(batch, found, owners, lock=lock)
    if not batch.load.deferred:  # what is in the target is linked by now
        _match(batch, found, lock=lock)
    return found


def _follow_links(batch: Batch, found: Found, owners: Mapping[str, str], *, lock: bool) -> None:
    live = batch.table.key_column
    links = batch.journal.keys_of(batch.connection, batch.load.object, batch.records)
    if not links:
        return
    wanted = [(live.parse(key),) for key in {key for key, _ in links.values()}]
    current = {live.show(row[0]): row[0] for row in _rows(batch, (batch.table.key,), wanted, lock=lock)}
    for position, record in enumerate(batch.records):
        if record not in links:
            continue
        key = links[record][0]
        if key in current and owners.get(key, record) != record:
            if not batch.load.deferred:  # else it was told when its row was to be written
                batch.reject(position, codes.ROW_TAKEN)
        elif key in current:
            found.keys[position] = current[key]
            found.linked.add(position)
        else:
            found.stale.append(record)


def _match(batch: Batch, found: Found, *, lock: bool) -> None:
    """Find the rows that the crosswalk does not know by the match key."""
    on = batch.load.match_on
    if not on or any(column not in batch.values for column in on):
        return
    columns = [batch.table.columns[column] for column in on]
    wanted, asked = _wanted(batch, found, columns)
    rows = _rows(batch, on, asked, lock=lock)
    if not rows:
        return
    if len(columns) == 1:
        keys, values = zip(*rows, strict=True)
        matches = values if columns[0].plain else tuple(map(columns[0].show, values))
    else:
        keys = tuple(row[0] for row in rows)
        matches = tuple(
            tuple(live.show(value) for live, value in zip(columns, values, strict=True)) for _, *values in rows
        )
    there = dict(zip(reversed(matches), reversed(keys), strict=True))
    further: dict[Any, list[Any]] = defaultdict(list)
    if len(there) < len(rows):
        for match, key in zip(matches, keys, strict=True):
            if key != there[match]:
                further[match].append(key)
    _pair(batch, found, wanted, there, further)


def _wanted(batch: Batch, found: Found, columns: Sequence[LiveColumn]) -> tuple[dict[Any, int], Sequence[Values]]:
    """Return match key → the first row that has it, and the values to look for; reject blank keys, and rows behind the first."""
    on = batch.load.match_on
    cells = [batch.values[column].values for column in on]
    shown = [
        values if live.plain else list(map(live.show, values)) for live, values in zip(columns, cells, strict=True)
    ]
    asked: list[Values] = list(zip(*cells, strict=True))
    matches: Sequence[Any] = shown[0] if len(shown) == 1 else list(zip(*shown, strict=True))
    if not batch.rejects and not found.linked and not any(None in values or "" in values for values in cells):
        wanted = dict(zip(matches, range(len(matches)), strict=True))
        if len(wanted) == len(matches):  # as nearly always
            return wanted, asked
    wanted, first = {}, []
    for position, (match, values) in enumerate(zip(matches, asked, strict=True)):
        if position in batch.rejects or position in found.linked:
            continue
        if None in values or "" in values:
            blank = next(column for column, value in zip(on, values, strict=True) if value in (None, ""))
            batch.reject(position, codes.MATCH_BLANK, blank)
        elif match in wanted:
            batch.reject(position, codes.MATCH_TAKEN, on[0])
        else:
            wanted[match] = position
            first.append(values)
    return wanted, first


def _pair(
    batch: Batch, found: Found, wanted: Mapping[Any, int], there: Mapping[Any, Any], further: Mapping[Any, list[Any]]
) -> None:
    """Give each match key's row to the record that asks for it first; reject what is ambiguous or taken.

    Args:
        batch: in which the rows are asked for.
        found: what is known so far.
        wanted: match key → position.
        there: match key → key of the first row that has it.
        further: match key → keys of other rows that have it too.
    """
    show = batch.table.key_column.shown
    column = batch.load.match_on[0]
    shown: list[str] = show(list(there.values())).to_pylist()
    others = [key for keys in further.values() for key in keys]
    taken = _taken(batch, [*shown, *show(others).to_pylist()] if others else shown)
    taken |= set(show(list(found.keys.values())).to_pylist()) if found.keys else set()
    if not further and taken.isdisjoint(shown):  # as nearly always
        found.keys |= {position: key for match, key in there.items() if (position := wanted.get(match)) is not None}
        return
    for (match, key), name in zip(there.items(), shown, strict=True):
        position = wanted.get(match)
        if position is None:  # equal for the database, not for us: whoever asked for it is refused when it is written
            continue
        if match in further:
            batch.reject(position, codes.MATCH_AMBIGUOUS, column)
        elif name in taken:
            batch.reject(position, codes.MATCH_TAKEN, column)
        else:
            found.keys[position] = key


def _taken(batch: Batch, keys: Sequence[str]) -> set[str]:
    """Return those of `keys` that stand for another record that stays: linked by this run, or to be loaded too; of a delta, for any."""
    if not batch.journalled:
        return set()
    links = batch.journal.linked_to(batch.connection, batch.load.object, keys)
    if batch.load.unclaimed_only:
        return {key for key, _, _ in links}
    others = [record for _, record, run in links if run != batch.run]
    living = batch.living(others) if batch.living is not None and others else frozenset()
    return {key for key, record, run in links if run == batch.run or record in living}


def _rows(batch: Batch, on: Sequence[str], wanted: Sequence[Values], *, lock: bool) -> list[Values]:
    """Return key and columns `on` of the rows where these have one of the values wanted."""
    import sqlalchemy as sa

    table, dialect = batch.table.sql, batch.dialect
    dialect.bring(batch.connection, batch.table.name, on, wanted)
    query = sa.select(table.c[batch.table.key], *(table.c[name] for name in on))
    query = query.with_for_update() if lock else query
    rows: list[Values] = []
    if len(on) == 1:
        for part in parts(dialect.adapted([values[0] for values in wanted])):
            rows += batch.connection.execute(query.where(dialect.among(table.c[on[0]], part))).all()
        return rows
    for part in parts(wanted, 1000):
        adapted = [tuple(map(dialect.adapt, values)) for values in part]
        where = sa.tuple_(*(table.c[name] for name in on)).in_(adapted)
        rows += batch.connection.execute(query.where(where)).all()
    return rows
