"""Reads legacy sources: one file per format, found by a file's content. Everything is text; nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.model.source import Reading
from crmmigrate.sources._request import Request, missing, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmmigrate.model.location import Location
    from crmmigrate.model.project_layout import RegionSpec
    from crmmigrate.model.source import SourceTable


def read_location(
    location: Location,
    *,
    encoding: str = "",
    tables: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    reading: Reading | None = None,
    layout: Mapping[str, tuple[RegionSpec, ...]] | None = None,
) -> Iterator[SourceTable]:
    """Yield the tables of a file, a folder, a database, or of CSV on standard input.

    Args:
        location: where; with a table behind `#`, only that one.
        encoding: of text files, where it is known.
        tables: patterns (`*`, `?`) of the tables wanted; all by default.
        files: patterns of the files of a folder that are wanted; all by default.
        exclude: patterns of the files of a folder that are not.
        reading: whether to go on past a file of a folder that cannot be read, and where the files met are listed.
        layout: pattern of a sheet → where its tables are, for those that are not to be found out.

    Raises:
        LocationError: it is missing, unreadable, damaged, empty or in a format that is not read; code, place, reason and
            a next step are in it.
        ConfigurationError: a secret or a database driver is missing.
    """
    asked = Request(
        Path(),
        location.name,
        location.name,
        location.table,
        tables,
        encoding,
        files=files,
        exclude=exclude,
        layout=layout or {},
        in_place=reading.in_place if reading else None,
    )
    if location.is_stream:
        yield from _standard_input(asked)
    elif location.is_database:
        from crmmigrate.sources.database import read_url

        yield from read_url(location, replace(asked, inside=""))
    else:
        path = location.path
        yield from _path(path, replace(asked, path=path, stem=path.stem), reading or Reading())


def _path(path: Path, request: Request, reading: Reading) -> Iterator[SourceTable]:
    try:
        if not path.exists():
            raise missing(path)
        is_folder = path.is_dir()
    except OSError as error:
        raise unreadable(error, str(path)) from error
    if is_folder:
        from crmmigrate.sources import folder

        yield from folder.read(path, request, read_file, reading)
    else:
        yield from read_file(request)


def read_file(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of one file with the reader of its format."""
    from crmmigrate.sources._detect import format_of

    module: Any = import_module(f"crmmigrate.sources.{format_of(request.path)}")
    yield from module.read(request)


def _standard_input(asked: Request) -> Iterator[SourceTable]:
    """Read standard input, which can be read only once, through a file that goes with the last of its tables."""
    import shutil
    import sys
    import tempfile
    import weakref

    from crmmigrate.sources import csv

    folder = tempfile.mkdtemp(prefix="crmmigrate-")
    path = Path(folder) / "stdin"
    try:
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        found = list(csv.read(replace(asked, path=path, inside="stdin", stem="stdin")))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    left = [len(found)]

    def gone() -> None:
        left[0] -= 1
        if not left[0]:
            shutil.rmtree(folder, ignore_errors=True)

    for source in found:
        weakref.finalize(source, gone)
    yield from found
