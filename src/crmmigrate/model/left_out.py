"""Rows that could be loaded and are left out of a part of a load: why, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.stage import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OTHER_WAVE = declare_code("load.other-wave", Message("it waits for another wave"))
NO_WAVE = declare_code("load.no-wave", Message("it belongs to no wave"))
TAKEN_BACK = declare_code("load.taken-back", Message("a rollback took it out of the target; it stays out"))

LEFT_OUT = {
    OTHER_WAVE: Message("{count} rows wait for another wave: crmmigrate load {project} --wave NAME"),
    NO_WAVE: Message("{count} rows belong to no wave of migration.yaml and stay out"),
    TAKEN_BACK: Message("{count} rows that a rollback took out stay out; to bring them in again: crmmigrate delta {project} --rolled-back load"),
}  # fmt: skip
"""Code → what is said of the rows."""

LEFT_OUT_COLUMNS = ("object", "_record", "code")
"""Of a table of such rows."""


def told_given_back(counts: Iterable[Mapping[str, int]], project: str = PROJECT) -> list[Message]:
    """Say of how many rows people took changes back, which are not made once more.

    Args:
        counts: of the objects of a delta, by group of rows.
        project: as a command line names it.
    """
    rows = sum(its["given_back"] for its in counts)
    if not rows:
        return []
    return [
        Message("{count} rows keep what a rollback gave back to them; to change them again: crmmigrate delta {project} --rolled-back load",
                count=f"{rows:,}", project=project)
    ]  # fmt: skip


def told_left_out(counts: Mapping[str, int]) -> list[Message]:
    """Say how many rows are left out, and why.

    Args:
        counts: by code.
    """
    return [
        Message.again(told.template, {"count": f"{counts[code]:,}", "project": PROJECT})
        for code, told in LEFT_OUT.items()
        if counts.get(code)
    ]
