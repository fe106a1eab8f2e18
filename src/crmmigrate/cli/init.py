"""`crmmigrate init`: a project folder to start from."""

from __future__ import annotations

from pathlib import Path

import click

from crmmigrate.cli.options import Answer, command_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message


def command(name: str) -> click.Command:
    """Return `init`."""
    params: list[click.Parameter] = [
        click.Argument(["folder"], type=click.Path(path_type=Path, file_okay=False)),
        click.Option(
            ["--pack"], default="b2b", show_default=True, help=Message("The domain pack to start from.").text()
        ),
    ]
    return command_of(name, COMMANDS[name][1], _init, params, "crmmigrate init my-migration --pack b2b")


def _init(folder: Path, pack: str, work: Path | None, format_: str) -> int:
    from crmmigrate.runner.packs import lay_out

    del work  # a project has its workspace inside
    lay_out(folder, pack)
    step = Message(
        "put the sources into {folder}/in, name them in {folder}/migration.yaml, then: crmmigrate run {folder}/migration.yaml --to audit",
        folder=folder,
    )
    return Answer(files=[str(folder / "migration.yaml")], next_step=step.text()).show(format_)
