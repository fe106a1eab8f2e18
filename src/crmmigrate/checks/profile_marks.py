"""Mark the damaged values of columns and count their cells, all columns of one meaning at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_codes import SHAPES, wrong_codes
from crmmigrate.checks.profile_damage import (
    NO_TRADITIONAL,
    OWN_CLEAN,
    found,
    is_misread,
    kinds_sql,
    misread_candidate,
    short_region,
    suspicious,
)
from crmmigrate.checks.profile_letters import FULL, HALF, traditional
from crmmigrate.checks.profile_meaning import PATTERNS
from crmmigrate.checks.profile_values import VALUES, among
from crmmigrate.model.table import first_row, literal
from crmmigrate.model.text_table import text_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from crmmigrate.checks.profile_values import Column

DAMAGED = "crmm_profile_damage"
"""Temporary table of the columns looked at last: suspicious values with their `kinds`, if any; `c`, `v` and `n` as in `VALUES`."""
_SUSPICIOUS = "crmm_profile_suspicious"

_CANDIDATES = 2_000
_CODES_AT_ONCE = 100_000
_FEW = 20_000
"""Different values that are looked at in Python where a pattern would cost more to compile."""
_LIMITS = (
    8,
    10,
    12,
    15,
    16,
    20,
    24,
    25,
    30,
    32,
    40,
    50,
    60,
    64,
    80,
    100,
    120,
    127,
    128,
    150,
    200,
    250,
    254,
    255,
    256,
    500,
    512,
    1000,
    1023,
    1024,
    2000,
    2048,
    4000,
    8000,
    32767,
)
"""Lengths of columns in databases and forms; 32,767 is a cell of a spreadsheet."""
_WORDED = frozenset({"text", "company", "person", "address", "email", "url", "job_title", "department"})
_VOCABULARIES = (("是", "否"), ("有", "无"), ("y", "n"), ("yes", "no"), ("true", "false"), ("t", "f"), ("0", "1"), ("√", "×"), ("启用", "停用"), ("启用", "禁用"),
                 ("男", "女"), ("m", "f"), ("male", "female"), ("先生", "女士"), ("男性", "女性"))  # fmt: skip
_NEVER_CLEAN = ("wrong-check", "impossible-date", "default-date")
"""Damage of values that are in the standard form."""

Counts = dict[int, dict[str, int]]


def mark_damage(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> tuple[Counts, dict[int, int]]:
    """Leave the damaged values with their kinds in `DAMAGED`.

    Args:
        connection: holds `VALUES`.
        columns: all with values.

    Returns:
        By the column's number: kind → cells, the most frequent first; cells in the standard form, where its meaning has one.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_SUSPICIOUS} (c USMALLINT, v VARCHAR, n BIGINT, h VARCHAR)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {DAMAGED} (c USMALLINT, v VARCHAR, n BIGINT, kinds VARCHAR[])")
    alike: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        alike[column.meaning].append(column)
    for meaning, group in alike.items():
        _mark_single(connection, meaning, group)
        _mark_lost_zeros(connection, meaning, group)
        _mark_other_words(connection, meaning, group)
    _mark_misread(connection, [column for column in columns if column.meaning not in NO_TRADITIONAL])
    _mark_truncated(connection, [column for column in columns if column.meaning in _WORDED])
    _mark_short_regions(connection, alike["region"])
    damage: Counts = defaultdict(dict)
    for number, kind, cells in connection.execute(
        f"SELECT c, kind, sum(n)::BIGINT FROM (SELECT c, unnest(kinds) AS kind, n FROM {DAMAGED}) GROUP BY ALL ORDER BY 3 DESC, kind"
    ).fetchall():
        damage[number][kind] = cells
    conforming: dict[int, int] = {}
    for meaning, group in alike.items():
        if meaning in PATTERNS and PATTERNS[meaning].conform:
            conforming |= _conforming(connection, meaning, group, damage)
    return damage, conforming


def _conforming(
    connection: duckdb.DuckDBPyConnection, meaning: str, columns: Sequence[Column], damage: Counts
) -> dict[int, int]:
    """Count the cells in the standard form of the meaning; codes with a wrong check digit and days that never were are not."""
    shaped = found(rf"\A(?:{PATTERNS[meaning].conform})\z", "v")
    if meaning in OWN_CLEAN:
        cells = _cells(connection, VALUES, columns, shaped)
        conforming = {column.number: cells[column.number] for column in columns}
    else:  # what is not in the standard form is suspicious
        cells = _cells(connection, _SUSPICIOUS, columns, f"NOT {shaped}")
        conforming = {column.number: column.filled - cells[column.number] for column in columns}
    wrong = [column for column in columns if damage[column.number].keys() & set(_NEVER_CLEAN)]
    if wrong:
        cells = _cells(connection, DAMAGED, wrong, f"{shaped} AND list_has_any(kinds, {list(_NEVER_CLEAN)})")
        for column in wrong:
            conforming[column.number] -= cells[column.number]
    return conforming


def _cells(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Column], condition: str
) -> Counter[int]:
    """Count the cells of each column whose value fulfils a condition."""
    query = f"SELECT c, sum(n)::BIGINT FROM {relation} WHERE {among(columns)} AND {condition} GROUP BY c"
    return Counter(dict(connection.execute(query).fetchall()))


def _traditional(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> str:
    """Return the traditional characters of the columns, or all of them where these are long.

    To compile a pattern of three thousand characters takes longer than to look at some thousand values.
    """
    if sum(column.distinct for column in columns) > _FEW:
        return traditional()
    values = connection.execute(f"SELECT v FROM {VALUES} WHERE {among(columns)}").fetchall()
    return "".join(sorted(set("".join(value for (value,) in values)) & set(traditional())))


def _mark_single(connection: duckdb.DuckDBPyConnection, meaning: str, columns: Sequence[Column]) -> None:
    """Mark what single values show."""
    run = connection.execute
    half = f"CASE WHEN regexp_matches(v, '[Ａ-Ｚａ-ｚ０-９（）＋－＠．　]') THEN translate(v, {literal(FULL)}, {literal(HALF)}) ELSE v END"
    signs = "" if meaning in NO_TRADITIONAL else _traditional(connection, columns)
    # Two steps: in one, DuckDB would reckon `h` and the kinds again wherever they are used.
    run(
        f"INSERT INTO {_SUSPICIOUS} SELECT c, v, n, {half} FROM {VALUES} WHERE {among(columns)} AND ({suspicious(meaning, signs)})"
    )
    if first_row(connection, f"SELECT 1 FROM {_SUSPICIOUS} WHERE {among(columns)} LIMIT 1"):
        # to compile the patterns costs more than a short column
        run(
            f"INSERT INTO {DAMAGED} SELECT c, v, n, {kinds_sql(meaning, signs)} FROM {_SUSPICIOUS} WHERE {among(columns)}"
        )
    if meaning in SHAPES:
        _mark_wrong_codes(connection, meaning, columns)


def _mark(connection: duckdb.DuckDBPyConnection, kind: str, columns: Sequence[Column], condition: str) -> None:
    connection.execute(
        f"INSERT INTO {DAMAGED} SELECT c, v, n, ['{kind}'] FROM {VALUES} WHERE {among(columns)} AND {condition}"
    )


def _mark_short_regions(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """Mark the regions not in full: where all are short, that is the column's way and no damage."""
    if not columns:
        return
    full = _cells(connection, VALUES, columns, found("\\A(?:" + PATTERNS["region"].conform + ")\\z", "v"))
    mixed = [column for column in columns if full[column.number] > 0.05 * column.filled]
    if mixed:
        _mark(connection, "short-region", mixed, short_region())


def _mark_wrong_codes(connection: duckdb.DuckDBPyConnection, meaning: str, columns: Sequence[Column]) -> None:
    import numpy as np
    import pyarrow as pa

    shaped = found(rf"\A(?:{SHAPES[meaning]})\z", "v")
    query = connection.sql(f"SELECT c, v, n FROM {VALUES} WHERE {among(columns)} AND {shaped}")
    wrong = []
    for batch in query.to_arrow_reader(
        _CODES_AT_ONCE
    ):  # ten million codes as a matrix of numbers would fill the memory
        for kind, flags in wrong_codes(meaning, batch["v"]).items():
            bits = pa.py_buffer(np.packbits(flags, bitorder="little"))
            chosen = pa.Array.from_buffers(pa.bool_(), len(flags), [None, bits])  # `pa.array` would import pandas
            part = pa.Table.from_batches([batch.filter(chosen)])
            if part.num_rows:
                wrong.append(part.append_column("kind", pa.repeat(text_array([kind])[0], part.num_rows)))
    if wrong:
        connection.register("crmm_profile_wrong", pa.concat_tables(wrong))
        connection.execute(f"INSERT INTO {DAMAGED} SELECT c, v, n, [kind] FROM crmm_profile_wrong")
        connection.unregister("crmm_profile_wrong")


def _mark_misread(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """Mark UTF-8 that was read as GBK: SQL picks what has its characters, its bytes decide."""
    if not columns:
        return
    rows = connection.execute(
        f"SELECT c, v, n FROM {VALUES} WHERE {among(columns)} AND {misread_candidate()} LIMIT {_CANDIDATES * len(columns)}"
    ).fetchall()
    wrong = [(number, value, cells, ["mojibake"]) for number, value, cells in rows if is_misread(value)]
    if wrong:
        connection.executemany(f"INSERT INTO {DAMAGED} VALUES (?, ?, ?, ?)", wrong)


def _mark_lost_zeros(connection: duckdb.DuckDBPyConnection, meaning: str, columns: Sequence[Column]) -> None:
    """Mark numbers shorter than the column's usual width, where they cannot have been counted up to it."""
    if meaning not in ("id", "bank_account"):
        return
    digits = found(r"\A[0-9]{1,19}$", "v")
    rows = connection.execute(
        "SELECT c, length(v), sum(n)::BIGINT, count(*), bool_or(v[1] = '0'), max(try_cast(v AS UHUGEINT)) "
        f"FROM {VALUES} WHERE {among(columns)} AND {digits} GROUP BY c, length(v) ORDER BY 3 DESC"
    ).fetchall()
    for column in columns:
        width = _usual_width([row[1:] for row in rows if row[0] == column.number])
        if width:
            condition = f"length(v) < {width} AND " + found(r"\A[1-9][0-9]*$", "v")
            _mark(connection, "lost-zero", [column], condition)


def _usual_width(rows: Sequence[tuple[int, int, int, bool, int]]) -> int:
    """Return the width below which numbers of a column have lost zeros; 0 where none have.

    It is that of at least six in ten cells. Numbers that fill the range up to the largest were counted up.

    Args:
        rows: width, cells, different numbers, whether one begins with a zero, the largest; the most cells first.
    """
    if len(rows) < 2:
        return 0
    width, cells, _, zeros, _ = rows[0]
    whole = sum(row[1] for row in rows)
    shorter = [row for row in rows[1:] if row[0] < width]
    counted_up = sum(row[2] for row in rows) > 0.3 * max(row[4] for row in rows)
    short_zeros = any(row[3] for row in shorter)
    lost = (
        width >= 4
        and cells >= 0.6 * whole
        and shorter
        and not short_zeros
        and (zeros or not counted_up)
        and min(row[0] for row in shorter) > width / 2
    )
    return width if lost else 0


def _mark_truncated(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """Mark values as long as a field may be, where far more are so than are a little shorter."""
    if not columns:
        return
    counted: dict[int, dict[int, int]] = defaultdict(dict)
    for number, length, count in connection.execute(
        f"SELECT c, length(v), count(*) FROM {VALUES} WHERE {among(columns)} AND length(v) >= 8 GROUP BY ALL"
    ).fetchall():
        counted[number][length] = count
    for column in columns:
        lengths = counted[column.number]
        longest = max(lengths, default=0)
        near = max((count for length, count in lengths.items() if longest - 5 <= length < longest), default=0)
        if (
            longest in _LIMITS
            and lengths[longest] >= 5
            and lengths[longest] > 3 * near
            and lengths[longest] < 0.5 * column.filled
        ):
            _mark(connection, "truncated", [column], f"length(v) = {longest}")


def _mark_other_words(connection: duckdb.DuckDBPyConnection, meaning: str, columns: Sequence[Column]) -> None:
    """Mark words for yes and no, or for the sexes, that are not of the pair most cells use."""
    if meaning not in ("yes_no", "sex"):
        return
    rows = connection.execute(f"SELECT c, lower(trim(v)), n FROM {VALUES} WHERE {among(columns)}").fetchall()
    for column in columns:
        usual = _usual_words((value, cells) for number, value, cells in rows if number == column.number)
        if usual:
            words = ", ".join(map(literal, usual))
            _mark(connection, "other-words", [column], f"lower(trim(v)) NOT IN ({words})")


def _usual_words(values: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    counts: Counter[tuple[str, ...]] = Counter()
    for value, cells in values:
        for pair in _VOCABULARIES:
            if value in pair:
                counts[pair] += cells
    return counts.most_common(1)[0][0] if counts else ()
