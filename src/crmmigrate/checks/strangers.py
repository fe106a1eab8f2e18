"""Rows of the target that a load would take for its own, because another project calls its records by the same names.

Record names (`crm/客户/17`) are unique in a project and not beyond it: two branches of a company that migrate into one CRM may both
have a customer 17.
"""

from __future__ import annotations

import socket
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crmmigrate.model.load_part import LoadPart
    from crmmigrate.model.table import Table
    from crmmigrate.model.target import Target


@dataclass(frozen=True)
class Owner:
    """Who loads.

    Args:
        project: as the journal of the target names it.
        known: the loads of the workspace, which belong to the project wherever it lay when they were made.
        take_over: whether rows of other projects are taken for its own.
    """

    project: str
    known: frozenset[str] = frozenset()
    take_over: bool = False


def identity_of(folder: Path) -> str:
    """Return how a target's journal tells the project of a folder from others: machine and path."""
    return f"{socket.gethostname()}:{folder.resolve().as_posix()}"


def taken_for_own(
    target: Target, tables: Mapping[str, Table], part: LoadPart | None, owner: Owner
) -> ConfigurationError | None:
    """Return what to say where rows that a load would change were brought in by another project; None where there are none.

    Args:
        target: opened.
        tables: object → its rows.
        part: which of them are to be written; all where it is None.
        owner: of the load.
    """
    runs = {run.run: run for run in target.runs() if run.kind == "load" and run.run not in owner.known}
    strangers = {name: run for name, run in runs.items() if run.project not in ("", owner.project)}
    for name, table in tables.items() if strangers and not owner.take_over else ():
        wanted = set(table.frame([RECORD])[RECORD] if part is None else part.of(name))
        for side in (part.linked, part.changed, part.removed) if part is not None else ():
            wanted |= set(side[name].frame([RECORD])[RECORD]) if name in side else set()
        found: Counter[str] = Counter()
        for links in target.loaded(name):
            theirs = links[links["run"].isin(strangers.keys()) & links[RECORD].isin(wanted)]
            found.update(theirs["run"])
        if found:
            run = strangers[found.most_common(1)[0][0]]
            return ConfigurationError(
                "load.other-project",
                Message("{count} records of '{object}' are called as those that another project ({project}) has loaded here by {run}: its rows would be changed",
                        count=f"{sum(found.values()):,}", object=name, project=run.project, run=run.run),
                target.place,
                Message("where it is another migration, call the source otherwise in one of the two (the names under 'sources'); where it is this one, which was moved, add --take-over"),
            )  # fmt: skip
    return None
