"""`crmmigrate mapping`: the commands about mapping files."""

from __future__ import annotations

import click

from crmmigrate.cli import mapping_lint, mapping_test
from crmmigrate.messages import Message


def command(name: str) -> click.Group:
    """Return the group `mapping`."""
    group = click.Group(name, help=Message("Lint and test mapping files.").text(), no_args_is_help=True)
    group.add_command(mapping_lint.command())
    group.add_command(mapping_test.command())
    return group
