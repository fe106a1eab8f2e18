"""Children per parent, and pairs of many-to-many tables, before and after a migration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ParentCount:
    """A parent whose number of children is not the same all the way.

    Args:
        parent: its record; its key in the target where it has none.
        before: its children in the sources, those of records merged into it among them; None where the sources don't say.
        aside: how many of those were set aside.
        expected: how many it is to have; `actual` how many it has in the target.
    """

    parent: str
    before: int | None
    aside: int
    expected: int
    actual: int


@dataclass(frozen=True)
class PairCheck:
    """The pairs of a table that ties two others together, many to many.

    Args:
        columns: the two columns.
        parents: the objects they name.
        pairs: different pairs: expected and actual.
        lost: expected pairs that are not there; `extra` those that are and should not be.
        repeated: pairs that stand more often in the target than they should.
    """

    columns: tuple[str, str]
    parents: tuple[str, str]
    pairs: tuple[int, int]
    lost: int
    extra: int
    repeated: int

    @property
    def agrees(self) -> bool:
        """Whether the pairs are the same."""
        return not (self.lost or self.extra or self.repeated)


@dataclass(frozen=True)
class RelationCheck:
    """Children per parent.

    Args:
        column: the child's column.
        parent: the parent object.
        children: rows that name a parent: expected and actual.
        parents_off: parents whose number of children is not the expected one.
        orphans: rows of the target whose parent is not there.
        before: rows that name a parent in the sources, None where the sources don't say; `aside` those of them set aside.
        parents: parents with children: before (or None), expected and actual.
        off: the parents whose number changed on the way, the first of them.
    """

    column: str
    parent: str
    children: tuple[int, int]
    parents_off: int
    orphans: int
    before: int | None = None
    aside: int = 0
    parents: tuple[int | None, int, int] = (None, 0, 0)
    off: tuple[ParentCount, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every parent has its children and every child its parent."""
        return self.children[0] == self.children[1] and not self.parents_off and not self.orphans
