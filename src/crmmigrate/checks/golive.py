"""Whether a migration may go live: every item of the checklist held against what the runs show and what people answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import LEAKS
from crmmigrate.messages import Message
from crmmigrate.model.golive import ITEMS, Checked, Decision, State, Tick
from crmmigrate.model.left_out import NO_WAVE, OTHER_WAVE, TAKEN_BACK
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.told_time import lasting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmmigrate.checks.gates import Gate
    from crmmigrate.model.golive import Item


@dataclass(frozen=True)
class Shown:
    """What the runs of a workspace show.

    Args:
        load: the newest load that stands; empty where there is none, or a newer one is unfinished.
        left_out: code (`model.left_out`) → rows that the load left out, and that so are not in the target.
        taken_back: changes of loads that stand which were rolled back since.
        changed: steps whose input, mapping or options differ from those of the load.
        reconciled: facts of the newest reconciliation, and the load it was about; None where there was none.
        gates: the quality gates, judged, by name.
        privacy: leaks and unread files of the newest scan of the whole workspace, and whether runs were made since; None without one.
        rehearsed: each load that stands and changed something → facts of the newest rehearsal of its rollback; None without one.
        accepted: facts of the newest acceptance; None without one.
        owners: records whose owner is nobody active, and all that have an owner; None where the mapping files do not say who is active.
    """

    load: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    taken_back: int = 0
    changed: tuple[str, ...] = ()
    reconciled: tuple[str, Mapping[str, Any]] | None = None
    gates: Mapping[str, Gate] = field(default_factory=dict)
    privacy: tuple[int, int, bool] | None = None
    rehearsed: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    accepted: Mapping[str, Any] | None = None
    owners: tuple[int, int] | None = None


def decide(shown: Shown, ticks: Mapping[str, Tick], project: str = PROJECT) -> Decision:
    """Judge every item of the checklist.

    Args:
        shown: what the runs show.
        ticks: code of an item → the newest answer to it.
        project: as a command line names it.
    """
    judged = (_EVIDENCE[i.code](i, shown) if i.by_evidence else _by_hand(i, ticks.get(i.code), shown.load) for i in ITEMS)  # fmt: skip
    named = [replace(one, told=_named(one.told, project), step=_named(one.step, project)) for one in judged]
    return Decision(shown.load, named)


def _named(told: Message | str, project: str) -> Message | str:
    return told.filled(project=project) if isinstance(told, Message) else told


def _by_hand(item: Item, tick: Tick | None, load: str) -> Checked:
    if tick is None:
        return Checked(item, "waiting", "", Message("tick it in the checklist, with name and day"))
    told = Message("{who}, {day}", who=tick.by, day=tick.on)
    if not tick.yes:
        return Checked(item, "refused", told, tick.remark)
    if item.per_load and tick.load != load:
        return Checked(item, "stale", told, Message("it was ticked for another load; tick it anew"))
    return Checked(item, "ticked", told)


def _load(item: Item, shown: Shown) -> Checked:
    if not shown.load:
        return Checked(item, "missing", "", Message("load: crmmigrate run {project}", project=PROJECT))
    if shown.changed:
        steps = ", ".join(shown.changed)
        return Checked(item, "stale", Message("no longer up to date: {steps}", steps=steps), Message("bring the target up to date, or load anew"))  # fmt: skip
    for code, (told, step) in _LACKING.items():
        count = shown.left_out.get(code, 0) + (shown.taken_back if code == TAKEN_BACK else 0)
        if count:
            return Checked(item, "missing", Message.again(told.template, {"count": f"{count:,}"}), step)
    return Checked(item, "ticked", shown.load)


_LACKING = {
    OTHER_WAVE: (Message("{count} rows wait for another wave"), Message("load the other waves: crmmigrate load {project} --wave NAME", project=PROJECT)),
    NO_WAVE: (Message("{count} rows belong to no wave"), Message("say under 'waves' in migration.yaml where they belong, or leave them out by the scope")),
    TAKEN_BACK: (
        Message("{count} changes were rolled back, and are not in the target"),
        Message("bring them in again: crmmigrate delta {project} --rolled-back load --apply, or a whole wave: crmmigrate load {project} --wave NAME; or leave them out by the scope", project=PROJECT),
    ),
}  # fmt: skip
"""Why a load that stands is not complete: what is said of it, and what to do."""


def _reconciled(item: Item, shown: Shown) -> Checked:
    step = Message("reconcile: crmmigrate reconcile {project}", project=PROJECT)
    if shown.reconciled is None:
        return Checked(item, "missing", "", step)
    load, facts = shown.reconciled
    if load != shown.load:
        return Checked(item, "stale", load, step)
    if not facts.get("agrees"):
        return Checked(item, "failed", Message("{count} differences", count=facts.get("differences", "?")), step)
    return Checked(item, "ticked", load)


def _gates(item: Item, shown: Shown, names: Callable[[str], bool]) -> Checked:
    asked = [gate for name, gate in shown.gates.items() if names(name)]
    chosen = [gate for gate in asked if not gate.off]
    if not asked:
        return Checked(
            item, "missing", "", Message("crmmigrate gates {project} --due shows what is lacking", project=PROJECT)
        )
    # One that is switched off blocks nothing; it is told, so that whoever signs sees it.
    blanks = {f"gate{number}": gate.sentence() for number, gate in enumerate(asked)}
    told = Message.again("; ".join(f"{{{name}}}" for name in blanks), blanks)
    if any(gate.met is False and gate.value is not None for gate in chosen):
        return Checked(
            item, "failed", told, Message("crmmigrate gates {project} shows how the values developed", project=PROJECT)
        )
    if not all(gate.met for gate in chosen):
        return Checked(
            item, "missing", told, Message("crmmigrate gates {project} --due shows what is lacking", project=PROJECT)
        )
    return Checked(item, "ticked", told)


_OWN_ITEMS = ("duplicate_rate", LEAKS, "restore_success", "acceptance_error_rate", "acceptance_share")
"""Gates that have an item of their own."""


def _privacy(item: Item, shown: Shown) -> Checked:
    step = Message("look through what there is now: crmmigrate pii scan --project {project}", project=PROJECT)
    gate = shown.gates.get(LEAKS)
    if gate is not None and gate.off:
        return Checked(item, "ticked", gate.sentence())
    if shown.privacy is None:
        return Checked(item, "missing", "", step)
    leaks, unread, stale = shown.privacy
    told = Message("{leaks} leaks, {unread} files not looked through", leaks=leaks, unread=unread)
    allowed = gate.limit if gate is not None else 0
    state: State = "failed" if leaks > allowed or unread else "stale" if stale else "ticked"
    return Checked(item, state, told, "" if state == "ticked" else step)


def _rollback(item: Item, shown: Shown) -> Checked:
    owed = (
        [run for run, facts in shown.rehearsed.items() if facts is None] if shown.rehearsed else [shown.load or "RUN"]
    )
    if owed:
        return Checked(
            item,
            "missing",
            "",
            Message(
                "rehearse it: crmmigrate rollback {run} --rehearse --project {project}", run=owed[-1], project=PROJECT
            ),
        )
    proven = {run: facts for run, facts in shown.rehearsed.items() if facts is not None}
    seconds = sum(float(facts.get("seconds", 0)) for facts in proven.values())
    changes = sum(int(facts.get("changes", 0)) for facts in proven.values())
    told = Message("{time} for {count} changes", time=lasting(seconds), count=changes)
    for run, facts in proven.items():
        if not facts.get("digest_equal") or not facts.get("unchanged") or facts.get("error"):
            return Checked(
                item,
                "failed",
                told,
                Message(
                    "rehearse it: crmmigrate rollback {run} --rehearse --project {project}", run=run, project=PROJECT
                ),
            )
    return Checked(item, "ticked", told)


def _owners(item: Item, shown: Shown) -> Checked:
    if shown.owners is None:
        return Checked(item, "missing", "", Message("say in the mapping files which users are active: lookup, active"))
    wrong, count = shown.owners
    told = Message("{wrong} of {count} records have no active owner", wrong=wrong, count=count)
    if wrong:
        step = Message("give them an active owner, or name a successor for those who left; then load again")
        return Checked(item, "failed", told, step)
    return Checked(item, "ticked", told)


def _accepted(item: Item, shown: Shown) -> Checked:
    step = Message("acceptance: crmmigrate uat build {project}, then uat collect", project=PROJECT)
    facts = shown.accepted
    if facts is None:
        return Checked(item, "missing", "", step)
    if facts.get("load") != shown.load:
        return Checked(item, "stale", str(facts.get("load", "")), step)
    counts = {name: facts.get(name, 0) for name in ("judged", "drawn", "wrong", "unsure")}
    people = {name: len(facts.get(name, ())) for name in ("signed", "refused", "unsigned", "waiting")}
    told = Message(
        "{judged} of {drawn} customers judged: {wrong} wrong, {unsure} not sure; {signed} people signed, {refused} do not agree, "
        "{unsigned} did not sign, {waiting} did not answer", **counts, **people,
    )  # fmt: skip
    if counts["wrong"] or counts["unsure"] or people["refused"]:
        return Checked(item, "failed", told, step)
    # Who is not sure, or does not agree, was not kept apart by earlier versions: of their runs nothing can be told.
    known = {"unsure", "refused", "unsigned"} <= facts.keys()
    if not known or people["unsigned"] or people["waiting"] or not people["signed"] or not facts.get("complete"):
        return Checked(item, "missing", told, step)
    return Checked(item, "ticked", told)


_EVIDENCE: dict[str, Callable[[Item, Shown], Checked]] = {
    "data.load": _load,
    "data.reconciled": _reconciled,
    "data.quality": lambda item, shown: _gates(item, shown, lambda name: name not in _OWN_ITEMS),
    "data.duplicates": lambda item, shown: _gates(item, shown, lambda name: name == "duplicate_rate"),
    "data.privacy": _privacy,
    "system.rollback": _rollback,
    "users.owners": _owners,
    "users.accepted": _accepted,
}
