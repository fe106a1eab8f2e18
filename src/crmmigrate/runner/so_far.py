"""The workbook of the rows that were refused so far: before a load, and of one that was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message, shell_line, spoken
from crmmigrate.model.issue import ASIDE_COLUMNS, RECORD, text_frame
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages import declare_codes
from crmmigrate.stages.reconcile import to_be_corrected

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline

_LATER = "load.deferred-refused"
"""A reference that could not be filled later: its row is in the target."""


def refused_so_far(pipeline: Pipeline, run: str, refused: pd.DataFrame | None = None) -> Path | None:
    """Write the rows that were set aside for a fault into the reports of a run; None where there are none.

    The workbook is fed in (`load --rejects`) once the load that `run` is, or that was made from it, is done.

    Args:
        pipeline: whose steps were run up to validate.
        run: of validate, or of the load.
        refused: what the target refused (`REJECT_COLUMNS`).

    Raises:
        LocationError: the workbook cannot be written.
    """
    workspace, made = pipeline.context.workspace, pipeline.by_step["consolidate"]
    sources = {f"source.{o}": Table(f"source.{o}", made[o].path) for o in pipeline.objects() if o in made}
    tables = Tables({**sources, "aside": pipeline.aside()})
    more = None
    if refused is not None:
        rows = refused.loc[refused["code"] != _LATER, ["object", RECORD, "code", "column"]]
        told = [
            (o, record, None, "rejected", code, column, None, None)
            for o, record, code, column in rows.itertuples(index=False)
        ]
        more = text_frame(told, ASIDE_COLUMNS)
    declare_codes()
    for report in to_be_corrected(tables, pipeline.options("reconcile"), run, more):
        path = workspace.runs_folder / run / "reports" / report.name
        try:
            path.parent.mkdir(exist_ok=True)
            report.write(path, spoken())
        except OSError as error:
            raise workspace.not_writable(error) from error
        return path
    return None


def tell_stopped(pipeline: Pipeline, target: Target, error: CrmMigrateError) -> None:
    """Give the error that stopped a load the way to the rows that it refused so far; where the target does not answer any more, none.

    Args:
        pipeline: whose load it was.
        target: still open.
        error: gets a longer hint.
    """
    loads = [made.run for made in pipeline.context.workspace.manifests() if made.stage == "load"]
    if not loads:
        return
    run = loads[-1]
    try:
        began = any(known.run == run for known in target.runs())
        book = refused_so_far(pipeline, run, target.rejects(run)) if began else None
    except CrmMigrateError:
        return
    if book is None:
        return
    way = Message(
        "the rows refused so far are in {book}: correct them, end the load with crmmigrate load {project} --resume, then feed them in with crmmigrate load {project} --rejects WORKBOOK",
        book=shell_line(book), project=pipeline.named,
    )  # fmt: skip
    error.hint = Message("{hint}; {next}", hint=error.hint, next=way) if error.hint else way
