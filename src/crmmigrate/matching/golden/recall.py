"""Find the records that people decided about again, where a record is named by its place and rows have moved since.

A record with a key keeps its name. One without is named by its row (`客户/客户/17`), which is another row after
somebody has sorted the file. What such a record held when it was decided on is kept as a mark, `role=digest` per role that
was filled, and the record is the one that holds it now. A key may be given to another thing (a customer's number that is used again):
its mark begins with `@`, and a merge of a record that holds nothing of it any more waits.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.folding import fold
from crmmigrate.model.decision import Split
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.text_table import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import numpy as np
    import pandas as pd

    from crmmigrate.model.decision import Decision, Told
    from crmmigrate.model.dedupe import DedupeRules

_MARK = re.compile(r"(\w+)=([0-9a-f]{1,10})(?:;|$)")
_KEYED = "@"
_SIGNS = re.compile(r"[\W_]+")
_BITS = (1 << 40) - 1
_TELLING = 2
"""Of so many roles one at least stays where a record with a key is the same thing."""

_ENOUGH = 0.5
"""So much of what a record held it must still hold to be the same one."""


def named_by_place(record: str, origin: object) -> bool:
    """Return whether a record is named by the row in which it stands, not by a key."""
    if not isinstance(origin, str) or "!" not in origin:
        return False
    place = origin.rpartition("!")[2]
    return record.endswith((f"/{place}", f"~{place}"))


def marks(frame: pd.DataFrame, rules: DedupeRules, *, keyed: bool = False) -> list[str]:
    """Return the mark of each row; empty for records that have a key, unless they are asked for too.

    Args:
        frame: rows as they came in, not golden ones.
        rules: of the object.
        keyed: whether records that have a key are marked as well.
    """
    import numpy as np

    if ORIGIN not in frame.columns:
        return [""] * len(frame)
    placed = _placed(frame[RECORD], frame[ORIGIN])
    wanted = np.ones(len(frame), dtype=bool) if keyed else placed
    held = frame[wanted]
    if keyed:  # written another way, a value is the same one
        held = held.assign(
            **{column: _bare(frame[column]).where(~placed, frame[column]) for column in _columns(frame, rules)}
        )
    names, digests = _digests(held, rules)
    made = iter(
        ";".join(f"{name}={digest:x}" for name, digest in zip(names, row, strict=True) if digest)
        for row in digests.tolist()
    )
    return [
        ("" if by_place else _KEYED) + next(made) if asked else ""
        for by_place, asked in zip(placed.tolist(), wanted.tolist(), strict=True)
    ]


def _placed(records: pd.Series, origins: pd.Series) -> np.ndarray:
    """Return which records are `named_by_place`; only those are looked at one by one whose name ends as the place does."""
    import numpy as np
    import pyarrow.compute as pc

    names, places = as_text(records), as_text(origins)
    ends = pc.utf8_slice_codeunits(places, -1)
    maybe = pc.or_(pc.equal(pc.utf8_slice_codeunits(names, -1), ends), pc.equal(ends, "!"))
    placed = pc.fill_null(maybe, fill_value=False).to_numpy().copy()
    at = np.flatnonzero(placed)
    some = zip(names.take(at).to_pylist(), places.take(at).to_pylist(), strict=True)
    placed[at] = [named_by_place(record, origin) for record, origin in some]
    return np.asarray(placed)


@dataclass
class Recalled:
    """What became of decisions.

    Args:
        found: about records that are there, under the names these have now.
        lost: whose records are gone.
        outlived: to merge records of which one is another thing by now.
    """

    found: list[Told] = field(default_factory=list)
    lost: list[Told] = field(default_factory=list)
    outlived: list[Decision] = field(default_factory=list)


def recall(decisions: Iterable[Told], frame: pd.DataFrame, rules: DedupeRules) -> Recalled:
    """Return what became of decisions about records of `frame`."""
    position = {record: index for index, record in enumerate(frame[RECORD])}
    memory = _Memory(frame, rules, position)
    recalled = Recalled()
    found, lost = recalled.found, recalled.lost
    for decision in decisions:
        if isinstance(decision, Split):
            split = memory.split(decision)
            (found if len(split.sides) > 1 else lost).append(split)
            continue
        held = zip((decision.record_a, decision.record_b), decision.marks, strict=True)
        if decision.verdict == "merge" and any(memory.is_another(record, mark) for record, mark in held):
            recalled.outlived.append(decision)
            continue
        one = memory.find(decision.record_a, decision.marks[0])
        other = memory.find(decision.record_b, decision.marks[1], taken=(one,))
        if one is None or other is None or one == other:
            lost.append(decision)
        elif (one, other) == (decision.record_a, decision.record_b):
            found.append(decision)
        else:
            found.append(decision.about(one, other))
    return recalled


def speaks_of(decisions: Iterable[Told], frame: pd.DataFrame, rules: DedupeRules) -> bool:
    """Return whether any of these decisions is about a record of `frame`."""
    memory = _Memory(frame, rules, {record: index for index, record in enumerate(frame[RECORD])})
    return any(memory.knows(decision) for decision in decisions)


@dataclass
class _Memory:
    """The records as they are now; digests of all of them are made only when one has moved."""

    frame: pd.DataFrame
    rules: DedupeRules
    position: Mapping[str, int]
    _names: list[str] = field(default_factory=list)
    _digests: list[list[int]] = field(default_factory=list)
    _holders: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def split(self, decision: Split) -> Split:
        """Return a split under the present names of its records, without those that are gone; of one side where nothing is left to keep apart."""
        names: dict[str, str] = {}
        taken: set[str] = set()
        for record in decision.side_of:
            name = self.find(record, decision.marks.get(record, ""), taken)
            if name is not None and name not in taken:
                names[record] = name
                taken.add(name)
        sides = (tuple(names[record] for record in side if record in names) for side in decision.sides)
        return replace(decision, sides=tuple(filter(None, sides)))

    def knows(self, decision: Told) -> bool:
        """Return whether any record of a decision is there and still the thing that was decided on."""
        if isinstance(decision, Split):
            held = [(record, decision.marks.get(record, "")) for record in decision.side_of]
        else:
            held = list(zip((decision.record_a, decision.record_b), decision.marks, strict=True))
        return any(self.find(*one) is not None and not self.is_another(*one) for one in held)

    def is_another(self, record: str, mark: str) -> bool:
        """Return whether a record with a key holds nothing of what it held, so that its key was given to another thing."""
        index = self.position.get(record)
        if index is None or not mark.startswith(_KEYED):
            return False
        held = {name: int(digest, 16) for name, digest in _MARK.findall(mark)}
        row = self.frame.iloc[[index]]
        row = row.assign(**{column: _bare(row[column]) for column in _columns(row, self.rules)})
        names, [digests] = _digests(row, self.rules)
        now = dict(zip(names, digests.tolist(), strict=True))
        held = {name: digest for name, digest in held.items() if name in now}
        return len(held) >= _TELLING and not any(now[name] == digest for name, digest in held.items())

    def _held(self, mark: str) -> dict[str, int]:
        """Return the digests of a mark, of roles that there are."""
        held = {name: int(digest, 16) for name, digest in _MARK.findall(mark)}
        if held:
            self._look()
        return {name: digest for name, digest in held.items() if name in self._names}

    def find(self, record: str, mark: str, taken: Collection[str | None] = frozenset()) -> str | None:
        """Return the present name of a record; None where it is gone or cannot be told from others."""
        held = {} if mark.startswith(_KEYED) else self._held(mark)
        if not held:
            return record if record in self.position else None
        here = self.position.get(record)
        if here is not None and self._share(here, held) == 1:
            return record
        same = Counter(index for item in held.items() for index in self._holders.get(item, ()))
        best = max(same.values(), default=0)
        if here is not None and best < len(held) and self._share(here, held) >= _ENOUGH:
            return record
        names: list[str] = [self.frame[RECORD].iloc[index] for index, count in same.items() if count == best]
        names = sorted(name for name in names if name not in taken)
        certain = best == len(held) or len(names) == 1  # rows that hold the very same are one thing anyway
        return names[0] if names and best >= _ENOUGH * len(held) and certain else None

    def _share(self, index: int, held: Mapping[str, int]) -> float:
        now = dict(zip(self._names, self._digests[index], strict=True))
        return sum(now[name] == digest for name, digest in held.items()) / len(held)

    def _look(self) -> None:
        if self._names:
            return
        self._names, digests = _digests(self.frame, self.rules)
        self._digests = digests.tolist()
        for index, row in enumerate(self._digests):
            for name, digest in zip(self._names, row, strict=True):
                if digest:
                    self._holders.setdefault((name, digest), []).append(index)


def _columns(frame: pd.DataFrame, rules: DedupeRules) -> list[str]:
    """Return the compared columns that there are."""
    return list(
        dict.fromkeys(column for rule in rules.columns.values() for column in rule.columns if column in frame.columns)
    )


def _bare(values: pd.Series) -> pd.Series:
    """Return texts folded, without blanks and punctuation."""
    met = values.dropna().unique().tolist()
    bare = {value: _SIGNS.sub("", folded) for value, folded in zip(met, fold(met), strict=True)}
    return values.map(bare).astype("str")


def _digests(frame: pd.DataFrame, rules: DedupeRules) -> tuple[list[str], np.ndarray]:
    """Return the roles and, rows × roles, a digest of what each row holds of them; 0 where it is empty."""
    import numpy as np
    import pandas as pd

    names: list[str] = []
    found: list[np.ndarray] = []
    for name, rule in rules.columns.items():
        columns = [column for column in rule.columns if column in frame.columns]
        # A parent's name may depend on its place too.
        if not columns or name in (EXISTING_ROLE, "parent"):
            continue
        text = frame[columns[0]].fillna("").to_numpy(dtype=object)
        for column in columns[1:]:
            text = text + "\x1f" + frame[column].fillna("").to_numpy(dtype=object)
        empty = np.array([not value.strip("\x1f") for value in text], dtype=bool)
        digest = pd.util.hash_array(text, categorize=True) & np.uint64(_BITS)
        names.append(name)
        found.append(np.where(empty, np.uint64(0), digest))
    return names, np.stack(found, axis=1) if found else np.zeros((len(frame), 0), dtype=np.uint64)
