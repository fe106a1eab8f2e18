"""What a pair of records has and has not in common, as a table and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.decision import ReviewGroup, ReviewRow
from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmmigrate.matching.engine import Matching
    from crmmigrate.model.dedupe import DedupeRules

PAIR_COLUMNS = ("object", "record_a", "record_b", "probability", "decision", "levels", "never", "explanation")
"""Followed by one `weight_<role>` per role; `levels` is `role.level` by `;`, `never` the rule that forbids the merge."""


def pair_table(rules: DedupeRules, frame: pd.DataFrame, found: Matching) -> pd.DataFrame:
    """Return the pairs worth showing, the most probable first."""
    import numpy as np
    import pandas as pd

    names = found.comparison.names
    records = frame[RECORD].to_numpy()
    chance = found.scores.probability
    order = np.lexsort((found.right, found.left, -found.scores.bits))
    never = ["", *(rule.text for rule in rules.rules)]
    data: dict[str, object] = {
        "object": rules.object,
        "record_a": records[found.left],
        "record_b": records[found.right],
        "probability": [f"{value:.6f}" for value in chance],
        "decision": found.decision,
        "levels": [level_codes(found, index) for index in range(len(found.left))],
        "never": [never[index + 1] for index in found.scores.never],
        "explanation": [explanation(found, index).text() for index in range(len(found.left))],
    }
    for at, name in enumerate(names):
        data[f"weight_{name}"] = [f"{value:+.2f}" for value in found.scores.weights[:, at]]
    return pd.DataFrame(data, dtype="str").iloc[order].replace("", None).astype("str").reset_index(drop=True)


def level_codes(found: Matching, index: int) -> str:
    """Return the levels of a pair as `name.short; phone.same`."""
    fields = found.comparison.model.fields
    return "; ".join(
        f"{field.role}.{field.levels[level].name}"
        for field, level in zip(fields, found.scores.levels[index], strict=True)
        if level >= 0
    )


class _Words(Message):
    """Sentences one behind the other, each translated by itself."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Message]) -> None:
        super().__init__("")
        self.parts = parts

    def text(self, language: str | None = None) -> str:
        return "; ".join(part.text(language) for part in self.parts)


def explanation(found: Matching, index: int) -> Message:
    """Return what speaks for and against a pair, the heaviest first, each with its weight in bits."""
    fields = found.comparison.model.fields
    said = [
        (abs(weight), Message("{what} ({weight})", what=field.levels[level].title, weight=f"{weight:+.1f}"))
        for field, level, weight in zip(
            fields, found.scores.levels[index], found.scores.weights[index].tolist(), strict=True
        )
        if level >= 0
    ]
    return _Words([message for _, message in sorted(said, key=lambda item: -item[0])])


def review_groups(rules: DedupeRules, golden: pd.DataFrame, survivor: pd.Series, found: Matching) -> list[ReviewGroup]:
    """Return the pairs to review as groups, the record with most open questions leading; the likeliest groups first.

    Records merged already are shown as the golden record they became; of the pairs between two of those the most
    probable one speaks.

    Args:
        rules: of the object.
        golden: the golden records.
        survivor: per record the `_record` it became.
        found: what the engine found.
    """
    import numpy as np

    best: dict[tuple[str, str], int] = {}
    chosen = np.flatnonzero(found.decision == "review")
    for index in sorted(chosen.tolist(), key=lambda i: (-found.scores.bits[i], found.left[i], found.right[i])):
        a, b = sorted((survivor.iloc[found.left[index]], survivor.iloc[found.right[index]]))
        if a != b:
            best.setdefault((a, b), index)
    partners: dict[str, list[str]] = {}
    for a, b in best:
        partners.setdefault(a, []).append(b)
        partners.setdefault(b, []).append(a)
    sheet = _Sheet(rules, golden, survivor, found)
    open_pairs = set(best)
    groups = []
    for leader in sorted(partners, key=lambda record: (-len(partners[record]), record)):
        own = [pair for other in partners[leader] if (pair := _pair(leader, other)) in open_pairs]
        open_pairs.difference_update(own)
        if own:
            own.sort(key=lambda pair: (-found.scores.bits[best[pair]], pair))
            groups.append(sheet.group(leader, [(a if b == leader else b, best[a, b]) for a, b in own]))
    return sorted(groups, key=lambda group: (-(group.rows[1].similarity or 0), group.rows[0].record))


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


class _Sheet:
    def __init__(self, rules: DedupeRules, golden: pd.DataFrame, survivor: pd.Series, found: Matching) -> None:
        named = [rules.key, *(column for rule in rules.columns.values() for column in rule.columns)]
        self.columns = tuple(
            column for column in dict.fromkeys(named) if column in golden.columns and not column.startswith("_")
        )
        self.rules = rules
        self.golden = golden.set_index(RECORD, drop=False)
        self.merged = survivor.value_counts()
        self.found = found

    def group(self, leader: str, others: list[tuple[str, int]]) -> ReviewGroup:
        first = self._row(leader, None, {})
        return ReviewGroup(
            self.rules.object, self.columns,
            (first, *(self._row(record, index, first.values) for record, index in others)),
        )  # fmt: skip

    def _row(self, record: str, index: int | None, leading: Mapping[str, str]) -> ReviewRow:
        row = self.golden.loc[record]
        values = {column: str(row[column]) for column in self.columns if isinstance(row[column], str)}
        conflicts = tuple(c for c in self.columns if c in values and c in leading and values[c] != leading[c])
        chance = None if index is None else float(self.found.scores.probability[index])
        reason = Message("") if index is None else explanation(self.found, index)
        origin = row.get("_origin")
        return ReviewRow(record, origin if isinstance(origin, str) else "", chance, reason, conflicts, values,
                         int(self.merged[record]) - 1)  # fmt: skip
