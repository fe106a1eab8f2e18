"""What a pair of records has and has not in common, as a table and in words."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from crmmigrate.matching.bags import distinct_rows
from crmmigrate.matching.recall import marks
from crmmigrate.messages import Message, spoken
from crmmigrate.model.decision import ReviewGroup, ReviewRow, Verdict
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE
from crmmigrate.model.text_table import coded, text_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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


class _Often(Message):
    """A sentence that is told of many pairs: it is translated once."""

    __slots__ = ("_texts",)

    def text(self, language: str | None = None) -> str:
        language = language or spoken()
        try:
            texts = self._texts
        except AttributeError:
            texts = self._texts = {}
        if language not in texts:
            texts[language] = super().text(language)
        return texts[language]


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
        model, levels = found.comparison.model, found.scores.levels
        counted, twice = model.counted_twice(levels)
        self.noted = [(twice, counted, _counted), (model.at_work(levels), (model.work or (-1, -1))[1], _of_work)]
        self.noted += [(known, at, _of_colleagues) for at, known in model.as_colleagues(levels).items()]
        """Of which pairs the level of which role is told otherwise, and how."""
        self.scores = found.scores
        self.columns = [
            "/".join(column.removeprefix(REFERENCE) for column in rules.columns[field.role].columns)
            for field in self.fields
        ]
        if EXISTING_ROLE in found.comparison.names:  # it weighs nothing: what it forbids stands in `never`
            levels = levels.copy()
            levels[:, found.comparison.names.index(EXISTING_ROLE)] = -1
        self.levels = levels
        self._parts: dict[tuple[Any, ...], Message] = {}

    def codes(self) -> tuple[np.ndarray, list[str]]:
        """Return the levels of the pairs as `name.short; phone.same`: of each pair the number of its text, and the texts."""
        names = [[f"{field.role}.{level.name}" for level in field.levels] for field in self.fields]
        number, first = distinct_rows(self.levels.astype("int64") + 1)
        rows = self.levels[first].tolist()
        return number, [
            "; ".join(names[at][level] for at, level in enumerate(row) if level >= 0) for row in rows
        ]  # fmt: skip

    def told(self) -> tuple[np.ndarray, list[str]]:
        """Return the explanation of the pairs in the language spoken now: of each pair the number of its text, and the texts."""
        import numpy as np
        import pandas as pd

        titles = [[level.title.text() for level in field.levels] for field in self.fields]
        noted = [
            (which, at, [note(level.title).text() for level in self.fields[at].levels])
            for which, at, note in self.noted if at >= 0
        ]  # fmt: skip
        levels, weights = self.levels.astype(np.int64), self.scores.weights
        codes = [
            *(which.astype(np.int64) for which, _, _ in noted),
            *(levels + 1).T,
            *(pd.factorize(column)[0] for column in weights.T),
        ]
        number, first = distinct_rows(np.stack(codes, axis=1) if codes else levels)
        lines = []
        for index, row, bits in zip(first.tolist(), levels[first].tolist(), weights[first].tolist(), strict=True):
            said = sorted((-abs(bits[at]), at) for at, level in enumerate(row) if level >= 0)
            own = titles.copy()
            for which, at, texts in noted:
                if which[index]:
                    own[at] = texts
            words = [own[at][row[at]] for _, at in said]
            lines.append(
                "; ".join(
                    f"{self.columns[at]}: {word} ({bits[at]:+.1f})" for word, (_, at) in zip(words, said, strict=True)
                )
            )
        return number, lines

    def message(self, index: int) -> Message:
        """Return the explanation of one pair, to be translated when it is read."""
        row, weights = self.levels[index].tolist(), self.scores.weights[index].tolist()
        said = sorted((-abs(weights[at]), at) for at, level in enumerate(row) if level >= 0)
        noted = {at: note for which, at, note in self.noted if which[index]}
        return _Words([self._part(at, row[at], noted.get(at), f"{weights[at]:+.1f}") for _, at in said])

    def _part(self, at: int, level: int, note: Callable[[Message], Message] | None, weight: str) -> Message:
        """Return what is said of a field of a pair; pairs of which the same is said share it."""
        key = (at, level, note, weight)
        if key not in self._parts:
            title = self.fields[at].levels[level].title
            what = note(title) if note else title
            self._parts[key] = _Often("{column}: {what} ({weight})", column=self.columns[at], what=what, weight=weight)
        return self._parts[key]


def _counted(title: Message) -> Message:
    """Return what an agreement is called whose weight is short of what another one tells too."""
    return Message("{what}; the city counts already with another field", what=title)


def _of_work(title: Message) -> Message:
    """Return what an address is called that two people have in common because they are of one company."""
    return Message("{what}; everybody of the company has it", what=title)


def _of_colleagues(title: Message) -> Message:
    """Return what agrees of two people of different names because they are of one company."""
    return Message("{what}; the names differ, and colleagues have that in common", what=title)


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
        self.keyed = found.keyed
        self._below = _Often("below the threshold for merging ({threshold})", threshold=f"{self.merge:.4g}")
        names, levels = found.comparison.names, found.scores.levels
        known = found.comparison.model.weights(levels, np.zeros(levels.shape)) > 0
        kinds = [(role.compare, role.joint) for role in found.comparison.roles.values()]
        own = [at for at, kind in enumerate(kinds) if kind in (("company_name", False), ("person_name", False))]
        self.named: np.ndarray = np.asarray((found.scores.weights[:, own] > 0).any(axis=1))
        self.alone: dict[str, np.ndarray] = {}
        for rule in rules.rules:
            if rule.kind == "only" and rule.subject in names:
                at = names.index(rule.subject)
                self.alone[rule.text] = (levels[:, at] == 0) & ~np.delete(known, at, axis=1).any(axis=1)

    def rule(self, index: int) -> Message:
        """Return why people are asked about a pair."""
        if self.keyed is not None and self.keyed[index]:
            return Message("rows that belong to one of them name both by one key; they wait until it is one record's")
        for text, holds in self.alone.items():
            if holds[index]:
                return Message("rule: {rule}", rule=text)
        if self.scores.doubtful[index]:
            alike = Message("the names are alike, which is not enough here")
            return alike if self.named[index] else Message("the names speak against it")
        if self.chance[index] >= self.merge:
            return Message("merging it would join records that do not fit together")
        return self._below

    def suggestion(self, index: int) -> Verdict:
        """Return what the program would do."""
        if self.keyed is not None and self.keyed[index]:
            return "undecided"
        if self.scores.doubtful[index]:
            return "undecided" if self.named[index] else "separate"
        return "undecided" if self.chance[index] >= self.merge else "merge"


class Records(Protocol):
    """Answers what is asked of the records of one object where people are to see some of them."""

    def rows(self, records: np.ndarray, columns: Sequence[str], *, merged: bool) -> pd.DataFrame:
        """Return some records in their order: merged, or as they came in."""

    def children(self, records: pd.Series) -> Mapping[str, int]:
        """Return record → rows of other objects that belong to it."""


def review_groups(rules: DedupeRules, survivor: np.ndarray, found: Matching, records: Records) -> list[ReviewGroup]:
    """Return the pairs to review as groups, the record with most open questions leading; the most valuable groups first.

    Records merged already are shown as the golden record they became; of the pairs between two of those the most
    probable one speaks. A group is worth the duplicates that are expected in it, the more the more rows of other objects
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
    partners: dict[int, list[int]] = {}
    for a, b in best:
        partners.setdefault(a, []).append(b)
        partners.setdefault(b, []).append(a)
    if not partners:
        return []
    sheet = _Sheet(rules, np.array(sorted(partners)), survivor, found, records)
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
        self.golden = dict(zip(shown.tolist(), golden.to_dict("records"), strict=True))
        self.merged: Counter[int] = Counter()
        self.children: Counter[int] = Counter()
        inside = np.flatnonzero(np.isin(survivor, shown))
        names = records.rows(inside, [RECORD], merged=False)[RECORD]
        children = records.children(names)
        for record, into in zip(names, survivor[inside].tolist(), strict=True):
            self.merged[into] += 1
            self.children[into] += children.get(record, 0)
        own = records.rows(shown, [RECORD, ORIGIN, *compared], merged=False)
        self.marks = dict(zip(shown.tolist(), marks(own, rules), strict=True))
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
