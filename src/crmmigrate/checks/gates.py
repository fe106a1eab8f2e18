"""Quality gates (S3): ratios that must hold before anybody relies on a migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.project import GateSpec


@dataclass(frozen=True)
class Evidence:
    """What the runs of a migration showed; a ratio from 0 to 1 each, None where nothing has been run that shows it.

    Args:
        collection_error_rate: cells that the standard calls unusable, of the cells looked at.
        duplicate_rate: records that may still be duplicates of another, of all records of the worst object.
        conformity_rate: rows that pass mapping and validation, of the rows that reached mapping.
        restore_success: changes undone by the last rollback, rehearsed or real, of the changes it met.
        acceptance_error_rate: the error rate of customers that key users' verdicts on the newest load exclude with 95 % confidence; None while
            customers that were drawn wait for a verdict.
        acceptance_share: customers judged in signed workbooks, of all customers of the newest load.
    """

    collection_error_rate: float | None = None
    duplicate_rate: float | None = None
    conformity_rate: float | None = None
    restore_success: float | None = None
    acceptance_error_rate: float | None = None
    acceptance_share: float | None = None


@dataclass(frozen=True)
class Gate:
    """One gate, judged.

    Args:
        name: as in migration.yaml.
        value: what was measured, None where nothing was.
        limit: what is allowed; a rate of errors at most, a rate of success at least.
        met: None where nothing was measured.
    """

    name: str
    value: float | None
    limit: float
    met: bool | None

    def sentence(self) -> Message:
        """Return the gate in words."""
        name = TITLES[self.name]
        if self.value is None:
            return Message("gate '{gate}' is not judged yet: nothing was run that shows it", gate=name)
        figures = {"gate": name, "value": f"{self.value:.2%}", "limit": f"{self.limit:.2%}"}
        if self.met:
            return Message("gate '{gate}' is met: {value}, limit {limit}", **figures)
        return Message("gate '{gate}' is NOT met: {value}, limit {limit}", **figures)


TITLES = {
    "collection_error_rate": Message("errors in collected data"),
    "duplicate_rate": Message("residual duplicates"),
    "conformity_rate": Message("records that meet the standard"),
    "restore_success": Message("success of restoring"),
    "acceptance_error_rate": Message("errors proven excluded by acceptance (95 %)"),
    "acceptance_share": Message("customers accepted with a signature"),
}
_AT_MOST = ("collection_error_rate", "duplicate_rate", "acceptance_error_rate")


def judge(limits: GateSpec, evidence: Evidence) -> list[Gate]:
    """Hold the evidence against the limits, in the order of `TITLES`; a gate without a limit is not asked for."""
    gates = []
    for name in TITLES:
        value, limit = getattr(evidence, name), getattr(limits, name)
        if limit is None:
            continue
        met = None if value is None else (value <= limit if name in _AT_MOST else value >= limit)
        gates.append(Gate(name, value, limit, met))
    return gates
