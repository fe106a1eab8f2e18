"""Who answers for what people left behind: the colleague whom the mapping files follow in place of an owner who is not active any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.issue import RECORD
from crmmigrate.model.lookup import FOLLOWED, columns_needed, lookup_table
from crmmigrate.model.mapping import mapping_files, read_mapping
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmmigrate.model.mapping import Lookup
    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.model.project import Project
    from crmmigrate.model.standard import ObjectStandard
    from crmmigrate.model.table import Tables


def successors(project: Project, objects: Mapping[str, ObjectStandard], tables: Tables) -> dict[str, str]:
    """Return owner who left → the name of who takes over, of all objects with an owner whose mapping follows successors.

    Args:
        project: its mapping files say how a successor is found.
        objects: the data standard says which column names the owner.
        tables: hold the list of colleagues.
    """
    found: dict[str, str] = {}
    for mapping in _readable(project):
        spec = objects.get(mapping.object)
        owner = spec.owner if spec else ""
        for field in mapping.fields.values():
            if owner and field.columns == (owner,) and field.lookup and field.lookup.follow:
                found = _named(field.lookup, tables) | found
    return found


def _readable(project: Project) -> Iterator[MappingFile]:
    """Yield the mapping files that can be read: worklists are handed out before all of them are right, and lint tells what is wrong."""
    try:
        files = mapping_files(project.file(project.mappings)) if project.mappings else []
    except CrmMigrateError:
        files = []
    for file in files:
        try:
            yield read_mapping(file)
        except CrmMigrateError:
            continue


def _named(lookup: Lookup, tables: Tables) -> dict[str, str]:
    needed = columns_needed(lookup)
    if lookup.object not in tables or len(lookup.by) != 1 or not set(needed) <= set(tables[lookup.object].columns):
        return {}
    rows = tables.sql(f"SELECT {', '.join(map(quoted, needed))} FROM {quoted(lookup.object)}").to_pylist()
    names = {row[RECORD]: row[lookup.by[0]] for row in rows}
    answers = lookup_table(lookup, rows).found.items()
    return {name: names[answer.record] for name, answer in answers if answer.code == FOLLOWED and answer.record}
