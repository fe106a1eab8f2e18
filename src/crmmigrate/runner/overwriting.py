"""Before all rows are loaded once more: what people did in the target since, and would be lost. A delta asks field by field; a load of all rows does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.checks.strangers import taken_for_own
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, shell_line, spoken
from crmmigrate.model.issue import ORIGIN, RECORD, text_frame
from crmmigrate.model.load_batches import load_batches
from crmmigrate.model.load_plan import load_plan
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.target import CONFLICT_COLUMNS
from crmmigrate.runner.standing import standing_loads

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crmmigrate.model.target import Conflict, Target
    from crmmigrate.runner.pipeline import Pipeline


@dataclass
class Edits:
    """What people did in the target that a load would write over or bring back.

    Args:
        meant: whether it may.
        found: object → field or row; of a field that people edited `kind` is `edited`, of a row that they deleted `gone`.
        book: that lists them; None where there are none.
    """

    meant: bool = False
    found: dict[str, list[Conflict]] = field(default_factory=dict)
    book: Path | None = None

    def add(self, name: str, conflicts: Iterable[Conflict]) -> None:
        """Note what was found in a batch of an object."""
        if more := list(conflicts):
            self.found.setdefault(name, []).extend(more)

    def rows(self, kind: str) -> dict[str, int]:
        """Return object → the rows that people edited, or deleted."""
        counts = {name: len({one.record for one in found if one.kind == kind}) for name, found in self.found.items()}
        return {name: count for name, count in counts.items() if count}


def told_edits(edits: Edits, *, done: bool = False) -> Message:
    """Say what would be lost, or was."""
    words = _words(edits)
    if done:
        return Message("written over: {edited} rows that people had edited in the target since they were loaded; brought back: {deleted} that they had deleted ({objects})", **words)  # fmt: skip
    return Message("a load of all rows would write over {edited} rows that people edited in the target since they were loaded, and bring back {deleted} that they deleted ({objects})", **words)  # fmt: skip


def _words(edits: Edits) -> dict[str, str]:
    edited, deleted = edits.rows("edited"), edits.rows("gone")
    return {
        "edited": f"{sum(edited.values()):,}", "deleted": f"{sum(deleted.values()):,}",
        "objects": ", ".join(f"{name} {edited.get(name, 0) + deleted.get(name, 0):,}" for name in edits.found),
    }  # fmt: skip


def way_on(pipeline: Pipeline, target: Target, edits: Edits) -> Message:
    """Return what to do instead: a delta, where there is a load to compare with."""
    book = shell_line(edits.book or "")
    if standing_loads(pipeline.context.workspace, target.runs(), in_part=True):
        return Message("they are listed in {book}; to bring in only what changed in the sources: crmmigrate delta {project}; if it is meant, add --overwrite-edits", book=book, project=PROJECT)  # fmt: skip
    return Message("they are listed in {book}; if it is meant, add --overwrite-edits", book=book)


def find_edits(pipeline: Pipeline, *, resumed: bool = False) -> None:
    """See, after validate, whether a load of all rows would cost what people did in the target since; where it is meant, only note it.

    A first load, and one after a rollback of all that was loaded, has nothing to look for; one that is resumed, or writes a part only, was asked before.

    Raises:
        ConfigurationError: `load.overwrites-edits`, or another project's rows would be changed: before anything is written.
    """
    options, edits = pipeline.options("load"), pipeline.edits
    edits.found.clear()
    if resumed:
        return
    rows = pipeline.inputs("load")
    with pipeline.open_target() as target:
        if not may_have_edits(target):
            return
        if wrong := taken_for_own(target, rows, None, pipeline.owner):
            raise wrong
        first = True
        plan = load_plan([mapping for mapping in options.mappings if mapping.object in rows], options.batch_rows)
        writers = Counter((step.table, column) for step in plan.objects for column in step.columns)
        for step in plan.objects:
            several = {column for column in step.columns if writers[step.table, column] > 1}
            for batch in load_batches(rows[step.object], step.columns, options.batch_rows):
                found = target.plan_batch(step, batch, first=first, edits=True).conflicts
                # What two objects write into one table, the one finds as the other left it.
                edits.add(step.object, [one for one in found if one.kind != "edited" or one.column not in several])
                first = False
        if not edits.found:
            return
        edits.book = list_edits(pipeline, edits)
        if not edits.meant:
            place = str(pipeline.context.workspace.folder)
            raise ConfigurationError(
                "load.overwrites-edits", Message("a load of all rows would write over {edited} rows that people edited in the target since they were loaded, and bring back {deleted} that they deleted ({objects})", **_words(edits)),
                place, way_on(pipeline, target, edits),
            )  # fmt: skip


def may_have_edits(target: Target) -> bool:
    """Whether a load has left rows in the target."""
    return any(run.kind == "load" and run.changes and run.state != "rolled_back" for run in target.runs())


def list_edits(pipeline: Pipeline, edits: Edits) -> Path:
    """Write the workbook into the reports of the step that made the rows to be loaded.

    Raises:
        LocationError: it cannot be written.
    """
    from crmmigrate.reports.overwriting import EDITS_BOOK, write_edits

    workspace, given = pipeline.context.workspace, pipeline.inputs("load")
    lines = [
        (name, "", one.record, one.key, one.column, one.kind, one.base, one.ours, one.theirs) for name, found in edits.found.items() for one in found
    ]  # fmt: skip
    origins = {
        name: dict(given[name].frame([RECORD, ORIGIN]).itertuples(index=False, name=None)) for name in edits.found
    }
    path = workspace.runs_folder / pipeline.steps[-1].manifest.run / "reports" / EDITS_BOOK
    try:
        path.parent.mkdir(exist_ok=True)
        write_edits(path, spoken(), found=text_frame(lines, CONFLICT_COLUMNS), origins=origins)
    except OSError as error:
        raise workspace.not_writable(error) from error
    return path
