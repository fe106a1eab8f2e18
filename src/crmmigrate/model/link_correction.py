"""Corrections of the cells by which rows name their parents: they decide which parent a row is linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.correction import Correction, latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmmigrate.model.project import FeedSpec, RelationSpec


def of_links(corrections: Iterable[Correction], objects: Mapping[str, tuple[FeedSpec, ...]]) -> tuple[Correction, ...]:
    """Return the last word on each cell that names a parent, where it is another value or none.

    Args:
        corrections: oldest first.
        objects: as in migration.yaml.
    """
    columns = {
        name: {
            column
            for spec in feeds
            for relation in spec.relations.values()
            if not relation.same_row
            for column in called(spec, relation)
        }
        for name, feeds in objects.items()
    }
    return tuple(
        one
        for one in latest(corrections).values()
        if one.action != "keep" and one.column in columns.get(one.object, ())
    )


def called(spec: FeedSpec, relation: RelationSpec) -> set[str]:
    """Return what the object calls the source's column in which a row names a parent."""
    return {own for own, source in spec.columns.items() if source == relation.column} or {relation.column}
