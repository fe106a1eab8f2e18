"""Whether the sources have the tables and columns that the objects of a migration.yaml name."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.document import listed, nearest_header, nearest_or_all
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.project import project_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crmmigrate.model.project import FeedSpec, RelationSpec

    Objects = Mapping[str, Sequence[FeedSpec]]
    Columns = Mapping[str, Sequence[str]]
    Path = tuple[str | int, ...]

_GIVEN = (RECORD, ORIGIN)
"""Columns that every row has once it is read."""


class _Fault(NamedTuple):
    """What is told of a name that is not there, and where it stands; `key`: it is the key there, not the value."""

    error: ConfigurationError
    path: Path
    key: bool = False


def check_feeds(objects: Objects, columns: Columns, file: str = "") -> None:
    """Refuse names that no source has, all at once.

    Args:
        objects: as in the migration.yaml.
        columns: source table → its columns.
        file: the migration.yaml, for the places; without it they are left out.

    Raises:
        Findings: a table or column is not there.
    """
    faults = [
        fault
        for name, feeds in objects.items()
        for index, feed in enumerate(feeds)
        for fault in _of_feed(name, feed, ("objects", name, index), objects, columns)
    ]
    if not faults:
        return
    document = project_document(file)
    if document is None:
        raise Findings([fault.error for fault in faults])
    for error, path, key in faults:
        error.place = document.key_place(path) if key else document.place(path)
        document.errors.append(error)
    document.check()


def called(feed: FeedSpec, columns: Sequence[str]) -> dict[str, str]:
    """Return the object's columns that a table gives → what the table calls them, in a sensible order."""
    taken = set(feed.columns.values())
    kept = {column: column for column in columns if column not in taken and column not in feed.columns}
    return {**feed.columns, **kept}


def fitting(pattern: str, tables: Iterable[str]) -> list[str]:
    """Return the tables that a pattern of the migration.yaml names."""
    return [table for table in tables if fnmatchcase(table, pattern)]


def fed_tables(feeds: Sequence[FeedSpec], tables: Iterable[str]) -> list[tuple[str, FeedSpec]]:
    """Return the tables that feed an object, in the order of its feeds."""
    there = list(tables)
    return [(table, feed) for feed in feeds for table in fitting(feed.table, there)]


def naming_tables(
    relation: RelationSpec, feeds: Sequence[FeedSpec], columns: Columns
) -> list[tuple[str, FeedSpec, dict[str, str]]]:
    """Return the tables of a parent among whose names a relation looks, with what they call the parent's columns (`called`)."""
    return [
        (table, feed, called(feed, columns[table]))
        for table, feed in fed_tables(feeds, columns)
        if not relation.table or relation.table in (feed.table, table)
    ]


def _of_feed(name: str, feed: FeedSpec, at: Path, objects: Objects, columns: Columns) -> Iterator[_Fault]:
    found = fitting(feed.table, columns)
    if not found:
        yield _no_table(name, feed.table, (*at, "table"), list(columns))
        return
    yield from _lacking(name, feed.key, (*at, "key"), found, columns)
    named: list[tuple[str, Path]] = [(column, (*at, "columns", own)) for own, column in feed.columns.items()]
    named += [(feed.when, (*at, "when")), (feed.each.column if feed.each else "", (*at, "each", "column"))]
    named += [(column, (*at, "group", place)) for place, column in enumerate(feed.group)]
    named += [(column, (*at, "combine", column)) for column in feed.combine]
    named += [(one.column, (*at, "relations", parent, "column")) for parent, one in feed.relations.items()]
    for column, path in named:
        if column not in _GIVEN:
            yield from _lacking(name, column, path, found, columns, key="combine" in path[3:4])
    for parent, relation in feed.relations.items():
        if not relation.same_row:
            of_parent = _named if relation.by else _keyed
            yield from of_parent(parent, relation, (*at, "relations", parent), objects[parent], columns)


def _named(
    parent: str, relation: RelationSpec, at: Path, feeds: Sequence[FeedSpec], columns: Columns
) -> Iterator[_Fault]:
    """Yield what is wrong with the column of the parent by which it is named; one of its tables must have it."""
    fed, chosen = fed_tables(feeds, columns), naming_tables(relation, feeds, columns)
    if not chosen and fed:
        yield _no_table(parent, relation.table, (*at, "table"), [table for table, _ in fed])
    there = list(dict.fromkeys(own for *_, names in chosen for own in names))
    if chosen and relation.by not in there:
        yield _Fault(ConfigurationError(
            "consolidate.no-column",
            Message("rows refer to '{parent}' by its column '{column}', and none of its tables has it", parent=parent, column=relation.by),
            hint=nearest_header(relation.by, there),
        ), (*at, "by"))  # fmt: skip


def _keyed(
    parent: str, relation: RelationSpec, at: Path, feeds: Sequence[FeedSpec], columns: Columns
) -> Iterator[_Fault]:
    """Yield what is wrong with the table whose key rows name."""
    feed = keyed_feed(relation, feeds)
    found = fitting(relation.table or feed.table, columns)
    if not found and relation.table:
        yield _no_table(parent, relation.table, (*at, "table"), list(columns))
    if not feed.key:
        yield _Fault(ConfigurationError(
            "consolidate.no-key", Message("rows refer to '{table}', but no key is named for it", table=relation.table or feed.table),
            hint=Message("add 'key: COLUMN' to its entry under 'objects'"),
        ), at, key=True)  # fmt: skip
    elif relation.table not in ("", feed.table):
        yield from _lacking(parent, feed.key, (*at, "table"), found, columns)


def keyed_feed(relation: RelationSpec, feeds: Sequence[FeedSpec]) -> FeedSpec:
    """Return the feed of the parent whose key rows name; a relation may name one of the tables that a feed's pattern takes."""
    if not relation.table:
        return feeds[0]
    exact = [feed for feed in feeds if feed.table == relation.table]
    return next(iter(exact or (feed for feed in feeds if fnmatchcase(relation.table, feed.table))), feeds[0])


def _no_table(name: str, table: str, path: Path, there: list[str]) -> _Fault:
    return _Fault(ConfigurationError(
        "consolidate.no-table", Message("object '{name}': no source table is called '{table}'", name=name, table=table),
        hint=nearest_or_all(table, there),
    ), path)  # fmt: skip


def _lacking(
    name: str, column: str, path: Path, found: list[str], columns: Columns, *, key: bool = False
) -> Iterator[_Fault]:
    """Yield a fault where one of the tables lacks the column; one for all of them."""
    lacking = [table for table in found if column and column not in columns[table]]
    if not lacking:
        return
    there = columns[lacking[0]]
    yield _Fault(ConfigurationError(
        "consolidate.no-column",
        Message("object '{name}': there is no column '{column}' in {tables}", name=name, column=column, tables=listed(lacking)),
        hint=nearest_header(
            column, there,
            Message("there are: {names}; where this is not its header, 'layout' in migration.yaml says where it is", names=listed(there)),
        ),
    ), path, key)  # fmt: skip
