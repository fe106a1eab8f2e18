"""What the journal's tables and columns are called in a target."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

PREFIX = "crmm_"
_LONGEST_NAME = 60
"""Bytes of an identifier: PostgreSQL cuts after 63, MySQL refuses more than 64 characters."""


def image_name(object_name: str) -> str:
    """Return the name of the image table of an object."""
    return fitting(f"{PREFIX}image_{object_name}")


def fitting(name: str) -> str:
    """Return `name`, or where it is too long for a database its beginning and a digest."""
    data = name.encode()
    if len(data) <= _LONGEST_NAME:
        return name
    return data[: _LONGEST_NAME - 9].decode(errors="ignore") + "_" + hashlib.sha256(data).hexdigest()[:8]


def untyped(table: sa.Table) -> sa.TableClause:
    """Return `table` for SQL whose values come as the driver has them."""
    import sqlalchemy as sa

    return sa.table(table.name, *(sa.column(column.name) for column in table.columns))
