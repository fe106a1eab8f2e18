"""`crmmigrate mapping`: the group; its commands are in the files `mapping_*` beside this."""

from __future__ import annotations

from importlib import import_module

import click

from crmmigrate.cli.options import group_of
from crmmigrate.messages import Message

_BESIDE = (
    "mapping_schema",
    "mapping_suggest",
    "mapping_lint",
    "mapping_test",
    "mapping_diff",
    "mapping_sheet",
    "mapping_explain",
)
"""The files of this room with the commands of the group."""


def command(name: str) -> click.Group:
    """Return the group `mapping`."""
    group = group_of(
        name, Message("Suggest, lint, test and compare mapping files, and have the business confirm them.")
    )
    for module in _BESIDE:
        for made in import_module(f"crmmigrate.cli.{module}").commands():
            group.add_command(made)
    return group
