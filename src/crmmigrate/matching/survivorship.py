"""Which value survives when records are merged, field by field, and which record it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.bags import runs
from crmmigrate.model.decision import Decision
from crmmigrate.model.dedupe import EXISTING
from crmmigrate.model.issue import ORIGIN, RECORD, text_frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from crmmigrate.model.decision import Choice, Told
    from crmmigrate.model.dedupe import DedupeRules

UNION_SEPARATOR = "; "
_BETWEEN = re.compile(r";(?!\s*ext=)", re.IGNORECASE)
"""Between two values; before `ext=` it belongs to a telephone number (RFC 3966)."""
VALUE_COLUMNS = ("object", RECORD, "column", "winner", "policy")
"""`winner` is the record whose value the golden record has; empty for a value that a person typed in."""

CHOSEN = "decision"
"""The policy of values that people chose."""

_VERIFIED = frozenset(("true", "1", "是", "y", "yes", "已核实", "已验证", "已认证", "verified", "√", "✓"))


@dataclass
class Golden:
    """The golden records of one table.

    Args:
        rows: one per survivor.
        values: `VALUE_COLUMNS`: the values about which the merged records differ or that did not come from the survivor;
            every other value is the survivor's own.
        stale: choices of people that wait: the records no longer say what the person saw.
        torn: choices that another one in the same group contradicts; the later one holds.
    """

    rows: pd.DataFrame
    values: pd.DataFrame
    stale: list[tuple[Decision, Choice]] = field(default_factory=list)
    torn: list[tuple[Decision, Choice]] = field(default_factory=list)


def survivors(frame: pd.DataFrame, cluster: pd.Series, rules: DedupeRules) -> pd.Series:
    """Return per row the `_record` of its cluster's survivor.

    A record that is in the target already, else the one with most filled fields, then by source order, then by `_record`.

    Args:
        frame: the rows.
        cluster: a label per row, in the order of `frame`.
        rules: for the order of sources.
    """
    import numpy as np
    import pandas as pd

    records = frame[RECORD].to_numpy(dtype=object)
    became = records.copy()
    label = cluster.to_numpy()
    shared = np.flatnonzero(cluster.duplicated(keep=False).to_numpy())
    if len(shared):
        rows, label = frame.iloc[shared], label[shared]
        data = [name for name in frame.columns if not name.startswith("_")]
        new = rows[EXISTING].isna().to_numpy() if EXISTING in frame.columns else np.zeros(len(rows), dtype=bool)
        filled = _filled(rows[data])
        names = pd.factorize(records[shared], sort=True)[0]
        order = np.lexsort([names, _source_rank(rows[RECORD], rules), -filled, new, label])
        sizes = runs(label[order])
        best = records[shared][order[np.cumsum(sizes) - sizes]]
        became[shared[order]] = np.repeat(best, sizes)
    return pd.Series(became, index=frame.index, dtype="str")


def _filled(rows: pd.DataFrame) -> np.ndarray:
    """Return how many cells of each row hold a value."""
    import numpy as np

    return sum((rows[name].notna().to_numpy().astype(np.int64) for name in rows.columns), np.zeros(len(rows), np.int64))


def golden(frame: pd.DataFrame, survivor: pd.Series, rules: DedupeRules, decisions: Iterable[Told] = ()) -> Golden:
    """Return one row per survivor, in the order of `frame`, with the surviving value of each field.

    Args:
        frame: the rows.
        survivor: per row the `_record` of its survivor.
        rules: column → policy.
        decisions: of people, for the values they chose.
    """
    import numpy as np
    import pandas as pd

    alone = ~survivor.duplicated(keep=False)
    kept = frame[frame[RECORD] == survivor]
    if alone.all():
        return Golden(kept, text_frame([], VALUE_COLUMNS))
    places = pd.Series(range(len(kept)), index=kept[RECORD].to_numpy())
    of = survivor[~alone].to_numpy(dtype=object)
    group = _Groups(frame[~alone], places.reindex(of).to_numpy(), of, rules)
    result = Golden(kept.copy(), text_frame([], VALUE_COLUMNS))
    chosen = _chosen(decisions, frame, survivor, places, group)
    result.stale = [(decision, choice) for _, value, _, decision, choice in chosen if value is None]
    last = {(at, choice.column): value for at, value, _, _, choice in chosen if value is not None}
    result.torn = [
        (decision, choice) for at, value, _, decision, choice in chosen if value not in (None, last.get((at, choice.column)))
    ]  # fmt: skip
    told: list[tuple[np.ndarray, np.ndarray, str, str]] = []
    for name in frame.columns:
        if name in (RECORD, ORIGIN, EXISTING):
            continue
        found = group.surviving(name)
        own = {at: (value, winner) for at, value, winner, _, choice in chosen if choice.column == name and value}
        merged = np.full(len(group.owners), None, dtype=object)
        merged[np.searchsorted(group.owners, found.owner)] = found.value
        for at, (value, _) in own.items():
            merged[np.searchsorted(group.owners, at)] = value
        column = kept[name].array.copy()
        column[group.owners] = merged
        left = ~np.isin(found.told_owner, list(own))
        told += [(found.told_owner[left], found.told_winner[left], name, found.policy)]
        told += [
            (np.array([at]), np.array([winner or None], dtype=object), name, CHOSEN) for at, (_, winner) in own.items()
        ]
        result.rows[name] = pd.Series(column, index=kept.index)
    result.values = _told(told, kept[RECORD].to_numpy(dtype=object), rules)
    return result


def _told(parts: list[tuple[np.ndarray, np.ndarray, str, str]], names: np.ndarray, rules: DedupeRules) -> pd.DataFrame:
    """Return `VALUE_COLUMNS` of (positions of golden records, winners, column, policy)."""
    import numpy as np
    import pandas as pd

    sizes = [len(owners) for owners, *_ in parts]
    at = np.concatenate([owners for owners, *_ in parts]).astype(np.int64)
    data: dict[str, Any] = {
        "object": rules.object,
        RECORD: names[at],
        "column": np.repeat([column for _, _, column, _ in parts], sizes),
        "winner": np.concatenate([winners for _, winners, _, _ in parts]),
        "policy": np.repeat([policy for *_, policy in parts], sizes),
    }
    order = np.argsort(at, kind="stable")
    return pd.DataFrame(data, dtype="str").iloc[order].reset_index(drop=True)


def _source_rank(records: pd.Series, rules: DedupeRules) -> np.ndarray:
    order = {name: rank for rank, name in enumerate(rules.sources)}
    return records.str.partition("/")[0].map(order).fillna(len(order)).to_numpy(dtype="int64")


def _chosen(
    decisions: Iterable[Told], frame: pd.DataFrame, survivor: pd.Series, places: pd.Series, group: _Groups
) -> list[tuple[int, str | None, str, Decision, Choice]]:
    """Return (position of the golden record, value, record that holds it, decision, choice), the latest workbook last.

    The value is None where it waits: a record that held it holds something else now, or what was seen when it was typed in
    has changed.
    """
    wanted = [one for one in decisions if isinstance(one, Decision) and one.verdict == "merge" and one.choices]
    if not wanted:
        return []
    of = dict(zip(frame[RECORD], survivor, strict=True))
    found: list[tuple[int, str | None, str, Decision, Choice]] = []
    for decision in sorted(wanted, key=lambda d: (d.book, d.pair)):
        if of.get(decision.record_a) is None or of[decision.record_a] != of.get(decision.record_b):
            continue
        at = int(places[of[decision.record_a]])
        for choice in decision.choices:
            if choice.column not in frame.columns or choice.column.startswith("_"):
                continue
            held = group.holders(at, choice.column)
            typed = choice.value not in choice.seen and set(choice.seen) <= set(held)
            value, winner = held.get(choice.value, (choice.value if typed else None, ""))
            found.append((at, value, winner, decision, choice))
    return found


@dataclass(frozen=True)
class _Surviving:
    """Of one column: golden record → value, and what is to be told about where it came from."""

    owner: np.ndarray
    value: np.ndarray
    told_owner: np.ndarray
    told_winner: np.ndarray
    policy: str


class _Groups:
    """The merged records, each with the golden record it belongs to.

    Args:
        rows: the records of all clusters of two and more.
        owner: per row the position of its golden record.
        survivor: per row that record's `_record`.
        rules: for the policies.
    """

    def __init__(self, rows: pd.DataFrame, owner: np.ndarray, survivor: np.ndarray, rules: DedupeRules) -> None:
        import numpy as np
        import pandas as pd

        self.rows = rows
        self.owner = owner.astype(np.int64)
        self.owners = np.unique(self.owner)
        self.rules = rules
        self.records = rows[RECORD].to_numpy(dtype=object)
        self.follows = self.records != survivor
        source = _source_rank(rows[RECORD], rules)
        filled = -_filled(rows)
        self._usual = [self.follows, filled, source, pd.factorize(self.records, sort=True)[0]]
        self._by_source = [source, self.follows, filled, self._usual[3]]
        self._orders: dict[str, np.ndarray] = {}

    def surviving(self, name: str) -> _Surviving:
        """Return what survives of a column."""
        import numpy as np
        import pandas as pd

        policy = self.rules.survivorship.get(name) or self.rules.survivorship.get("default", "most_complete")
        values = self.rows[name]
        text = values.to_numpy(dtype=object)
        codes = pd.factorize(values)[0]
        order = self._order(policy, values, codes)
        order = order[codes[order] >= 0]
        owner, winner = self.owner[order], order
        first = np.r_[True, owner[1:] != owner[:-1]] if len(order) else np.zeros(0, dtype=bool)
        # Whose records hold different values: some row's is not the one that wins.
        leads = np.flatnonzero(first)
        other = codes[order] != np.repeat(codes[order[leads]], np.diff(leads, append=len(order)))
        differ = np.bitwise_or.reduceat(other, leads) if len(leads) else other
        if policy == "union":
            return self._union(owner, winner, text, owner[leads[differ]])
        owner, winner = owner[first], winner[first]
        told = differ | self.follows[winner]
        return _Surviving(owner, text[winner], owner[told], self.records[winner[told]], policy)

    def _order(self, policy: str, values: pd.Series, codes: np.ndarray) -> np.ndarray:
        """Return the rows by golden record, that which wins first."""
        import numpy as np

        if policy == "longest":
            return self._sorted([-values.str.len().fillna(0).to_numpy(), *self._usual])
        if policy == "most_frequent":
            _, at, times = np.unique(
                np.stack([self.owner, codes], axis=1), axis=0, return_inverse=True, return_counts=True
            )
            return self._sorted([-times[at.reshape(-1)], *self._usual])
        if policy not in self._orders:
            columns = self.rows.columns
            keys = self._by_source if policy == "source_priority" else self._usual
            if policy == "newest" and self.rules.updated in columns:
                keys = [_descending(self.rows[self.rules.updated]), *keys]
            elif policy == "verified_first" and self.rules.verified in columns:
                said = self.rows[self.rules.verified].str.strip().str.lower()
                keys = [~said.isin(_VERIFIED).to_numpy(), *keys]
            self._orders[policy] = self._sorted(keys)
        return self._orders[policy]

    def _sorted(self, keys: list[np.ndarray]) -> np.ndarray:
        import numpy as np

        return np.lexsort([*reversed(keys), self.owner])

    def _union(self, owner: np.ndarray, winner: np.ndarray, text: np.ndarray, differ: np.ndarray) -> _Surviving:
        """Return the distinct values of each golden record's rows in order, and for each the record it was first met in."""
        import numpy as np

        parts: dict[int, dict[str, int]] = {}
        for at, row in zip(owner.tolist(), winner.tolist(), strict=True):
            met = parts.setdefault(at, {})
            for part in _BETWEEN.split(text[row]):
                if part.strip():
                    met.setdefault(part.strip(), row)
        several = set(differ.tolist())
        told = [
            (at, row)
            for at, met in parts.items()
            for row in dict.fromkeys(met.values())
            if at in several or self.follows[row]
        ]
        values = np.array([UNION_SEPARATOR.join(met) or None for met in parts.values()], dtype=object)
        rows = np.array([row for _, row in told], dtype=np.int64)
        return _Surviving(
            np.array(list(parts), dtype=np.int64), values, np.array([at for at, _ in told], dtype=np.int64), self.records[rows], "union"
        )  # fmt: skip

    def holders(self, owner: int, name: str) -> dict[str, tuple[str, str]]:
        """Return value without blanks around it → the value and the first record that holds it, of one golden record."""
        met: dict[str, tuple[str, str]] = {}
        for row in (self.owner == owner).nonzero()[0].tolist():
            value = self.rows[name].iloc[row]
            if isinstance(value, str):
                met.setdefault(value.strip(), (value, self.records[row]))
        return met


def _descending(dates: pd.Series) -> np.ndarray:
    """Return a rank that puts the greatest text first and missing ones last."""
    return (-dates.rank(method="dense", na_option="top").fillna(0)).to_numpy()
