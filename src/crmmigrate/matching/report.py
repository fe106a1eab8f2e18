"""What a pair of records has and has not in common, as a table and in words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.bags import distinct_rows
from crmmigrate.matching.recall import marks
from crmmigrate.messages import Message
from crmmigrate.model.decision import ReviewGroup, ReviewRow, Verdict
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import pandas as pd

    from crmmigrate.matching.engine import Matching
    from crmmigrate.model.dedupe import DedupeRules

PAIR_COLUMNS = ("object", "record_a", "record_b", "probability", "decision", "levels", "never", "explanation")
"""Followed by one `weight_<role>` per role; `levels` is `role.level` by `;`, `never` the rule that forbids the merge.

Where people merged a pair against such a rule, it is not named: the pair is merged, here as in the crosswalk.
"""


def pair_table(rules: DedupeRules, frame: pd.DataFrame, found: Matching) -> pd.DataFrame:
    """Return the pairs worth showing, the most probable first. Of the frame only the names of its records are looked at."""
    import numpy as np
    import pandas as pd

    scores = found.scores
    records = frame[RECORD].to_numpy(dtype=object)
    order = np.lexsort((found.right, found.left, -scores.bits))
    never = np.array([None, *(rule.text for rule in rules.rules)], dtype=object)
    words = Explainer(rules, found)
    data: dict[str, object] = {
        "object": rules.object,
        "record_a": records[found.left],
        "record_b": records[found.right],
        "probability": _written(scores.probability, "{:.6f}"),
        "decision": found.decision,
        "levels": words.codes(),
        "never": np.where(found.decision == "merge", None, never[scores.never.astype(int) + 1]),
        "explanation": words.sentences(),
    }
    for at, name in enumerate(found.comparison.names):
        if name == EXISTING_ROLE:
            continue
        data[f"weight_{name}"] = _written(scores.weights[:, at], "{:+.2f}")
    return pd.DataFrame(data, dtype="str").iloc[order].reset_index(drop=True)


def _written(numbers: np.ndarray, form: str) -> np.ndarray:
    """Return numbers as text; each distinct one is written once."""
    import numpy as np
    import pandas as pd

    # By their bits, so that -0.0 is not 0.0.
    at, distinct = pd.factorize(np.ascontiguousarray(numbers, dtype=np.float64).view(np.int64))
    return np.array([*map(form.format, distinct.view(np.float64).tolist()), ""], dtype=object)[at]


class _Words(Message):
    """Sentences one behind the other, each translated by itself."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Message]) -> None:
        super().__init__("")
        self.parts = parts

    def text(self, language: str | None = None) -> str:
        return "; ".join(part.text(language) for part in self.parts)


class Explainer:
    """Puts into words what speaks for and against pairs, the heaviest first, each with its weight in bits.

    Args:
        rules: of the object, for the names of the columns.
        found: what the engine found.
    """

    def __init__(self, rules: DedupeRules, found: Matching) -> None:
        self.fields = found.comparison.model.fields
        self.counted, self.twice = found.comparison.model.counted_twice(found.scores.levels)
        self.scores = found.scores
        self.columns = [
            "/".join(column.removeprefix(REFERENCE) for column in rules.columns[field.role].columns)
            for field in self.fields
        ]
        levels = found.scores.levels
        if EXISTING_ROLE in found.comparison.names:  # it weighs nothing: what it forbids stands in `never`
            levels = levels.copy()
            levels[:, found.comparison.names.index(EXISTING_ROLE)] = -1
        self.levels = levels.tolist()

    def codes(self) -> list[str]:
        """Return the levels of each pair as `name.short; phone.same`."""
        names = [[f"{field.role}.{level.name}" for level in field.levels] for field in self.fields]
        known = {
            row: "; ".join(names[at][level] for at, level in enumerate(row) if level >= 0)
            for row in set(map(tuple, self.levels))
        }
        return [known[tuple(row)] for row in self.levels]

    def sentences(self) -> list[str]:
        """Return the explanation of each pair in the language spoken now; pairs that look the same are explained once."""
        import numpy as np
        import pandas as pd

        titles = [[level.title.text() for level in field.levels] for field in self.fields]
        again = (
            [_counted(level.title).text() for level in self.fields[self.counted].levels] if self.counted >= 0 else []
        )
        levels, weights = np.array(self.levels).reshape(len(self.levels), len(self.fields)), self.scores.weights
        codes = [self.twice.astype(np.int64), *(levels + 1).T, *(pd.factorize(column)[0] for column in weights.T)]
        number, first = distinct_rows(np.stack(codes, axis=1) if codes else levels)
        lines = []
        for row, bits, twice in zip(
            levels[first].tolist(), weights[first].tolist(), self.twice[first].tolist(), strict=True
        ):
            said = sorted((-abs(bits[at]), at) for at, level in enumerate(row) if level >= 0)
            words = [(again if twice and at == self.counted else titles[at])[row[at]] for _, at in said]
            lines.append(
                "; ".join(
                    f"{self.columns[at]}: {word} ({bits[at]:+.1f})" for word, (_, at) in zip(words, said, strict=True)
                )
            )
        return [lines[index] for index in number.tolist()]

    def message(self, index: int) -> Message:
        """Return the explanation of one pair, to be translated when it is read."""
        row, weights = self.levels[index], self.scores.weights[index].tolist()
        said = sorted((-abs(weights[at]), at) for at, level in enumerate(row) if level >= 0)
        titles = {at: self.fields[at].levels[row[at]].title for _, at in said}
        if self.twice[index]:
            titles[self.counted] = _counted(titles[self.counted])
        return _Words([
            Message("{column}: {what} ({weight})", column=self.columns[at], what=titles[at], weight=f"{weights[at]:+.1f}")
            for _, at in said
        ])  # fmt: skip


def _counted(title: Message) -> Message:
    """Return what an agreement is called whose weight is short of what another one tells too."""
    return Message("{what}; the city counts already with another field", what=title)


class Asked:
    """Why people are asked about the pairs that were not decided, and what the program would do.

    Args:
        rules: of the object.
        found: what the engine found.
    """

    def __init__(self, rules: DedupeRules, found: Matching) -> None:
        import numpy as np

        self.scores = found.scores
        self.merge = found.thresholds.merge
        self.chance = found.scores.probability
        names, levels = found.comparison.names, found.scores.levels
        known = found.comparison.model.weights(levels, np.zeros(levels.shape)) > 0
        self.alone: dict[str, np.ndarray] = {}
        for rule in rules.rules:
            if rule.kind == "only" and rule.subject in names:
                at = names.index(rule.subject)
                self.alone[rule.text] = (levels[:, at] == 0) & ~np.delete(known, at, axis=1).any(axis=1)

    def rule(self, index: int) -> Message:
        """Return why people are asked about a pair."""
        for text, holds in self.alone.items():
            if holds[index]:
                return Message("rule: {rule}", rule=text)
        if self.scores.doubtful[index]:
            return Message("the names speak against it")
        if self.chance[index] >= self.merge:
            return Message("merging it would join records that do not fit together")
        return Message("below the threshold for merging ({threshold})", threshold=f"{self.merge:.4g}")

    def suggestion(self, index: int) -> Verdict:
        """Return what the program would do."""
        if self.scores.doubtful[index]:
            return "separate"
        return "undecided" if self.chance[index] >= self.merge else "merge"


def review_groups(
    rules: DedupeRules,
    frame: pd.DataFrame,
    golden: pd.DataFrame,
    survivor: pd.Series,
    found: Matching,
    children: Mapping[str, int],
) -> list[ReviewGroup]:
    """Return the pairs to review as groups, the record with most open questions leading; the most valuable groups first.

    Records merged already are shown as the golden record they became; of the pairs between two of those the most
    probable one speaks. A group is worth the duplicates that are expected in it, the more the more rows of other objects
    belong to its records.

    Args:
        rules: of the object.
        frame: the records as they came in.
        golden: the golden records.
        survivor: per record the `_record` it became.
        found: what the engine found.
        children: record → rows of other objects that belong to it.
    """
    import numpy as np

    best: dict[tuple[str, str], int] = {}
    chosen = np.flatnonzero(found.decision == "review")
    became = survivor.to_numpy(dtype=object)
    for index in sorted(chosen.tolist(), key=lambda i: (-found.scores.bits[i], found.left[i], found.right[i])):
        a, b = sorted((became[found.left[index]], became[found.right[index]]))
        if a != b:
            best.setdefault((a, b), index)
    partners: dict[str, list[str]] = {}
    for a, b in best:
        partners.setdefault(a, []).append(b)
        partners.setdefault(b, []).append(a)
    sheet = _Sheet(rules, frame, golden[_among(golden[RECORD], partners)], survivor, found, children)
    open_pairs = set(best)
    groups = []
    for leader in sorted(partners, key=lambda record: (-len(partners[record]), record)):
        own = [pair for other in partners[leader] if (pair := _pair(leader, other)) in open_pairs]
        open_pairs.difference_update(own)
        if own:
            own.sort(key=lambda pair: (-found.scores.bits[best[pair]], pair))
            groups.append(sheet.group(leader, [(a if b == leader else b, best[a, b]) for a, b in own]))
    return sorted(groups, key=lambda group: (-_worth(group), group.rows[0].record))


def _worth(group: ReviewGroup) -> float:
    expected = sum(row.similarity or 0 for row in group.rows)
    return expected * (1 + math.log2(1 + sum(row.children for row in group.rows)))


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _among(records: pd.Series, wanted: Iterable[str]) -> np.ndarray:
    """Return which records are wanted; `isin` turns every text into an object of Arrow first."""
    import numpy as np
    import pandas as pd

    return np.asarray(pd.Index(list(wanted), dtype=object).get_indexer(pd.Index(records, dtype=object)) >= 0)


class _Sheet:
    def __init__(
        self, rules: DedupeRules, frame: pd.DataFrame, golden: pd.DataFrame, survivor: pd.Series, found: Matching,
        children: Mapping[str, int],
    ) -> None:  # fmt: skip
        named = [
            rules.key,
            *(column for rule in rules.columns.values() for column in rule.columns),
            *rules.survivorship,
        ]
        self.columns = tuple(
            column for column in dict.fromkeys(named) if column in golden.columns and not column.startswith("_")
        )
        self.rules = rules
        self.golden = {row[RECORD]: row for row in golden.to_dict("records")}
        self.merged: Counter[str] = Counter()
        self.children: Counter[str] = Counter()
        shown = _among(survivor, self.golden)
        for record, into in zip(frame.loc[shown, RECORD], survivor[shown], strict=True):
            self.merged[into] += 1
            self.children[into] += children.get(record, 0)
        own = frame[_among(frame[RECORD], self.golden)]
        self.marks = dict(zip(own[RECORD], marks(own, rules), strict=True))
        self.words = Explainer(rules, found)
        self.asked = Asked(rules, found)
        self.chance = found.scores.probability.tolist()

    def group(self, leader: str, others: list[tuple[str, int]]) -> ReviewGroup:
        first = self._row(leader, None, {})
        return ReviewGroup(
            self.rules.object, self.columns,
            (first, *(self._row(record, index, first.values) for record, index in others)),
        )  # fmt: skip

    def _row(self, record: str, index: int | None, leading: Mapping[str, str]) -> ReviewRow:
        row = self.golden[record]
        values = {column: str(row[column]) for column in self.columns if isinstance(row[column], str)}
        compared = [column for column in self.columns if column != self.rules.key and column in values]
        conflicts = tuple(column for column in compared if column in leading and values[column] != leading[column])
        origin = row.get(ORIGIN)
        made = ReviewRow(
            record, origin if isinstance(origin, str) else "", None, None, conflicts, values, self.merged[record] - 1,
            self.children[record], mark=self.marks[record],
        )  # fmt: skip
        if index is None:
            return made
        return replace(
            made, similarity=self.chance[index], reason=self.words.message(index), rule=self.asked.rule(index),
            suggestion=self.asked.suggestion(index),
        )  # fmt: skip
