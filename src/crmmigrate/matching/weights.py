"""Fellegi–Sunter: what each level of agreement is worth, in bits.

Shipped priors make small files work. Where there are enough pairs, u is counted over random pairs and m is refined by
expectation–maximisation; both stay near the priors, so that an odd file cannot turn the meaning of a level round. A rare
shared value counts more than a common one.

Source: Fellegi and Sunter, A Theory for Record Linkage (1969); Winkler's term-frequency adjustment (2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.letters import stirred

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Level
    from crmmigrate.matching.pairs.people import People
    from crmmigrate.matching.pairs.shared_offices import SharedOffices
    from crmmigrate.matching.pairs.sites import Sites

_PSEUDO_RECORDS = 2000.0
"""The priors weigh as much as so many records; below that, a count says little about how rare a value is."""

_PSEUDO_PAIRS = 300.0
_PSEUDO_RANDOM = 1e5
_PSEUDO_ALL = 1e7
"""The priors weigh as much as so many matches (m), random pairs (u of common levels), pairs at all (u of rare levels)."""

_RARE = 5e-3
_MET = 50.0
"""So many random pairs show that a level is common."""

_LEAST_ODDS, _MOST_ODDS = 12.0, 20.0
"""Bits against two records picked blindly in a small table and in a large one."""

_LENIENT = 2.0
"""So many bits the odds in a small table may really be better: not enough to merge, but to ask."""

_MORE = 3.0
"""Bits by which a table full of duplicates may move the prior."""

_ROUNDS = 6
_FARTHEST = 4.0
_FARTHEST_RARE = 16.0
"""Learnt m and u stay within this factor of the priors; the u of rare levels may move more, as big tables show them to be rarer."""

_LARGE = 1e5
"""Records of a large table. What fewer than one in so many share by chance, such as a registered name, has no more bearers in a
larger one: its u may fall further, in proportion."""


@dataclass
class Field:
    """The model of one role.

    Args:
        role: its name.
        levels: from the same to different.
        m: probability of each level between records of one thing.
        u: between records of different things.
        factor: on the weight.
        steady: whether the u of its common levels is not learnt.
    """

    role: str
    levels: tuple[Level, ...]
    m: np.ndarray
    u: np.ndarray
    factor: float = 1.0
    steady: bool = False

    @property
    def counted(self) -> np.ndarray:
        """Per level whether it is counted how many records have it."""
        import numpy as np

        return np.array([level.by_frequency or level.counted for level in self.levels], dtype=bool)

    @property
    def agrees(self) -> np.ndarray:
        """Per level, and at last for none, whether it speaks for one thing."""
        import numpy as np

        return np.append(self.m > self.u, False)

    @property
    def last(self) -> int:
        """The level of values that differ."""
        return len(self.levels) - 1

    @property
    def in_city(self) -> np.ndarray:
        """Per level, and at last for none, whether it means that both are in one city."""
        import numpy as np

        return np.array([*(level.in_city for level in self.levels), False])

    @property
    def closer(self) -> np.ndarray:
        """Per level, and at last for none, whether it says more than that both are in one city."""
        import numpy as np

        there = [level for level in self.levels if level.in_city]
        worth = sum(level.m for level in there) / (sum(level.u for level in there) or 1.0)
        return np.array([*(level.in_city and level.m > level.u * worth for level in self.levels), False])

    @property
    def city_worth(self) -> float:
        """What it is worth, in bits, that both are in one city."""
        there = self.in_city[:-1]
        return max(math.log2(self.m[there].sum() / self.u[there].sum()), 0.0) * self.factor

    def weights(self, levels: np.ndarray, others: np.ndarray, records: int) -> np.ndarray:
        """Return the weight of each pair in bits; 0 where a side says nothing.

        Args:
            levels: of each pair, -1 for none.
            others: how many further records share what the pair has in common.
            records: in the table.
        """
        import numpy as np

        # Nothing said weighs nothing: it is the last entry, which -1 picks.
        plain = np.append(np.log2(self.m / self.u) * self.factor, 0.0)
        weights = plain[levels]
        counted = np.append([level.by_frequency for level in self.levels], False)[levels]
        rare = np.flatnonzero(counted)
        u = self.u[levels[rare]]
        shared = (others[rare] + u * _PSEUDO_RECORDS) / (records + _PSEUDO_RECORDS)
        weights[rare] = np.log2(self.m[levels[rare]] / np.maximum(shared, u / 8)) * self.factor
        return np.asarray(weights)


@dataclass
class Model:
    """The model of one object.

    Args:
        fields: one per role.
        records: number of records compared.
        learnt: the odds in bits that learning found.
        people: what people have in common because they work together.
        sites: what tells two sites of a company apart, None where a table is not of companies.
        offices: what companies share that have one office with many others, None where a table is not of companies.
        named: whether any record of the table names a company.
    """

    fields: tuple[Field, ...]
    records: int
    learnt: float = -math.inf
    people: People | None = None
    sites: Sites | None = None
    offices: SharedOffices | None = None
    named: bool = False

    @property
    def prior(self) -> float:
        """The odds, in bits, that two records picked blindly are one thing: about one partner per record.

        Where learning saw more partners, it is up to `_MORE` bits higher.
        """
        usual = -min(max(math.log2(self.records or 1), _LEAST_ODDS), _MOST_ODDS)
        return min(max(usual, self.learnt), usual + _MORE)

    @property
    def lenience(self) -> float:
        """Bits by which pairs of a small table are likelier one thing than `prior` says; people are asked about these.

        Only where names are all there is to compare: elsewhere it tells something that nothing else agrees.
        """
        return 0.0 if len(self.fields) > 1 else min(max(_LEAST_ODDS - math.log2(self.records or 1), 0.0), _LENIENT)

    def weights(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return weights (pairs × roles) from levels and rarities of the same shape."""
        import numpy as np

        columns = [
            field.weights(levels[:, index], others[:, index], self.records) for index, field in enumerate(self.fields)
        ]
        least, twice = self.counted_twice(levels)
        if least >= 0:
            field = self.fields[least]
            before = columns[least][twice]
            columns[least][twice] -= field.city_worth
            # Of two that are known to be in one city, that no more is known speaks neither for nor against them; nor is one
            # address a reason against them where so many have it that it is worth less than the city.
            alone = np.array([*(level.city_alone for level in field.levels), False])[levels[twice, least]]
            floor = np.where(field.closer[levels[twice, least]], np.minimum(before, 0.0), -np.inf)
            columns[least][twice] = np.maximum(columns[least][twice], np.where(alone, 0.0, floor))
        for one in (self.people, self.sites, self.offices):
            if one is not None:
                one.temper(columns, levels, others, self.fields)
        return np.stack(columns).T if columns else np.zeros((len(levels), 0))

    def counted_twice(self, levels: np.ndarray) -> tuple[int, np.ndarray]:
        """Return the role whose weight lacks the city because another tells of it too, -1 for none, and of which pairs.

        A name registered in a city and an address there say twice that it is one city.
        """
        import numpy as np

        placed = [index for index, field in enumerate(self.fields) if field.in_city.any()]
        if len(placed) < 2:
            return -1, np.zeros(len(levels), dtype=bool)
        least = min(placed, key=lambda index: self.fields[index].city_worth)
        told = [self.fields[index].in_city[levels[:, index]] for index in placed]
        return least, told[placed.index(least)] & (np.sum(told, axis=0) > 1)

    def bits(self, weights: np.ndarray) -> np.ndarray:
        """Return the log2 odds of each pair from its weights."""
        import numpy as np

        # Role by role, so that a pair has the same bits, to the last one, whatever other pairs it is reckoned with.
        return np.asarray(sum(weights.T, np.zeros(len(weights))) + self.prior)

    def learn(self, random: np.ndarray, levels: np.ndarray, others: np.ndarray, step: int = 1) -> None:
        """Refine m and u by expectation-maximisation.

        Args:
            random: levels of random pairs: how often common levels are seen between different things.
            levels: levels of the candidate pairs. Levels that are rare by chance are met among these only, so that
                their u is what the candidates hold of them beyond the matches, over all pairs there are.
            others: rarities of the candidate pairs.
            step: so many candidate pairs there are for each of those given.
        """
        import numpy as np

        levels, others, times = _patterns(levels, others)
        times = times * float(step)
        often = []
        for index, field in enumerate(self.fields):
            common = np.array([level.u >= _RARE for level in field.levels])
            if not field.steady:
                field.u, common = self._common(random[:, index], field)
            often.append(common)
        for _ in range(_ROUNDS):
            sure = probability(self.bits(self.weights(levels, others))) * times
            self.learnt = math.log2(max(float(sure.sum()), 1.0) / (self.records * (self.records - 1) / 2))
            for index, field in enumerate(self.fields):
                self._learn_field(field, levels[:, index], sure, times, often[index])

    @staticmethod
    def _common(seen: np.ndarray, field: Field) -> tuple[np.ndarray, np.ndarray]:
        """Return the u of common levels, counted over random pairs, and which levels these are.

        A level that is rare elsewhere may be common here: years differ in one digit more often than not. A shared value says
        nothing of the kind: in a table of one company over and over, random pairs are one thing.
        """
        import numpy as np

        prior = np.array([level.u for level in field.levels])
        counts = np.bincount(seen[seen >= 0], minlength=len(prior)).astype(float)
        learnt = (counts + prior * _PSEUDO_RANDOM) / (counts.sum() + _PSEUDO_RANDOM)
        rare = prior < _RARE
        shared = np.array([level.shared for level in field.levels])
        common = ~rare | (~shared & (counts >= np.maximum(_RARE * counts.sum(), _MET)))
        u = np.where(rare, np.where(common, counts / max(counts.sum(), 1.0), prior), _near(learnt, prior, _FARTHEST))
        return np.minimum(u, 0.999), common

    def _learn_field(
        self, field: Field, seen: np.ndarray, sure: np.ndarray, times: np.ndarray, common: np.ndarray
    ) -> None:
        import numpy as np

        prior = np.array([level.m for level in field.levels])
        # -1, where a side says nothing, is counted first and left out.
        counts = np.bincount(seen + 1, weights=sure, minlength=len(prior) + 1)[1:]
        by_chance = np.bincount(seen + 1, weights=times - sure, minlength=len(prior) + 1)[1:]
        field.m = _near((counts + prior * _PSEUDO_PAIRS) / (counts.sum() + _PSEUDO_PAIRS), prior, _FARTHEST)
        unlikely = np.array([level.u for level in field.levels])
        pairs = self.records * (self.records - 1) / 2
        learnt = (by_chance + unlikely * _PSEUDO_ALL) / (pairs + _PSEUDO_ALL)
        grown = np.where(unlikely <= 1 / _LARGE, max(1.0, self.records / _LARGE), 1.0)
        # One company, whose branches have a telephone each and whose names are all that agrees, is no two of one name.
        sole = np.array([level.sole for level in field.levels])
        learnt = np.where(sole, np.minimum(learnt, unlikely), learnt)
        field.u = np.where(common, field.u, _near(learnt, unlikely, _FARTHEST_RARE * grown))


def _patterns(levels: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distinct rows of levels and rarities, and how many pairs have each."""
    import numpy as np

    number = np.zeros(len(levels), dtype=np.uint64)
    for column in (*levels.T, *others.T):
        number = stirred(number + column.astype(np.int64).astype(np.uint64) + np.uint64(1))
    _, first, times = np.unique(number, return_index=True, return_counts=True)
    return levels[first], others[first], times


def probability(bits: np.ndarray) -> np.ndarray:
    """Return the probability that belongs to log2 odds."""
    import numpy as np

    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -60, 60))))


def model(roles: Sequence[tuple[str, tuple[Level, ...], float, bool]], records: int) -> Model:
    """Return the model with the shipped priors of (role, levels, factor, steady)."""
    import numpy as np

    fields = tuple(
        Field(
            name,
            levels,
            np.array([level.m for level in levels]),
            np.array([level.u for level in levels]),
            factor,
            steady,
        )
        for name, levels, factor, steady in roles
    )
    return Model(fields, records)


def _near(learnt: np.ndarray, prior: np.ndarray, factor: float | np.ndarray) -> np.ndarray:
    """Return what was learnt, but within a factor of the priors."""
    import numpy as np

    return np.asarray(np.minimum(np.clip(learnt, prior / factor, prior * factor), 0.999))
