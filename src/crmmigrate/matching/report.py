"""What a pair of records has and has not in common, as a table and in words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Protocol

from crmmigrate.matching.explaining import Asked, Explainer
from crmmigrate.matching.golden.recall import marks
from crmmigrate.model.decision import ReviewGroup, ReviewRow
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.text_table import as_text, coded, text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.matching.engine import Matching
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.processes import Hands, Task

PAIR_COLUMNS = ("object", "record_a", "record_b", "probability", "decision", "levels", "never", "explanation")
"""Followed by one `weight_<role>` per role; `levels` is `role.level` by `;`, `never` the rule that forbids the merge.

Where people merged a pair against such a rule, it is not named: the pair is merged, here as in the crosswalk.
"""


_AT_ONCE = 50_000
"""So many pairs are put into words together; pairs of which the same is said share the words."""


@dataclass(frozen=True)
class ShownPairs:
    """The pairs of one object that are worth showing, before they are put into words.

    Args:
        rules: of the object.
        records: the `_record` of all its records.
        found: what the engine found.
        worded: another process that puts them into words meanwhile.
    """

    rules: DedupeRules
    records: pd.Series
    found: Matching
    worded: Task | None = None

    def begun(self, hands: Hands | None) -> ShownPairs:
        """Let another process begin with them, where there is one."""
        return replace(self, worded=hands.ask(_worded, self)) if hands else self

    @property
    def columns(self) -> list[str]:
        """The columns of its pairs."""
        roles = (name for name in self.found.comparison.names if name != EXISTING_ROLE)
        return [*PAIR_COLUMNS, *(f"weight_{name}" for name in roles)]

    def pieces(self) -> Iterator[pa.Table]:
        """Yield the pairs, the most probable first, some columns dictionary-encoded."""
        import numpy as np

        if self.worded is not None:
            yield from self.worded.result()
            return
        found = self.found
        order = np.lexsort((found.right, found.left, -found.scores.bits))
        for begin in range(0, len(order), _AT_ONCE):
            yield _pair_rows(self.rules, self.records, found.some(order[begin : begin + _AT_ONCE]))


def _worded(shown: ShownPairs) -> list[pa.Table]:
    return list(shown.pieces())


def pair_pieces(shown: Sequence[ShownPairs]) -> Iterator[pa.Table]:
    """Yield the pairs of several objects; the columns of all are those of the first piece, which is empty."""
    filled = [one for one in shown if len(one.found.left)] or shown[:1]
    columns = [column for one in filled for column in one.columns]
    yield text_table([], list(dict.fromkeys([*PAIR_COLUMNS, *columns])))
    for one in filled:
        yield from one.pieces()


def _pair_rows(rules: DedupeRules, records: pd.Series, found: Matching) -> pa.Table:
    """Return pairs in words. What few distinct texts are of is dictionary-encoded: each is written, and handed on, once."""
    import numpy as np
    import pyarrow as pa

    scores = found.scores
    never = np.where(found.decision == "merge", -1, scores.never)
    words = Explainer(rules, found)
    data: dict[str, pa.Array] = {
        "object": coded(np.zeros(len(found.left), dtype=np.int32), [rules.object]),
        "record_a": _names(records, found.left),
        "record_b": _names(records, found.right),
        "probability": _written(scores.probability, "{:.6f}"),
        "decision": pa.array(found.decision, pa.string()),
        "levels": coded(*words.codes()),
        "never": coded(never, [rule.text for rule in rules.rules]),
        "explanation": coded(*words.told()),
    }
    for at, name in enumerate(found.comparison.names):
        if name == EXISTING_ROLE:
            continue
        data[f"weight_{name}"] = _written(scores.weights[:, at], "{:+.2f}")
    return pa.table(data)


def _names(records: pd.Series, which: np.ndarray) -> pa.Array:
    import pyarrow as pa

    return pa.array(records.take(which), pa.string(), from_pandas=True)


def _written(numbers: np.ndarray, form: str) -> pa.Array:
    """Return numbers as text; each distinct one is written once."""
    import numpy as np
    import pandas as pd

    # By their bits, so that -0.0 is not 0.0.
    at, distinct = pd.factorize(np.ascontiguousarray(numbers, dtype=np.float64).view(np.int64))
    return coded(at, [*map(form.format, distinct.view(np.float64).tolist())])


class Records(Protocol):
    """Answers what is asked of the records of one object where people are to see some of them."""

    def rows(self, records: np.ndarray, columns: Sequence[str], *, merged: bool) -> pd.DataFrame:
        """Return some records in their order: merged, or as they came in."""

    def children(self, records: pd.Series) -> Mapping[str, int]:
        """Return record → rows of other objects that belong to it."""


def review_groups(rules: DedupeRules, survivor: np.ndarray, found: Matching, records: Records) -> list[ReviewGroup]:
    """Return the pairs to review as groups, the record with most open questions leading; the most valuable groups first.

    Records merged already are shown as the golden record they became; of the pairs between two of those the most
    probable one speaks. Two records that are both asked about against one leader are not asked about as well: the answers
    settle it, but for two that are both kept apart from the leader, and those the next run asks about. A group is worth the duplicates that are expected in it, the more the more rows of other objects
    belong to its records.

    Args:
        rules: of the object.
        survivor: per record the one it became; records are numbered in the order of `_record`.
        found: what the engine found.
        records: shows some of them.
    """
    import numpy as np

    best: dict[tuple[int, int], int] = {}
    found = found.some(found.decision == "review")  # a small part of all that are shown
    for index in np.lexsort((found.right, found.left, -found.scores.bits)).tolist():
        a, b = sorted((int(survivor[found.left[index]]), int(survivor[found.right[index]])))
        if a != b:
            best.setdefault((a, b), index)
    partners: dict[int, set[int]] = {}
    for a, b in best:
        partners.setdefault(a, set()).add(b)
        partners.setdefault(b, set()).add(a)
    if not partners:
        return []
    sheet = _Sheet(rules, np.array(sorted(partners)), survivor, found, records)
    groups = []
    for leader, asked in _led(partners):
        own = sorted(
            ((other, best[_pair(leader, other)]) for other in asked), key=lambda one: (-found.scores.bits[one[1]], one)
        )
        groups.append(sheet.group(leader, own))
    return sorted(groups, key=lambda group: (-_worth(group), group.rows[0].record))


def _led(partners: Mapping[int, set[int]]) -> Iterator[tuple[int, set[int]]]:
    """Yield who leads whom, the one with most open questions first; no two that are led by one ask about each other.

    Args:
        partners: record → those it may be the same as; used up.
    """
    queue = [(-len(others), record) for record, others in partners.items()]
    heapify(queue)
    while queue:
        count, leader = heappop(queue)
        asked = partners[leader]
        if len(asked) < -count:  # some were settled since
            if asked:
                heappush(queue, (-len(asked), leader))
            continue
        for other in asked:
            partners[other] -= partners[other] & asked | {leader}
        yield leader, asked


def _worth(group: ReviewGroup) -> float:
    expected = sum(row.similarity or 0 for row in group.rows)
    return expected * (1 + math.log2(1 + sum(row.children for row in group.rows)))


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


class _Sheet:
    def __init__(
        self, rules: DedupeRules, shown: np.ndarray, survivor: np.ndarray, found: Matching, records: Records
    ) -> None:
        import numpy as np

        compared = [column for rule in rules.columns.values() for column in rule.columns]
        named = [rules.key, *compared, *rules.survivorship]
        golden = records.rows(shown, [RECORD, ORIGIN, *named], merged=True)
        self.columns = tuple(
            column for column in dict.fromkeys(named) if column in golden.columns and not column.startswith("_")
        )
        self.rules = rules
        cells = zip(*(as_text(golden[column]).to_pylist() for column in golden), strict=True)
        self.golden = {at: dict(zip(golden, row, strict=True)) for at, row in zip(shown.tolist(), cells, strict=True)}
        self.merged: Counter[int] = Counter()
        self.children: Counter[int] = Counter()
        inside = np.flatnonzero(np.isin(survivor, shown))
        names = records.rows(inside, [RECORD], merged=False)[RECORD]
        children = records.children(names)
        for record, into in zip(as_text(names).to_pylist(), survivor[inside].tolist(), strict=True):
            self.merged[into] += 1
            self.children[into] += children.get(record, 0)
        own = records.rows(shown, [RECORD, ORIGIN, *compared], merged=False)
        self.marks = dict(zip(shown.tolist(), marks(own, rules, keyed=True), strict=True))
        self.words = Explainer(rules, found)
        self.asked = Asked(rules, found)
        self.chance = found.scores.probability.tolist()

    def group(self, leader: int, others: list[tuple[int, int]]) -> ReviewGroup:
        first = self._row(leader, None, {})
        return ReviewGroup(
            self.rules.object, self.columns,
            (first, *(self._row(record, index, first.values) for record, index in others)),
        )  # fmt: skip

    def _row(self, record: int, index: int | None, leading: Mapping[str, str]) -> ReviewRow:
        row = self.golden[record]
        values = {column: str(row[column]) for column in self.columns if isinstance(row[column], str)}
        compared = [column for column in self.columns if column != self.rules.key and column in values]
        conflicts = tuple(column for column in compared if column in leading and values[column] != leading[column])
        origin = row.get(ORIGIN)
        made = ReviewRow(
            row[RECORD], origin if isinstance(origin, str) else "", None, None, conflicts, values, self.merged[record] - 1,
            self.children[record], mark=self.marks[record],
        )  # fmt: skip
        if index is None:
            return made
        return replace(
            made, similarity=self.chance[index], reason=self.words.message(index), rule=self.asked.rule(index),
            suggestion=self.asked.suggestion(index),
        )  # fmt: skip
