"""Rows that a load never touched and that differ from before it nevertheless: who may have changed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.model.target import TargetRun


def later_runs(runs: Iterable[TargetRun], undone: TargetRun, rollback: str) -> list[str]:
    """Return those of `runs` that wrote something since the load `undone` began; what undoes it, `rollback` among them, is left out."""
    return [
        known.run for known in runs
        if known.changes and (known.since, known.run) > (undone.since, undone.run)
        and known.run != rollback and known.parent != undone.run
    ]  # fmt: skip


def other_rows_differ(foreign: Mapping[str, int], later: Sequence[str]) -> list[Message]:
    """Say of each table in `foreign` by how many rows the others are more or less than before the load, and that `later` runs wrote since."""
    if later:
        return [
            Message(
                "other rows of {table} differ from before the load ({more} rows): {runs} wrote since, and maybe others or triggers",
                table=table, more=f"{more:+d}", runs=", ".join(later),
            )
            for table, more in foreign.items()
        ]  # fmt: skip
    return [
        Message(
            "other rows of {table} differ from before the load ({more} rows): changed by others or by triggers",
            table=table, more=f"{more:+d}",
        )
        for table, more in foreign.items()
    ]  # fmt: skip
