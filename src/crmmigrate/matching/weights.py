"""Fellegi–Sunter: what each level of agreement is worth, in bits.

Shipped priors make small files work. Where there are enough pairs, u is counted over random pairs and m is refined by
expectation–maximisation; both stay near the priors, so that an odd file cannot turn the meaning of a level round. A rare
shared value counts more than a common one.

Source: Fellegi and Sunter, A Theory for Record Linkage (1969); Winkler's term-frequency adjustment (2000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Level

_PSEUDO_RECORDS = 2000.0
"""The priors weigh as much as so many records; below that, a count says little about how rare a value is."""

_PSEUDO_PAIRS = 300.0
_ENOUGH_PAIRS = 1000
_ROUNDS = 6
_FARTHEST = 4.0
"""Learnt m and u stay within this factor of the priors."""


@dataclass
class Field:
    """The model of one role.

    Args:
        role: its name.
        levels: from the same to different.
        m: probability of each level between records of one thing.
        u: between records of different things.
        factor: on the weight.
    """

    role: str
    levels: tuple[Level, ...]
    m: np.ndarray
    u: np.ndarray
    factor: float = 1.0

    def weights(self, levels: np.ndarray, others: np.ndarray, records: int) -> np.ndarray:
        """Return the weight of each pair in bits; 0 where a side says nothing.

        Args:
            levels: of each pair, -1 for none.
            others: how many further records share what the pair has in common.
            records: in the table.
        """
        import numpy as np

        u = self.u[levels]
        counted = np.array([level.by_frequency for level in self.levels], dtype=bool)[levels]
        rare = (others + u * _PSEUDO_RECORDS) / (records + _PSEUDO_RECORDS)
        u = np.where(counted, np.maximum(rare, u / 16), u)
        return np.where(levels < 0, 0.0, np.log2(self.m[levels] / u) * self.factor)


@dataclass
class Model:
    """The model of one object.

    Args:
        fields: one per role.
        records: number of records compared.
    """

    fields: tuple[Field, ...]
    records: int

    @property
    def prior(self) -> float:
        """The odds, in bits, that two records picked blindly are one thing: about one partner per record."""
        import math

        return -min(max(math.log2(self.records or 1), 12.0), 17.0)

    def weights(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return weights (pairs × roles) from levels and rarities of the same shape."""
        import numpy as np

        columns = [
            field.weights(levels[:, index], others[:, index], self.records) for index, field in enumerate(self.fields)
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(levels), 0))

    def probability(self, weights: np.ndarray) -> np.ndarray:
        """Return the probability of each pair from its weights."""
        return probability(self.prior + weights.sum(axis=1))

    def learn_u(self, levels: np.ndarray) -> None:
        """Refine u from the levels of random pairs."""
        import numpy as np

        for index, field in enumerate(self.fields):
            seen = levels[:, index]
            counts = np.bincount(seen[seen >= 0], minlength=len(field.levels)).astype(float)
            if counts.sum() >= _ENOUGH_PAIRS:
                prior = np.array([level.u for level in field.levels])
                field.u = _near((counts + prior * 1e5) / (counts.sum() + 1e5), prior)

    def learn_m(self, levels: np.ndarray, others: np.ndarray) -> None:
        """Refine m from the levels of candidate pairs."""
        import numpy as np

        if len(levels) < _ENOUGH_PAIRS:
            return
        for _ in range(_ROUNDS):
            sure = self.probability(self.weights(levels, others))
            for index, field in enumerate(self.fields):
                seen = levels[:, index]
                there = seen >= 0
                counts = np.bincount(seen[there], weights=sure[there], minlength=len(field.levels))
                prior = np.array([level.m for level in field.levels])
                field.m = _near((counts + prior * _PSEUDO_PAIRS) / (counts.sum() + _PSEUDO_PAIRS), prior)


def probability(bits: np.ndarray) -> np.ndarray:
    """Return the probability that belongs to log2 odds."""
    import numpy as np

    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -60, 60))))


def model(roles: Sequence[tuple[str, tuple[Level, ...], float]], records: int) -> Model:
    """Return the model with the shipped priors of (role, levels, factor)."""
    import numpy as np

    fields = tuple(
        Field(name, levels, np.array([level.m for level in levels]), np.array([level.u for level in levels]), factor)
        for name, levels, factor in roles
    )
    return Model(fields, records)


def _near(learnt: np.ndarray, prior: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.asarray(np.minimum(np.clip(learnt, prior / _FARTHEST, prior * _FARTHEST), 0.999))
