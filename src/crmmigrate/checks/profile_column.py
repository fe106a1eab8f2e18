"""Profile columns: their different values are gathered once with their counts, and all questions are asked of those."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_damage import found
from crmmigrate.checks.profile_marks import DAMAGED, mark_damage
from crmmigrate.checks.profile_meaning import header_misfit, hidden
from crmmigrate.checks.profile_outliers import find_doubts, find_variants
from crmmigrate.checks.profile_values import VALUES, Source, among, count_values
from crmmigrate.model.profile import ColumnProfile, Form
from crmmigrate.model.table import first_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from crmmigrate.checks.profile_values import Column
    from crmmigrate.model.table import Table

__all__ = ["DAMAGED", "VALUES", "Source", "profile_column", "profile_columns"]

_FORMS, _MASKED, _MASKED_VALUES = 6, 24, 10_000
_ONE_FORM = frozenset({"date", "mobile"})
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
    """Profile one column of a table; arguments as of `profile_columns` and `Source`."""
    return profile_columns(connection, [Source(table, name, in_place)])[0]


def profile_columns(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[ColumnProfile]:
    """Profile some columns together.

    Args:
        connection: in which each table is a view of its own name.
        sources: the columns; their different values are held all at once.
    """
    counted = count_values(connection, sources)
    columns = [column for column in counted if column.filled]
    if not columns:
        return [_empty(column) for column in counted]
    damage, conforming = mark_damage(connection, columns)
    forms = _forms(connection, [column for column in columns if column.meaning != "text"])
    variants = find_variants(connection, VALUES, columns)
    doubts = find_doubts(connection, VALUES, columns)
    profiles = []
    for column in counted:
        if not column.filled:
            profiles.append(_empty(column))
            continue
        number, source = column.number, column.source
        estimated = column.meaning != "text" and _is_long(column)
        suffered = damage[number]
        if column.meaning in _ONE_FORM:
            other = column.filled - _most_frequent(connection, column, forms[number])
            if other > 0:
                suffered["mixed-forms"] = other
        if number in variants:
            suffered["spelling"] = sum(variant.cells for variant in variants[number])
        profiles.append(
            ColumnProfile(
                source.table.name, source.name, column.meaning, column.confidence, source.table.rows, column.filled, column.distinct,
                column.shortest, column.longest, conforming.get(number), forms.get(number, ()), suffered,
                header_meaning=header_misfit(source.name, column.meaning), doubts=doubts.get(number, {}),
                variants=variants.get(number, ()), forms_estimated=estimated, in_place=source.in_place,
            )
        )  # fmt: skip
    return profiles


def _empty(column: Column) -> ColumnProfile:
    source = column.source
    return ColumnProfile(
        source.table.name, source.name, column.meaning, column.confidence, source.table.rows, 0, 0, 0, 0, None, in_place=source.in_place
    )  # fmt: skip


def _is_long(column: Column) -> bool:
    return column.distinct > _MASKED_VALUES


def _forms(connection: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> dict[int, tuple[Form, ...]]:
    """Return the most frequent masks by the column's number.

    Long runs of Chinese are one mark, so that names don't each have a form. Of more than `_MASKED_VALUES` different values as many
    are picked by their hash, and counts are scaled to the whole.
    """
    forms: dict[int, tuple[Form, ...]] = {}
    for column in filter(_is_long, columns):
        values = f"(SELECT * FROM {VALUES} WHERE {among([column])} AND hash(v) % {column.distinct} < {_MASKED_VALUES})"
        forms |= _masked(connection, [column], values)
    short = [column for column in columns if not _is_long(column)]
    return forms | (_masked(connection, short, f"(SELECT * FROM {VALUES} WHERE {among(short)})") if short else {})


def _masked(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], values: str
) -> dict[int, tuple[Form, ...]]:
    many = sum(column.distinct for column in columns) > _LONG_COLUMN
    masks = f"SELECT c, {_MASK} AS mask, n, v FROM {values}"
    if many:
        _mask_ascii(connection, values)
        masks = f"SELECT c, mask, n, v FROM {_ASCII_MASKS} UNION ALL {masks} WHERE NOT {_ASCII}"
    rows = connection.execute(
        f"WITH m AS ({masks}), g AS (SELECT c, mask, sum(n)::BIGINT AS cells, min(v) AS example FROM m GROUP BY ALL) "
        "SELECT c, mask, cells, example, sum(cells) OVER (PARTITION BY c)::BIGINT FROM g "
        f"QUALIFY row_number() OVER (PARTITION BY c ORDER BY cells DESC, mask) <= {_FORMS} ORDER BY c, cells DESC, mask"
    ).fetchall()
    if many:
        connection.unregister(_ASCII_MASKS)
    forms: dict[int, tuple[Form, ...]] = {column.number: () for column in columns}
    filled = {column.number: column.filled for column in columns if _is_long(column)}
    for number, mask, cells, example, whole in rows:
        counted = round(cells * filled[number] / whole) if number in filled else cells
        forms[number] += (Form(mask[:_MASKED], counted, hidden(example)),)
    return forms


def _mask_ascii(connection: duckdb.DuckDBPyConnection, values: str) -> None:
    """Make the relation of the masks of the ASCII ones among some values: byte for byte, all at once.

    To replace digits by a pattern takes as long as there are digits.
    """
    import pyarrow as pa

    table = connection.sql(f"SELECT left(v, 40) AS mask, c, n, v FROM {values} WHERE {_ASCII}").to_arrow_table()
    chunks = []
    for chunk in table["mask"].cast(pa.string()).chunks:
        valid, offsets, data = chunk.buffers()
        masked = pa.py_buffer(data.to_pybytes().translate(_SIGNS) if data else b"")
        chunks.append(pa.Array.from_buffers(pa.string(), len(chunk), [valid, offsets, masked], offset=chunk.offset))
    connection.register(_ASCII_MASKS, table.set_column(0, "mask", pa.chunked_array(chunks, pa.string())))


def _most_frequent(connection: duckdb.DuckDBPyConnection, column: Column, forms: tuple[Form, ...]) -> int:
    """Count the cells in the most frequent form, exactly even where forms are estimated."""
    mask = forms[0].mask
    if not _is_long(column) or len(mask) == _MASKED or "…" in mask:
        return forms[0].cells
    signs = {"9": "[0-9０-９]", "A": r"\pL", "汉": r"\p{Han}"}
    pattern = "".join(signs.get(sign, re.escape(sign)) for sign in mask)
    written = found(rf"\A{pattern}$", "v")
    row = first_row(connection, f"SELECT sum(n)::BIGINT FROM {VALUES} WHERE {among([column])} AND {written}")
    return int(row[0] or 0) if row else 0
