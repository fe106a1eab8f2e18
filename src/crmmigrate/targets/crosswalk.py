"""What is asked of the crosswalk: which rows records are linked to, and which records rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.targets.ended import LinkTables, all_ended, linked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.dialect import Dialect


class Crosswalk(LinkTables):
    """The part of a journal that answers for its links; those that have ended are none."""

    dialect: Dialect

    def keys_of(
        self, connection: sa.Connection, object_name: str, records: Sequence[str]
    ) -> dict[str, tuple[str, str]]:
        """Return record → (target key, run) of those of `records` that the crosswalk knows."""
        import sqlalchemy as sa

        walk = self.table("crosswalk")
        found: dict[str, tuple[str, str]] = {}
        columns = (walk.c.source_key, walk.c.target_key, walk.c.run)
        mine = sa.and_(walk.c.object == object_name, *linked(connection, self))
        for part in parts(records):
            query = self.dialect.picked(columns, mine, walk.c.source_key, part)
            found |= {record: (key, run) for record, key, run in connection.execute(query)}
        return found

    def linked_elsewhere(self, connection: sa.Connection, object_name: str, run: str) -> bool:
        """Whether the crosswalk has rows of an object from other runs than `run`."""
        import sqlalchemy as sa

        if all_ended(connection, self, object_name, run):
            return False
        walk = self.table("crosswalk")
        mine = (walk.c.object == object_name, walk.c.run != run, *linked(connection, self))
        query = sa.select(walk.c.run).where(*mine).limit(1)
        return connection.execute(query).first() is not None

    def linked_to(self, connection: sa.Connection, object_name: str, keys: Sequence[str]) -> list[tuple[str, str, str]]:
        """Return (target key, record, run) of all that are linked to one of `keys`."""
        import sqlalchemy as sa

        walk = self.table("crosswalk")
        columns = (walk.c.target_key, walk.c.source_key, walk.c.run)
        mine = sa.and_(walk.c.object == object_name, *linked(connection, self))
        return [
            (key, record, run)
            for part in parts(keys)
            for key, record, run in connection.execute(self.dialect.picked(columns, mine, walk.c.target_key, part))
        ]


def parts(values: Sequence[Any], size: int = 5000) -> list[Sequence[Any]]:
    """Cut `values` so that each part can be the parameters of one statement."""
    return [values[start : start + size] for start in range(0, len(values), size)]
