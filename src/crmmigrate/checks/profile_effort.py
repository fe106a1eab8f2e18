"""Estimate the work that people will have with the data, and say what the estimate assumes."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_measures import DAMAGE_REMEDIES
from crmmigrate.checks.profile_risks import vital_columns
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.audit import EffortRates
from crmmigrate.model.profile import Effort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.audit import Contradiction, Relation
    from crmmigrate.model.profile import ColumnProfile, TableProfile


def read_rates(assumptions: Sequence[str]) -> EffortRates:
    """Return the rates, with those changed that are given as `name=number`.

    Raises:
        ConfigurationError: an assumption has no such name, or no positive number.
    """
    rates, known = EffortRates(), [field.name for field in fields(EffortRates)]
    for text in assumptions:
        name, _, number = (part.strip() for part in text.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = -1.0
        if name not in known or not 0 < value < float("inf"):
            raise ConfigurationError(
                "audit.assumption", Message("'{text}' is no assumption", text=text), "",
                Message("write for example {example}; there are {names}", example="pairs_hour=80", names=", ".join(known)),
            )  # fmt: skip
        rates = replace(rates, **{name: value})
    return rates


def estimate_effort(
    profiles: Sequence[TableProfile], relations: Sequence[Relation] = (), contradictions: Sequence[Contradiction] = (), rates: EffortRates | None = None
) -> Effort:  # fmt: skip
    """Estimate what people will have to review, fill in, mend and settle, in person-days, with the assumptions said.

    Args:
        profiles: of all tables; reference tables don't count.
        relations: whose orphans are to be settled.
        contradictions: between sources.
        rates: the assumptions; ours by default.
    """
    rates = rates or EffortRates()
    own = [profile for profile in profiles if not profile.reference]
    pairs = round(rates.review_share * sum(profile.near_duplicates or 0 for profile in own))
    fill = sum(column.rows - column.filled for profile in own for column in vital_columns(profile))
    mend = sum(_by_hand(column) for profile in own for column in profile.columns)
    mend += sum(profile.misplaced.shifted for profile in own)
    conflicts = sum(found.differ for found in contradictions) + sum(relation.orphans for relation in relations)
    conflicts += sum(dependency.broken for profile in own for dependency in profile.dependencies)
    sources = len({profile.source for profile in own})
    hours = pairs / rates.pairs_hour + fill / rates.fill_hour + mend / rates.mend_hour + conflicts / rates.conflict_hour
    days = round(hours / rates.day_hours + sources * rates.source_days + len(own) * rates.table_days, 1)
    return Effort(pairs, fill, mend, days, _assumptions(rates), conflicts, sources, len(own))


def _by_hand(column: ColumnProfile) -> int:
    """Count the cells that a person has to look at; those with several kinds of damage not more often than there are cells."""
    counts = (n for kind, n in column.damage.items() if kind in DAMAGE_REMEDIES and DAMAGE_REMEDIES[kind].by_hand)
    return min(sum(counts), column.filled)


def _assumptions(rates: EffortRates) -> tuple[Message, ...]:
    return (
        Message("{share} of the probable duplicates need a person's decision ({rate} pairs an hour)", share=f"{rates.review_share:.0%}", rate=f"{rates.pairs_hour:g}"),
        Message("{rate} empty cells of names, phones, credit codes and addresses are filled in an hour; reference tables will take part of that away", rate=f"{rates.fill_hour:g}"),
        Message("{rate} damaged cells are looked at in an hour", rate=f"{rates.mend_hour:g}"),
        Message("{rate} contradictions or orphans are settled in an hour", rate=f"{rates.conflict_hour:g}"),
        Message("explaining a source takes {source} days, mapping a table {table} days", source=f"{rates.source_days:g}", table=f"{rates.table_days:g}"),
        Message("a day has {hours} hours of such work", hours=f"{rates.day_hours:g}"),
        Message("every assumption can be changed: {example}", example="--assume pairs_hour=80"),
    )  # fmt: skip
