"""Profile a column: its different values are gathered once with their counts, and all questions are asked of those."""

from __future__ import annotations

import re
import string
from collections import Counter
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_codes import SHAPES, wrong_codes
from crmmigrate.checks.profile_counted import values_in_place
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
from crmmigrate.checks.profile_meaning import PATTERNS, guess_meaning, header_misfit, hidden
from crmmigrate.checks.profile_outliers import find_doubts, find_variants
from crmmigrate.model.profile import ColumnProfile, Form
from crmmigrate.model.table import first_row, literal, quoted, text_array

if TYPE_CHECKING:
    import duckdb

    from crmmigrate.model.table import Table

VALUES, DAMAGED = "crmm_profile_values", "crmm_profile_damage"
"""Temporary tables of the column looked at last: different values `v` with their cells `n`; suspicious ones with their `kinds`, if any."""
_SUSPICIOUS = "crmm_profile_suspicious"

_SAMPLE, _FORMS, _MASKED, _MASKED_VALUES, _CANDIDATES = 400, 6, 24, 10_000, 2_000
_CODES_AT_ONCE = 100_000
_FEW = 20_000
"""Different values that are looked at in Python where a pattern would cost more to compile."""
_ONE_FORM = frozenset({"date", "mobile"})
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
_ASCII = "strlen(v) = length(v)"
_SIGNS = bytes.maketrans((string.digits + string.ascii_letters).encode(), (10 * "9" + 52 * "A").encode())
_ASCII_MASKS = "crmm_profile_masks"
_LONG_COLUMN = 1_000
"""From so many different values on it pays to hand them to Python and back."""
_MASK = (
    rf"CASE WHEN NOT {_ASCII} THEN regexp_replace(regexp_replace(regexp_replace(regexp_replace(left(v, 40), '[0-9０-９]', '9', 'g'), "
    r"'[\p{Latin}\p{Greek}\p{Cyrillic}\p{Hangul}\p{Hiragana}\p{Katakana}]', 'A', 'g'), '\p{Han}', '汉', 'g'), '汉{5,}', '汉…', 'g') "
    r"ELSE regexp_replace(regexp_replace(left(v, 40), '[0-9]', '9', 'g'), '[A-Za-z]', 'A', 'g') END"
)


def profile_column(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, *, in_place: bool = False
) -> ColumnProfile:
    """Profile one column of a table.

    Args:
        connection: in which the table is a view of its own name.
        table: all columns text.
        name: of the column.
        in_place: whether the database counted its values, which are then in `VALUES_OF` and not in the rows.
    """
    run = connection.execute
    cell = quoted(name)
    counted = f"SELECT {cell} AS v, count(*) AS n FROM {quoted(table.name)} WHERE {cell} <> '' GROUP BY 1"
    if in_place:
        counted = f"SELECT v, n FROM {values_in_place(table.name, name)}"
    run(f"CREATE OR REPLACE TEMP TABLE {VALUES} AS {counted}")
    row = first_row(connection, f"SELECT sum(n)::BIGINT, count(*), min(length(v)), max(length(v)) FROM {VALUES}")
    filled, distinct, shortest, longest = (count or 0 for count in row or (0, 0, 0, 0))
    sample = [value for (value,) in run(f"SELECT v FROM {VALUES} ORDER BY hash(v), v LIMIT {_SAMPLE}").fetchall()]
    meaning, confidence = guess_meaning(name, sample, filled, distinct)
    if meaning == "empty":
        return ColumnProfile(table.name, name, meaning, confidence, table.rows, 0, 0, 0, 0, None, in_place=in_place)
    damage = _damage(connection, meaning, filled, distinct)
    forms, estimated = _forms(connection, filled, distinct) if meaning != "text" else ((), False)
    if meaning in _ONE_FORM and (other := filled - _most_frequent(connection, forms, estimated=estimated)) > 0:
        damage["mixed-forms"] = other
    variants = find_variants(connection, VALUES, meaning, distinct)
    if variants:
        damage["spelling"] = sum(variant.cells for variant in variants)
    return ColumnProfile(
        table.name, name, meaning, confidence, table.rows, filled, distinct, shortest, longest,
        _conforming(connection, meaning, damage, filled), forms, damage,
        header_meaning=header_misfit(name, meaning),
        doubts=find_doubts(connection, VALUES, name, meaning, filled, distinct),
        variants=variants, forms_estimated=estimated, in_place=in_place,
    )  # fmt: skip


def _conforming(connection: duckdb.DuckDBPyConnection, meaning: str, damage: dict[str, int], filled: int) -> int | None:
    """Count the cells in the standard form of the meaning; codes with a wrong check digit and days that never were are not."""
    if meaning not in PATTERNS or not PATTERNS[meaning].conform:
        return None
    shaped = found(rf"\A(?:{PATTERNS[meaning].conform})\z", "v")
    if meaning in OWN_CLEAN:
        row = first_row(connection, f"SELECT coalesce(sum(n) FILTER ({shaped}), 0)::BIGINT FROM {VALUES}")
        conforming = int(row[0]) if row else 0
    else:  # what is not in the standard form is suspicious
        row = first_row(connection, f"SELECT coalesce(sum(n) FILTER (NOT {shaped}), 0)::BIGINT FROM {_SUSPICIOUS}")
        conforming = filled - (int(row[0]) if row else 0)
    wrong = [kind for kind in ("wrong-check", "impossible-date", "default-date") if kind in damage]
    if not wrong:
        return conforming
    row = first_row(
        connection,
        f"SELECT coalesce(sum(n) FILTER ({shaped}), 0)::BIGINT FROM {DAMAGED} WHERE list_has_any(kinds, {wrong})",
    )
    return conforming - (int(row[0]) if row else 0)


def _traditional(connection: duckdb.DuckDBPyConnection, distinct: int) -> str:
    """Return the traditional characters of the column, or all of them where it is long.

    To compile a pattern of three thousand characters takes longer than to look at some thousand values.
    """
    if distinct > _FEW:
        return traditional()
    values = connection.execute(f"SELECT v FROM {VALUES}").fetchall()
    return "".join(sorted(set("".join(value for (value,) in values)) & set(traditional())))


def _damage(connection: duckdb.DuckDBPyConnection, meaning: str, filled: int, distinct: int) -> dict[str, int]:
    """Leave the damaged values with their kinds in `DAMAGED` and count cells per kind, the most frequent first."""
    run = connection.execute
    half = f"CASE WHEN regexp_matches(v, '[Ａ-Ｚａ-ｚ０-９（）＋－＠．　]') THEN translate(v, {literal(FULL)}, {literal(HALF)}) ELSE v END"
    signs = "" if meaning in NO_TRADITIONAL else _traditional(connection, distinct)
    # Two steps: in one, DuckDB would reckon `h` and the kinds again wherever they are used.
    run(
        f"CREATE OR REPLACE TEMP TABLE {_SUSPICIOUS} AS SELECT v, n, {half} AS h FROM {VALUES} WHERE {suspicious(meaning, signs)}"
    )
    some = first_row(connection, f"SELECT 1 FROM {_SUSPICIOUS} LIMIT 1")
    kinds = (
        kinds_sql(meaning, signs) if some else "[]::VARCHAR[]"
    )  # to compile the patterns costs more than a short column
    run(f"CREATE OR REPLACE TEMP TABLE {DAMAGED} AS SELECT v, n, {kinds} AS kinds FROM {_SUSPICIOUS}")
    if meaning in SHAPES:
        _mark_wrong_codes(connection, meaning)
    if meaning not in NO_TRADITIONAL:
        _mark_misread(connection)
    _mark_lost_zeros(connection, meaning)
    _mark_truncated(connection, meaning, filled)
    _mark_other_words(connection, meaning)
    if meaning == "region" and _full_regions(connection) > 0.05 * filled:
        _mark(connection, "short-region", short_region())
    counts = run(
        f"SELECT kind, sum(n)::BIGINT FROM (SELECT unnest(kinds) AS kind, n FROM {DAMAGED}) GROUP BY kind ORDER BY 2 DESC, 1"
    )
    return dict(counts.fetchall())


def _mark(connection: duckdb.DuckDBPyConnection, kind: str, condition: str) -> None:
    connection.execute(f"INSERT INTO {DAMAGED} SELECT v, n, ['{kind}'] FROM {VALUES} WHERE {condition}")


def _full_regions(connection: duckdb.DuckDBPyConnection) -> int:
    """Count the regions in full: where all are short, that is the column's way and no damage."""
    full = found("\\A(?:" + PATTERNS["region"].conform + ")\\z", "v")
    row = first_row(connection, f"SELECT coalesce(sum(n), 0)::BIGINT FROM {VALUES} WHERE {full}")
    return int(row[0]) if row else 0


def _mark_wrong_codes(connection: duckdb.DuckDBPyConnection, meaning: str) -> None:
    import numpy as np
    import pyarrow as pa

    shaped = found(rf"\A(?:{SHAPES[meaning]})\z", "v")
    query = connection.sql(f"SELECT v, n FROM {VALUES} WHERE {shaped}")
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
        connection.execute(f"INSERT INTO {DAMAGED} SELECT v, n, [kind] FROM crmm_profile_wrong")
        connection.unregister("crmm_profile_wrong")


def _mark_misread(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark UTF-8 that was read as GBK: SQL picks what has its characters, its bytes decide."""
    rows = connection.execute(f"SELECT v, n FROM {VALUES} WHERE {misread_candidate()} LIMIT {_CANDIDATES}").fetchall()
    wrong = [(value, cells, ["mojibake"]) for value, cells in rows if is_misread(value)]
    if wrong:
        connection.executemany(f"INSERT INTO {DAMAGED} VALUES (?, ?, ?)", wrong)


def _mark_lost_zeros(connection: duckdb.DuckDBPyConnection, meaning: str) -> None:
    """Mark numbers shorter than the column's usual width, where they cannot have been counted up to it.

    The usual width is that of at least six in ten cells. Numbers that fill the range up to the largest were counted up.
    """
    if meaning not in ("id", "bank_account"):
        return
    digits = found(r"\A[0-9]{1,19}$", "v")
    rows = connection.execute(
        f"SELECT length(v), sum(n)::BIGINT, count(*), bool_or(v[1] = '0'), max(try_cast(v AS UHUGEINT)) FROM {VALUES} WHERE {digits} GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    if len(rows) < 2:
        return
    width, cells, _, zeros, _ = rows[0]
    whole = sum(row[1] for row in rows)
    shorter = [row for row in rows[1:] if row[0] < width]
    counted_up = sum(row[2] for row in rows) > 0.3 * max(row[4] for row in rows)
    short_zeros = any(row[3] for row in shorter)
    if (
        width >= 4
        and cells >= 0.6 * whole
        and shorter
        and not short_zeros
        and (zeros or not counted_up)
        and min(row[0] for row in shorter) > width / 2
    ):
        _mark(connection, "lost-zero", f"length(v) < {width} AND " + found(r"\A[1-9][0-9]*$", "v"))


def _mark_truncated(connection: duckdb.DuckDBPyConnection, meaning: str, filled: int) -> None:
    """Mark values as long as a field may be, where far more are so than are a little shorter."""
    if meaning not in _WORDED:
        return
    lengths = dict(
        connection.execute(
            f"SELECT length(v), count(*) FROM {VALUES} WHERE length(v) >= 8 GROUP BY 1 ORDER BY 1 DESC LIMIT 6"
        ).fetchall()
    )
    longest = max(lengths, default=0)
    near = max((count for length, count in lengths.items() if longest - 5 <= length < longest), default=0)
    if longest in _LIMITS and lengths[longest] >= 5 and lengths[longest] > 3 * near and lengths[longest] < 0.5 * filled:
        _mark(connection, "truncated", f"length(v) = {longest}")


def _mark_other_words(connection: duckdb.DuckDBPyConnection, meaning: str) -> None:
    """Mark words for yes and no, or for the sexes, that are not of the pair most cells use."""
    if meaning not in ("yes_no", "sex"):
        return
    counts: Counter[tuple[str, ...]] = Counter()
    for value, cells in connection.execute(f"SELECT lower(trim(v)), n FROM {VALUES}").fetchall():
        for pair in _VOCABULARIES:
            if value in pair:
                counts[pair] += cells
    if counts:
        usual = ", ".join(f"'{word}'" for word in counts.most_common(1)[0][0])
        _mark(connection, "other-words", f"lower(trim(v)) NOT IN ({usual})")


def _forms(connection: duckdb.DuckDBPyConnection, filled: int, distinct: int) -> tuple[tuple[Form, ...], bool]:
    """Return the most frequent masks, and whether their counts are estimated.

    Long runs of Chinese are one mark, so that names don't each have a form. Of more than `_MASKED_VALUES` different values as many
    are picked by their hash, and counts are scaled to the whole.
    """
    estimated = distinct > _MASKED_VALUES
    picked = f"(SELECT v, n FROM {VALUES} WHERE hash(v) % {distinct} < {_MASKED_VALUES})" if estimated else VALUES
    masks = f"SELECT {_MASK} AS mask, n, v FROM {picked}"
    if distinct > _LONG_COLUMN:
        _mask_ascii(connection, picked)
        masks = f"SELECT * FROM {_ASCII_MASKS} UNION ALL {masks} WHERE NOT {_ASCII}"
    rows = connection.execute(
        f"WITH m AS ({masks}) "
        f"SELECT mask, sum(n)::BIGINT AS cells, min(v), sum(sum(n)) OVER ()::BIGINT FROM m GROUP BY mask ORDER BY cells DESC, mask LIMIT {_FORMS}"
    ).fetchall()
    if distinct > _LONG_COLUMN:
        connection.unregister(_ASCII_MASKS)
    forms = []
    for mask, cells, example, whole in rows:
        counted = round(cells * filled / whole) if estimated else cells
        forms.append(Form(mask[:_MASKED], counted, hidden(example)))
    return tuple(forms), estimated


def _mask_ascii(connection: duckdb.DuckDBPyConnection, values: str) -> None:
    """Make the relation of the masks of the ASCII ones among some values: byte for byte, all at once.

    To replace digits by a pattern takes as long as there are digits.
    """
    import pyarrow as pa

    table = connection.sql(f"SELECT left(v, 40) AS mask, n, v FROM {values} WHERE {_ASCII}").to_arrow_table()
    chunks = []
    for chunk in table["mask"].cast(pa.string()).chunks:
        valid, offsets, data = chunk.buffers()
        masked = pa.py_buffer(data.to_pybytes().translate(_SIGNS) if data else b"")
        chunks.append(pa.Array.from_buffers(pa.string(), len(chunk), [valid, offsets, masked], offset=chunk.offset))
    connection.register(_ASCII_MASKS, table.set_column(0, "mask", pa.chunked_array(chunks, pa.string())))


def _most_frequent(connection: duckdb.DuckDBPyConnection, forms: tuple[Form, ...], *, estimated: bool) -> int:
    """Count the cells in the most frequent form, exactly even where forms are estimated."""
    mask = forms[0].mask
    if not estimated or len(mask) == _MASKED or "…" in mask:
        return forms[0].cells
    signs = {"9": "[0-9０-９]", "A": r"\pL", "汉": r"\p{Han}"}
    pattern = "".join(signs.get(sign, re.escape(sign)) for sign in mask)
    written = found(rf"\A{pattern}$", "v")
    row = first_row(connection, f"SELECT sum(n) FILTER ({written})::BIGINT FROM {VALUES}")
    return int(row[0] or 0) if row else 0
