"""What people decided teaches the model: levels of agreement that they found to mean more, or less, are weighed accordingly.

Each decided pair is a label. The weight of each level is corrected by penalised logistic regression that starts from what
the model says already (the most probable weights under a normal prior around its own): a few labels move little, and no
level moves by more than a few bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching.evidence import Close
    from crmmigrate.matching.weights import Model

_ENOUGH = 10
"""Fewer labels teach nothing."""

_SPREAD = 0.3
"""How far the weight of a level may be off, in bits, before there is any label: the standard deviation of the prior. It is small,
because people are asked about what was left over: pairs of the same levels that other records had joined already are not among
the labels, which makes levels look worse than they are."""

_FARTHEST = 4.0
_ROUNDS = 25


def teach(close: Close, model: Model, pairs: Sequence[tuple[int, int]], same: Sequence[bool]) -> int:
    """Correct the weights of the model by labelled pairs.

    Args:
        close: compares these records.
        model: by which it does; is corrected.
        pairs: of records, as their positions.
        same: per pair whether people said that it is one thing.

    Returns:
        The number of levels that were corrected; 0 where there are too few labels.
    """
    import numpy as np

    if len(pairs) < _ENOUGH:
        return 0
    left, right = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    told = np.array(same, dtype=float)
    # Pairs about which people are asked whatever their score are another kind: they would teach the wrong thing of all others.
    free = ~close.score(left, right).doubtful
    left, right, told = left[free], right[free], told[free]
    if len(told) < _ENOUGH or len(set(told.tolist())) < 2:
        return 0
    scores = close.score(left, right)
    columns: list[tuple[int, int]] = []
    features: list[np.ndarray] = []
    for index, field in enumerate(model.fields):
        for level in range(len(field.levels)):
            seen = scores.levels[:, index] == level
            if seen.any() and field.factor > 0:
                columns.append((index, level))
                features.append(seen)
    if not features:
        return 0
    shift = _corrections(np.stack(features, axis=1).astype(float), scores.bits, told)
    for (index, level), bits in zip(columns, shift.tolist(), strict=True):
        field = model.fields[index]
        field.m = field.m.copy()
        field.m[level] *= 2 ** (bits / field.factor)
    return len(columns)


def _corrections(features: np.ndarray, bits: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Return the correction of each feature in bits, by Newton's method.

    Args:
        features: labels × levels, 1 where a pair has the level.
        bits: what the model says of each label now.
        same: 1 where people said so.
    """
    import numpy as np

    nats = np.log(2)
    penalty = np.eye(features.shape[1]) / (_SPREAD * nats) ** 2
    found = np.zeros(features.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(bits * nats + features @ found, -40, 40)))
        slope = features.T @ (same - chance) - penalty @ found
        curve = features.T @ (features * (chance * (1 - chance))[:, None]) + penalty
        step = np.linalg.solve(curve, slope)
        found = found + step
        if np.abs(step).max() < 1e-6:
            break
    return np.asarray(np.clip(found / nats, -_FARTHEST, _FARTHEST))
