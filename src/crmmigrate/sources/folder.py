"""Folders: every file in them and below, in the order of their paths, and the tables of those that have some.

A file that lies there twice is read once. Older versions of a file (`客户_v1`, `客户_最终版`) are read too, and told, so that
nothing is lost in silence: which of them is meant, people say with `files` and `exclude` of the source.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import Issue, declare_code
from crmmigrate.model.source import SourceFile
from crmmigrate.model.system_words import os_reason
from crmmigrate.sources._detect import format_of
from crmmigrate.sources._held import Held
from crmmigrate.sources._own import is_report, is_workspace
from crmmigrate.sources._request import CHUNK, Request, file_facts, no_rows, unreadable
from crmmigrate.sources._versions import Version, alike, rank, version_of_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crmmigrate.model.source import Reading, SourceTable

TITLE = Message("folder")
TABLE_FILES = frozenset((
    ".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".ods", ".fods", ".et", ".ett", ".xml", ".html", ".htm", ".csv", ".tsv", ".tab", ".txt", ".vcf", ".vcard", ".db", ".sqlite",
    ".sqlite3", ".db3", ".dbf", ".mdb", ".accdb", ".parquet", ".json", ".jsonl", ".ndjson",
))  # fmt: skip
"""Endings of the files that are read; others in the folder are not tables (pictures, documents)."""
_PAGES = frozenset((".xml", ".html", ".htm"))
"""Endings of tables and of much else: only what is in the file tells."""
ARCHIVES = frozenset((".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz"))
TEMPORARY = frozenset((".tmp", ".temp", ".part", ".crdownload", ".download", ".swp", ".lock"))
_NO_TABLES = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db"))
NO_TABLE = Message("there is no table in it")
_REPORT = Message("it is a report of this program; name the file itself to read it")
_EMPTY = ("file.empty", "source.empty")

DUPLICATE = declare_code("source.duplicate-file", Message("the file is in the folder twice; it is read once"))
OLDER = declare_code("source.older-version", Message("the file is an older version of another one; both are read"))
ARCHIVE = declare_code(
    "source.archive", Message("the archive is not opened; unpack it into the folder if it belongs to the source")
)
EMPTY = declare_code("source.empty-file", Message("there is nothing in the file"))
TOLD = {"duplicate": DUPLICATE, "older-version": OLDER, "archive": ARCHIVE, "empty": EMPTY}


@dataclass
class _Found:
    """A file of the folder on its way: what is known of it, and its tables once it was opened."""

    path: Path
    about: SourceFile
    version: Version
    tables: list[SourceTable] = field(default_factory=list)

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(column for table in self.tables for column in table.columns)


def read(
    folder: Path, request: Request, read_file: Callable[[Request], Iterator[SourceTable]], reading: Reading
) -> Iterator[SourceTable]:
    """Yield the tables of all files: each named by its file's stem, or `stem/sheet` where a file has several.

    Args:
        folder: where to look.
        request: what is asked for.
        read_file: reads one file.
        reading: whether to go on past files that cannot be read; gets the list of all files.

    Raises:
        LocationError: there is no file with a table, or one of them cannot be read.
    """
    found = inventory(folder, request)
    reading.files += [one.about for one in found]
    _mark_duplicates(found)
    wanted = [one for one in found if one.about.state == "read"]
    if not wanted:
        raise _nothing(folder, found)
    known = []
    held = Held(read_file)
    for one, stem in zip(wanted, _stems(folder, [one.path for one in wanted]), strict=True):
        _open(
            one,
            replace(request, path=one.path, inside=one.about.file, stem=stem, table="", patterns=()),
            held,
            reading,
        )
        known += [table.name for table in one.tables]
    _mark_versions(wanted)
    replace(request, path=folder).check_table(known)
    given = [one for one in wanted if _choose(one, request)]
    if not given and not request.patterns:
        raise reading.refused[0] if reading.refused else no_rows(str(folder))
    _tell(found, given)
    for one in given:
        yield from one.tables


def inventory(folder: Path, request: Request) -> list[_Found]:
    """Return every file below a folder; links are not followed, hidden folders and workspaces of ours not entered.

    Raises:
        LocationError: a folder cannot be listed.
    """

    def refuse(error: OSError) -> None:
        raise unreadable(error, str(error.filename or folder)) from error

    found: list[_Found] = []
    for place, folders, files in os.walk(folder, onerror=refuse):
        entered = [name for name in folders if _is_entered(Path(place) / name)]
        beside = [name for name in folders if name not in entered]
        folders[:] = entered
        found += [_look(Path(place) / name, folder, request) for name in (*files, *beside)]
    return sorted(found, key=lambda one: one.about.file)


def _is_entered(folder: Path) -> bool:
    return not folder.name.startswith(".") and not folder.is_symlink() and not is_workspace(folder)


def _look(path: Path, folder: Path, request: Request) -> _Found:
    inside = path.relative_to(folder).as_posix()
    about = SourceFile(inside, "", format=path.suffix.lower().removeprefix(".") or None)
    about.state, about.why = _state(path, inside, request)
    if about.state != "link" and is_workspace(path):
        about.state, about.why = "own", Message("it is the workspace of a migration")
    if about.state not in ("link", "hidden") and not path.is_dir():
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                about.state, about.why = "no-table", Message("it is no ordinary file")
            else:
                facts = file_facts(path)
                about.size, about.modified, about.sha256 = facts["size"], facts["modified"], facts["sha256"]
        except OSError as error:  # one that is to be read says so again when it is opened
            about.why = Message("the file cannot be read: {why}", why=os_reason(error))
    if about.state == "read" and about.size == 0:
        about.state = "empty"
    elif about.state == "read" and is_report(path):
        about.state, about.why = "own", _REPORT
    elif about.state == "read" and path.suffix.lower() in _PAGES and not _may_hold_table(path):
        about.state, about.why = "no-table", NO_TABLE
    return _Found(path, about, version_of_path(inside))


def _may_hold_table(path: Path) -> bool:
    """Whether it is worth opening: settings in XML, reports and pages of help are neither read nor an error."""
    try:
        kind = format_of(path)
        return kind != "csv" and (kind != "html" or _has_table_tag(path))
    except LocationError as error:
        return error.code not in (*_EMPTY, "file.no-table", "file.unknown-format")
    except OSError:  # said when it is opened
        return True


def _has_table_tag(path: Path) -> bool:
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            data = tail + chunk.replace(b"\0", b"").lower()  # without what UTF-16 puts between
            if b"<table" in data:
                return True
            tail = data[-5:]
    return False


def _state(path: Path, inside: str, request: Request) -> tuple[str, Message | None]:
    """Say by its name alone what a file is."""
    name, ending = path.name, path.suffix.lower()
    if path.is_symlink():
        return "link", Message("links are not followed")
    if name.startswith(("~$", ".~lock")):
        return "lock", Message("its file is, or was, open in an office program")
    if name.startswith("."):
        return "hidden", None
    if ending in TEMPORARY:
        return "temporary", None
    if ending in ARCHIVES:
        return "archive", Message("unpack it into the folder if it belongs to the source")
    if ending not in TABLE_FILES or name.lower() in _NO_TABLES:
        return "no-table", Message("files that are read end in: {endings}", endings=" ".join(sorted(TABLE_FILES)))

    def fits(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(inside, pattern) or fnmatchcase(name, pattern) for pattern in patterns)

    if fits(request.exclude) or (request.files and not fits(request.files)):
        return "excluded", Message("it is left out as asked")
    return "read", None


def _mark_duplicates(found: list[_Found]) -> None:
    """Keep one of the files of the same content: that whose name says least of being a copy, then the highest up."""
    same: dict[str, list[_Found]] = {}
    for one in found:
        if one.about.state == "read" and one.about.sha256:
            same.setdefault(one.about.sha256, []).append(one)
    for group in same.values():
        first, *others = sorted(
            group, key=lambda one: (one.version.older, one.version.marked, one.about.file.count("/"), one.about.file)
        )
        for other in others:
            other.about.state, other.about.why = "duplicate", first.about.file


def _stems(folder: Path, paths: list[Path]) -> list[str]:
    """Return the names of the files' tables: stems, with the folder or the ending only where they are needed."""
    names = []
    for path in paths:
        inside = path.relative_to(folder).as_posix()
        twins = [other for other in paths if other.stem == path.stem]
        alone = sum(other.with_suffix("") == path.with_suffix("") for other in twins) == 1
        names.append(path.stem if len(twins) == 1 else inside.removesuffix(path.suffix) if alone else inside)
    return names


def _open(one: _Found, request: Request, held: Held, reading: Reading) -> None:
    try:
        one.tables = held.tables(request)
    except LocationError as error:
        if error.code in (*_EMPTY, "file.is-html") and one.path.suffix.lower() in _PAGES:
            one.about.state, one.about.why = "no-table", NO_TABLE
            return
        if error.code in _EMPTY:
            one.about.state = "empty"
            return
        if not reading.keep_going:
            hint = Message("mend the file, or leave it out with 'exclude'")
            raise LocationError(error.code, error.message, error.place, error.hint or hint) from error
        one.about.state, one.about.why = "unreadable", error.message
        reading.refused.append(error)
        return
    one.about.format = next((table.facts.get("format") for table in one.tables), one.about.format)
    for table in one.tables:
        table.name = request.stem if len(one.tables) == 1 else f"{request.stem}/{table.name}"


def _mark_versions(opened: list[_Found]) -> None:
    """Find files of one name but for the marks of a version, and of like columns; the newest of them is none of the older."""
    families: dict[str, list[_Found]] = {}
    for one in opened:
        if one.tables and one.version.stem:
            families.setdefault(one.version.stem, []).append(one)
    for family in families.values():
        dated = all(one.version.date for one in family)
        ordered = sorted(family, key=lambda one: rank(one.version, one.about.modified or "", all_dated=dated))
        for position, one in enumerate(ordered[:-1]):
            newer = [
                other for other in ordered[position + 1 :]
                if (one.version.marked or other.version.marked) and alike(one.columns, other.columns)
            ]  # fmt: skip
            if newer:
                one.about.state, one.about.why = "older-version", newer[-1].about.file


def _choose(one: _Found, request: Request) -> bool:
    """Keep the tables of a file that were asked for."""
    if one.tables and not any(request.wants(table.name) for table in one.tables):
        one.about.state, one.about.why = "not-asked", None
    one.tables = [table for table in one.tables if request.wants(table.name)]
    return bool(one.tables)


def _tell(found: list[_Found], given: list[_Found]) -> None:
    """Note duplicates, older versions, archives and empty files at a table of the file they belong to, or at the first."""
    tables = {one.about.file: one.tables[0] for one in given}
    for one in found:
        code = TOLD.get(one.about.state)
        if code and tables:
            table = tables.get(one.about.file) or tables.get(str(one.about.why)) or next(iter(tables.values()))
            table.issues.append(
                Issue(table.name, "", one.about.file, "", code, "warning", "LOGIC", after=_words(one.about.why)).row()
            )
            table.__post_init__()


def _words(why: Any) -> str | None:
    return why if isinstance(why, str) else None


def _nothing(folder: Path, found: list[_Found]) -> LocationError:
    hint = Message("files that are read end in: {endings}", endings=" ".join(sorted(TABLE_FILES)))
    if any(one.about.state == "archive" for one in found):
        hint = Message("unpack the archives in it first")
    return LocationError("source.empty", Message("there is no file with a table in the folder"), str(folder), hint)
