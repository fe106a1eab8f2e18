"""What the manifests of a workspace tell of its loads and of the rollbacks since; the target is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.runner.workspace import Workspace

LoadState = Literal["done", "rolled_back", "rolled_back_in_part"]


@dataclass(frozen=True)
class LoadTold:
    """A load that came to its end, be it that it was rolled back.

    Args:
        run: its id.
        state: whether its rows are in the target, as far as nobody has edited them.
        by: the rollback that took them back, or the newest one of a part of them.
        ended: UTC, ISO 8601; empty where its folder is gone.
        wave: of migration.yaml, whose rows it wrote.
        is_delta: whether it was added to a load by a delta.
        is_whole: whether it was given all rows.
        there: whether its folder is.
    """

    run: str
    state: LoadState
    by: str = ""
    ended: str = ""
    wave: str = ""
    is_delta: bool = False
    is_whole: bool = False
    there: bool = True

    @property
    def stands(self) -> bool:
        """Whether it was not rolled back as a whole."""
        return self.state != "rolled_back"


def rollbacks(workspace: Workspace) -> list[Manifest]:
    """Return the rollbacks of loads that were applied, took something back and were not undone in their turn, oldest first."""
    made = [m for m in workspace.manifests() if m.stage == "rollback" and m.state == "done" and m.facts.get("applied")]
    redone = {_undone_by(m) for m in made if m.facts.get("redo")}
    return [
        m for m in made
        if not m.facts.get("redo") and m.facts.get("rollback") not in redone
        and m.facts.get("undone", 1) + m.facts.get("undone_in_part", 0)
    ]  # fmt: skip


def _undone_by(rollback: Manifest) -> str:
    """Return the run that a rollback undid; one of an earlier version tells it as its parent alone."""
    return str(rollback.facts.get("undoes", rollback.parent))


def open_ends(workspace: Workspace) -> list[Manifest]:
    """Return the loads and rollbacks that did not come to their end, and of which the target alone can tell what stands of them.

    No load is begun beside a load that failed and has written rows, nor beside a rollback that has come half way: where one was completed
    since, there is nothing to ask. The same of what was rolled back since.
    """
    made = [one for one in workspace.manifests() if one.stage in ("load", "rollback")]
    done = [one for one in made if one.state == "done"]
    loaded = max((one.run for one in done if one.stage == "load"), default="")
    undone = {_undone_by(one): one.run for one in done if one.stage == "rollback" and one.facts.get("applied")}
    return [
        one for one in made
        if one.state != "done"
        and not (one.run < loaded and (one.stage == "rollback" or one.state == "failed"))
        and one.run > undone.get(one.run if one.stage == "load" else one.parent, "")
    ]  # fmt: skip


def loads_told(workspace: Workspace) -> list[LoadTold]:
    """Return the loads that came to their end, or were rolled back, oldest first; those whose folder is gone as the log knows them."""
    loads = {m.run: m for m in workspace.manifests() if m.stage == "load"}
    undone = rollbacks(workspace)
    ended = {run for run, load in loads.items() if load.state == "done"} | {_undone_by(m) for m in undone}
    found = []
    for run in sorted(ended | (set(workspace.logged("load")) - loads.keys())):
        mine = [m for m in undone if _undone_by(m) == run]
        whole = [m for m in mine if not m.facts.get("selection")]
        state: LoadState = "rolled_back" if whole else "rolled_back_in_part" if mine else "done"
        by = (whole or mine)[-1].run if mine else ""
        load = loads.get(run)
        if load is None:
            found.append(LoadTold(run, state, by, there=False))
            continue
        facts = load.facts
        is_part = "wave" in facts
        found.append(LoadTold(run, state, by, load.ended, facts.get("wave", ""), "delta" in facts, not is_part))
    return found


def since_whole_told(loads: list[LoadTold]) -> list[LoadTold]:
    """Return the newest load that stands and was given all rows, and those after it; all where there is none."""
    whole = [place for place, load in enumerate(loads) if load.is_whole and load.stands]
    return loads[whole[-1] if whole else 0 :]
