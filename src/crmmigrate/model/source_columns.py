"""Which columns of the records the columns of the target are made from: people who correct a row know those, not the target's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping as ByName
    from collections.abc import Sequence

    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.project import FeedSpec

Behind = dict[str, dict[str, tuple[str, ...]]]
"""Object → column of the target → the record's columns that it is made from."""


def columns_behind(mappings: Sequence[Mapping], feeds: ByName[str, Sequence[FeedSpec]]) -> Behind:
    """Return what each target column is made from; of a reference to the row's own parent, the columns that name the parent.

    Args:
        mappings: of the migration.
        feeds: object → the tables that feed it, whose `relations` say how a row names its parent.
    """
    return {mapping.object: _of(mapping, feeds.get(mapping.object, ())) for mapping in mappings}


def _of(mapping: Mapping, feeds: Sequence[FeedSpec]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for target, spec in mapping.fields.items():
        own = [column for column in spec.columns if not column.startswith("_")]
        if not own and spec.lookup is not None:
            own = [column for parent in spec.lookup.objects for column in _naming(parent, feeds)]
        if own:
            found[target] = tuple(dict.fromkeys(own))
    return found


def _naming(parent: str, feeds: Sequence[FeedSpec]) -> list[str]:
    """Return the columns by which rows name this parent, as the object calls them."""
    found = []
    for feed in feeds:
        relation = feed.relations.get(parent)
        if relation is not None and relation.column:
            called = {source: name for name, source in feed.columns.items()}
            found.append(called.get(relation.column, relation.column))
    return found
