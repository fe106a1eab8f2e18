"""Remember what people decided: the workbooks that came back are kept beside the migration.yaml, and so is the undoing of a merge."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, CrmMigrateError, Findings, LocationError
from crmmigrate.messages import Message, shell_line, spoken
from crmmigrate.model.decision import UNDO, Split, Told, latest, refuse_torn, torn
from crmmigrate.model.issue import RECORD
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import Table, Tables
from crmmigrate.reports.review import read_review, write_split
from crmmigrate.runner.execute import reopen
from crmmigrate.stages.dedupe import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.project import Project
    from crmmigrate.runner.workspace import Workspace

REMOVED = f"{DECISIONS}/removed"
"""The folder of workbooks that were taken back: no run reads them."""

_REVIEW = "review."
"""How the codes begin of what is wrong with decisions."""


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
    try:
        refuse_torn(torn(held), held)
    except Findings as error:  # maybe at places of workbooks that came before
        raise _refused(error, book) from error
    return len(decisions)


@contextmanager
def remembered(project: Project, book: Path | None) -> Iterator[None]:
    """Keep a reviewed workbook for the run made meanwhile and for every later one; it is not kept where that run refuses it.

    Args:
        project: the migration.yaml.
        book: the workbook; without one nothing is done.

    Raises:
        ConfigurationError: it is no review workbook, or cannot be read as one.
        Findings: its decisions, with those kept before, cannot all hold, or are about nothing that is there; the places name `book` itself.
        LocationError: it does not exist, or cannot be copied.
    """
    if book is None:
        yield
        return
    check(project, book)
    kept = keep_copy(book, project.file(DECISIONS))
    object.__setattr__(project, "brought", kept.name)  # read like `written_in`, and no setting
    try:
        yield
    except ConfigurationError as error:
        if not any(one.code.startswith(_REVIEW) for one in _each(error)):
            raise
        kept.unlink(missing_ok=True)
        for one in _each(error):
            one.place = one.place.replace(kept.name, book.name)
        raise _refused(error, book) from error
    finally:
        object.__setattr__(project, "brought", "")


@contextmanager
def removable(project: Project) -> Iterator[None]:
    """Let what is told of a kept workbook that cannot hold say how to take it back."""
    try:
        yield
    except ConfigurationError as error:
        kept = {book.name for book in project.kept_books(DECISIONS)}
        errors = _each(error)
        stored = [one for one in errors if one.code.startswith(_REVIEW) and _book_of(one) in kept]
        if not stored:
            raise
        for one in stored:
            way = Message(
                "to take the kept workbook back: crmmigrate decisions remove {book} --project {project}",
                book=shell_line(_book_of(one)), project=PROJECT,
            )  # fmt: skip
            one.hint = _and_then(one.hint, way)
        raise Findings(errors) from error


def _book_of(error: ConfigurationError) -> str:
    return PurePath(error.place.partition("!")[0]).name


def _refused(error: ConfigurationError, book: Path) -> Findings:
    """Return the error with the word, behind all else, that the workbook is not kept."""
    errors = _each(error)
    errors[-1].hint = _and_then(errors[-1].hint, Message("{book} was not kept", book=book.name))
    return Findings(errors)


def _each(error: ConfigurationError) -> list[ConfigurationError]:
    return list(error.errors) if isinstance(error, Findings) else [error]


def _and_then(hint: Message | None, way: Message) -> Message:
    return way if hint is None else Message("{hint}; {way}", hint=hint, way=way)


def remove(project: Project, named: str) -> tuple[Path, int]:
    """Take a kept workbook back; it is put aside, so that what people wrote in it is not lost.

    Args:
        project: the migration.yaml.
        named: the workbook, as it is kept or as it was called when it was given.

    Returns:
        Where it lies now, and how many decisions no longer hold; -1 where they cannot be read.

    Raises:
        ConfigurationError: none is called so, or several are.
        LocationError: it cannot be moved.
    """
    kept = project.kept_books(DECISIONS)
    name = PurePath(named).name.removesuffix(".xlsx")
    found = [one for one in kept if one.stem == name] or [one for one in kept if one.stem.partition("-")[2] == name]
    if len(found) != 1:
        shown = ", ".join(one.name for one in found or kept)
        raise ConfigurationError(
            "decisions.several-workbooks" if found else "decisions.no-workbook",
            Message("several kept workbooks are called '{name}'", name=named) if found else Message("no kept workbook is called '{name}'", name=named),
            str(project.file(DECISIONS)), Message("one of: {words}", words=shown) if shown else None,
        )  # fmt: skip
    try:
        count = len(read_review(found[0]))
    except CrmMigrateError:
        count = -1
    folder = project.file(REMOVED)
    try:
        folder.mkdir(exist_ok=True)
        return found[0].replace(folder / found[0].name), count
    except OSError as error:
        raise _not_kept(error, folder) from error


def keep_copy(book: Path, folder: Path) -> Path:
    """Copy a workbook that came back to a folder beside the migration.yaml, under a name that sorts by time, which is returned.

    Raises:
        LocationError: it does not exist, or cannot be copied.
    """
    try:
        folder.mkdir(exist_ok=True)
        return Path(shutil.copyfile(book, folder / _name(book.stem)))
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
