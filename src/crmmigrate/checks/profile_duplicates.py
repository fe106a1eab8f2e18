"""Estimate what repeats: rows for the same company or person, companies in several sources, codes with two names, old rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile
    from crmmigrate.model.table import Tables

_SURE = 0.6
_FULL = "０１２３４５６７８９（）ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ"
_HALF = "0123456789()ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_EVENT = ("单号", "订单", "记录", "ticket", "order", "subject", "主题", "内容", "商机")


def folded_company(expression: str) -> str:
    """Return the SQL that folds a company name to what tells it from others: case, width, blanks, brackets and legal form go.

    Args:
        expression: an SQL expression of text.
    """
    half = f"lower(translate({expression}, '{_FULL}', '{_HALF}'))"
    bare = rf"regexp_replace({half}, '[\s\x{{a0}}\x{{200b}}\x{{3000}}()\[\]【】·.,，。、&-]', '', 'g')"
    core = (
        f"regexp_replace({bare}, '(?:股份有限公司|有限责任公司|有限公司|集团|总公司|公司|coltd|ltd|inc|llc)', '', 'g')"
    )
    return f"CASE WHEN length({core}) >= 2 THEN {core} ELSE nullif({bare}, '') END"


def _folded_person(name: str, phone: str) -> str:
    digits = rf"regexp_replace(regexp_replace({phone}, '\.0+$', ''), '[^0-9]', '', 'g')"
    bare = rf"regexp_replace({name}, '[\s\x{{a0}}\x{{3000}}]|先生$|女士$', '', 'g')"
    return f"CASE WHEN length({digits}) >= 7 THEN {bare} || right({digits}, 7) END"


def _surest(columns: Sequence[ColumnProfile], *meanings: str) -> str:
    """Return the name of the best-filled column of one of `meanings` (the first that has any), or empty."""
    for meaning in meanings:
        found = [column for column in columns if column.meaning == meaning and column.confidence >= _SURE]
        if found:
            return max(found, key=lambda column: (column.filled, column.confidence)).name
    return ""


def company_column(profile: TableProfile) -> str:
    """Return the column that names the company a row is about, or empty."""
    return _surest(profile.columns, "company")


def add_repetition(tables: Tables, profile: TableProfile) -> TableProfile:
    """Return `profile` with near duplicates, contradictions and age.

    Near duplicates are rows minus different folded keys: the company's name folded (`folded_company`), else the
    person's name with the last seven digits of the phone. Rows of events (tickets, orders, notes) repeat their customers
    by nature and are not judged.
    """
    near = None
    key = _entity_key(profile)
    if key:
        query = f"SELECT count(k) - count(DISTINCT k) FROM (SELECT {key} AS k FROM {quoted(profile.name)})"
        near = int(tables.value(query))
    recent, dated = _recency(tables, profile)
    return replace(
        profile,
        near_duplicates=near,
        contradictions=_contradictions(tables, profile),
        recent_rows=recent,
        dated_rows=dated,
    )


def _entity_key(profile: TableProfile) -> str:
    """Return the SQL of what tells one entity of this table from another, or empty where rows are events."""
    if any(word in column.name.lower() for column in profile.columns for word in _EVENT):
        return ""
    company = company_column(profile)
    person = _surest(profile.columns, "person")
    phone = _surest(profile.columns, "mobile", "phone")
    people = _folded_person(quoted(person), quoted(phone)) if person and phone else ""
    return folded_company(quoted(company)) if company else people


def _contradictions(tables: Tables, profile: TableProfile) -> int:
    code, company = _surest(profile.columns, "credit_code"), company_column(profile)
    if not code or not company:
        return 0
    query = (
        f"SELECT count(*) FROM (SELECT upper(trim({quoted(code)})) AS code FROM {quoted(profile.name)} WHERE length({quoted(code)}) >= 15 "
        f"GROUP BY 1 HAVING count(DISTINCT {folded_company(quoted(company))}) > 1)"
    )
    return int(tables.value(query))


def _recency(tables: Tables, profile: TableProfile) -> tuple[int, int]:
    """Count rows whose newest date is at most three years older than the table's newest, and rows with a date at all."""
    dates = [column.name for column in profile.columns if column.meaning == "date" and column.filled]
    if not dates:
        return 0, 0
    years = ", ".join(
        rf"TRY_CAST(regexp_extract({quoted(name)}, '^\s*((?:19|20)[0-9]{{2}})', 1) AS INTEGER)" for name in dates
    )
    row = tables.connection.execute(
        f"WITH y AS (SELECT greatest({years}) AS y FROM {quoted(profile.name)}) "
        "SELECT count(*) FILTER (y >= (SELECT max(y) FROM y) - 3), count(y) FROM y"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def overlap(tables: Tables, profiles: Sequence[TableProfile]) -> tuple[int, int]:
    """Estimate how many companies stand in more than one source, and how many there are in all.

    Where everything was read as one source, such as a folder, its tables count as sources.

    Args:
        tables: hold the profiled tables.
        profiles: of all tables; reference tables and tables of events are left out.
    """
    parts = []
    single = len({profile.source for profile in profiles if not profile.reference}) < 2
    for profile in profiles:
        company = company_column(profile)
        if company and not profile.reference and _entity_key(profile):
            source = (profile.name if single else profile.source).replace("'", "''")
            parts.append(
                f"SELECT '{source}' AS source, {folded_company(quoted(company))} AS k FROM {quoted(profile.name)}"
            )
    if not parts:
        return 0, 0
    query = (
        "SELECT count(*) FILTER (sources > 1), count(*) FROM (SELECT count(DISTINCT source) AS sources FROM "
        f"({' UNION ALL '.join(parts)}) WHERE k IS NOT NULL GROUP BY k)"
    )
    row = tables.connection.execute(query).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
