"""Quality gates (S3): what must hold before anybody relies on a migration."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.gate import share_of
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from crmmigrate.model.gate import GateSpec

RULES, LEAKS = "rules", "privacy_leaks"


class Found(NamedTuple):
    """What a rule found: records or subjects, and how many records its object has; None of a rule about subjects."""

    found: int
    of: int | None


@dataclass(frozen=True)
class Evidence:
    """What the runs of a migration showed; a ratio from 0 to 1 each, None where nothing has been run that shows it.

    Args:
        collection_error_rate: cells that the standard calls unusable, of the cells looked at.
        duplicate_rate: records that may still be duplicates of another, of all records of the worst object.
        conformity_rate: rows that pass mapping and validation, of the rows that reached mapping.
        restore_success: changes undone by the last rollback, rehearsed or real, of the changes it met.
        process_order: steps of the newest load that were completed, each on what the one before it made, and stand in an unbroken log.
        privacy_leaks: places with personal data where none belongs, by the newest scan of the whole workspace; None where runs were made since, or
            files could not be looked through.
        rules: code of a rule → what it found; None where no rules were run.
        acceptance_error_rate: the error rate of customers that key users' verdicts on the newest load exclude with 95 % confidence; None while
            customers that were drawn wait for a verdict.
        acceptance_share: customers judged in signed workbooks, of all customers of the newest load.
    """

    collection_error_rate: float | None = None
    duplicate_rate: float | None = None
    conformity_rate: float | None = None
    restore_success: float | None = None
    process_order: float | None = None
    privacy_leaks: int | None = None
    rules: Mapping[str, Found] | None = None
    acceptance_error_rate: float | None = None
    acceptance_share: float | None = None


@dataclass(frozen=True)
class Gate:
    """One gate, judged.

    Args:
        name: as in migration.yaml; `rules <pattern>` of rules.
        title: for people.
        value: what was measured, None where nothing was.
        limit: what is allowed; a rate of errors at most, a rate of success at least.
        met: None where nothing was measured and nothing was run that should have shown it, or where the gate is off.
        off: switched off in migration.yaml.
        counts: whether value and limit are numbers, not ratios.
        lacking: what is to be done where a gate that is due cannot be judged.
    """

    name: str
    title: Message
    value: float | None
    limit: float
    met: bool | None
    off: bool = False
    counts: bool = False
    lacking: Message | None = None

    def sentence(self) -> Message:
        """Return the gate in words."""
        if self.off:
            return Message("gate '{gate}' is switched off", gate=self.title)
        if self.value is None and self.met is None:
            return Message("gate '{gate}' is not judged yet: nothing was run that shows it", gate=self.title)
        if self.value is None:
            return Message(
                "gate '{gate}' cannot be judged and counts as not met: {why}", gate=self.title, why=self.lacking
            )
        figures = {"gate": self.title, "value": self.shown(self.value), "limit": self.shown(self.limit)}
        if self.met:
            return Message("gate '{gate}' is met: {value}, limit {limit}", **figures)
        return Message("gate '{gate}' is NOT met: {value}, limit {limit}", **figures)

    def shown(self, value: float) -> str:
        """Return a value as people write it."""
        return f"{value:,.0f}" if self.counts else f"{value:.2%}"


TITLES = {
    "collection_error_rate": Message("errors in collected data"),
    "duplicate_rate": Message("residual duplicates"),
    "conformity_rate": Message("records that meet the standard"),
    "restore_success": Message("success of restoring"),
    "process_order": Message("steps of the process in order"),
    "acceptance_error_rate": Message("errors proven excluded by acceptance (95 %)"),
    "acceptance_share": Message("customers accepted with a signature"),
}
DUE = {"collection_error_rate": "standardise", "duplicate_rate": "dedupe", "conformity_rate": "validate", "restore_success": "load",
       "process_order": "load", LEAKS: "pii", "acceptance_error_rate": "acceptance", "acceptance_share": "acceptance", RULES: "rules"}  # fmt: skip
"""Gate → the step after which it must be possible to judge it: from then on one without evidence is not met."""

_UNACCEPTED = Message("hand the workbooks out and collect them: crmmigrate uat build {project}", project=PROJECT)
_LACKING = {
    "collection_error_rate": Message("the data standard names no column of any object"),
    "duplicate_rate": Message("no object is looked through for duplicates; name its rules under 'dedupe'"),
    "conformity_rate": Message("no row reached the mapping"),
    "restore_success": Message("rehearse it: crmmigrate trial {project}", project=PROJECT),
    "process_order": Message("the steps before the load are not in this workspace"),
    "acceptance_error_rate": _UNACCEPTED,
    "acceptance_share": _UNACCEPTED,
}
_OPTIONAL = ("acceptance_error_rate", "acceptance_share")
"""Off unless a project asks for them, and then not worth a word."""
_AT_MOST = ("collection_error_rate", "duplicate_rate", "acceptance_error_rate")


def judge(limits: GateSpec, evidence: Evidence, reached: Collection[str] = ()) -> list[Gate]:
    """Hold the evidence against the limits, in the order of `TITLES`, those of rules behind.

    Args:
        limits: of migration.yaml.
        evidence: what the runs showed.
        reached: the steps that were done; a gate that is due after one of them and cannot be judged is not met.
    """
    asked = [name for name in TITLES if name not in _OPTIONAL or getattr(limits, name) != "off"]
    gates = [_ratio(name, limits, evidence, due=DUE[name] in reached) for name in asked]
    gates.append(_of_leaks(limits, evidence, due=DUE[LEAKS] in reached))
    return gates + [
        _of_rules(pattern, limit, evidence.rules, due=DUE[RULES] in reached) for pattern, limit in limits.rules.items()
    ]


def _ratio(name: str, limits: GateSpec, evidence: Evidence, *, due: bool) -> Gate:
    value, limit = getattr(evidence, name), getattr(limits, name)
    if isinstance(limit, str):
        return Gate(name, TITLES[name], value, 0.0, None, off=True)
    if value is None:
        return Gate(name, TITLES[name], None, limit, False if due else None, lacking=_LACKING[name])
    return Gate(name, TITLES[name], value, limit, value <= limit if name in _AT_MOST else value >= limit)


def _of_leaks(limits: GateSpec, evidence: Evidence, *, due: bool) -> Gate:
    title, limit, value = Message("leaks of personal data"), limits.privacy_leaks, evidence.privacy_leaks
    if isinstance(limit, str):
        return Gate(LEAKS, title, value, 0.0, None, off=True, counts=True)
    lacking = Message("look through what there is now: crmmigrate pii scan --project {project}", project=PROJECT)
    met = value <= limit if value is not None else False if due else None
    return Gate(LEAKS, title, value, limit, met, counts=True, lacking=lacking)


def _of_rules(pattern: str, limit: int | str, found: Mapping[str, Found] | None, *, due: bool) -> Gate:
    name, title, share = f"{RULES} {pattern}", Message("rules {pattern}", pattern=pattern), share_of(limit)
    allowed = float(limit) if share is None else share
    if found is None:
        return Gate(
            name, title, None, allowed, False if due else None, lacking=Message("the migration.yaml names no rules")
        )
    chosen = [figures for code, figures in found.items() if fnmatchcase(code, pattern)]
    if not chosen:
        return Gate(name, title, None, allowed, met=False, lacking=Message("no rule has such a code"))
    if share is None:
        value = float(sum(figures.found for figures in chosen))
        return Gate(name, title, value, allowed, value <= allowed, counts=True)
    if any(figures.of is None for figures in chosen):
        lacking = Message("a rule about subjects has no share; give a number")
        return Gate(name, title, None, allowed, met=False, lacking=lacking)
    value = max(figures.found / figures.of if figures.of else 0.0 for figures in chosen)
    return Gate(name, title, value, allowed, value <= allowed)
