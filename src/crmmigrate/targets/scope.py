"""Which changes of a load a rollback is about: those selected, less those that an earlier rollback has undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.model.target import EVERYTHING, Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.model.target import TargetRun
    from crmmigrate.targets.journal import Journal


@dataclass(frozen=True)
class Prior:
    """A rollback of the same load that has come to its end, or the redo of one.

    Args:
        run: its id; `selection` what the rollback was about.
        redoes: the rollback that the redo undid; empty for a rollback.
    """

    run: str
    selection: Selection = EVERYTHING
    redoes: str = ""


@dataclass(frozen=True)
class Scope:
    """Conditions on the images of a load.

    Args:
        journal: of the target.
        load: the run whose changes are meant.
        selection: of these.
        priors: the rollbacks, and redos of such, that came before, the oldest first: each found what those before it had left.
        again: the rollback, one of `priors`, whose changes are to be made again; empty for a rollback.
        unless_gone: leave out what somebody had deleted when a rollback came to it.
    """

    journal: Journal
    load: str
    selection: Selection = EVERYTHING
    priors: tuple[Prior, ...] = ()
    again: str = ""
    unless_gone: bool = False

    @property
    def whole(self) -> bool:
        """Whether each change of the load is meant."""
        return not (self.selection or self.priors or self.again)

    def of(self, image: sa.FromClause, object_name: str) -> list[sa.ColumnElement[bool]]:
        """Return what holds for the images of the changes that are meant."""
        import sqlalchemy as sa

        found: list[sa.ColumnElement[bool]] = [
            image.c.run == self.load,
            *self._selected(image, object_name, self.selection),
        ]
        stand, before = self._standing(image, object_name)
        if self.again:
            found += before[self.again]
            found.append(sa.not_(self._kept(image, object_name, self.again, but=("undone_in_part",))))
            if (
                stand and self.priors[-1].run != self.again
            ):  # a later rollback may have undone the rest of what this one undid in part
                found.append(sa.or_(sa.not_(self._kept(image, object_name, self.again)), sa.and_(*stand)))
        else:
            found += stand
        if self.unless_gone:
            undone = [prior.run for prior in self.priors if not prior.redoes]
            found += [sa.not_(self._kept(image, object_name, run, only=("gone",))) for run in undone]
        return found

    def given_back(self, image: sa.FromClause, object_name: str) -> sa.ColumnElement[bool]:
        """Return whether a change is one that `priors` have undone, be it in part."""
        import sqlalchemy as sa

        stand, _ = self._standing(image, object_name)
        redone = {prior.redoes for prior in self.priors}
        last = [prior.run for prior in self.priors if not prior.redoes and prior.run not in redone]
        in_part = (self._kept(image, object_name, run, only=("undone_in_part",)) for run in last)
        return sa.and_(image.c.run == self.load, sa.or_(sa.not_(sa.and_(sa.true(), *stand)), *in_part))

    def _standing(
        self, image: sa.FromClause, object_name: str
    ) -> tuple[list[sa.ColumnElement[bool]], dict[str, list[sa.ColumnElement[bool]]]]:
        """Return what holds for the images of the changes that all of `priors` have left standing, and by run what it found.

        A rollback takes away what it chose and did not keep; its redo puts that back but for what this kept. No list: all stand.
        """
        import sqlalchemy as sa

        stand: list[sa.ColumnElement[bool]] = []
        before: dict[str, list[sa.ColumnElement[bool]]] = {}
        done: dict[str, list[sa.ColumnElement[bool]]] = {}
        for prior in self.priors:
            kept = self._kept(image, object_name, prior.run)
            if prior.redoes:
                stand = [sa.or_(sa.and_(*stand), sa.and_(*done[prior.redoes], sa.not_(kept)))]
                continue
            before[prior.run] = stand
            chosen = self._selected(image, object_name, prior.selection)
            done[prior.run] = [*stand, *chosen, sa.not_(kept)]
            stand = [*stand, sa.or_(kept, *([sa.not_(sa.and_(*chosen))] if chosen else []))]
        return stand, before

    def _selected(self, image: sa.FromClause, object_name: str, selection: Selection) -> list[sa.ColumnElement[bool]]:
        import sqlalchemy as sa

        found: list[sa.ColumnElement[bool]] = []
        if selection.objects and object_name not in selection.objects:
            found.append(sa.false())
        if selection.batches:
            found.append(image.c.batch.in_(selection.batches))
        if selection.keys:
            found.append(image.c.target_key.in_(selection.keys))
        return found

    def _kept(
        self, image: sa.FromClause, object_name: str, run: str, *, but: Sequence[str] = (), only: Sequence[str] = ()
    ) -> sa.ColumnElement[bool]:
        """Return whether the rollback `run` did not undo a change (undone in part counts as not undone)."""
        import sqlalchemy as sa

        kept = self.journal.table("kept").alias()
        wanted: list[Any] = [
            kept.c.run == run, kept.c.batch == image.c.batch, kept.c.target_key == image.c.target_key, kept.c.object == object_name,
        ]  # fmt: skip
        wanted += [kept.c.outcome.not_in(but)] if but else []
        wanted += [kept.c.outcome.in_(only)] if only else []
        return sa.exists().where(*wanted)


def scope_of(
    journal: Journal, runs: Sequence[TargetRun], run: str, undone: str, selection: Selection, *, after: bool = False
) -> Scope:
    """Return what the rollback `run` of `undone` is about.

    Args:
        journal: of the target.
        runs: all runs of the journal.
        run: the rollback, which may not have begun yet.
        undone: the load; or a rollback, which is undone in its turn.
        selection: of the changes of a load.
        after: what is left of the load when `run` has ended, apart from what is gone.
    """
    known = {other.run: other for other in runs}
    if known[undone].kind == "rollback":
        back = known[undone]
        return Scope(journal, back.parent, back.selection, _priors(runs, back.parent, run), again=undone)
    return Scope(journal, undone, selection, _priors(runs, undone, "" if after else run), unless_gone=after)


def _priors(runs: Sequence[TargetRun], load: str, but: str) -> tuple[Prior, ...]:
    """Return the rollbacks of a load that have ended, and their redos, less those that cancel each other out wholly."""
    rollbacks = {
        other.run: other
        for other in runs
        if other.kind == "rollback" and other.parent == load and other.run != but
        and other.state in ("done", "rolled_back", "rolled_back_in_part")
    }  # fmt: skip
    found: list[Prior] = []
    for other in runs:
        if other.run in rollbacks:
            found.append(Prior(other.run, other.selection))
        elif other.kind == "redo" and other.parent in rollbacks and other.run != but and other.state == "done":
            if found[-1].run == other.parent and rollbacks[other.parent].state == "rolled_back":
                found.pop()
            else:
                found.append(Prior(other.run, redoes=other.parent))
    return tuple(found)
