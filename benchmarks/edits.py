"""Edit thousands of rows between a load and its rollback, and see that each edit is kept and told, and everything else is as before.

    python benchmarks/edits.py [--rows 60000] [--edits 5000] [--server postgresql]

Half of the rows are in the table already, so that the load updates as many as it inserts. Then rows chosen at random are edited in five
ways: a field, the match key, the primary key, deleted, given a child. After the rollback each row of the table is compared with what it
must be, and each outcome with the one that its edit must have.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from loading import COLUMNS, NAMES, TABLE, Bench, write_rows
from servers import Server

from crmmigrate.model.target import EVERYTHING
from crmmigrate.targets import open_target

Row = tuple[Any, ...]
WAYS = ("field", "match", "key", "delete", "child")
FURTHER = 10_000_000
"""Added to a primary key that is changed."""

OUTCOMES = {
    "updated": {"": "undone", "field": "undone_in_part", "match": "undone_in_part", "key": "gone", "delete": "gone", "child": "undone"},
    "inserted": {"": "undone", "field": "kept_edited", "match": "kept_edited", "key": "kept_edited", "delete": "gone", "child": "kept_referenced"},
}  # fmt: skip


def rows_of(connection: Any) -> dict[int, Row]:
    """Return key → the other columns, of every row."""
    return {row[0]: tuple(row[1:]) for row in connection.exec_driver_sql(f"SELECT id, {NAMES} FROM {TABLE}")}


def edit(connection: Any, way: str, keys: list[int]) -> None:
    """Edit rows as another program would."""
    for key in keys:
        connection.exec_driver_sql({
            "field": f"UPDATE {TABLE} SET c1 = 'edited' WHERE id = {key}",
            "match": f"UPDATE {TABLE} SET external_id = 'edited {key}' WHERE id = {key}",
            "key": f"UPDATE {TABLE} SET id = {key + FURTHER} WHERE id = {key}",
            "delete": f"DELETE FROM {TABLE} WHERE id = {key}",
            "child": f"INSERT INTO child (parent) VALUES ({key})",
        }[way])  # fmt: skip


def expected(before: dict[int, Row], loaded: dict[int, Row], edits: dict[int, str]) -> tuple[dict[int, Row], Counter[str]]:  # fmt: skip
    """Return the rows that must be there after the rollback, and how many changes must have come to which end."""
    rows: dict[int, Row] = {}
    counts: Counter[str] = Counter()
    for key, row in loaded.items():
        way, was = edits.get(key, ""), before.get(key)
        counts[OUTCOMES["inserted" if was is None else "updated"][way]] += 1
        stays = row if was is None and way in ("field", "match", "child") else was
        if way == "key":
            rows[key + FURTHER] = row
        elif way == "delete" or stays is None:
            continue
        elif way == "field":
            rows[key] = (stays[0], "edited", *stays[2:])
        elif way == "match":
            rows[key] = (f"edited {key}", *stays[1:])
        else:
            rows[key] = stays
    return rows, counts


def outcomes(bench: Bench) -> Counter[str]:
    """Roll the load back and return how many changes came to which end."""
    found: Counter[str] = Counter()
    with open_target(bench.url) as target:
        run = next(run for run in target.runs() if run.run == "load-1")
        planned: Counter[str] = Counter()
        for number, (batch, _) in enumerate(target.batches("load-1"), 1):
            planned.update(target.undo_batch("", number, "load-1", batch, apply=False, selection=EVERYTHING).counts)
        from crmmigrate.model.load_plan import LoadPlan

        target.begin_run("rollback", "undo-1", LoadPlan.from_text(run.plan), parent="load-1")
        for batch, _ in target.batches("load-1"):
            found.update(target.undo_batch("undo-1", batch, "load-1", batch, apply=True).counts)
        if not target.undo_agrees("undo-1"):
            raise SystemExit("the digests do not agree")
        target.close_run("undo-1", "done")
        if +planned != +found:
            raise SystemExit(f"the plan said {+planned}, and it was {+found}")
    return +found


def main() -> None:
    """Run it on one database and print what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--edits", type=int, default=5_000)
    parser.add_argument("--server", choices=("postgresql", "mysql"), help="start one of its own; else a SQLite file")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(Server(given.server)) if given.server else None
        write_rows(folder, "new", given.rows, "新")
        write_rows(folder, "old", given.rows, "旧", every=2)
        bench = Bench(server.database("loading") if server else f"sqlite:///{folder / 'loading.db'}", folder, 10_000)
        bench.reset("old")
        with open_target(bench.url) as target:
            session: Any = target.session  # type: ignore[attr-defined]
            with session.transaction() as connection:
                connection.exec_driver_sql(
                    f"CREATE TABLE child (parent bigint NOT NULL, FOREIGN KEY (parent) REFERENCES {TABLE} (id))"
                )
                before = rows_of(connection)
        bench.load("new")
        with open_target(bench.url) as target:
            session = target.session  # type: ignore[attr-defined]
            with session.transaction() as connection:
                loaded = rows_of(connection)
                chosen = random.Random(1).sample(sorted(loaded), given.edits)
                ways = {way: chosen[place :: len(WAYS)] for place, way in enumerate(WAYS)}
                for way, keys in ways.items():
                    edit(connection, way, keys)
        found = outcomes(bench)
        rows, counts = expected(before, loaded, {key: way for way, keys in ways.items() for key in keys})
        with open_target(bench.url) as target:
            session = target.session  # type: ignore[attr-defined]
            with session.transaction() as connection:
                now = rows_of(connection)
    wrong = sum(now.get(key) != rows.get(key) for key in now.keys() | rows.keys())
    print(f"{bench.kind}: {len(loaded):,} changes, {given.edits:,} rows of {len(COLUMNS)} columns edited")
    for word in sorted(counts | found):
        print(f"  {word:18}{found[word]:8,} of {counts[word]:8,}")
    print(f"  rows that are not as they must be: {wrong}")
    if wrong or found != counts:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
