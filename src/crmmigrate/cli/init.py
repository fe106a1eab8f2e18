"""`crmmigrate init`: a project folder to start from."""

from __future__ import annotations

from pathlib import Path

import click

from crmmigrate.cli.options import Answer, Number, command_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.cli.sample import SEED, make_sample
from crmmigrate.messages import Message, shell_line


def command(name: str) -> click.Command:
    """Return `init`."""
    params: list[click.Parameter] = [
        click.Argument(["folder"], type=click.Path(path_type=Path, file_okay=False)),
        click.Option(
            ["--pack"], default="b2b", show_default=True, help=Message("The domain pack to start from.").text()
        ),
        click.Option(
            ["--sample"], type=Number(min=0, min_open=True),
            help=Message("Put the made-up sample of the pack into in/, to practise on; 1 is its full size.").text(),
        ),
    ]  # fmt: skip
    examples = "crmmigrate init my-migration --pack b2b\ncrmmigrate init practice --pack b2b --sample 0.02"
    return command_of(name, COMMANDS[name][1], _init, params, examples)


def _init(folder: Path, pack: str, sample: float | None, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.progress import Bars
    from crmmigrate.runner.packs import lay_out

    del work  # a project has its workspace inside
    lay_out(folder, pack)
    project = shell_line(folder / "migration.yaml")
    if sample is not None:
        make_sample(folder, pack, sample, SEED, Bars())
        step = Message("crmmigrate run {project} --to audit", project=project)
        return Answer(files=[str(folder / "migration.yaml")], next_step=step.text()).show(format_)
    step = Message(
        "put the sources into {folder}/in, name them in {folder}/migration.yaml, then: crmmigrate run {project} --to audit",
        folder=folder,
        project=project,
    )
    return Answer(files=[str(folder / "migration.yaml")], next_step=step.text()).show(format_)
