"""Which value survives when records are merged, field by field, and which record it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.matching.golden.change_dates import changed
from crmmigrate.matching.golden.doubled_keys import is_new, named_by_key
from crmmigrate.matching.golden.origins import Values, told_values
from crmmigrate.matching.golden.worth import NOTHING_SAID, VALID_FIRST, filled, worth
from crmmigrate.matching.texts.bags import runs
from crmmigrate.matching.two_tables import compared_columns
from crmmigrate.model.decision import Decision
from crmmigrate.model.dedupe import EXISTING, FULL_NAME
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.text_table import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.decision import Choice, Told
    from crmmigrate.model.dedupe import DedupeRules

UNION_SEPARATOR = "; "
_BETWEEN = re.compile(r";(?!\s*ext=)", re.IGNORECASE)
"""Between two values; before `ext=` it belongs to a telephone number (RFC 3966)."""
CHOSEN = "decision"
"""The policy of values that people chose."""

_VERIFIED = frozenset(("true", "1", "是", "y", "yes", "已核实", "已验证", "已认证", "verified", "√", "✓"))


@dataclass
class Golden:
    """The golden records of one table that are made of several.

    Args:
        rows: one per survivor, as Arrow text.
        values: those about which the merged records differ or that did not come from the survivor; every other value is the survivor's own.
        stale: choices of people that wait, with the origin of the first record decided on: the records no longer say what the person saw.
        torn: choices that another one in the same group contradicts; the later one holds.
        undated: where the newest value was asked for, records whose date of the last change cannot be read: how many, and the origin of the first.
        foreign: where the order of sources was to decide and no record is of any of these, the sources that there are.
    """

    rows: pa.Table
    values: Values
    stale: list[tuple[Decision, Choice, str | None]] = field(default_factory=list)
    torn: list[tuple[Decision, Choice]] = field(default_factory=list)
    undated: tuple[int, str] = (0, "")
    foreign: tuple[str, ...] = ()


def survivors(rows: pd.DataFrame, label: np.ndarray, rules: DedupeRules) -> np.ndarray:
    """Return for each row the position of its cluster's survivor.

    A record that is in the target already, else the one with most filled fields, then by source order, then by `_record`; of those with its key the one named by it alone.

    Args:
        rows: in the order of `_record`.
        label: of the cluster of each.
        rules: for the order of sources.
    """
    import numpy as np

    new = is_new(rows)
    order = np.lexsort([np.arange(len(rows)), _source_rank(rows[RECORD], rules), -_filled(rows), new, label])
    sizes = runs(label[order])
    best = np.zeros(len(rows), dtype=np.int64)
    best[order] = np.repeat(order[np.cumsum(sizes) - sizes], sizes)
    return named_by_key(rows[RECORD], best, new)


def _filled(rows: pd.DataFrame) -> np.ndarray:
    """Return how many cells of each row hold a value, ours not counted, nor what says nothing (无, -)."""
    import numpy as np

    data = [name for name in rows.columns if not name.startswith("_")]
    return sum((filled(rows[name]).astype(np.int64) for name in data), np.zeros(len(rows), np.int64))


def golden(rows: pd.DataFrame, best: np.ndarray, rules: DedupeRules, decisions: Iterable[Told] = ()) -> Golden:
    """Return one row per survivor, in the order of `rows`, with the surviving value of each field.

    Args:
        rows: the records of all clusters of two and more.
        best: per row the position of its survivor.
        rules: column → policy.
        decisions: of people, for the values they chose.
    """
    import numpy as np
    import pyarrow as pa

    kept = np.flatnonzero(best == np.arange(len(best)))
    group = _Groups(rows, np.searchsorted(kept, best), best, rules)
    chosen = _chosen(decisions, rows, group)
    last = {(at, choice.column): value for at, value, _, _, choice in chosen if value is not None}
    data: dict[str, pa.ChunkedArray] = {}
    told: list[tuple[np.ndarray, np.ndarray, str, str]] = []
    for name in rows.columns:
        if name in (RECORD, ORIGIN, EXISTING):
            data[name] = as_text(rows[name]).take(pa.array(kept))
            continue
        found = group.surviving(name)
        own = {at: (value, winner) for at, value, winner, _, choice in chosen if choice.column == name and value}
        data[name] = _with_own(found.of_all(len(kept)), {at: value for at, (value, _) in own.items()})
        left = ~np.isin(found.told_owner, list(own))
        for policy, which in ((found.policy, left & ~found.told_by_worth), (VALID_FIRST, left & found.told_by_worth)):
            told.append((found.told_owner[which], found.told_winner[which], name, policy))
        told += [(np.array([at]), np.array([winner]), name, CHOSEN) for at, (_, winner) in own.items()]
    waiting = [(decision, choice) for _, value, _, decision, choice in chosen if value is None]
    origins = dict(zip(rows[RECORD], rows[ORIGIN], strict=True)) if waiting and ORIGIN in rows.columns else {}
    return Golden(
        pa.table(data), told_values(told, as_text(rows[RECORD]), kept, rules),
        [(decision, choice, origins.get(decision.record_a)) for decision, choice in waiting],
        [(decision, choice) for at, value, _, decision, choice in chosen if value not in (None, last.get((at, choice.column)))],
        group.undated, group.foreign,
    )  # fmt: skip


def _with_own(values: pa.ChunkedArray, own: dict[int, str]) -> pa.ChunkedArray:
    """Return the values of golden records with those that people chose, by the position of the golden record."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not own:
        return values
    at = sorted(own)
    mask = np.zeros(len(values), dtype=bool)
    mask[at] = True
    return pc.replace_with_mask(values, pa.array(mask), pa.array([own[one] for one in at], values.type))


def _sources(records: pd.Series) -> pd.Series:
    return records.str.split("/", n=1).str[0]


def _source_rank(records: pd.Series, rules: DedupeRules) -> np.ndarray:
    import numpy as np

    order = {name: rank for rank, name in enumerate(rules.sources)}
    if not order:
        return np.zeros(len(records), dtype=np.int64)
    return _sources(records).map(order).fillna(len(order)).to_numpy(dtype="int64")


def _chosen(
    decisions: Iterable[Told], rows: pd.DataFrame, group: _Groups
) -> list[tuple[int, str | None, int, Decision, Choice]]:
    """Return (position of the golden record, value, position of the record that holds it, decision, choice), the latest workbook last.

    The value is None where it waits: a record that held it holds something else now, or what was seen when it was typed in
    has changed. The record is -1 where none holds it.
    """
    wanted = [one for one in decisions if isinstance(one, Decision) and one.verdict == "merge" and one.choices]
    if not wanted:
        return []
    of = dict(zip(rows[RECORD], group.owner.tolist(), strict=True))
    found: list[tuple[int, str | None, int, Decision, Choice]] = []
    for decision in sorted(wanted, key=lambda d: (d.book, d.pair)):
        at = of.get(decision.record_a)
        if at is None or at != of.get(decision.record_b):
            continue
        for choice in decision.choices:
            if choice.column not in rows.columns or choice.column.startswith("_"):
                continue
            held = group.holders(at, choice.column)
            typed = choice.value not in choice.seen and set(choice.seen) <= set(held)
            value, winner = held.get(choice.value, (choice.value if typed else None, -1))
            found.append((at, value, winner, decision, choice))
    return found


@dataclass(frozen=True)
class _Surviving:
    """Of one column: golden record (ascending) → value, and what is to be told about where it came from (positions of records), and whether by its worth alone."""

    owner: np.ndarray
    value: pa.ChunkedArray
    told_owner: np.ndarray
    told_winner: np.ndarray
    told_by_worth: np.ndarray
    policy: str

    def of_all(self, count: int) -> pa.ChunkedArray:
        """Return the values of all golden records; none where no record says anything."""
        import numpy as np
        import pyarrow as pa

        if len(self.owner) == count:
            return self.value
        at = np.full(count, -1, dtype=np.int32)
        at[self.owner] = np.arange(len(self.owner), dtype=np.int32)
        return self.value.take(pa.array(at, mask=at < 0))


class _Groups:
    """The merged records, each with the golden record it belongs to.

    Args:
        rows: the records of all clusters of two and more, in the order of `_record`.
        owner: per row the position of its golden record.
        best: per row the position of its survivor.
        rules: for the policies.
    """

    def __init__(self, rows: pd.DataFrame, owner: np.ndarray, best: np.ndarray, rules: DedupeRules) -> None:
        import numpy as np

        self.rows = rows
        self.owner = owner
        self.rules = rules
        at = np.arange(len(rows))
        self.follows = best != at
        source = _source_rank(rows[RECORD], rules)
        filled = -_filled(rows)
        new = is_new(rows)
        self._usual = [new, filled, source, at]
        self._by_source = [source, new, filled, at]
        self._orders: dict[str, np.ndarray] = {}
        self.undated = (0, "")
        self.foreign: tuple[str, ...] = ()
        """See `Golden`, as `undated`."""
        halves = compared_columns(rules, FULL_NAME)
        if len(halves) != 2 or not set(halves) <= set(rows.columns):
            halves = ()
        policies = {self._policy(name) for name in halves}
        self._halves = halves if len(policies) == 1 and "union" not in policies else ()
        """The columns of surname and given name, which survive together: 张伟 in one beside 伟 in the other is nobody's name."""

    def _policy(self, name: str) -> str:
        return self.rules.survivorship.get(name) or self.rules.survivorship.get("default", "most_complete")

    def _by_whole_names(self, policy: str) -> np.ndarray:
        """Return the rows with a name by golden record, that which wins first: both halves, else the longer of those that have one."""
        import numpy as np

        surnames, given = (self.rows[name] for name in self._halves)
        lone = (surnames.isna() | given.isna()).to_numpy()
        whole = surnames.fillna("").str.cat(given.fillna(""), sep=" ")
        rank = np.empty(len(whole), dtype=np.int64)
        rank[self._order(policy, whole)] = np.arange(len(whole))
        order = self._sorted([lone, -whole.str.len().to_numpy() * lone, rank])
        return np.asarray(order[(whole.str.len().to_numpy() > 1)[order]])

    def surviving(self, name: str) -> _Surviving:
        """Return what survives of a column."""
        import numpy as np
        import pyarrow as pa

        policy = self._policy(name)
        values = self.rows[name]
        text, said = as_text(values), values.notna().to_numpy()
        if name in self._halves:
            order = self._by_whole_names(policy)
        else:
            order = self._order(policy, values)
            order = order[said[order]]
        owner = self.owner[order]
        first = np.r_[True, owner[1:] != owner[:-1]] if len(order) else np.zeros(0, dtype=bool)
        leads = np.flatnonzero(first)
        differ = self._differing(order, leads, text)
        real, by_worth = np.ones(len(order), dtype=bool), np.zeros(len(leads), dtype=bool)
        if name not in self._halves and differ.any():
            order, real, by_worth = self._by_worth(name, order, leads, differ, text)
        if policy == "union":
            return self._union(owner[real], order[real], text, owner[leads[differ]])
        winner, owner = order[first], owner[first]
        told = (differ | self.follows[winner]) & said[winner]
        return _Surviving(owner, text.take(pa.array(winner)), owner[told], winner[told], by_worth[told], policy)

    def _by_worth(
        self, name: str, order: np.ndarray, leads: np.ndarray, differ: np.ndarray, text: pa.ChunkedArray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows by golden record with the values of more worth first, which of them say something or are in a group that says nothing, and of which golden records that made another win."""
        import numpy as np
        import pyarrow as pa

        sizes = np.diff(leads, append=len(order))
        asked = np.flatnonzero(np.repeat(differ, sizes))
        found = np.zeros(len(order), dtype=np.int8)
        found[asked] = worth(text.take(pa.array(order[asked])), name, self.rules)
        again = np.lexsort([found, self.owner[order]])
        found = found[again]
        real = (found < NOTHING_SAID) | (np.repeat(found[leads], sizes) == NOTHING_SAID)
        return order[again], real, again[leads] != leads

    def _differing(self, order: np.ndarray, leads: np.ndarray, text: pa.ChunkedArray) -> np.ndarray:
        """Return of which golden records the rows hold different values, or none in this half of a name: some row's is not the one that wins."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        best = np.repeat(order[leads], np.diff(leads, append=len(order)))
        rest = np.ones(len(order), dtype=bool)
        rest[leads] = False
        other = np.zeros(len(order), dtype=bool)
        unequal = pc.not_equal(text.take(pa.array(order[rest])), text.take(pa.array(best[rest])))
        other[rest] = pc.fill_null(unequal, True).to_numpy()
        return np.bitwise_or.reduceat(other, leads) if len(leads) else other

    def _order(self, policy: str, values: pd.Series) -> np.ndarray:
        """Return the rows by golden record, that which wins first."""
        import numpy as np
        import pandas as pd

        if policy == "longest":
            return self._sorted([-values.str.len().fillna(0).to_numpy(), *self._usual])
        if policy == "most_frequent":
            _, at, times = np.unique(
                np.stack([self.owner, pd.factorize(values)[0]], axis=1), axis=0, return_inverse=True, return_counts=True
            )
            return self._sorted([-times[at.reshape(-1)], *self._usual])
        if policy not in self._orders:
            columns = self.rows.columns
            keys = self._by_source if policy == "source_priority" else self._usual
            if policy == "source_priority" and (self._by_source[0] == len(self.rules.sources)).all():
                self.foreign = tuple(sorted(_sources(self.rows[RECORD]).unique()))
            if policy == "newest" and self.rules.updated in columns:
                times, unread = changed(self.rows[self.rules.updated])
                keys = [-times, *keys]
                self._note_undated(np.flatnonzero(unread))
            elif policy == "verified_first" and self.rules.verified in columns:
                said = self.rows[self.rules.verified].str.strip().str.lower()
                keys = [~said.isin(_VERIFIED).to_numpy(), *keys]
            self._orders[policy] = self._sorted(keys)
        return self._orders[policy]

    def _note_undated(self, at: np.ndarray) -> None:
        if len(at):
            place = self.rows[ORIGIN if ORIGIN in self.rows.columns else RECORD].iloc[int(at[0])]
            self.undated = (len(at), str(place))

    def _sorted(self, keys: list[np.ndarray]) -> np.ndarray:
        import numpy as np

        return np.lexsort([*reversed(keys), self.owner])

    def _union(self, owner: np.ndarray, winner: np.ndarray, text: pa.ChunkedArray, differ: np.ndarray) -> _Surviving:
        """Return the distinct values of each golden record's rows in order, and for each the record it was first met in."""
        import numpy as np
        import pyarrow as pa

        parts: dict[int, dict[str, int]] = {}
        said = text.take(pa.array(winner)).to_pylist()
        for at, row, value in zip(owner.tolist(), winner.tolist(), said, strict=True):
            met = parts.setdefault(at, {})
            for part in _BETWEEN.split(value):
                if part.strip():
                    met.setdefault(part.strip(), row)
        several = set(differ.tolist())
        told = [
            (at, row)
            for at, met in parts.items()
            for row in dict.fromkeys(met.values())
            if at in several or self.follows[row]
        ]
        values = pa.chunked_array([[UNION_SEPARATOR.join(met) or None for met in parts.values()]], text.type)
        rows = np.array([row for _, row in told], dtype=np.int64)
        owners = np.array([at for at, _ in told], dtype=np.int64)
        return _Surviving(
            np.array(list(parts), dtype=np.int64), values, owners, rows, np.zeros(len(rows), dtype=bool), "union"
        )

    def holders(self, owner: int, name: str) -> dict[str, tuple[str, int]]:
        """Return value without blanks around it → the value and the first record that holds it, of one golden record."""
        met: dict[str, tuple[str, int]] = {}
        for row in (self.owner == owner).nonzero()[0].tolist():
            value = self.rows[name].iloc[row]
            if isinstance(value, str):
                met.setdefault(value.strip(), (value, row))
        return met
