"""What is told of a load that did not come to its end: how much of it is in the target."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.load_part import LoadPart
    from crmmigrate.runner.pipeline import Pipeline

_DONE = ("inserted", "updated", "unchanged", "archived", "deleted", "withheld")
"""What a batch may have done with its rows, but for those that were refused."""


@contextmanager
def counted(pipeline: Pipeline) -> Iterator[None]:
    """Where the work inside stops and leaves a load unfinished, tell what stands of it before the reason is told."""
    try:
        yield
    except CrmMigrateError:
        tell_unfinished(pipeline)
        raise


def tell_unfinished(pipeline: Pipeline) -> None:
    """Write to standard error, for each object, how many rows of an unfinished load are in the target and how many it refused; nothing where there is none."""
    from crmmigrate.runner.history import loads_told
    from crmmigrate.runner.parts import kept_part
    from crmmigrate.runner.standing import unfinished_load

    try:
        run = unfinished_load(pipeline)
        if not run:
            return
        with pipeline.open_target() as target:
            totals = target.totals(run)
    except CrmMigrateError:  # a target that cannot be asked is what the error itself is about
        return
    workspace = pipeline.context.workspace
    wanted = {name: told["rows"] for name, told in workspace.find(run).inputs.items()}
    part = kept_part(workspace, run)
    if part is not None:
        wanted = _of_part(part)
    before = part is not None or any(load.stands and load.run != run for load in loads_told(workspace))
    click.echo(Message("the load {run} was stopped and is not finished", run=run).text(), err=True)
    for name, rows in wanted.items():
        sums = totals.get(name, {})
        figures = {
            "there": f"{sum(sums.get(word, 0) for word in _DONE):,}", "rows": f"{rows:,}", "rejected": f"{sums.get('rejected', 0):,}",
        }  # fmt: skip
        if not rows and not any(sums.values()):
            told = Message("{object}: this load has no rows to write", object=name)
        elif before:
            told = Message("{object}: of the {rows} rows that this load has to write {there} are done so far, {rejected} were refused; what was in the target before stays there", object=name, **figures)  # fmt: skip
        else:
            told = Message("{object}: {there} of {rows} rows are in the target so far, {rejected} were refused", object=name, **figures)  # fmt: skip
        click.echo(f"  {told.text()}", err=True)


def _of_part(part: LoadPart) -> dict[str, int]:
    """Return object → how many rows a part has to write: new ones, and such as change or are taken out."""
    wanted = Counter({name: len(part.of(name)) for name in part.only})
    sides = (part.changed, part.removed if part.deletes != "keep" else {})
    for name, rows in ((name, table.rows) for side in sides for name, table in side.items()):
        wanted[name] += rows
    return dict(wanted)
