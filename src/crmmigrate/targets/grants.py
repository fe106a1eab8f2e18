"""What a server of MariaDB or MySQL tells of its user's rights, and of what it does with a table by itself."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

JOURNAL_RIGHTS = ("CREATE", "CREATE TEMPORARY TABLES", "INDEX")
_GRANT = re.compile(r"GRANT (.+?) ON (`[^`]+`|\*)\.(`[^`]+`|\*) TO ")


def granted(connection: sa.Connection) -> set[str] | None:
    """Return the rights that the user has on the whole database; None where a role is granted, and nothing can be told."""
    database = str(connection.exec_driver_sql("SELECT DATABASE()").scalar() or "")
    given: set[str] = set()
    for (grant,) in connection.exec_driver_sql("SHOW GRANTS").fetchall():
        found = _GRANT.match(str(grant))
        if found is None:
            return None
        pattern = found[2].replace("`", "")
        if found[3] == "*" and (
            pattern in ("*", database) or fnmatchcase(database, pattern.replace("\\_", "_").replace("%", "*"))
        ):
            given |= {right.strip() for right in found[1].split(",")}
    return {*JOURNAL_RIGHTS, "TRIGGER"} if "ALL PRIVILEGES" in given else given


def has_triggers(connection: sa.Connection, table: str) -> bool:
    """Whether the server shows triggers of a table."""
    query = "SELECT 1 FROM information_schema.triggers WHERE event_object_schema = DATABASE() AND event_object_table = %s LIMIT 1"
    return connection.exec_driver_sql(query, (table,)).first() is not None


def has_computed_key(connection: sa.Connection, table: str) -> bool:
    """Whether a unique key of a table is over columns or expressions that the server computes."""
    query = (
        "SELECT 1 FROM information_schema.statistics AS s LEFT JOIN information_schema.columns AS c ON c.table_schema = s.table_schema "
        "AND c.table_name = s.table_name AND c.column_name = s.column_name WHERE s.table_schema = DATABASE() AND s.table_name = %s "
        "AND s.non_unique = 0 AND (c.column_name IS NULL OR c.extra LIKE '%%GENERATED%%') LIMIT 1"
    )
    return connection.exec_driver_sql(query, (table,)).first() is not None
