"""What a user of MariaDB or MySQL may do, as the server tells."""

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
