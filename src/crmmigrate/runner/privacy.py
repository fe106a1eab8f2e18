"""Look for personal data where it does not belong: in the log, in manifests and reports, and unmasked in the data of a trial."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from crmmigrate.checks.personal_patterns import narrow
from crmmigrate.messages import Message, spoken
from crmmigrate.model.location import Location
from crmmigrate.model.privacy import STAGE_SCAN, Leak, Scanned, plain, shown, token
from crmmigrate.reports.privacy import DATA, WORKBOOK, write_privacy, write_privacy_data
from crmmigrate.runner.personal_values import held, records_of
from crmmigrate.runner.scanned_files import UnreadableError, database_parts, is_declared, parts_of, records_in
from crmmigrate.runner.trial import KEY, masking_key
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from crmmigrate.checks.personal_values import KnownValues
    from crmmigrate.model.privacy import Hit, Kind
    from crmmigrate.model.project import Project
    from crmmigrate.runner.scanned_files import Part
    from crmmigrate.runner.workspace import Run

TRIAL = "trial"
_CHUNK = 2_000_000
"""Characters that are walked through at once."""
_SHOWN = 1_000
"""Leaks of one part of a file that are listed; the others are counted."""
_TELLING = 5
"""Letters and digits from which a value of a row is recognised inside of another word."""


@dataclass(frozen=True)
class Scan:
    """What came of a scan, and the run that holds its report."""

    run: Run
    found: Scanned


def scan(workspace: Workspace, project: Project | None, places: Sequence[str | Path] = (), language: str = "") -> Scan:
    """Look through a workspace, or through files, folders and databases, and keep what was found as a run.

    Args:
        workspace: whose sources' values are searched for; by default it is what is looked through.
        project: the migration.yaml; without one only what its form gives away is found.
        places: files, folders and database URLs in place of the workspace. Of folders that hold the workspace, or lie in it, only what
            is meant for others is looked through; a file that is named is looked through whatever it is.
        language: of the report.

    Raises:
        LocationError: the workspace cannot be written.
    """
    key = masking_key(workspace)
    run = workspace.begin(STAGE_SCAN)
    try:
        found = _Search(workspace, project, key).through(places)
        run.manifest.facts = {
            "leaks": len(found.leaks), "kinds": found.by_kind(), "files": found.files, "cells": found.cells,
            "declared": found.declared, "unread": {name: why.text("en") for name, why in found.unread.items()},
            "searched": dict(found.searched), "unsearched": dict(found.unsearched), "whole": not places and not found.blind,
            "newest": _newest(workspace, but=run.manifest.run),
        }  # fmt: skip
        for name, write in ((WORKBOOK, write_privacy), (DATA, write_privacy_data)):
            partial(write, run.report_path(name), language or spoken(), found)()
            run.manifest.reports.append(name)
        run.end("done", 1 if found.leaks or found.unread or (found.blind and not places) else 0)
    except BaseException:
        run.end("failed", 70)
        raise
    return Scan(run, found)


def _newest(workspace: Workspace, but: str) -> str:
    return max((manifest.run for manifest in workspace.manifests() if manifest.run != but), default="")


def meant_for_others(workspace: Workspace) -> Iterator[Path]:
    """Yield the files of a workspace in which no personal data belongs: log, manifests, reports, and all of a trial.

    The tables of the runs and the target are customer data by their nature, as the sources are.
    """
    yield workspace.log
    yield from sorted(workspace.folder.glob("*.html"))
    for folder in _folders(workspace):
        yield from sorted(path for path in folder.glob("*.json") if path.is_file())
        yield from sorted(path for path in (folder / "reports").rglob("*") if path.is_file())
    trial = workspace.folder / TRIAL
    if trial.is_dir():
        yield from sorted(path for path in trial.rglob("*") if path.is_file() and path.name not in (".lock", KEY))


def _folders(workspace: Workspace) -> list[Path]:
    if not workspace.runs_folder.is_dir():
        return []
    return sorted(path for path in workspace.runs_folder.iterdir() if path.is_dir())


@dataclass
class _Search:
    workspace: Workspace
    project: Project | None
    key: str
    found: Scanned = field(default_factory=Scanned)

    def through(self, places: Sequence[str | Path]) -> Scanned:
        known = (collected := held(self.project, self.workspace)).known()
        self.found.searched, self.found.unsearched = known.searched, known.unsearched
        files, databases = _expanded(self.workspace, places)
        trial = self.workspace.folder.resolve() / TRIAL
        scratch = self.project.location(self.project.trial.url) if self.project and self.project.trial.url else None
        inside = {path for path in files if trial in path.resolve().parents}
        if scratch and not places:
            databases.append(scratch)
        for path in files:
            if path not in inside:
                self._file(path, known)
        tried = [place for place in databases if scratch and place.shown == scratch.shown]
        for place in databases:
            if place not in tried:
                self._parts(place.shown, database_parts(place), known, masked=False, linked=None)
        if inside or tried:
            masks = self.project is None or self.project.trial.mask
            made_up = collected.known(self.key) if masks else known
            linked = self._linked(inside)
            for path in sorted(inside):
                self._file(path, made_up, masked=masks, linked=linked)
            for place in tried:
                self._parts(place.shown, database_parts(place), made_up, masked=masks, linked=linked)
        return self.found

    def _linked(self, paths: Iterable[Path]) -> dict[str, set[str]]:
        """Return record → what its row says about people, of the records in the tables of a trial."""
        wanted: set[str] = set()
        for path in paths:
            if path.suffix == ".parquet":
                wanted |= records_in(path)
        return records_of(self.project, self.workspace, wanted) if self.project and wanted else {}

    def _file(
        self, path: Path, known: KnownValues, *, masked: bool = False, linked: dict[str, set[str]] | None = None
    ) -> None:
        name = self._named(path)
        if is_declared(path) if not masked else self._is_register(path):
            self.found.declared.append(name)
            return
        self._parts(name, parts_of(path), known, masked=masked, linked=linked)

    def _is_register(self, path: Path) -> bool:
        """Whether a table of a trial is a copy of a source that is only looked things up in: a register, not customers."""
        sources = self.project.sources if self.project else {}
        return any(spec.reference and path.name.startswith(f"{name}.") for name, spec in sources.items())

    def _parts(
        self, name: str, parts: Iterator[Part], known: KnownValues, *, masked: bool, linked: dict[str, set[str]] | None
    ) -> None:
        try:
            for part in parts:
                self.found.cells += len(part.texts)
                self.found.leaks += [
                    Leak(kind, name, place, shown(kind, value), token(self.key, value), is_known, times)
                    for place, kind, value, is_known, times in _leaks(part, known, masked=masked, linked=linked or {})
                ]
            self.found.files += 1
        except UnreadableError as error:
            self.found.unread[name] = error.why

    def _named(self, path: Path) -> str:
        whole, folder = path.resolve(), self.workspace.folder.resolve()
        return whole.relative_to(folder).as_posix() if folder in whole.parents else str(path)


def _expanded(workspace: Workspace, places: Sequence[str | Path]) -> tuple[list[Path], list[Location]]:
    """Return the files and databases meant; a file that is reached on several ways is one."""
    from pathlib import Path

    if not places:
        return [path for path in meant_for_others(workspace) if path.is_file()], []
    files: dict[Path, Path] = {}
    inside, ours = workspace.folder.resolve(), {path.resolve() for path in meant_for_others(workspace)}
    for place in (Path(place) for place in places if "://" not in str(place)):
        found = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
        for path in found:
            whole = path.resolve()
            if path == place or inside not in whole.parents or whole in ours:
                files.setdefault(whole, path)
    databases = [Location.parse(str(place)) for place in places if "://" in str(place)]
    return list(files.values()), list(dict.fromkeys(databases))


def _leaks(
    part: Part, known: KnownValues, *, masked: bool, linked: dict[str, set[str]]
) -> Iterator[tuple[str, Kind, str, bool, int]]:
    """Yield place, kind, value, whether it is known, and how often, of what one part holds; each value once."""
    first: dict[tuple[Kind, str], tuple[int, bool]] = {}
    times: Counter[tuple[Kind, str]] = Counter()
    told = _distinct(part)
    for index, count, text, hit in _hits(told, known, masked=masked):
        value = text[hit.start : hit.end]
        first.setdefault((hit.kind, value), (index, hit.known))
        times[hit.kind, value] += count
    for (kind, value), (index, is_known) in first.items():
        yield part.place(index), kind, value, is_known, times[kind, value]
    if masked and linked and part.records:
        yield from _unmasked(
            part, linked, {plain(value) for value in ({value for _, value in first} | known.structural)}
        )


def _distinct(part: Part) -> dict[str, list[int]]:
    """Return text → the index of its first cell, and how many cells hold it."""
    told: dict[str, list[int]] = {}
    for index, text in enumerate(part.texts):
        if text is not None:
            seen = told.get(text)
            if seen is None:
                told[text] = [index, 1]
            else:
                seen[1] += 1
    return told


def _hits(told: dict[str, list[int]], known: KnownValues, *, masked: bool) -> Iterator[tuple[int, int, str, Hit]]:
    """Yield index, count, the chunk's text and a hit in it, walking through many cells at once."""
    texts = list(told)
    at = 0
    while at < len(texts):
        size, end = 0, at
        while end < len(texts) and (size < _CHUNK or end == at):
            size += len(texts[end]) + 1
            end += 1
        chunk = narrow("\n".join(texts[at:end]))
        found = known.search(chunk, masked=masked)
        if found:
            starts = list(accumulate((len(text) + 1 for text in texts[at:end]), initial=0))
            for hit in found:
                index, count = told[texts[at + bisect_right(starts, hit.start) - 1]]
                yield index, count, chunk, hit
        at = end


def _unmasked(part: Part, linked: dict[str, set[str]], done: set[str]) -> Iterator[tuple[str, Kind, str, bool, int]]:
    """Yield what a row of the trial shows of the very record it was made from, however short.

    A few letters (the `com` of a damaged `x@163,com`) are inside of many words: such a value has to be the whole cell.

    Args:
        part: of a table of the trial.
        linked: record → its values.
        done: values, in plain form, that are told already or are no leak.
    """
    listed = 0
    for index, (text, record) in enumerate(zip(part.texts, part.records or (), strict=True)):
        if text is None or record not in linked:
            continue
        flat = plain(text)
        for value in linked[record]:
            form = plain(value)
            shows = form == flat or (form in flat and (len(form) >= _TELLING or not form.isascii()))
            if listed < _SHOWN and form not in done and shows:
                listed += 1
                yield part.place(index), _kind_of(value), value, True, 1


def _kind_of(value: str) -> Kind:
    """Return what kind of data a value of a row is, by its form."""
    form = plain(value)
    if "@" in form:
        return "email"
    if form.rstrip("x").isdigit():
        return "identity" if len(form) in (15, 18) else "phone"
    return "person" if len(form) < 5 else "address"


def summary(found: Scanned) -> list[Message]:
    """Return what is to be said about a scan, in sentences."""
    searched = sum(found.searched.values())
    said = [
        Message("{files} files with {cells} cells and lines were looked through for {values} values of the sources and for whatever looks personal",
                files=f"{found.files:,}", cells=f"{found.cells:,}", values=f"{searched:,}"),
    ]  # fmt: skip
    if found.declared:
        said.append(Message("{count} reports hold personal data by design", count=len(found.declared)))
    return said
