"""What the random part of a trial says about all rows of the leading object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.checks.acceptance_bound import sample_for, upper_bound
from crmmigrate.messages import Message
from crmmigrate.stages.trial import SAMPLE

if TYPE_CHECKING:
    from crmmigrate.runner.execute import Outcome
    from crmmigrate.runner.pipeline import Step

WANTED = 0.01


@dataclass(frozen=True)
class Statement:
    """A random sample and the errors in it.

    Args:
        object: the leading one.
        population: all its rows.
        sample: those drawn at random; what was added to meet rules does not count.
        errors: of these, how many did not arrive as expected, or something that belongs to them did not.
    """

    object: str
    population: int
    sample: int
    errors: int

    @property
    def bound(self) -> float:
        """The error rate that is not exceeded with 95 % confidence."""
        return upper_bound(self.errors, self.sample) if self.sample else 1.0

    def sentence(self) -> Message:
        """Return it in words."""
        figures = {"object": self.object, "errors": f"{self.errors:,}", "sample": f"{self.sample:,}", "population": f"{self.population:,}",
                   "bound": f"{self.bound:.2%}", "needed": f"{sample_for(WANTED):,}", "wanted": f"{WANTED:.0%}"}  # fmt: skip
        if self.sample >= self.population:
            return Message(
                "{object}: all {population} rows were tried; {errors} of them did not arrive as expected", **figures
            )
        return Message(
            "{object}: {errors} of {sample} rows drawn at random did not arrive as expected. With a confidence of 95 %, at most {bound} of all {population} rows do not; {needed} without an error would prove at most {wanted}",
            **figures,
        )


def statement(sample: Outcome, steps: list[Step]) -> Statement:
    """Count the rows drawn at random of which something differs in the scratch target, or was refused by it."""
    drawn = sample.tables[SAMPLE].frame()
    leader = str(sample.result.facts["coverage"]["leader"])
    random = set(drawn.loc[(drawn["object"] == leader) & (drawn["part"] == "random"), "_record"])
    belongs = dict(zip(zip(drawn["object"], drawn["_record"], strict=True), drawn["leader"], strict=True))
    wrong: set[str] = set()
    for step in steps:
        if step.outcome is None:
            continue
        if step.name == "load":
            aside = step.outcome.aside.frame()
            wrong |= {belongs.get(key, "") for key in zip(aside["table"], aside["_record"], strict=True)}
        elif step.name == "reconcile":
            found = step.outcome.tables["differences"].frame()
            wrong |= {belongs.get(key, "") for key in zip(found["object"], found["_record"], strict=True)}
    return Statement(leader, int(sample.result.facts[leader]["of"]), len(random), len(wrong & random))
