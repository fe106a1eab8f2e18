"""Remember what people decided: the workbooks that came back are kept beside the migration.yaml, and so is the undoing of a merge."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.decision import UNDO, Split, Told, latest, refuse_torn, torn
from crmmigrate.model.issue import RECORD
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import Table, Tables
from crmmigrate.reports.review import read_review, write_split
from crmmigrate.runner.execute import reopen
from crmmigrate.stages.dedupe import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.project import Project
    from crmmigrate.runner.workspace import Workspace


def kept_decisions(project: Project) -> tuple[Told, ...]:
    """Return every decision of the workbooks kept beside a migration.yaml, oldest first."""
    return tuple(decision for book in project.kept(DECISIONS, read_review) for decision in book)


def check(project: Project, book: Path) -> int:
    """Return how many decisions a reviewed workbook holds, if it could be kept.

    Raises:
        ConfigurationError: it is no review workbook, or cannot be read as one.
        Findings: its decisions, with those kept before, cannot all hold.
        LocationError: it does not exist.
    """
    decisions = read_review(book)
    held, _ = latest((*kept_decisions(project), *decisions))
    refuse_torn(torn(held), held)
    return len(decisions)


def remember(project: Project, book: Path) -> int:
    """Keep a reviewed workbook for this and every later run, and return how many decisions it holds.

    Raises:
        ConfigurationError: it is no review workbook, or cannot be read as one.
        Findings: its decisions, with those kept before, cannot all hold; it is not kept.
        LocationError: it does not exist, or cannot be copied.
    """
    count = check(project, book)
    keep_copy(book, project.file(DECISIONS))
    return count


def keep_copy(book: Path, folder: Path) -> None:
    """Copy a workbook that came back to a folder beside the migration.yaml, under a name that sorts by time.

    Raises:
        LocationError: it does not exist, or cannot be copied.
    """
    try:
        folder.mkdir(exist_ok=True)
        shutil.copyfile(book, folder / _name(book.stem))
    except OSError as error:
        raise _not_kept(error, folder) from error


def _name(stem: str) -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{stem}.xlsx"


def split(
    project: Project, workspace: Workspace, group: str, records: Sequence[str] = (), *, reason: str = "", by: str = ""
) -> Split:
    """Decide that a merged group is split again, and keep that; the next run of dedupe does it.

    Args:
        project: the migration.yaml.
        workspace: with the run of dedupe that merged it.
        group: any record of it, a key, or the end of a `_record`.
        records: those to take out; all are taken apart where none is named.
        reason: why.
        by: who.

    Returns:
        The decision made.

    Raises:
        ConfigurationError: dedupe was never run here, nothing of that name was merged, or it may mean several groups.
        Findings: a decision made since the last run merges the same records by a way around.
        LocationError: it cannot be kept.
    """
    found = workspace.latest("dedupe")
    if found is None or "crosswalk" not in found.outputs:
        raise ConfigurationError(
            "decisions.nothing-yet", Message("nothing was de-duplicated in this workspace yet"), str(workspace.folder),
            Message("run: crmmigrate run {project} --to dedupe", project=PROJECT),
        )  # fmt: skip
    made = splitting(reopen(workspace, found.run)["crosswalk"], group, records, reason=reason, by=by)
    held, _ = latest((*kept_decisions(project), made))
    refuse_torn(torn(held), held)
    folder = project.file(DECISIONS)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise _not_kept(error, folder) from error
    write_book(folder / _name(UNDO), made)
    return made


def splitting(crosswalk: Table, group: str, records: Sequence[str] = (), *, reason: str = "", by: str = "") -> Split:
    """Return the decision that splits a merged group; arguments and errors as for `split`."""
    if not {"object", RECORD, "survivor"} <= set(crosswalk.columns):
        raise ConfigurationError(
            "decisions.no-crosswalk", Message("this is no crosswalk"), crosswalk.name, Message("give the file that dedupe wrote with --crosswalk")
        )  # fmt: skip
    tables = Tables({"walk": crosswalk}, confined=False)
    marked = "_mark" if "_mark" in crosswalk.columns else "NULL"
    key = "key" if "key" in crosswalk.columns else "NULL"
    # A record's whole name comes before a business key, and that before the end of a name, which may be the number of a row.
    ways = (f"{RECORD} = $name", f"{key} = $name", f"ends_with({RECORD}, '/' || $name)")
    queries = (f"SELECT DISTINCT object, survivor FROM walk WHERE {where} ORDER BY ALL" for where in ways)
    answers = (tables.connection.execute(query, {"name": group}).fetchall() for query in queries)
    found: list[tuple[str, str]] = next(filter(None, answers), [])
    if len(found) != 1:
        raise ConfigurationError(
            "decisions.ambiguous" if found else "decisions.unknown",
            Message("'{name}' may mean several groups", name=group) if found else Message("no record is called '{name}'", name=group),
            "", Message("name one of them: {words}", words=", ".join(str(into) for _, into in found[:10])) if found
            else Message("the crosswalk of the last run lists the records with what they became"),
        )  # fmt: skip
    kind, survivor = found[0]
    query = (
        f"SELECT {RECORD}, {marked}, {key} FROM walk WHERE object = $kind AND survivor = $survivor ORDER BY {RECORD}"
    )
    rows = tables.connection.execute(query, {"kind": kind, "survivor": survivor}).fetchall()
    marks = {record: mark or "" for record, mark, _ in rows}
    if len(marks) < 2:
        raise ConfigurationError("decisions.not-merged", Message("'{name}' was merged with nothing", name=group))
    taken = _taken(records, {record: name or "" for record, _, name in rows})
    rest = tuple(record for record in marks if record not in taken)
    sides = (tuple(taken), rest) if taken and rest else tuple((record,) for record in marks)
    return Split(kind, sides, marks, reason, by, group)


def _taken(records: Sequence[str], members: Mapping[str, str]) -> list[str]:
    """Return the members of a group (with their business keys) that are named by their `_record`, their key, or the end of the former."""
    taken = set()
    for name in records:
        met = [m for m in members if m == name] or [m for m, key in members.items() if key == name]
        met = met or [m for m in members if m.endswith(f"/{name}")]
        if len(met) != 1:
            raise ConfigurationError(
                "decisions.not-in-group", Message("no record of this group is called '{name}'", name=name), "",
                Message("there are: {words}", words=", ".join(list(members)[:20])),
            )  # fmt: skip
        taken.add(met[0])
    return sorted(taken)


def write_book(path: Path, made: Split) -> None:
    """Write a decision as a workbook that can be given back like a reviewed one.

    Raises:
        LocationError: it cannot be written.
    """
    try:
        write_split(path, spoken(), made)
    except OSError as error:
        raise _not_kept(error, path) from error


def _not_kept(error: OSError, place: Path) -> LocationError:
    return LocationError(
        "decisions.not-kept", Message("the decisions cannot be kept: {why}", why=os_reason(error)), str(place)
    )
