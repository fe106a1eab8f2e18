"""Whether a table has columns by which its duplicates can be found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.table import Table


def nameless(name: str, table: Table, *, people: bool) -> ConfigurationError:
    """Return what is told of a table in which the shipped rules find no name, with an example of rules of one's own.

    Args:
        name: what the table is called.
        table: with its headers.
        people: it seems to hold people; else companies are what is looked for.
    """
    words = ", ".join(table.data_columns)
    if people:
        return ConfigurationError(
            "dedupe.no-columns",
            Message("no column of this table looks like the whole names of people, nor do two like surname and given name"), name,
            Message(
                "give both columns, or the one of whole names ({whole}), in a file with --rules: {example}; columns: {words}",
                whole="name: …", example="{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}", words=words,
            ),
        )  # fmt: skip
    return ConfigurationError(
        "dedupe.no-columns", Message("no column of this table looks like a name to compare by"), name,
        Message(
            "name the columns in a file, give it with --rules: {example}; columns: {words}",
            example="{version: 1, object: account, columns: {name: …, phone: …}}", words=words,
        ),
    )  # fmt: skip
