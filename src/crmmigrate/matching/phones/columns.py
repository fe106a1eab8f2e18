"""Which columns of a table hold telephones, places or names, and what stands in them: for what puts a table right before it is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.roles import role_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules


def columns_by_kind(frame: pd.DataFrame, rules: DedupeRules) -> dict[str, list[str]]:
    """Return comparator → the columns of the table that it compares, each once."""
    by: dict[str, list[str]] = {}
    for role, rule in rules.columns.items():
        kind = role_of(role, rule, rules.object).compare
        by.setdefault(kind, []).extend(column for column in rule.columns if column in frame.columns)
    return {kind: list(dict.fromkeys(columns)) for kind, columns in by.items()}


def telephones(by: dict[str, list[str]]) -> list[str]:
    """Return the columns of `columns_by_kind` that hold telephones and nothing else: a mobile may be known to WeChat by its number."""
    others = {column for kind, columns in by.items() if kind != "phone" for column in columns}
    return [column for column in by.get("phone", ()) if column not in others]


def columns_of(frame: pd.DataFrame, rules: DedupeRules, role: str) -> list[str]:
    """Return the columns of the table that play a role, none where people's own rules compare it otherwise than it is."""
    rule = rules.columns.get(role)
    return [column for column in rule.columns if column in frame.columns] if rule and not rule.compare else []


def cells_in(frame: pd.DataFrame, column: str) -> pa.Array:
    """Return the cells of a column, missing ones empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.fill_null(pa.array(frame[column], from_pandas=True).cast(pa.large_string()), "")
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
