"""What is told of a load that did not come to its end: how much of it is in the target."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.runner.pipeline import Pipeline


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
    wanted = {name: told["rows"] for name, told in pipeline.context.workspace.find(run).inputs.items()}
    part = kept_part(pipeline.context.workspace, run)
    if part is not None and not part.is_delta:
        wanted = {name: len(part.of(name)) for name in part.only}
    click.echo(Message("the load {run} was stopped and is not finished", run=run).text(), err=True)
    for name, rows in wanted.items():
        sums = totals.get(name, {})
        there = sum(sums.get(word, 0) for word in ("inserted", "updated", "unchanged"))
        told = Message("{object}: {there} of {rows} rows are in the target so far, {rejected} were refused", object=name,
                       there=f"{there:,}", rows=f"{rows:,}", rejected=f"{sums.get('rejected', 0):,}")  # fmt: skip
        click.echo(f"  {told.text()}", err=True)
