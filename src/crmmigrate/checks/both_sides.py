"""The two sides of an object: expected rows with the keys of the target, and the target's rows, of which only those that may differ are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.checks.object_frames import KEY, RECORD, whole_numbers
from crmmigrate.model.row_digest import WHOLE, Buckets, Digested, differing, shelved
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb
    import pyarrow as pa

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.model.row_digest import TableDigests


def make_expected(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> None:
    """Make the side of what should be in the target, with keys in place of records.

    Args:
        connection: knows the crosswalks of the object and its parents.
        frames: of the object.
    """
    picked, joins = [], []
    for index, name in enumerate(frames.columns):
        parent = frames.parents.get(frames.references.get(name, ""))
        cell = f"e.{quoted(name)}"
        if parent:
            joins.append(f"LEFT JOIN {quoted(parent[0])} p{index} ON p{index}._record = {cell}")
            cell = f"coalesce(p{index}.key, {cell})"
        picked.append(f"{cell} AS {quoted(name)}")
    listed = "".join(f", {cell}" for cell in picked)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {frames.left} AS SELECT e._record AS {RECORD}, w.key AS {KEY}{listed}, "
        f"{_turn(connection, frames)} AS __turn "
        f"FROM {quoted(frames.expected)} e LEFT JOIN {quoted(frames.walk)} w ON w._record = e._record "
        f"{' '.join(joins)} "
        f"WHERE e._record NOT IN ({frames.aside_records})"
    )


def _turn(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> str:
    """Return the SQL of a record's number among those that became the same row; 1, without sorting, where none did."""
    [shared] = whole_numbers(connection, f"SELECT count(key) - count(DISTINCT key) FROM {quoted(frames.walk)}")
    return "row_number() OVER (PARTITION BY w.key ORDER BY e._record)" if shared else "1"


def bring_rows(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, target: Any) -> None:
    """Make the side of what is in the target.

    Where target and expected rows have the same digests by bucket, the rows of these buckets are the same, and are not read.

    Args:
        connection: in which the other side is made.
        frames: of the object.
        target: open.
    """
    digests: TableDigests | None = target.bucket_digests(frames.table, frames.columns)
    if digests and frames.identity not in ("", digests.key):
        digests = None
    identity = frames.identity or (digests.key if digests else "")
    part = _known(connection, frames, digests) if digests else None
    if part is None:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {frames.agreed} AS SELECT * FROM {frames.left} WHERE false")
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {frames.unsure} AS SELECT * FROM {frames.left}")
    wanted = list(dict.fromkeys([identity, *frames.columns])) if identity else None
    store(connection, frames.read, target.arrow_rows(frames.table, wanted, part), key=identity)
    if not identity:
        identity = _guess_identity(connection, frames)
        connection.execute(f"ALTER TABLE {frames.read} ADD COLUMN {KEY} VARCHAR")
        connection.execute(f"UPDATE {frames.read} SET {KEY} = {quoted(identity)}")
    # EXISTS and not IN: of the two sides, DuckDB keeps the smaller one in memory, which are the rows that were read.
    ours = f"EXISTS (FROM {frames.left} l WHERE l.{KEY} = r.{KEY})"
    [others] = whole_numbers(connection, f"SELECT count(*) FROM {frames.read} r WHERE NOT {ours}")
    kept = f"SELECT * FROM {frames.read} r" + (f" WHERE {ours}" if others else "")
    connection.execute(f"CREATE OR REPLACE TEMP {'TABLE' if others else 'VIEW'} {frames.kept} AS {kept}")
    listed = ", ".join((KEY, *map(quoted, frames.columns)))
    for name, rows in ((frames.actual, frames.read), (frames.right, frames.kept)):
        both = f"SELECT {listed} FROM {frames.agreed} UNION ALL SELECT {listed} FROM {rows}"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {both}")


def _known(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, digests: TableDigests) -> Buckets | None:
    """Return the buckets whose rows have to be read, None where all have to be; make the relations of rows that are agreed, and unsure."""
    types = {KEY: digests.types[digests.key]} | {name: digests.types[name] for name in frames.columns}
    place = f"(SELECT * FROM {frames.left} WHERE __turn = 1 AND {KEY} IS NOT NULL)"
    expected = Digested("duckdb", place, types, frozenset([KEY]), frozenset(), quoted)
    query = expected.query([KEY], frames.columns, digests.forms)
    apart, _, buckets = differing(shelved(connection.execute(query).fetchall()), digests.shelves)
    if len(apart) > WHOLE * buckets:
        return None
    names = f"crmm_buckets_{frames.number}"
    kind = "BIGINT" if digests.forms.blocks else "VARCHAR"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {names} AS SELECT unnest(?::VARCHAR[])::{kind} AS name", [list(apart)]
    )
    off = f"{expected.bucket([KEY], digests.forms)} IN (SELECT name FROM {names})" if apart else "false"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {frames.agreed} AS SELECT * FROM {place} t WHERE NOT {off}")
    unsure = f"SELECT * FROM {frames.left} t WHERE t.{KEY} IS NULL OR {off}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {frames.unsure} AS {unsure}")
    return Buckets(frozenset(apart), digests.forms)


def store(connection: duckdb.DuckDBPyConnection, name: str, batches: Iterable[pa.Table], key: str = "") -> None:
    """Write batches of text into a temporary table; column `key`, where it is given, once more as `__key`.

    One is written, by a thread of its own, while the next is on its way from the target.
    """
    from concurrent.futures import ThreadPoolExecutor

    picked = f"*, {quoted(key)} AS {KEY}" if key else "*"

    def write(batch: pa.Table, verb: str) -> None:
        connection.register("crmm_batch_rows", batch)
        connection.execute(f"{verb} SELECT {picked} FROM crmm_batch_rows")
        connection.unregister("crmm_batch_rows")

    with ThreadPoolExecutor(1) as pool:
        under_way, verb = None, f"CREATE OR REPLACE TEMP TABLE {name} AS"
        for batch in batches:
            if under_way is not None:
                under_way.result()
            under_way, verb = pool.submit(write, batch, verb), f"INSERT INTO {name}"
        if under_way is not None:
            under_way.result()


def _guess_identity(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> str:
    """Return the column of the target's table in which most keys of the crosswalk are found."""
    columns: list[str] = [
        row[0] for row in connection.execute(f"SELECT column_name FROM (DESCRIBE {frames.read})").fetchall()
    ]
    counts: dict[str, int] = {}
    for name in columns:
        found = f"key IN (SELECT {quoted(name)} FROM {frames.read})"
        [counts[name]] = whole_numbers(connection, f"SELECT count(*) FROM {frames.walk} WHERE {found}")
    return max(columns, key=lambda name: counts[name])
