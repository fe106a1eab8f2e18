"""Corrections of the cells by which rows name their parents, and of the parents' own keys: they decide which parent a row is linked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.correction import Correction, latest
from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmmigrate.model.project import FeedSpec


def of_links(corrections: Iterable[Correction], objects: Mapping[str, tuple[FeedSpec, ...]]) -> tuple[Correction, ...]:
    """Return the last word on each cell that names a parent, or by which a parent is named, where it is another value or none.

    Args:
        corrections: oldest first.
        objects: as in migration.yaml.
    """
    named: dict[str, set[str]] = {}  # parent → its columns by which it is named otherwise than by its key
    for spec in (spec for feeds in objects.values() for spec in feeds):
        for parent, relation in spec.relations.items():
            named.setdefault(parent, set()).update({relation.by} - {""})
    columns = {
        name: {
            column
            for spec in feeds
            for source in (
                *(relation.column for relation in spec.relations.values() if not relation.same_row),
                *((spec.key,) if name in named and spec.key else ()),
                *filter(None, (_source(spec, own) for own in named.get(name, ()))),
            )
            for column in called(spec, source)
        }
        for name, feeds in objects.items()
    }
    return tuple(
        one
        for one in latest(corrections).values()
        if one.action != "keep" and one.column in columns.get(one.object, ())
    )


def _source(spec: FeedSpec, own: str) -> str:
    """Return the column of the source that the object calls so; nothing where another name has taken it."""
    return spec.columns.get(own, "" if own in spec.columns.values() else own)


def called(spec: FeedSpec, source: str) -> set[str]:
    """Return what the object calls a column of the source."""
    return {own for own, column in spec.columns.items() if column == source} or {source}


def said(spec: FeedSpec, source: str, corrected: Iterable[Correction], alias: str) -> tuple[str, str]:
    """Return a join, and the SQL of what a row says in a column: corrected while the source says what people saw.

    Args:
        spec: of the table, in the SQL called `s`.
        source: the column.
        corrected: of the object that the table feeds.
        alias: of the corrections in the SQL; they have `record`.
    """
    column = f"s.{quoted(source)}"
    names = called(spec, source)
    cells = {one.record: one for one in corrected if one.column in names}
    if not cells:
        return "", column
    told = ", ".join(
        f"({', '.join('CAST(NULL AS VARCHAR)' if cell is None else literal(cell) for cell in (one.record, one.before, one.after))})"
        for one in cells.values()
    )
    join = f" LEFT JOIN (VALUES {told}) {alias}(record, was, said) ON {alias}.record = s.{RECORD} AND {alias}.was IS NOT DISTINCT FROM {column}"
    return join, f"CASE WHEN {alias}.record IS NULL THEN {column} ELSE {alias}.said END"


def keys_of(feeds: Iterable[tuple[FeedSpec, str, str]], corrected: Iterable[Correction]) -> str:
    """SQL that gives each key by which parents are named, with the `_record` of every one it may mean.

    A parent whose key was corrected is found by the new one; by the former one too, where no other parent has it: its children go on naming it so.

    Args:
        feeds: of each table of parents how it feeds, its column with the keys, and the relation with its rows.
        corrected: of the parent's object.
    """
    corrected = tuple(corrected)
    own, former = [], []
    for spec, source, rows in feeds:
        join, now = said(spec, source, corrected, "k")
        own.append(f"SELECT {now} AS key, s.{RECORD}, 0 AS former FROM {rows} s{join}")
        if join:
            former.append(f"SELECT s.{quoted(source)}, s.{RECORD}, 1 FROM {rows} s{join} WHERE k.record IS NOT NULL")
    union = " UNION ALL ".join([*own, *former])
    if former:
        union = f"SELECT *, min(former) OVER (PARTITION BY key) AS first FROM ({union}) QUALIFY former = first"
    return f"SELECT key, {RECORD} FROM ({union})"
