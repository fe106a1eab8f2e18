"""Sum up what the engine found in one object, for the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crmmigrate.matching.explaining import columns_of
from crmmigrate.matching.thresholds import LOWEST, STEP
from crmmigrate.matching.weights import probability
from crmmigrate.model.dedupe import EXISTING_ROLE
from crmmigrate.model.duplicates import Step, Summary, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmmigrate.matching.engine import Matching
    from crmmigrate.matching.golden.origins import Values
    from crmmigrate.model.decision import ReviewGroup, Told
    from crmmigrate.model.dedupe import DedupeRules


def summarise(
    rules: DedupeRules, found: Matching, values: Values, decisions: Iterable[Told], groups: Sequence[ReviewGroup]
) -> Summary:
    """Return what is to be told of one object.

    Args:
        rules: of the object.
        found: what the engine found.
        values: where the golden values came from.
        decisions: of people, that were about records of this object.
        groups: that people are asked about.
    """
    import numpy as np

    sizes = np.unique(found.cluster, return_counts=True)[1]
    texts = [rule.text for rule in rules.rules]
    apart = found.scores.never[found.decision == "never"]
    asked = Counter(row.rule for group in groups for row in group.rows if row.rule is not None)
    told = {
        "pairs_to_review": asked.total(),
        "pairs_never": len(apart),
        "residual_duplicate_estimate": _residual(found),
    }
    facts = found.facts | told
    return Summary(
        rules.object, facts, _steps(found), found.thresholds.merge, found.thresholds.review,
        found.thresholds.precision is not None, _weights(rules, found),
        sorted(asked.items(), key=lambda item: (-item[1], item[0].text("en"))),
        {texts[rule]: count for rule, count in sorted(Counter(apart[apart >= 0].tolist()).items())},
        Counter(decision.verdict for decision in decisions),
        dict(sorted(values.counts().items())),
        int((sizes > 1).sum()), int(sizes.max(initial=1)),
    )  # fmt: skip


def _residual(found: Matching) -> float:
    """Return which part of the records people may still find to be one with another, as far as they can merge them at all."""
    import numpy as np

    review = found.decision == "review"
    likely = review if found.keyed is None else review & ~found.keyed
    count = len(found.cluster)
    return round(len(np.union1d(found.left[likely], found.right[likely])) / count, 6) if count else 0.0


def _steps(found: Matching) -> list[Step]:
    import numpy as np

    spread = found.spread
    if spread is None:
        return []
    chances = probability(LOWEST + STEP * np.arange(len(spread.free)))
    steps = []
    for index, (free, held) in enumerate(zip(spread.free.tolist(), spread.held.tolist(), strict=True)):
        bits = LOWEST + index * STEP
        precision, recall = spread.estimate(bits)
        merged = int(spread.free[index:].sum())
        steps.append(Step(bits, float(chances[index]), int(free), int(held), precision, recall, merged))
    return steps


def _weights(rules: DedupeRules, found: Matching) -> list[Weight]:
    import numpy as np

    weights = []
    for index, role in enumerate(found.comparison.model.fields):
        if role.role == EXISTING_ROLE:
            continue
        column = columns_of(rules, role.role)
        levels = found.scores.levels[:, index]
        seen = np.bincount(levels[levels >= 0], minlength=len(role.levels))
        for at, level in enumerate(role.levels):
            bits = float(np.log2(role.m[at] / role.u[at]) * role.factor)
            weights.append(Weight(column, level.title, bits, int(seen[at])))
    return weights
