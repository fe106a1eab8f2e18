"""What columns hold whose headers say nothing in words: KHMC and LXDH of an old ERP, `col3`, 怎么找他. Short headers and the values tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_headers import meanings_of_header, said_in_words
from crmmigrate.checks.profile_meaning import guess_meaning
from crmmigrate.model.table import Tables, quoted

if TYPE_CHECKING:
    from crmmigrate.model.table import Table

_SAMPLE = 400
_SURE = 0.5
"""How sure it must be what a column holds, for records to be compared by it."""

_VARIED = 0.5
"""Of so large a part of the cells the names of people differ where these are customers or whom to ask for there; those of a company's own sellers come again and again."""

_SOMEBODY = frozenset(("person", "mobile", "phone", "email", "messenger"))
"""What headers in words mean whose columns are found by these, or are another's."""

_OURS = frozenset((
    "ywy", "khjl", "xsy", "xsry", "jbr", "fzr", "frdb", "czy", "cjr", "gxr", "zdr", "lrr", "shr", "xszg", "yewuyuan", "fuzeren", "usernm", "empnm",
))  # fmt: skip
"""Short headers of people of the company whose table it is, or who only signed: 业务员, 客户经理, 经办人, 制单人."""


def told_by_values(table: Table, *, whatever_headers_say: bool = False) -> dict[str, str]:
    """Return the columns whose headers say nothing in words, with the meaning that their short names and values tell.

    Args:
        table: holds the columns.
        whatever_headers_say: look at the others too, but not at those that name people or how these are reached: 业务员, 紧急联系人.

    Returns:
        Column → a key of `model.profile.MEANINGS`; without those of which it is not sure.
    """
    others = [
        column
        for column in table.data_columns
        if not said_in_words(column) or (whatever_headers_say and _SOMEBODY.isdisjoint(meanings_of_header(column)))
    ]
    asked = [column for column in others if _letters(column) not in _OURS]
    if not asked:
        return {}
    tables = Tables({"source": type(table)("source", table.path)}, confined=False)
    found = {column: _meaning(tables, column, "" if whatever_headers_say else column) for column in asked}
    return {column: meaning for column, meaning in found.items() if meaning}


def sampled(tables: Tables, relation: str, column: str, size: int) -> tuple[list[str], int, int]:
    """Return some of a column's different values, whatever the order of the rows, how many cells are filled, and with how many different values.

    Args:
        tables: has the relation.
        relation: a table.
        column: of it.
        size: so many values at most.
    """
    cell = quoted(column)
    counted = f"SELECT {cell} AS v, count(*) AS n FROM {quoted(relation)} WHERE trim({cell}) <> '' GROUP BY 1"
    run = tables.connection.execute
    filled, distinct = run(f"SELECT coalesce(sum(n), 0)::BIGINT, count(*) FROM ({counted})").fetchall()[0]
    values = run(f"SELECT v FROM ({counted}) ORDER BY hash(v), v LIMIT {size}").fetchall()
    return [value for (value,) in values], filled, distinct


def _meaning(tables: Tables, column: str, header: str) -> str:
    """Return what a column under such a header holds, empty where that is not sure."""
    values, filled, distinct = sampled(tables, "source", column, _SAMPLE)
    meaning, sure = guess_meaning(header, values, filled, distinct)
    varied = meaning != "person" or distinct >= _VARIED * filled
    return meaning if sure >= _SURE and varied else ""


def _letters(column: str) -> str:
    return "".join(filter(str.isalpha, column.casefold()))
