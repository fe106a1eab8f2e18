"""One object's records made comparable: distinct values by role, comparers, levels and weights of pairs, never rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR, Comparer, Level, Tally
from crmmigrate.matching.blocking import is_person, together
from crmmigrate.matching.making import Making
from crmmigrate.matching.pairs.city_branches import placed_by_city
from crmmigrate.matching.pairs.colleagues import colleagues_apart
from crmmigrate.matching.pairs.cores_together import read_alike_in_one_house, short_in_one_city
from crmmigrate.matching.pairs.customers import Customers
from crmmigrate.matching.pairs.doubts import Doubts
from crmmigrate.matching.pairs.firms_and_people import tell_apart
from crmmigrate.matching.pairs.homophones import homophones_apart
from crmmigrate.matching.pairs.households import unsay_belongings, unsay_home
from crmmigrate.matching.pairs.keepers import Keepers
from crmmigrate.matching.pairs.moved_shops import moved_apart, placed_apart
from crmmigrate.matching.pairs.never import kept_apart
from crmmigrate.matching.pairs.one_boss import unsay_boss
from crmmigrate.matching.pairs.one_flat import unsay_new_number
from crmmigrate.matching.pairs.one_site import unsay_branches
from crmmigrate.matching.pairs.people import people_of
from crmmigrate.matching.pairs.plants import plants_at_home
from crmmigrate.matching.pairs.renamed import renamed_alone
from crmmigrate.matching.pairs.shared_lines import SharedLines
from crmmigrate.matching.pairs.shared_offices import offices_of
from crmmigrate.matching.pairs.siblings import unsay_family
from crmmigrate.matching.pairs.sister_domains import unsay_domain_slips
from crmmigrate.matching.pairs.sisters_abroad import unsay_domain
from crmmigrate.matching.pairs.sites import sites_of
from crmmigrate.matching.pairs.sole_names import registered_beyond
from crmmigrate.matching.pairs.two_trades import two_trades, unsay_brand
from crmmigrate.matching.pairs.villages import houses_of_a_village
from crmmigrate.matching.put_right.parties import holds_both
from crmmigrate.matching.roles import Role, options_of, role_of, roles_of
from crmmigrate.matching.texts.bags import Holders
from crmmigrate.matching.weights import Model, model, probability
from crmmigrate.model.freed import give_back
from crmmigrate.model.kept_property import kept_property
from crmmigrate.model.threads import side_by_side

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.matching.code import Codes
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.processes import Hands

_AT_ONCE = 200_000
"""So many pairs at most are compared together: few enough for what is reckoned on the way to stay near the processor, and to be shared out; with fewer, beginning takes longer than comparing."""

_FEW = 20_000
"""Rows whose values are told apart sooner than threads begin with it."""


@dataclass(frozen=True)
class Scores:
    """What is known of some pairs.

    Args:
        levels: pairs × roles, -1 where a side says nothing.
        weights: pairs × roles, in bits.
        bits: log2 odds of each pair.
        never: index into the never rules, -1 where none holds.
        doubtful: pairs that must not be merged automatically, whatever their weight.
    """

    levels: np.ndarray
    weights: np.ndarray
    bits: np.ndarray
    never: np.ndarray
    doubtful: np.ndarray

    @property
    def probability(self) -> np.ndarray:
        """The probability of each pair."""
        return probability(self.bits)


class Comparison:
    """The comparison of one table's records.

    Args:
        frame: the records in the order of their `_record`; missing = NaN.
        rules: of the object; columns that the table lacks are passed over (what is told of them: `checks/dedupe_columns.py`).
        hands: other processes, which take some of the roles' values apart.
    """

    def __init__(self, frame: pd.DataFrame, rules: DedupeRules, hands: Hands | None = None) -> None:
        import numpy as np

        self.rules = rules
        self.roles: dict[str, Role] = {}
        self.values: list[int] = []
        codes: list[np.ndarray] = []
        parts: list[tuple[str, tuple[Level, ...], float, bool]] = []
        self._making = Making(hands)
        named = False
        self.customers = holds_both(rules)
        there = {
            name: columns
            for name, rule in rules.columns.items()
            if (columns := [column for column in rule.columns if column in frame.columns])
        }
        each = side_by_side if len(frame) > _FEW else map  # threads would take longer to begin
        for name, (numbers, values) in zip(there, each(partial(_distinct, frame), there.values()), strict=True):
            rule = rules.columns[name]
            role = role_of(name, rule, rules.object)
            counts = np.bincount(numbers, minlength=len(values))
            named |= role.compare == "company_name" and not role.joint and len(values) > 1
            self.roles[name] = role
            self._making.begin(role.compare, options_of(role, there[name]), values, counts)
            self.values.append(len(values))
            codes.append(numbers)
            parts.append((name, role.priors(), rule.weight, role.steady))
        # Of arrays of records or pairs × roles, each role lies in one piece.
        self.codes = np.stack(codes).T if codes else np.zeros((len(frame), 0), dtype=np.int64)
        self.model: Model = model(parts, len(frame))
        self.model.named = named
        self.names = list(self.roles)
        if not self.customers:
            self.model.people = people_of(self.roles)
            self.model.sites, self.model.offices = sites_of(self.roles), offices_of(self.roles)

    @kept_property
    def comparers(self) -> list[Comparer]:
        """The comparer of each role, which is waited for when it is first asked: whoever gave the records may let go of them before."""
        made = self._making.made()
        give_back()  # much was only wanted to take values apart, and pairs want as much again
        return made

    @kept_property
    def lines(self) -> SharedLines:
        """The lines that several companies share."""
        return SharedLines(self.roles, self.comparers, self.codes)

    @kept_property
    def called(self) -> Customers:
        """Which companies are people."""
        return Customers(self.roles, self.comparers)

    @kept_property
    def keepers(self) -> Keepers:
        """Which companies are called by the name of who is asked for at others."""
        return Keepers(self.roles, self.comparers)

    def tallies(self) -> Iterator[Tally]:
        """Give what rarities are counted by."""
        for comparer in self.comparers:
            yield from comparer.tallies()
        yield from self.lines.tallies()

    def part_of(self, model: Model, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> Comparison:
        """Take these records for a part of a larger table; return itself.

        Args:
            model: of the larger table.
            times: for each of `tallies` what stands in the larger table how often, see `Comparer.recount`.
        """
        self.model = model
        told = iter(times)
        for comparer in self.comparers:
            comparer.recount([next(told) for _ in comparer.tallies()])
        self.lines.recount([*told])
        return self

    def without_records(self) -> Comparison:
        """Return what judges levels, without the values that were taken apart."""
        judge = copy(self)
        for kept in ("lines", "called", "keepers"):
            judge.__dict__.pop(kept, None)
        judge.comparers, judge._making, judge.codes = [], Making(), self.codes[:0].copy()  # noqa: SLF001  (a copy of itself)
        return judge

    def levels(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return levels and rarities (pairs × roles; the latter where they count) of pairs of records."""
        import numpy as np

        levels = np.full((len(self.comparers), len(left)), -1, dtype=np.int8).T
        others = np.zeros((len(self.comparers), len(left)), dtype=np.float32).T
        together = (
            placed_by_city,
            registered_beyond,
            unsay_brand,
            self.lines.unsay,
            unsay_home,
            unsay_branches,
            plants_at_home,
            homophones_apart,
            read_alike_in_one_house,
            short_in_one_city,
            moved_apart,
            placed_apart,
            houses_of_a_village,
            tell_apart,
            unsay_belongings,
            unsay_family,
            unsay_new_number,
            unsay_domain_slips,
            colleagues_apart,
            renamed_alone,
            self.called.told,
            self.keepers.told,
            unsay_boss,
            unsay_domain,
        )

        def compare(part: slice) -> None:
            for index, comparer in enumerate(self.comparers):
                one, other = self.codes[left[part], index], self.codes[right[part], index]
                found = comparer.compare(one, other)
                levels[part, index] = found
                field = self.model.fields[index]
                # How many have one identity number is wanted anyway.
                every = self.roles[self.names[index]].compare == "identity_number"
                counted = field.counted | (every & np.array([level.shared for level in field.levels], dtype=bool))
                rare = np.flatnonzero(counted[found] & (found >= 0))
                others[part, index][rare] = comparer.others(one[rare], other[rare])
            for seen_together in together:
                seen_together(self, left[part], right[part], levels[part])

        _in_parts(compare, len(left))
        return levels, others

    def score(self, left: np.ndarray, right: np.ndarray) -> Scores:
        """Return what is known of pairs of records."""
        levels, others = self.levels(left, right)
        return self.judge(levels, others, self.never(left, right, levels))

    def equal(self, records: np.ndarray, times: np.ndarray, enough: float) -> np.ndarray:
        """Return which records are one thing with those equal to them in every role, for that equality alone.

        How rare their values are is counted without them: what all rows of a table say is common, but if they say the
        same of everything, they are one thing that was written down many times.

        Args:
            records: one of each set of equal ones.
            times: how many they are.
            enough: bits.
        """
        import numpy as np

        levels, others = self.levels(records, records)
        further = np.maximum(others - (times - 2)[:, None], 0)
        bits, doubtful = self.judge_lightly(levels, further)
        return np.asarray((bits >= enough) & ~doubtful)

    def judge(self, levels: np.ndarray, others: np.ndarray, never: np.ndarray) -> Scores:
        """Return what is known of pairs of records whose levels, rarities and never rules are known."""
        weights = self.model.weights(levels, others)
        return Scores(levels, weights, self.model.bits(weights), never, Doubts(self).of(levels, others))

    def judge_lightly(self, levels: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the bits of each pair and whether it is doubtful, without the weights of the roles: of most of many pairs nobody wants to know them."""
        import numpy as np

        bits, doubtful = np.zeros(len(levels)), np.zeros(len(levels), dtype=bool)

        def judge(part: slice) -> None:
            bits[part] = self.model.bits(self.model.weights(levels[part], others[part]))
            doubtful[part] = Doubts(self).of(levels[part], others[part])

        _in_parts(judge, len(levels))
        return bits, doubtful

    def verdict(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the bits of pairs of records, and which of them are `apart`."""
        seen = self.score(left, right)
        return seen.bits, self.apart(left, right, seen.levels, seen.never, seen.doubtful)

    def apart(
        self, left: np.ndarray, right: np.ndarray, levels: np.ndarray, never: np.ndarray, doubtful: np.ndarray
    ) -> np.ndarray:
        """Return pairs of records that are never one thing, and those that no third record ever brings together, see `Doubts.clash` and `two_trades`."""
        import numpy as np

        clash = Doubts(self).clash(levels, doubtful) | (doubtful & two_trades(self, left, right, levels))
        return np.asarray((never >= 0) | clash)

    def of(self, *kinds: str) -> list[int]:
        """Return the places of the roles that are compared so, those of somebody else than the record (`joint`) aside."""
        return roles_of(self.roles, *kinds)

    def met(self, kind: str, levels: np.ndarray, wanted: Collection[int]) -> np.ndarray:
        """Return pairs that are on one of these levels in a role of `of`."""
        import numpy as np

        return np.asarray(np.isin(levels[:, self.of(kind)], [*wanted]).any(axis=1))

    def shared(self, role: str, levels: np.ndarray) -> np.ndarray:
        """Return where the records share a value of the role."""
        import numpy as np

        index = self.names.index(role)
        shared = np.array([*(level.shared for level in self.model.fields[index].levels), False])
        return np.asarray(shared[levels[:, index]])

    def shares(self, levels: np.ndarray, *kinds: str) -> np.ndarray:
        """Return where the records share a value of any role of `of`."""
        import numpy as np

        found = np.zeros(len(levels), dtype=bool)
        for at in self.of(*kinds):
            found |= self.shared(self.names[at], levels)
        return found

    def never(self, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return for pairs of records the number of the rule by which they are never one thing, -1 where none holds."""
        import numpy as np

        never = np.full(len(left), -1, dtype=np.int8)

        def ask(part: slice) -> None:
            for number, rule in enumerate(self.rules.rules):
                if rule.kind == "different":
                    holds = kept_apart(self, rule, left[part], right[part], levels[part])
                    never[part][holds & (never[part] < 0)] = number

        _in_parts(ask, len(left))
        return never

    def tags(self, records: np.ndarray) -> np.ndarray | None:
        """Return a number per record for its code, where other codes exclude that two records are one thing; -1 for none."""
        import numpy as np

        for rule in self.rules.rules:
            if rule.kind == "different" and not rule.without and rule.subject in self.names:
                index = self.names.index(rule.subject)
                if self.roles[rule.subject].compare in ("code", "identity_number"):
                    codes: Codes = self.comparers[index]  # type: ignore[assignment]
                    firsts = np.full(len(codes.bag.sizes), -1)
                    said = codes.bag.sizes > 0
                    firsts[said] = codes.bag.items[codes.bag.starts[said]]
                    firsts[said] = np.where(codes.tells[firsts[said]], firsts[said], -1)
                    return np.asarray(firsts[self.codes[records, index]])
        return None

    def keys(self, records: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Give the blocking keys of records: kind, node (index into `records`), key (a number)."""
        people: list[tuple[str, np.ndarray, np.ndarray]] = []
        joint: list[tuple[np.ndarray, np.ndarray]] = []
        for index, name in enumerate(self.names):
            role = self.roles[name]
            if not role.blocks:
                continue
            holders = Holders(self.codes[records, index], self.values[index])
            for kind, values, keys in self.comparers[index].candidate_keys():
                if role.joint or kind == "marque":
                    if role.joint and kind in ("parent", "marque"):
                        joint.append(holders.of(values, keys))
                    continue
                label = kind if kind == name else f"{name}.{kind}"
                entry = (label, *holders.of(values, keys))
                if is_person(label):
                    people.append(entry)
                else:
                    yield entry
        for entry in people:
            yield from together(entry, joint) if joint else [entry]


def _in_parts(work: Callable[[slice], None], count: int) -> None:
    """Do the work for so many pairs, in parts that do not depend on how many processors there are."""
    size = -(-count // max(1, -(-count // _AT_ONCE))) or 1
    for _ in side_by_side(work, (slice(begin, begin + size) for begin in range(0, count, size))):
        pass


def _distinct(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[np.ndarray, pa.Array]:
    """Return the number of each record's value, several columns being one text, and the distinct values in the order they are met."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.large_string()
    cells = [pc.fill_null(pa.array(frame[column], from_pandas=True).cast(text), "") for column in columns]
    whole = cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, pa.scalar(SEPARATOR, text))
    met = (whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole).dictionary_encode()
    return met.indices.to_numpy().astype(np.int64), met.dictionary
