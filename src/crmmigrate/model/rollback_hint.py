"""What is told of a rollback that was cut off half way: the command that goes on with it, with the options it was begun with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message, shell_line
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from crmmigrate.model.target import TargetRun


def finish_rollback(begun: TargetRun) -> Message:
    """Return the command that finishes a rollback, as the journal knows it; the keys of rows, which may be somebody's number, are only counted."""
    chosen = begun.selection
    words = [word for name in chosen.objects for word in ("--object", name)]
    words += [word for batch in chosen.batches for word in ("--batch", str(batch))]
    command = shell_line("crmmigrate", "rollback", begun.parent, *words)
    if chosen.keys:
        return Message(
            "finish the rollback, with the keys it was begun with ({count}): {command} --key … --apply --project {project}",
            count=len(chosen.keys), command=command, project=PROJECT,
        )  # fmt: skip
    return Message("finish the rollback: {command} --apply --project {project}", command=command, project=PROJECT)
