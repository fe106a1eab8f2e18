"""What speaks for and against a pair of records, and why people are asked about it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.matching.roles import roles_of
from crmmigrate.matching.texts.bags import distinct_rows
from crmmigrate.messages import Message, joined, spoken
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.model.issue import REFERENCE
from crmmigrate.model.never_words import in_words
from crmmigrate.model.object_title import object_title

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.engine import Matching
    from crmmigrate.model.decision import Verdict
    from crmmigrate.model.dedupe import DedupeRules


class _Often(Message):
    """A sentence that is told of many pairs: it is translated once.

    Args:
        said: the sentence.
    """

    __slots__ = ("_texts",)

    def __init__(self, said: Message) -> None:
        super().__init__(said.template, **said.params)
        self._texts: dict[str, str] = {}

    def text(self, language: str | None = None) -> str:
        language = language or spoken()
        if language not in self._texts:
            self._texts[language] = super().text(language)
        return self._texts[language]


class _Words(Message):
    """Sentences one behind the other, each translated by itself."""

    __slots__ = ("parts",)

    def __init__(self, parts: list[Message]) -> None:
        super().__init__("")
        self.parts = parts

    def text(self, language: str | None = None) -> str:
        return "; ".join(part.text(language) for part in self.parts)


def columns_of(rules: DedupeRules, role: str) -> Message | str:
    """Return the columns of a role as people are told of them: of a reference what it refers to."""
    own = rules.columns.get(role)
    if own is not None and own.columns and all(column.startswith(REFERENCE) for column in own.columns):
        return joined([object_title(column.removeprefix(REFERENCE)) for column in own.columns])
    return rules.headers(role)


_THROUGH = Message("merged through other records, or as people decided")


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
        self.noted = [(twice, counted, _counted)]
        if model.people:
            work = (model.people.work or (-1, -1))[1]
            self.noted.append((model.people.at_work(levels, model.fields), work, _of_work))
            known = model.people.colleagues(levels, model.fields)
            self.noted += [(which, at, _of_colleagues) for at, which in known.items()]
        if model.sites:
            two = model.sites.two(levels)
            self.noted += [
                (two & (found.scores.weights[:, at] == 0), at, _of_sites)
                for at in (*model.sites.names, *model.sites.webs)
            ]
        """Of which pairs the level of which role is told otherwise, and how."""
        self.scores = found.scores
        # By themselves they would not have been merged.
        alone = (found.scores.probability >= found.thresholds.merge) & ~found.scores.doubtful & (found.scores.never < 0)
        self.through = (found.decision == "merge") & ~alone
        self.columns = [columns_of(rules, field.role) for field in self.fields]
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

        titles = [[level.title.text() for level in field.levels] for field in self.fields]
        noted = [
            (which, at, [note(level.title).text() for level in self.fields[at].levels])
            for which, at, note in self.noted if at >= 0
        ]  # fmt: skip
        levels, weights = self.levels.astype(np.int64), self.scores.weights
        figures = [_rounded(column) for column in weights.T]
        # What is told of nothing goes last, where it is left out.
        order = np.argsort(np.where(levels < 0, np.inf, -np.abs(weights)), axis=1, kind="stable")
        codes = [
            self.through.astype(np.int64),
            *(which.astype(np.int64) for which, _, _ in noted),
            *(levels + 1).T,
            *(at for at, _ in figures),
            *order.T,
        ]
        number, first = distinct_rows(np.stack(codes, axis=1))
        lines, through = [], _THROUGH.text()
        rows = zip(first.tolist(), levels[first].tolist(), order[first].tolist(), strict=True)
        for index, row, fields in rows:
            own = titles.copy()
            for which, at, texts in noted:
                if which[index]:
                    own[at] = texts
            lines.append("; ".join([
                f"{self.columns[at]}: {own[at][row[at]]} ({figures[at][1][figures[at][0][index]]})" for at in fields if row[at] >= 0
            ] + [through] * int(self.through[index])))  # fmt: skip
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
            self._parts[key] = _Often(
                Message("{column}: {what} ({weight})", column=self.columns[at], what=what, weight=weight)
            )
        return self._parts[key]


def _rounded(weights: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Return weights as they are told: of each the number of its text, and the texts."""
    import numpy as np
    import pandas as pd

    at, distinct = pd.factorize(weights)
    which, texts = pd.factorize(np.array([f"{weight:+.1f}" for weight in distinct.tolist()], dtype=object))
    return which[at], texts.tolist()


def _counted(title: Message) -> Message:
    """Return what an agreement is called whose weight is short of what another one tells too."""
    return Message("{what}; the city counts already with another field", what=title)


def _of_work(title: Message) -> Message:
    """Return what an address is called that two people have in common because they are of one company."""
    return Message("{what}; everybody of the company has it", what=title)


def _of_colleagues(title: Message) -> Message:
    """Return what agrees of two people of different names because they are of one company."""
    return Message("{what}; the names differ, and colleagues have that in common", what=title)


def _of_sites(title: Message) -> Message:
    """Return what a name or a website is called that does not tell two sites of a company apart."""
    return Message("{what}; it says nothing of two sites, each with an address and a telephone of its own", what=title)


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
        self._below = _Often(Message("below the threshold for merging ({threshold})", threshold=f"{self.merge:.4g}"))
        names, levels = found.comparison.names, found.scores.levels
        known = found.comparison.model.weights(levels, np.zeros(levels.shape)) > 0
        own = roles_of(found.comparison.roles, "company_name", "person_name")
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
                return Message("rule: {rule}", rule=in_words(text))
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
