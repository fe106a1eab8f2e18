"""References between the rows that are to be loaded: which tables they lead to, and whether the record they name goes there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crmmigrate.model.mapping import Mapping as MappingFile
    from crmmigrate.model.schema import TargetSchema


@dataclass(frozen=True)
class Reference:
    """A column that names a record of another table.

    Args:
        parents: the tables the record may be in; of several, each cell says which (`object:record`).
        required: whether a row without it cannot go to the target.
        kinds: the columns that say which table it is (`kind_of`); they are empty where the reference is.
    """

    parents: tuple[str, ...]
    required: bool
    kinds: tuple[str, ...] = ()

    def staying(self, column: str, gone: Callable[[str], str]) -> str:
        """Return the SQL condition that no record named by `column` of the relation `child` goes to the target.

        Args:
            column: its name.
            gone: gives the name of the relation with the records of a table that do not.
        """
        asked = []
        for parent in self.parents:
            named = f"{literal(parent + ':')} || parent.{RECORD}" if len(self.parents) > 1 else f"parent.{RECORD}"
            asked.append(
                f"NOT EXISTS (SELECT 1 FROM {quoted(parent)} AS parent WHERE {named} = child.{quoted(column)} "
                f"AND NOT EXISTS (SELECT 1 FROM {quoted(gone(parent))} AS gone WHERE gone.{RECORD} = parent.{RECORD}))"
            )
        return " AND ".join(asked)


def references_of(
    mappings: Mapping[str, MappingFile], tables: set[str], schema: TargetSchema | None
) -> dict[str, dict[str, Reference]]:
    """Return table → column → reference, where all tables that its record may be in are here.

    Args:
        mappings: table → the mapping file that made its rows.
        tables: those that are here.
        schema: the target's tables; a column that is required there is required.
    """
    found: dict[str, dict[str, Reference]] = {}
    for name, mapping in mappings.items():
        columns = schema.tables[mapping.target.table].columns if schema else {}

        def is_required(column: str, mapping: MappingFile = mapping, columns: Mapping[str, object] = columns) -> bool:
            return mapping.fields[column].required or bool(getattr(columns.get(column), "required", False))

        found[name] = {}
        for column, several in mapping.references.items():
            parents = tuple(several.split("|"))
            if set(parents) <= tables:
                kinds = tuple(
                    kind for kind, spec in mapping.fields.items() if spec.kind_of == column and spec.default is None
                )
                found[name][column] = Reference(parents, any(map(is_required, (column, *kinds))), kinds)
    return found
