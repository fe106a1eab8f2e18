"""Values that may be right but should be looked at: extreme numbers, unlikely dates, overlong texts, rare spellings, one value only."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_headers import plain_header
from crmmigrate.checks.profile_meaning import hidden
from crmmigrate.checks.profile_values import among
from crmmigrate.model.profile import Variant

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from crmmigrate.checks.profile_values import Column

_SPREAD = 5 * 1.4826
"""Five standard deviations of a normal distribution, in median absolute deviations."""
_FEW, _CHOICES, _TIMES_RARER = 0.3, 200, 10
_CHOSEN = frozenset({"picklist", "region", "industry", "department", "job_title", "sex", "yes_no", "company", "text"})
_WORDED = frozenset({"text", "company", "person", "address", "department", "job_title", "industry"})
_MEASURED = frozenset({"amount", "quantity", "percent"})
_BORN = re.compile(r"生日?$|出生|birth|bday|dob|csrq")
_SIZE_WORDS = re.compile(r"(?:级|型|类|客户|企业|行业|业|阶段|状态)$")
_TELLS_APART = re.compile(r"[0-9一二三四五六七八九十甲乙丙丁东南西北中上下左右大小男女内外新老已未前后半全A-Za-z+-]")


def find_doubts(
    connection: duckdb.DuckDBPyConnection, values: str, columns: Sequence[Column]
) -> dict[int, dict[str, int]]:
    """Count the cells of columns that should be looked at.

    Args:
        connection: holds the table `values` of columns `c`, their different values `v` and how many cells `n` hold them.
        values: its name.
        columns: all with values; dates of birth, which the column's name tells, may be old.

    Returns:
        The column's number → kind (key of `model.profile.DOUBTS`) → cells.
    """
    found: dict[int, dict[str, int]] = {}
    for column in columns:
        found[column.number] = {"constant": column.filled} if column.distinct == 1 and column.filled > 1 else {}
    for meanings, query, judge in (
        (_MEASURED, _NUMBERS, _numbers),
        (frozenset({"date"}), _DATES, _dates),
        (_WORDED, _LENGTHS, _lengths),
    ):
        asked = {column.number: column for column in columns if column.meaning in meanings}
        if asked:
            picked = f"picked AS (SELECT * FROM {values} WHERE {among(asked.values())})"
            for number, *counts in connection.execute(f"WITH {picked}, {query}").fetchall():
                found[number] |= judge(asked[number], *(count or 0 for count in counts))
    return {number: {kind: cells for kind, cells in kinds.items() if cells} for number, kinds in found.items()}


_FACTOR = "CASE WHEN contains(v, '亿') THEN 1e8 WHEN contains(v, '万') THEN 1e4 ELSE 1 END"
_NUMBER = f"coalesce(try_cast(v AS DOUBLE), try_cast(regexp_replace(v, '[^0-9.-]', '', 'g') AS DOUBLE) * {_FACTOR})"
_NUMBERS = (
    f"x AS (SELECT c, n, x, sign(x) * log10(1 + abs(x)) AS y FROM (SELECT c, n, {_NUMBER} AS x FROM picked) WHERE isfinite(x)), "
    "m AS (SELECT c, median(y) AS mid, mad(y) AS spread FROM x GROUP BY c) "
    f"SELECT c, sum(n) FILTER (spread > 0 AND abs(y - mid) > {_SPREAD} * spread)::BIGINT, sum(n) FILTER (x < 0)::BIGINT, "
    "sum(n) FILTER (x > 100)::BIGINT, sum(n)::BIGINT FROM x JOIN m USING (c) GROUP BY c"
)


def _numbers(column: Column, extreme: int, negative: int, over: int, known: int) -> dict[str, int]:
    """Extreme by the median absolute deviation of the logarithms of the different numbers; negative; more than 100 %."""
    found = {"extreme": extreme}
    if negative < _FEW * known:
        found["negative"] = negative
    if column.meaning == "percent" and over < _FEW * known:
        found["over-100"] = over
    return found


_DATES = (
    "d AS (SELECT c, n, try_cast(replace(replace(left(v, 10), '.', '-'), '/', '-') AS DATE) AS d FROM picked) "
    "SELECT c, sum(n) FILTER (d > current_date AND year(d) < 9999 AND d <> DATE '2099-12-31')::BIGINT, "
    "sum(n) FILTER (d < DATE '1980-01-01' AND d > DATE '1900-01-02' AND d <> DATE '1970-01-01')::BIGINT, sum(n)::BIGINT "
    "FROM d WHERE d IS NOT NULL GROUP BY c"
)


def _dates(column: Column, future: int, old: int, known: int) -> dict[str, int]:
    """Days to come and days before 1980, where few are so; those a program fills in are damage of their own (`default-date`)."""
    found = {}
    if future < _FEW * known:
        found["future"] = future
    if old < _FEW * known and not _BORN.search(plain_header(column.name)):
        found["old"] = old
    return found


_LENGTHS = (
    "m AS (SELECT c, median(length(v)) AS mid, mad(length(v)) AS spread FROM picked GROUP BY c) "
    "SELECT c, sum(n)::BIGINT FROM picked JOIN m USING (c) "
    f"WHERE length(v) > greatest(20, 3 * mid, mid + {_SPREAD} * spread) GROUP BY c"
)


def _lengths(_: Column, overlong: int) -> dict[str, int]:
    """Texts far longer than those of the column are."""
    return {"overlong": overlong}


def find_variants(
    connection: duckdb.DuckDBPyConnection, values: str, columns: Sequence[Column]
) -> dict[int, tuple[Variant, ...]]:
    """Find rare values that look like another spelling of a frequent one, in columns of few values.

    Equal but for width, case, blanks and words like 级 (`D级` beside `D`), or, much rarer, one sign apart where that sign is no number and no
    word that tells things apart (`销售一部` and `销售二部` are two).

    Returns:
        By the column's number; columns without any are left out.
    """
    asked = [column for column in columns if column.meaning in _CHOSEN and 1 < column.distinct <= _CHOICES]
    if not asked:
        return {}
    counted: dict[int, list[tuple[str, int]]] = defaultdict(list)
    query = f"SELECT c, v, n FROM {values} WHERE {among(asked)} ORDER BY n DESC, v"
    for number, value, cells in connection.execute(query).fetchall():
        counted[number].append((value, cells))
    return {number: variants for number, choices in counted.items() if (variants := _variants(choices))}


def _variants(counted: Sequence[tuple[str, int]]) -> tuple[Variant, ...]:
    found = []
    folded = [_folded(value) for value, _ in counted]
    for place, (rare, cells) in enumerate(counted):
        for other, (frequent, more) in enumerate(counted[:place]):
            if folded[place] == folded[other] or (more >= _TIMES_RARER * cells and _one_slip(rare, frequent)):
                found.append(Variant(hidden(frequent), hidden(rare), cells))
                break
    return tuple(found)


def _folded(text: str) -> str:
    plain = re.sub(r"[\s\u200b\ufeff._/-]", "", unicodedata.normalize("NFKC", text).lower())
    return _SIZE_WORDS.sub("", plain) or plain


def _one_slip(rare: str, frequent: str) -> bool:
    if min(len(rare), len(frequent)) < 4 or _TELLS_APART.sub("", rare) == _TELLS_APART.sub("", frequent):
        return False
    from rapidfuzz.distance import OSA

    return bool(OSA.distance(rare, frequent, score_cutoff=1) == 1)
