"""Signs by which rows are known to stand for the same company or person, and the pairs of rows that share some.

`WHO` holds the rows that name somebody, `SIGNS` their signs, `PAIRS` the pairs (`a`, `b`, `kinds` of signs) that nothing parts: temporary
relations in the tables' database. A row is a node: its table's number times 2^40 plus its place in the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_keys import (
    Subject,
    bare_person,
    domain,
    folded_columns,
    phone_numbers,
    place_of,
    placeless,
    quoted_all,
    squeezed,
    traditional_in,
    valid_code,
)
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.table import Tables

WHO, SIGNS, _SHARED, _MET, PAIRS = "crmm_who", "crmm_signs", "crmm_shared", "crmm_met", "crmm_pairs"
_KINDS = "bcdegmnopswx"
"""The signs: head and place of a name, credit code, domain, e-mail, head alone, mobile, name, name and parent, phone, name without place, messenger, landline.

The last four bits of a sign say of which kind it is; the others are those of a hash of its value.
"""
TABLE_BITS = 40
_ALL_PAIRS, _SHARED_BY_MANY = 12, 8
"""Larger groups of one sign are tied to one row each, or, where the sign may be shared (a switchboard), not at all."""


def find_pairs(tables: Tables, subjects: Sequence[Subject]) -> tuple[int, ...]:
    """Make the three relations and return, by subject, the number of rows that name somebody.

    Args:
        tables: hold the subjects' tables.
        subjects: of one kind.
    """
    run = tables.connection.execute
    person = bool(subjects) and subjects[0].kind == "person"
    describe = _describe_person if person else _describe_company
    run(f"CREATE OR REPLACE TEMP TABLE {WHO} (node BIGINT, name VARCHAR, place VARCHAR, code VARCHAR)")
    run(f"CREATE OR REPLACE TEMP TABLE {SIGNS} (node BIGINT, k UBIGINT)")
    rows = []
    for number, subject in enumerate(subjects):
        describe(tables, subject, number)
        rows.append(int(tables.value(f"SELECT count(*) FROM {WHO} WHERE node >> {TABLE_BITS} = {number}")))
    _pair(tables, _SAME_PERSON if person else _SAME_COMPANY)
    return tuple(rows)


def drop_pairs(tables: Tables) -> None:
    """Remove the three relations."""
    for name in (SIGNS, WHO, PAIRS):
        tables.connection.execute(f"DROP TABLE {name}")


def _rows_of(source: str, number: int, columns: str, kept: str) -> str:
    """Return the query of `columns` by node, for the rows of a relation in their order of which `kept` holds."""
    return f"SELECT * FROM (SELECT ({number}::BIGINT << {TABLE_BITS}) + row_number() OVER () AS node, {columns} FROM {source}) WHERE {kept}"


def _sign(kind: str, value: str, source: str) -> str:
    """Return the query that makes signs of `kind` of the values of a relation's rows."""
    return (
        f"SELECT node, (hash(v) & {2**64 - 16}::UBIGINT) | {sign_bits(kind)}::UBIGINT FROM (SELECT node, {value} AS v FROM {source}) "
        "WHERE v IS NOT NULL"
    )


def sign_bits(kind: str) -> int:
    """Return the last four bits of the signs of a kind."""
    return _KINDS.index(kind) + 1


def _each(values: str) -> str:
    """Return the SQL of each different value of a list."""
    return f"unnest(CASE WHEN len({values}) > 1 THEN list_distinct({values}) ELSE {values} END)"


def _one_or_each(count: int, name: str) -> str:
    """Return the SQL of each different value of a list of `count`, or of its only one: to unnest lists is slow."""
    return f"{name}[1]" if count == 1 else _each(name)


def _describe_company(tables: Tables, subject: Subject, number: int) -> None:
    run = tables.connection.execute
    names = [subject.name, *subject.former]
    signs = traditional_in(tables, subject, names)
    cells = {f"crmm_{place}": cell for place, cell in enumerate(quoted_all(names))}
    name, *former = (f"{cell}_folded" for cell in cells)
    codes = quoted_all(subject.codes)
    # To reckon check signs is dear: of one column, only codes that meet another are judged, and there.
    code = f"coalesce({', '.join(map(valid_code if len(codes) > 1 else squeezed, codes))})" if codes else "NULL"
    phones, emails = _lists(subject)
    several = (
        f"list_filter([{', '.join(map(squeezed, codes))}]::VARCHAR[], lambda x: length(x) = 18) AS codes, "
        if len(codes) > 1
        else ""
    )
    domains = [domain(cell) for cell in quoted_all([*subject.emails, *subject.sites])]
    query = _rows_of(
        folded_columns(quoted(subject.profile.name), cells, signs), number,
        f"{name} AS name, [{', '.join(former)}]::VARCHAR[] AS former, {code} AS code, {several}{phones} AS phones, {emails} AS emails, "
        f"[{', '.join(domains)}]::VARCHAR[] AS domains",
        f"name IS NOT NULL OR NOT {_nothing(former)}",
    )  # fmt: skip
    run(f"CREATE OR REPLACE TEMP TABLE crmm_rows AS {query}")
    run(
        f"INSERT INTO {WHO} SELECT node, rest, {place_of('name', 'rest')}, code FROM (SELECT node, name, code, {placeless('name')} AS rest FROM crmm_rows)"
    )
    who = f"(SELECT * FROM {WHO} WHERE node >> {TABLE_BITS} = {number})"
    made = [
        _sign("n", "unnest(list_distinct(list_concat([name], former)))" if former else "name", "crmm_rows"),
        _sign("c", _each("codes") if several else "CASE WHEN length(code) = 18 THEN code END", "crmm_rows"),
        _sign("p", _each("phones"), "crmm_rows"),
        _sign("e", _one_or_each(len(subject.emails), "emails"), "crmm_rows"),
        _sign("d", _one_or_each(len(domains), "domains"), "crmm_rows"),
        _sign("s", "name", who),
        _sign("b", "place || left(name, 2)", who),
        _sign("g", "CASE WHEN length(name) >= 4 THEN left(name, 4) END", who),
    ]
    for query in made:
        run(f"INSERT INTO {SIGNS} {query}")
    run("DROP TABLE crmm_rows")


def _nothing(former: Sequence[str]) -> str:
    return "len(list_filter(former, lambda x: x IS NOT NULL)) = 0" if former else "true"


def _lists(subject: Subject) -> tuple[str, str]:
    """Return the SQL of the lists of phone numbers and of e-mail addresses of a row."""
    phones = ", ".join(f"coalesce({phone_numbers(cell)}, [])" for cell in quoted_all(subject.phones))
    emails = ", ".join(
        f"CASE WHEN {cell} LIKE '%@%' OR {cell} LIKE '%＠%' THEN {squeezed(cell)} END"
        for cell in quoted_all(subject.emails)
    )
    return (f"flatten([{phones}])" if phones else "[]::VARCHAR[]"), f"[{emails}]::VARCHAR[]"


def _describe_person(tables: Tables, subject: Subject, number: int) -> None:
    run = tables.connection.execute
    phones, emails = _lists(subject)
    companies = [name for name in subject.parents if name in _companies(subject)]
    source = quoted(subject.profile.name)
    if companies:
        signs = traditional_in(tables, subject, companies)
        cells = {f"crmm_{place}": cell for place, cell in enumerate(quoted_all(companies))}
        source = folded_columns(source, cells, signs)
    parents = [
        f"'{place}' || {placeless(f'crmm_{companies.index(name)}_folded')}" if name in companies else f"'{place}' || {squeezed(cell)}"
        for place, (name, cell) in enumerate(zip(subject.parents, quoted_all(subject.parents), strict=True))
    ]  # fmt: skip
    messengers = ", ".join(map(squeezed, quoted_all(subject.messengers)))
    query = _rows_of(
        source, number,
        f"{bare_person(quoted(subject.name))} AS name, {phones} AS phones, {emails} AS emails, [{messengers}]::VARCHAR[] AS accounts, "
        f"[{', '.join(parents)}]::VARCHAR[] AS parents", "name IS NOT NULL",
    )  # fmt: skip
    run(f"CREATE OR REPLACE TEMP TABLE crmm_rows AS {query}")
    run(f"INSERT INTO {WHO} SELECT node, name, '', NULL FROM crmm_rows")
    numbers = f"(SELECT node, {_each('phones')} AS number FROM crmm_rows)"
    made = [
        _sign("m", "number", f"(FROM {numbers} WHERE length(number) = 11)"),
        _sign("x", "number", f"(FROM {numbers} WHERE length(number) <> 11)"),
        _sign("e", _one_or_each(len(subject.emails), "emails"), "crmm_rows"),
        _sign("w", _one_or_each(len(subject.messengers), "accounts"), "crmm_rows"),
        _sign("o", f"name || {_one_or_each(len(parents), 'parents')}", "(FROM crmm_rows WHERE length(name) > 1)"),
    ]
    for query in made:
        run(f"INSERT INTO {SIGNS} {query}")
    run("DROP TABLE crmm_rows")


def _companies(subject: Subject) -> set[str]:
    return {column.name for column in subject.profile.columns if column.meaning == "company"}


_ALIKE = "(a.name IS NULL OR b.name IS NULL OR contains(a.name, b.name) OR contains(b.name, a.name) OR jaccard(a.name, b.name) >= 0.5)"
# DuckDB's edit distances count bytes: a Chinese character is up to three. Where nothing but deletions lies between two texts, the
# distance is the difference of their lengths.
_SHORT = (
    "(least(length(a.name), length(b.name)) >= 3 AND left(a.name, 2) = left(b.name, 2) AND length(a.name) <> length(b.name) "
    "AND levenshtein(a.name, b.name) = abs(strlen(a.name) - strlen(b.name)))"
)
"""One name is short for the other: its characters stand in the other in order, and both begin alike."""
_UNEQUAL = (
    "len(list_filter(list_zip(string_split(a.name, ''), string_split(b.name, '')), lambda two: two[1] <> two[2]))"
)
_SORTED = "list_sort(string_split({}.name, ''))"
_SLIP = (
    f"CASE WHEN length(a.name) = length(b.name) AND levenshtein(a.name, b.name) <= 6 THEN {_UNEQUAL} <= 1 OR {_UNEQUAL} = 2 "
    f"AND {_SORTED.format('a')} = {_SORTED.format('b')} ELSE abs(length(a.name) - length(b.name)) = 1 "
    "AND levenshtein(a.name, b.name) = abs(strlen(a.name) - strlen(b.name)) END"
)
"""One character differs, is missing, or has changed places with its neighbour."""
_SAME_COMPANY = (
    # Two valid codes are two companies; a place against another is one only where the code or a former name says so. The check signs are
    # reckoned for those alone that all else ties.
    "CASE WHEN CASE WHEN contains(kinds, 'c') OR contains(kinds, 'n') THEN true "
    f"WHEN kinds IN ('b', 'bg') THEN a.place <> '' AND (least(length(a.name), length(b.name)) >= 5 AND {_SLIP} OR {_SHORT}) "
    f"WHEN kinds = 'g' THEN (a.place = '' OR b.place = '') AND ({_SHORT}) "
    "WHEN a.place <> '' AND b.place <> '' AND a.place <> b.place THEN false "
    f"WHEN contains(kinds, 's') THEN length(a.name) > 2 OR regexp_matches(kinds, '[pe]') ELSE {_ALIKE} END "
    f"THEN NOT coalesce(CASE WHEN a.code <> b.code THEN {valid_code('a.code')} <> {valid_code('b.code')} END, false) ELSE false END"
)
_NAMESAKE = (
    "(a.name = b.name OR (least(length(a.name), length(b.name)) = 1 AND left(a.name, 1) = left(b.name, 1)) "
    f"OR (least(length(a.name), length(b.name)) >= 3 AND {_SLIP}))"
)
_SAME_PERSON = f"{_NAMESAKE} AND (kinds <> 'x' OR a.name = b.name AND length(a.name) > 1)"


def _pair(tables: Tables, same: str) -> None:
    """Make the relation of pairs (a, b, signs that show it): rows that share a sign and that nothing parts."""
    kinds = " || ".join(f"CASE WHEN bits & {1 << sign_bits(kind)} > 0 THEN '{kind}' ELSE '' END" for kind in _KINDS)
    few = ", ".join(str(sign_bits(kind)) for kind in "pxmewdgb")
    run = tables.connection.execute
    run(
        f"""CREATE OR REPLACE TEMP TABLE {_SHARED} AS
        WITH g AS (SELECT k, count(*) AS n, min(node) AS first FROM {SIGNS} GROUP BY k HAVING n > 1
            AND (n <= {_SHARED_BY_MANY} OR k & 15 NOT IN ({few})))
        SELECT node, k, n, first FROM {SIGNS} JOIN g USING (k)"""
    )
    # In steps: DuckDB has to know how few rows are left, or it prepares for the names of all.
    run(
        f"""CREATE OR REPLACE TEMP TABLE {_MET} AS
        WITH p AS (SELECT one.node AS x, two.node AS y, one.k FROM {_SHARED} one JOIN {_SHARED} two ON one.k = two.k AND one.node < two.node WHERE one.n <= {_ALL_PAIRS}
            UNION ALL SELECT first, node, k FROM {_SHARED} WHERE n > {_ALL_PAIRS} AND node > first)
        SELECT x, y, bit_or(1 << (k & 15)::INTEGER) AS bits FROM p GROUP BY x, y"""
    )
    # Nor may it judge pairs within the join, a few of every batch of rows.
    run(
        f"""CREATE OR REPLACE TEMP TABLE {PAIRS} AS
        WITH t AS (SELECT bits, {kinds} AS kinds FROM (SELECT DISTINCT bits FROM {_MET})),
        two AS MATERIALIZED (SELECT x, y, kinds, a, b FROM {_MET} JOIN t USING (bits) JOIN {WHO} a ON a.node = x JOIN {WHO} b ON b.node = y)
        SELECT x AS a, y AS b, kinds FROM two WHERE {same}"""
    )
    run(f"DROP TABLE {_SHARED}")
    run(f"DROP TABLE {_MET}")
