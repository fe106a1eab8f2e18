"""Where sources contradict each other: the same company or person with another telephone, code, address or status in two of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_keys import SURE, domain, half_width, phone_numbers, quoted_all, squeezed, valid_code
from crmmigrate.model.audit import Contradiction
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.checks.profile_duplicates import Ties
    from crmmigrate.checks.profile_keys import Subject
    from crmmigrate.model.profile import ColumnProfile
    from crmmigrate.model.table import Tables

_FACTS = {
    "company": ("credit_code", "phone", "address", "region", "url", "status"),
    "person": ("mobile", "email", "id_number"),
}
_STATUS = ("状态", "status", "停用", "是否有效")
_WORDS = ("status", "region")
"""Compared only where both columns use the same words: a province is no contradiction to a city."""
_ALIKE_ADDRESS = 0.5
_VALUES = "crmm_facts"


def find_contradictions(tables: Tables, ties: Ties) -> list[Contradiction]:
    """Count, per pair of columns of different tables, how many companies or people have values in both that don't agree.

    Two lists of telephone numbers agree where they share one; addresses where they share half of their signs.

    Args:
        tables: hold the tables.
        ties: which rows stand for the same.
    """
    if not len(ties.nodes) or len(ties.subjects) < 2:
        return []
    import pyarrow as pa

    run = tables.connection.execute
    # `pa.array` would import pandas
    tied = [
        pa.Array.from_buffers(pa.int64(), len(ties.nodes), [None, pa.py_buffer(of)]) for of in (ties.nodes, ties.found)
    ]
    tables.connection.register("crmm_tied", pa.table(tied, names=["node", "entity"]))
    run(f"CREATE OR REPLACE TEMP TABLE {_VALUES} (entity BIGINT, t INTEGER, meaning VARCHAR, v VARCHAR)")
    columns: dict[tuple[int, str], str] = {}
    for number, subject in enumerate(ties.subjects):
        for meaning in _FACTS[subject.kind]:
            if column := _column(subject, meaning):
                columns[number, meaning] = column.name
        _collect(tables, subject, number, {m: c for (n, m), c in columns.items() if n == number})
    rows = run(
        f"""WITH f AS (SELECT entity, t, meaning, list(DISTINCT v) AS vs FROM {_VALUES} GROUP BY ALL)
        SELECT a.meaning, a.t, b.t, count(*), count(*) FILTER (CASE WHEN a.meaning = 'address'
            THEN NOT coalesce(list_bool_or(list_transform(a.vs, lambda x: list_bool_or(list_transform(b.vs, lambda y: contains(x, y) OR contains(y, x) OR jaccard(x, y) >= {_ALIKE_ADDRESS})))), false)
            ELSE NOT list_has_any(a.vs, b.vs) END)
        FROM f a JOIN f b ON a.entity = b.entity AND a.meaning = b.meaning AND a.t < b.t GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    found = [
        Contradiction(meaning, ties.subjects[a].profile.name, columns[a, meaning], ties.subjects[b].profile.name, columns[b, meaning], int(compared), int(differ))
        for meaning, a, b, compared, differ in rows
        if ties.subjects[a].profile is not ties.subjects[b].profile and (meaning not in _WORDS or _same_words(tables, ties, columns, meaning, (a, b)))
    ]  # fmt: skip
    run(f"DROP TABLE {_VALUES}")
    tables.connection.unregister("crmm_tied")
    found = [_with_other_codes(contradiction, ties) for contradiction in found]
    return sorted(found, key=lambda c: (-c.differ, c.meaning, c.left, c.right))


def _with_other_codes(found: Contradiction, ties: Ties) -> Contradiction:
    """Add the companies of one name that two valid codes keep apart: they were never tied, and contradict all the more."""
    if found.meaning != "credit_code":
        return found
    number = {subject.profile.name: place for place, subject in enumerate(ties.subjects)}
    more = ties.other_codes.get((number[found.left], number[found.right]), 0)
    return replace(found, compared=found.compared + more, differ=found.differ + more)


def _column(subject: Subject, meaning: str) -> ColumnProfile | None:
    """Return the best-filled column of a meaning."""
    columns: Sequence[ColumnProfile] = subject.profile.columns
    if meaning == "status":
        found = [c for c in columns if c.meaning == "picklist" and any(word in c.name.lower() for word in _STATUS)]
    else:
        meanings = ("phone", "mobile") if meaning == "phone" else (meaning,)
        found = [c for c in columns if c.meaning in meanings and c.confidence >= SURE and c.filled]
        if meaning == "mobile":  # a column of telephones that are mobiles by its name
            found = found or [c for c in columns if c.meaning == "phone" and "cell" in c.name.lower()]
        if meaning == "phone":
            found = [c for c in found if c.name in subject.phones and "cell" not in c.name.lower()]
    return max(found, key=lambda c: (c.filled, c.distinct)) if found else None


def _folded(meaning: str, column: str) -> str:
    """Return the SQL of the list of values of one cell, written so that equal ones are equal."""
    cell = quoted_all([column])[0]
    if meaning in ("phone", "mobile"):
        # Numbers are compared by their last seven digits: whether an area code stands before them is a question of form.
        return f"list_transform({phone_numbers(cell)}, lambda x: right(x, {11 if meaning == 'mobile' else 7}))"
    if meaning == "credit_code":
        return f"[{valid_code(cell)}]"
    if meaning == "url":
        return f"[{domain(cell)}]"
    if meaning == "region":
        return f"[regexp_replace({squeezed(cell)}, '(?:省|市|区|县|自治区)$', '')]"
    if meaning == "email":
        return f"[CASE WHEN contains({half_width(cell)}, '@') THEN {squeezed(cell)} END]"
    return f"[{squeezed(cell)}]"


def _collect(tables: Tables, subject: Subject, number: int, columns: dict[str, str]) -> None:
    if not columns:
        return
    rows = ", ".join(quoted_all(sorted(set(columns.values()))))
    unions = " UNION ALL ".join(
        f"SELECT entity, '{meaning}' AS meaning, unnest({_folded(meaning, column)}) AS v FROM r"
        for meaning, column in columns.items()
    )
    tables.connection.execute(
        f"INSERT INTO {_VALUES} WITH n AS (SELECT ({number}::BIGINT << 40) + row_number() OVER () AS node, {rows} FROM {quoted(subject.profile.name)}), "
        f"r AS MATERIALIZED (SELECT entity, n.* FROM n JOIN crmm_tied USING (node)) SELECT entity, {number}, meaning, v FROM ({unions}) "
        "WHERE v IS NOT NULL AND v NOT IN ('无', '-', '/', '暂无', '不详', '未知', 'N/A', 'NULL', 'NONE')"
    )


def _same_words(
    tables: Tables, ties: Ties, columns: dict[tuple[int, str], str], meaning: str, pair: tuple[int, int]
) -> bool:
    """Tell whether two columns use the same words; otherwise every row would differ."""
    words = []
    for number in pair:
        column, profile = columns[number, meaning], ties.subjects[number].profile
        folded = f"{_folded(meaning, column)}[1]"
        query = f"SELECT v, count(*) FROM (SELECT {folded} AS v FROM {quoted(profile.name)}) WHERE v IS NOT NULL GROUP BY v ORDER BY 2 DESC, 1 LIMIT 200"
        words.append({row[0] for row in tables.connection.execute(query).fetchall()})
    return len(words[0] & words[1]) * 2 >= min(map(len, words))
