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

from crmmigrate.checks.profile_keys import Subject, valid_code
from crmmigrate.checks.profile_signs import PAIRS, SIGNS, TABLE_BITS, WHO, drop_pairs, find_pairs, sign_bits
from crmmigrate.model.audit import Duplicates, Overlap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.model.table import Tables
_ENOUGH, _USUAL = 20, 0.9


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
        return self.nodes >> TABLE_BITS


def tie(tables: Tables, subjects: Sequence[Subject]) -> Ties:
    """Find out which rows of `subjects` (all of one kind) stand for the same.

    Args:
        tables: hold the subjects' tables; temporary relations are made in their database.
        subjects: of one kind.
    """
    rows = find_pairs(tables, subjects)
    result = _follow(tables, tuple(subjects), rows)
    drop_pairs(tables)
    return result


def _follow(tables: Tables, subjects: tuple[Subject, ...], rows: tuple[int, ...]) -> Ties:
    import numpy as np

    columns = tables.connection.execute(
        f"SELECT a, b, length(kinds) AS signs, kinds FROM {PAIRS} ORDER BY a, b"
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
        f"WITH d AS (SELECT DISTINCT node >> {TABLE_BITS} AS t, k, code FROM {SIGNS} JOIN {WHO} USING (node) WHERE k & 15 = {sign_bits('n')} AND code IS NOT NULL), "
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
    query = f"SELECT a >> {TABLE_BITS}, b >> {TABLE_BITS}, kinds, count(*) FROM {PAIRS} GROUP BY ALL ORDER BY ALL"
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
