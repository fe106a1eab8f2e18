"""Values that may be right but should be looked at: extreme numbers, unlikely dates, overlong texts, rare spellings, one value only."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_headers import plain_header
from crmmigrate.checks.profile_meaning import hidden
from crmmigrate.model.profile import Variant
from crmmigrate.model.table import first_row

if TYPE_CHECKING:
    import duckdb

_SPREAD = 5 * 1.4826
"""Five standard deviations of a normal distribution, in median absolute deviations."""
_FEW, _CHOICES, _TIMES_RARER = 0.3, 200, 10
_CHOSEN = frozenset({"picklist", "region", "industry", "department", "job_title", "sex", "yes_no", "company", "text"})
_WORDED = frozenset({"text", "company", "person", "address", "department", "job_title", "industry"})
_BORN = re.compile(r"生日?$|出生|birth|bday|dob|csrq")
_SIZE_WORDS = re.compile(r"(?:级|型|类|客户|企业|行业|业|阶段|状态)$")
_TELLS_APART = re.compile(r"[0-9一二三四五六七八九十甲乙丙丁东南西北中上下左右大小男女内外新老已未前后半全A-Za-z+-]")


def find_doubts(
    connection: duckdb.DuckDBPyConnection, values: str, header: str, meaning: str, filled: int, distinct: int
) -> dict[str, int]:
    """Count the cells of one column that should be looked at.

    Args:
        connection: holds the table `values` of different values `v` and how many cells `n` hold them.
        values: its name.
        header: the column's name; dates of birth may be old.
        meaning: of the column.
        filled: cells with a value.
        distinct: different values.

    Returns:
        kind (key of `model.profile.DOUBTS`) → cells.
    """
    found: dict[str, int] = {}
    if distinct == 1 and filled > 1:
        found["constant"] = filled
    if meaning in ("amount", "quantity", "percent"):
        found |= _numbers(connection, values, meaning)
    elif meaning == "date":
        found |= _dates(connection, values, born=bool(_BORN.search(plain_header(header))))
    elif meaning in _WORDED:
        found |= _lengths(connection, values)
    return {kind: cells for kind, cells in found.items() if cells}


def _numbers(connection: duckdb.DuckDBPyConnection, values: str, meaning: str) -> dict[str, int]:
    """Extreme by the median absolute deviation of the logarithms of the different numbers; negative; more than 100 %."""
    factor = "CASE WHEN contains(v, '亿') THEN 1e8 WHEN contains(v, '万') THEN 1e4 ELSE 1 END"
    number = f"coalesce(try_cast(v AS DOUBLE), try_cast(regexp_replace(v, '[^0-9.-]', '', 'g') AS DOUBLE) * {factor})"
    row = first_row(
        connection,
        f"WITH x AS (SELECT n, x, sign(x) * log10(1 + abs(x)) AS y FROM (SELECT n, {number} AS x FROM {values}) WHERE isfinite(x)), "
        "m AS (SELECT median(y) AS mid, mad(y) AS spread FROM x) "
        f"SELECT sum(n) FILTER (spread > 0 AND abs(y - mid) > {_SPREAD} * spread)::BIGINT, sum(n) FILTER (x < 0)::BIGINT, "
        "sum(n) FILTER (x > 100)::BIGINT, sum(n)::BIGINT FROM x, m",
    )
    extreme, negative, over, known = (count or 0 for count in row or (0, 0, 0, 0))
    found = {"extreme": extreme}
    if negative < _FEW * known:
        found["negative"] = negative
    if meaning == "percent" and over < _FEW * known:
        found["over-100"] = over
    return found


def _dates(connection: duckdb.DuckDBPyConnection, values: str, *, born: bool) -> dict[str, int]:
    """Days to come and days before 1980, where few are so; those a program fills in are damage of their own (`default-date`)."""
    row = first_row(
        connection,
        "SELECT sum(n) FILTER (d > current_date AND year(d) < 9999 AND d <> DATE '2099-12-31')::BIGINT, "
        "sum(n) FILTER (d < DATE '1980-01-01' AND d > DATE '1900-01-02' AND d <> DATE '1970-01-01')::BIGINT, sum(n)::BIGINT "
        f"FROM (SELECT n, try_cast(replace(replace(left(v, 10), '.', '-'), '/', '-') AS DATE) AS d FROM {values}) WHERE d IS NOT NULL",
    )
    future, old, known = (count or 0 for count in row or (0, 0, 0))
    found = {}
    if future < _FEW * known:
        found["future"] = future
    if old < _FEW * known and not born:
        found["old"] = old
    return found


def _lengths(connection: duckdb.DuckDBPyConnection, values: str) -> dict[str, int]:
    """Texts far longer than those of the column are."""
    row = first_row(
        connection,
        f"WITH m AS (SELECT median(length(v)) AS mid, mad(length(v)) AS spread FROM {values}) "
        f"SELECT sum(n)::BIGINT FROM {values}, m WHERE length(v) > greatest(20, 3 * mid, mid + {_SPREAD} * spread)",
    )
    return {"overlong": (row[0] or 0) if row else 0}


def find_variants(
    connection: duckdb.DuckDBPyConnection, values: str, meaning: str, distinct: int
) -> tuple[Variant, ...]:
    """Find rare values that look like another spelling of a frequent one, in columns of few values.

    Equal but for width, case, blanks and words like 级 (`D级` beside `D`), or, much rarer, one sign apart where that sign is no number and no
    word that tells things apart (`销售一部` and `销售二部` are two).
    """
    if meaning not in _CHOSEN or not 1 < distinct <= _CHOICES:
        return ()
    counted = connection.execute(f"SELECT v, n FROM {values} ORDER BY n DESC, v").fetchall()
    found = []
    for place, (rare, cells) in enumerate(counted):
        for frequent, more in counted[:place]:
            if _folded(rare) == _folded(frequent) or (more >= _TIMES_RARER * cells and _one_slip(rare, frequent)):
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
