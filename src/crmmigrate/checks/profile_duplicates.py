"""Estimate who stands in several rows: duplicates of each table, and the overlap of each pair of sources, with their error.

Rows are tied by signs: a company by its folded name or a former one, its name without the place, its credit code, a phone number, an e-mail
address; a person by a mobile number, an e-mail address, a messenger account, or the name together with a phone or with the company. What
contradicts cuts: two valid credit codes, a place against another, names that have nothing in common. Ties are followed along chains.

The interval. Low: as many rows as a certain sign (the credit code) or two signs tie. Estimate: what was found, and what no sign shows because
a value is missing or misspelt: a sign is held to show a pair as often as it shows the pairs that another sign shows (capture and recapture,
Lincoln and Petersen, with the signs as captures). High: twice the unseen, because signs fail together more often than that presumes, and two
standard errors.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.profile_keys import (
    Subject,
    bare_person,
    domain,
    folded_company,
    phone_numbers,
    place_of,
    placeless,
    quoted_all,
    squeezed,
    traditional_in,
    valid_code,
)
from crmmigrate.model.audit import Duplicates, Overlap
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.model.table import Tables

WHO, _SIGNS, _PAIRS = "crmm_who", "crmm_signs", "crmm_pairs"
_KINDS = "bcdegmnopswx"
"""The signs: head and place of a name, credit code, domain, e-mail, head alone, mobile, name, name and parent, phone, name without place, messenger, landline."""
_TABLE_BITS = 40
"""A node is its table's number times 2^40 plus its row."""
_ENOUGH, _USUAL = 20, 0.9
_ALL_PAIRS, _SHARED_BY_MANY = 12, 8
"""Larger groups of one sign are tied to one row each, or, where the sign may be shared (a switchboard), not at all."""


@dataclass(frozen=True)
class Ties:
    """Which rows stand for the same company or person.

    Args:
        subjects: by number of the table.
        rows: of each subject, that name somebody.
        nodes: rows with a tie; `found` the number of the entity each belongs to, `certain` the same by certain ties alone.
        other_codes: by pair of table numbers: equal company names that stand beside different valid credit codes.
        unseen: by pair of table numbers: estimated pairs that no sign shows, and pairs found.
    """

    subjects: tuple[Subject, ...]
    rows: tuple[int, ...]
    nodes: np.ndarray[Any, Any]
    found: np.ndarray[Any, Any]
    certain: np.ndarray[Any, Any]
    unseen: dict[tuple[int, int], tuple[float, int]]
    other_codes: dict[tuple[int, int], int]

    @property
    def tables(self) -> np.ndarray[Any, Any]:
        """The table's number of each node."""
        return self.nodes >> _TABLE_BITS


def tie(tables: Tables, subjects: Sequence[Subject]) -> Ties:
    """Find out which rows of `subjects` (all of one kind) stand for the same.

    Args:
        tables: hold the subjects' tables; temporary relations are made in their database.
        subjects: of one kind.
    """
    run = tables.connection.execute
    person = bool(subjects) and subjects[0].kind == "person"
    describe = _describe_person if person else _describe_company
    run(f"CREATE OR REPLACE TEMP TABLE {WHO} (node BIGINT, name VARCHAR, place VARCHAR, code VARCHAR)")
    run(f"CREATE OR REPLACE TEMP TABLE {_SIGNS} (node BIGINT, kind VARCHAR, k UBIGINT)")
    rows = []
    for number, subject in enumerate(subjects):
        describe(tables, subject, number)
        rows.append(int(tables.value(f"SELECT count(*) FROM {WHO} WHERE node >> {_TABLE_BITS} = {number}")))
    _pair(tables, _SAME_PERSON if person else _SAME_COMPANY)
    result = _follow(tables, tuple(subjects), tuple(rows))
    run(f"DROP TABLE {_SIGNS}")
    run(f"DROP TABLE {WHO}")
    run(f"DROP TABLE {_PAIRS}")
    return result


def _rows_of(subject: Subject, number: int, columns: str, also: Sequence[str] = ()) -> str:
    """Return the query of `columns` by node; `also` are columns reckoned before, that `columns` may name several times."""
    source = f"(SELECT {', '.join(('*', *also))} FROM {quoted(subject.profile.name)})"
    return f"SELECT ({number}::BIGINT << {_TABLE_BITS}) + row_number() OVER () AS node, {columns} FROM {source}"


def _describe_company(tables: Tables, subject: Subject, number: int) -> None:
    run = tables.connection.execute
    signs = traditional_in(tables, subject, [subject.name, *subject.former])
    name, *former = (folded_company(cell, signs) for cell in quoted_all([subject.name, *subject.former]))
    codes = quoted_all(subject.codes)
    # To reckon check signs is dear: of one column, only codes that meet another are judged, and there.
    code = f"coalesce({', '.join(map(valid_code if len(codes) > 1 else squeezed, codes))})" if codes else "NULL"
    phones, emails = _lists(subject)
    query = _rows_of(
        subject, number,
        f"{name} AS name, [{', '.join(former)}]::VARCHAR[] AS former, {code} AS code, "
        f"list_filter([{', '.join(map(squeezed, codes))}]::VARCHAR[], lambda x: length(x) = 18) AS codes, {phones} AS phones, {emails} AS emails, "
        f"[{', '.join(domain(c) for c in quoted_all([*subject.emails, *subject.sites]))}]::VARCHAR[] AS domains",
    )  # fmt: skip
    run(f"CREATE OR REPLACE TEMP TABLE crmm_rows AS {query}")
    run(f"DELETE FROM crmm_rows WHERE name IS NULL AND {_nothing(former)}")
    run(
        f"INSERT INTO {WHO} SELECT node, rest, {place_of('name', 'rest')}, code FROM (SELECT node, name, code, {placeless('name')} AS rest FROM crmm_rows)"
    )
    run(
        f"INSERT INTO {_SIGNS} SELECT node, kind, hash(kind, v) FROM (SELECT node, 'n' AS kind, "
        "unnest(list_distinct(list_concat([name], former))) AS v FROM crmm_rows "
        "UNION ALL SELECT node, 'c', unnest(list_distinct(codes)) FROM crmm_rows UNION ALL SELECT node, 'p', unnest(list_distinct(phones)) FROM crmm_rows "
        f"UNION ALL SELECT node, 'e', unnest(list_distinct(emails)) FROM crmm_rows "
        "UNION ALL SELECT node, 'd', unnest(list_distinct(domains)) FROM crmm_rows "
        f"UNION ALL SELECT node, unnest(['s', 'b', 'g']), unnest([name, place || left(name, 2), CASE WHEN length(name) >= 4 THEN left(name, 4) END]) FROM {WHO} WHERE node >> {_TABLE_BITS} = {number}) "
        "WHERE v IS NOT NULL"
    )
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
    signs = traditional_in(tables, subject, companies) if companies else ""
    folded = [
        f"{folded_company(cell, signs)} AS crmm_folded_{place}" for place, cell in enumerate(quoted_all(companies))
    ]
    parents = [
        f"'{place}' || {placeless(f'crmm_folded_{companies.index(name)}')}" if name in companies else f"'{place}' || {squeezed(cell)}"
        for place, (name, cell) in enumerate(zip(subject.parents, quoted_all(subject.parents), strict=True))
    ]  # fmt: skip
    messengers = ", ".join(map(squeezed, quoted_all(subject.messengers)))
    query = _rows_of(
        subject, number,
        f"{bare_person(quoted(subject.name))} AS name, {phones} AS phones, {emails} AS emails, [{messengers}]::VARCHAR[] AS accounts, "
        f"[{', '.join(parents)}]::VARCHAR[] AS parents", folded,
    )  # fmt: skip
    run(f"CREATE OR REPLACE TEMP TABLE crmm_rows AS {query}")
    run("DELETE FROM crmm_rows WHERE name IS NULL")
    run(f"INSERT INTO {WHO} SELECT node, name, '', NULL FROM crmm_rows")
    run(
        f"INSERT INTO {_SIGNS} SELECT node, kind, hash(kind, v) FROM (SELECT node, CASE WHEN length(v) = 11 THEN 'm' ELSE 'x' END AS kind, v "
        "FROM (SELECT node, unnest(list_distinct(phones)) AS v FROM crmm_rows) UNION ALL SELECT node, 'e', unnest(list_distinct(emails)) FROM crmm_rows "
        "UNION ALL SELECT node, 'w', unnest(list_distinct(accounts)) FROM crmm_rows "
        "UNION ALL SELECT node, 'o', name || unnest(list_distinct(parents)) FROM crmm_rows WHERE length(name) > 1) WHERE v IS NOT NULL"
    )
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
    # Two valid codes are two companies; a place against another is one only where the code or a former name says so.
    f"NOT coalesce(CASE WHEN a.code <> b.code THEN {valid_code('a.code')} <> {valid_code('b.code')} END, false) AND CASE "
    "WHEN contains(kinds, 'c') OR contains(kinds, 'n') THEN true "
    f"WHEN kinds IN ('b', 'bg') THEN a.place <> '' AND (least(length(a.name), length(b.name)) >= 5 AND {_SLIP} OR {_SHORT}) "
    f"WHEN kinds = 'g' THEN (a.place = '' OR b.place = '') AND ({_SHORT}) "
    "WHEN a.place <> '' AND b.place <> '' AND a.place <> b.place THEN false "
    f"WHEN contains(kinds, 's') THEN length(a.name) > 2 OR regexp_matches(kinds, '[pe]') ELSE {_ALIKE} END"
)
_NAMESAKE = (
    "(a.name = b.name OR (least(length(a.name), length(b.name)) = 1 AND left(a.name, 1) = left(b.name, 1)) "
    f"OR (least(length(a.name), length(b.name)) >= 3 AND {_SLIP}))"
)
_SAME_PERSON = f"{_NAMESAKE} AND (kinds <> 'x' OR a.name = b.name AND length(a.name) > 1)"


def _pair(tables: Tables, same: str) -> None:
    """Make the relation of pairs (a, b, signs that show it): rows that share a sign and that nothing parts."""
    kinds = " || ".join(
        f"CASE WHEN bits & {1 << place} > 0 THEN '{kind}' ELSE '' END" for place, kind in enumerate(_KINDS, start=1)
    )
    few = "('p', 'x', 'm', 'e', 'w', 'd', 'g', 'b')"
    tables.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE {_PAIRS} AS
        WITH g AS (SELECT k, any_value(kind) AS kind, count(*) AS n, min(node) AS first FROM {_SIGNS} GROUP BY k HAVING n > 1
            AND (n <= {_SHARED_BY_MANY} OR kind NOT IN {few})),
        s AS (SELECT node, k, g.kind, n, first FROM {_SIGNS} JOIN g USING (k)),
        p AS (SELECT x.node AS a, y.node AS b, x.kind FROM s x JOIN s y ON x.k = y.k AND x.node < y.node WHERE x.n <= {_ALL_PAIRS}
            UNION ALL SELECT first, node, kind FROM s WHERE n > {_ALL_PAIRS} AND node > first),
        q AS (SELECT a, b, bit_or(1 << strpos('{_KINDS}', kind)) AS bits FROM p GROUP BY a, b),
        t AS (SELECT bits, {kinds} AS kinds FROM (SELECT DISTINCT bits FROM q))
        SELECT q.a, q.b, kinds FROM q JOIN t USING (bits) JOIN {WHO} a ON a.node = q.a JOIN {WHO} b ON b.node = q.b WHERE {same}"""
    )


def _follow(tables: Tables, subjects: tuple[Subject, ...], rows: tuple[int, ...]) -> Ties:
    import numpy as np

    columns = tables.connection.execute(
        f"SELECT a, b, length(kinds) AS signs, kinds FROM {_PAIRS} ORDER BY a, b"
    ).fetchnumpy()
    a, b = np.asarray(columns["a"], "int64"), np.asarray(columns["b"], "int64")
    signs = np.asarray(columns["signs"], "int64")
    sure = (signs > 1) | np.char.startswith(np.asarray(columns["kinds"], "U8"), "c")
    nodes, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    left, right = place[: len(a)], place[len(a) :]
    found = components(len(nodes), left, right)
    certain = components(len(nodes), left[sure], right[sure])
    return Ties(subjects, rows, nodes, found, certain, _unseen(tables), _other_codes(tables, len(subjects)))


def _other_codes(tables: Tables, count: int) -> dict[tuple[int, int], int]:
    if count < 2:
        return {}
    query = (
        f"WITH d AS (SELECT DISTINCT node >> {_TABLE_BITS} AS t, k, code FROM {_SIGNS} JOIN {WHO} USING (node) WHERE kind = 'n' AND code IS NOT NULL), "
        f"n AS (SELECT t, k, {valid_code('code')} AS code FROM d WHERE k IN (SELECT k FROM d GROUP BY k HAVING min(t) < max(t)) AND {valid_code('code')} IS NOT NULL), "
        "g AS (SELECT k FROM n GROUP BY k HAVING count(DISTINCT t) > 1 AND count(DISTINCT code) > 1) "
        "SELECT a.t, b.t, count(DISTINCT k) FROM (SELECT * FROM n SEMI JOIN g USING (k)) a JOIN (SELECT * FROM n SEMI JOIN g USING (k)) b USING (k) "
        "WHERE a.t < b.t AND a.code <> b.code GROUP BY ALL"
    )
    return {(int(x), int(y)): int(count) for x, y, count in tables.connection.execute(query).fetchall()}


def _unseen(tables: Tables) -> dict[tuple[int, int], tuple[float, int]]:
    """Return, by pair of tables, how many pairs no sign shows (estimated) and how many are tied.

    A sign shows a pair with the probability with which it shows the pairs that another sign shows; where the two tables have
    too few of those, the rate over all tables stands in, or nine of ten. Pairs are missed where every sign fails.
    """
    query = f"SELECT a >> {_TABLE_BITS}, b >> {_TABLE_BITS}, kinds, count(*) FROM {_PAIRS} GROUP BY ALL ORDER BY ALL"
    counts: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    every: dict[str, int] = defaultdict(int)
    for x, y, kinds, count in tables.connection.execute(query).fetchall():
        signs = "".join(sorted(set(kinds.replace("b", "n").replace("g", "n").replace("s", "n"))))
        counts[int(x), int(y)][signs] = counts[int(x), int(y)].get(signs, 0) + count
        every[signs] += count
    result = {}
    for between, shown in counts.items():
        missed = 1.0
        for sign in set("".join(shown)):
            rate = _rate(shown, sign)
            missed *= 1 - (rate if rate is not None else _rate(every, sign) or _USUAL)
        pairs = sum(shown.values())
        # An estimate of the unseen that outgrows what was seen says that the signs are too few to tell.
        result[between] = min(pairs * missed / max(1 - missed, 0.01), float(pairs)), pairs
    return result


def _rate(shown: Mapping[str, int], sign: str) -> float | None:
    """Return the share of pairs with `sign` among those that another sign shows; None below 20 of them."""
    others = {signs: count for signs, count in shown.items() if signs != sign}
    whole = sum(others.values())
    return sum(count for signs, count in others.items() if sign in signs) / whole if whole >= _ENOUGH else None


def components(count: int, left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the number of the component of each of `count` nodes: the least node of it.

    Args:
        count: nodes are 0 to `count` - 1.
        left: one end of each edge.
        right: the other end.

    Source:
        Minimum labels with shortcuts (Shiloach and Vishkin 1982), array by array.
    """
    import numpy as np

    label = np.arange(count)
    while True:
        least = np.minimum(label[left], label[right])
        before = label.copy()
        for ends in (label[left], label[right], left, right):
            np.minimum.at(label, ends, least)
        label = label[label]
        if np.array_equal(label, before):
            return label


def estimate_duplicates(ties: Ties, number: int) -> Duplicates:
    """Estimate the duplicates inside one table of `ties`."""
    import numpy as np

    inside = ties.tables == number

    def repeated(labels: np.ndarray[Any, Any]) -> int:
        own = labels[inside]
        return len(own) - len(np.unique(own))

    found, low = repeated(ties.found), repeated(ties.certain)
    unseen, pairs = ties.unseen.get((number, number), (0.0, 0))
    rows = ties.rows[number]
    estimate, high = _bounds(found, unseen * found / pairs if pairs else 0.0, max(rows - 1, 0))
    return Duplicates(ties.subjects[number].kind, rows, estimate, min(low, estimate), max(high, estimate), found)


def _bounds(found: int, unseen: float, most: int) -> tuple[int, int]:
    """Return the estimate and the bound above; neither is more than there can be."""
    high = found + 2 * unseen + 2 * (unseen + 1) ** 0.5 if found else 0
    return min(round(found + unseen), most), min(round(high), most)


def overlaps(ties: Ties) -> list[Overlap]:
    """Estimate for each pair of sources whom both know. Where all was read as one source, its tables count as sources."""
    import numpy as np

    names = source_names(ties)
    numbers = np.array([names.index(name) for name in names]) if names else np.array([], "int64")
    at = numbers[ties.tables] if len(ties.nodes) else ties.tables
    per: dict[str, int] = defaultdict(int)
    for number, name in enumerate(names):
        per[name] += ties.rows[number]
    for number in set(numbers.tolist()):
        own = ties.found[at == number]
        per[names[number]] -= len(own) - len(np.unique(own))
    kind = ties.subjects[0].kind if ties.subjects else ""
    result = []
    listed = sorted(set(names))
    for place, left in enumerate(listed):
        for right in listed[place + 1 :]:
            x, y = names.index(left), names.index(right)
            found, low = (
                len(np.intersect1d(labels[at == x], labels[at == y])) for labels in (ties.found, ties.certain)
            )
            most = min(per[left], per[right])
            estimate, high = _bounds(found, _unseen_between(ties, names, left, right, found), most)
            result.append(
                Overlap(kind, left, right, estimate, min(low, estimate), max(high, estimate), per[left], per[right])
            )
    return result


def _unseen_between(ties: Ties, names: Sequence[str], left: str, right: str, found: int) -> float:
    both = [v for (x, y), v in ties.unseen.items() if {names[x], names[y]} == {left, right}]
    pairs = sum(count for _, count in both)
    return sum(unseen for unseen, _ in both) * found / pairs if pairs else 0.0


def source_names(ties: Ties) -> list[str]:
    """Return the source of each subject; its table where all subjects are of one source."""
    single = len({subject.profile.source for subject in ties.subjects}) < 2
    return [subject.profile.name if single else subject.profile.source for subject in ties.subjects]


def shared_entities(ties: Ties) -> tuple[int, int]:
    """Return how many stand in more than one source, and how many there are in all (both as found)."""
    import numpy as np

    names = source_names(ties)
    if not names:
        return 0, 0
    numbers = np.array([names.index(name) for name in names])
    pairs = np.unique(np.stack([ties.found, numbers[ties.tables]]), axis=1)
    several = int(np.sum(np.unique(pairs[0], return_counts=True)[1] > 1)) if pairs.size else 0
    return several, sum(ties.rows) - (len(ties.nodes) - len(np.unique(ties.found)))
