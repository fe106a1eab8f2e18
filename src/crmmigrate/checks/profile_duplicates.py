"""Estimate what repeats: rows for the same company or person, companies in several sources, codes with two names, old rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.model.table import first_row, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile
    from crmmigrate.model.table import Tables

_SURE = 0.6
_SHARED_BY_MANY = 6
_TELLING = ("company", "credit_code", "person", "mobile", "phone", "email")
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


def _digits(expression: str) -> str:
    half = f"translate({expression}, '{_FULL}', '{_HALF}')"
    return rf"regexp_replace(regexp_replace({half}, '\.0+$', ''), '[^0-9]', '', 'g')"


def _bare_person(expression: str) -> str:
    return rf"regexp_replace({expression}, '[\s\x{{a0}}\x{{200b}}\x{{3000}}]|先生$|女士$|小姐$|总$', '', 'g')"


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

    Near duplicates are rows minus groups of rows that share a telling key: of companies the folded name (or former name), the
    credit code, a phone, an e-mail address; of people a mobile number, an e-mail address, or the name with the end of a phone or
    with a foreign key. It is an estimate: typos hide some, shared phones add some. Rows of events (tickets, orders, notes)
    repeat their customers by nature and are not judged.
    """
    keys = _telling_keys(profile)
    chains = _chains(tables, _keyed(profile, keys), _SHARED_BY_MANY) if keys else []
    near = sum(len(rows) - 1 for rows in chains) if keys else None
    recent, dated = _recency(tables, profile)
    return replace(
        profile,
        near_duplicates=near,
        contradictions=_contradictions(tables, profile),
        recent_rows=recent,
        dated_rows=dated,
    )


def _is_event(profile: TableProfile) -> bool:
    return any(word in column.name.lower() for column in profile.columns for word in _EVENT)


def _telling_keys(profile: TableProfile) -> list[str]:
    """Return SQL expressions; rows that share one's value are probably the same company or person. None for events."""
    if _is_event(profile):
        return []
    columns = [column for column in profile.columns if column.filled and column.confidence >= _SURE]
    named = {meaning: [quoted(c.name) for c in columns if c.meaning == meaning] for meaning in _TELLING}
    phones = [*named["mobile"], *named["phone"]]
    keys = [f"'e' || lower(trim({cell}))" for cell in named["email"]]
    if named["company"]:
        keys += [f"'n' || ({folded_company(cell)})" for cell in named["company"]]
        keys += [
            f"CASE WHEN length(trim({cell})) = 18 THEN 'c' || upper(trim({cell})) END" for cell in named["credit_code"]
        ]
        return keys + [
            f"CASE WHEN length({_digits(cell)}) >= 10 THEN 'p' || right({_digits(cell)}, 10) END" for cell in phones
        ]
    if not named["person"] or not (phones or keys):
        return []
    person = _bare_person(quoted(_surest(profile.columns, "person")))
    keys += [
        f"CASE WHEN length({_digits(cell)}) >= 11 THEN 'm' || right({_digits(cell)}, 11) END"
        for cell in named["mobile"]
    ]
    keys += [
        f"CASE WHEN length({_digits(cell)}) >= 7 THEN 'p' || {person} || right({_digits(cell)}, 7) END"
        for cell in phones
    ]
    foreign = [quoted(c.name) for c in columns if c.meaning == "id" and c.distinct < c.rows]
    return keys + [f"'i' || {person} || {cell}" for cell in foreign]


def _keyed(profile: TableProfile, keys: Sequence[str], number: int = 0) -> str:
    """Return the SQL of (number of the table, number of the row, key)."""
    return (
        f"SELECT {number} AS t, r, unnest([{', '.join(keys)}]) AS k FROM "
        f"(SELECT row_number() OVER () AS r, * FROM {quoted(profile.name)})"
    )


def _chains(tables: Tables, keyed: str, most: int) -> list[list[int]]:
    """Return the groups of rows that chains of shared keys join; keys of more than `most` rows tell nothing.

    A row is its table's number times 2^40 plus its own.
    """
    query = (
        f"SELECT list(DISTINCT row) FROM (SELECT t * 1099511627776 + r AS row, k FROM ({keyed})) "
        f"WHERE k IS NOT NULL GROUP BY k HAVING count(DISTINCT row) BETWEEN 2 AND {most}"
    )
    parent: dict[int, int] = {}

    def root(row: int) -> int:
        while (above := parent.setdefault(row, row)) != row:
            parent[row] = parent[above]
            row = above
        return row

    for (rows,) in tables.connection.execute(query).fetchall():
        first = root(rows[0])
        for row in rows[1:]:
            parent[root(row)] = first
    chains: dict[int, list[int]] = {}
    for row in parent:
        chains.setdefault(root(row), []).append(row)
    return list(chains.values())


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
    row = first_row(
        tables.connection,
        f"WITH y AS (SELECT greatest({years}) AS y FROM {quoted(profile.name)}) "
        "SELECT count(*) FILTER (y >= (SELECT max(y) FROM y) - 3), count(y) FROM y",
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


def overlap(tables: Tables, profiles: Sequence[TableProfile]) -> tuple[int, int]:
    """Estimate how many companies stand in more than one source, and how many there are in all.

    Where everything was read as one source, such as a folder, its tables count as sources.

    Args:
        tables: hold the profiled tables.
        profiles: of all tables; reference tables and tables of events are left out.
    """
    counted = [
        profile for profile in profiles if company_column(profile) and not profile.reference and not _is_event(profile)
    ]
    if not counted:
        return 0, 0
    single = len({profile.source for profile in counted}) < 2
    sources = [profile.name if single else profile.source for profile in counted]
    keyed = " UNION ALL ".join(
        _keyed(profile, _telling_keys(profile), number) for number, profile in enumerate(counted)
    )
    chains = _chains(tables, keyed, _SHARED_BY_MANY * 2)
    named = (next(c.filled for c in p.columns if c.name == company_column(p)) for p in counted)
    entities = sum(named) - sum(len(rows) - 1 for rows in chains)
    return sum(1 for rows in chains if len({sources[row >> 40] for row in rows}) > 1), entities
