"""The workspace: one folder a run, a manifest in each, and a log whose lines are chained by their hashes."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import secrets
import shutil
import socket
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from crmmigrate import __version__
from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.manifest import Manifest
from crmmigrate.model.privacy import STAGE_PURGE
from crmmigrate.model.stage import PROJECT, RUNS
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST = "0" * 64
_LOOK = 0.4
"""Seconds in which a lock is tried: whoever only looks whether a command is at work holds it for a moment."""

LAST = "last"
"""What people call the newest load that was completed."""


class Workspace:
    """A folder that holds runs and their log.

    Args:
        folder: made when the first run begins.
        lasting: whether it is to be there after a power cut, which one that goes with its command need not be.
    """

    def __init__(self, folder: Path, *, lasting: bool = True) -> None:
        self.folder = folder
        self.lasting = lasting
        self.runs_folder = folder / "runs"
        self.log = folder / "log.jsonl"

    def begin(self, stage: str, *, parent: str = "", run: str = "") -> Run:
        """Make the folder of a new run and its manifest in state `running`.

        Args:
            stage: the stage's name.
            parent: the run that called this one.
            run: an existing run's id, to go on with it.

        Raises:
            LocationError: the folder cannot be written.
        """
        now = datetime.now(UTC)
        run = run or self.new_name(stage)
        manifest = Manifest(
            run=run, stage=stage, started=now.isoformat(timespec="seconds"), parent=parent,
            operator=f"{_user()}@{socket.gethostname()}", versions=dict(_versions()),
        )  # fmt: skip
        started = Run(self, manifest)
        try:
            started.tables_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self.not_writable(error) from error
        started.save()
        return started

    def new_name(self, stage: str) -> str:
        """Return the id of a new run of `stage`, behind those of all runs there are, even if the clock was set back."""
        last = max(self._times(), default=datetime.min.replace(tzinfo=UTC))
        now = max(datetime.now(UTC), last + timedelta(milliseconds=1))
        # Milliseconds, so that the names of runs sort by time.
        return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{stage}-{secrets.token_hex(3)}"

    def _times(self) -> Iterator[datetime]:
        """Yield when the runs began, by their names; other folders that somebody put beside them have none."""
        if self.runs_folder.is_dir():
            for path in self.runs_folder.iterdir():
                with suppress(ValueError):
                    yield datetime.strptime(path.name.partition("-")[0], "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands that write out of this workspace; the lock goes with the process, however that ends.

        What a run has left unfinished whose process was killed is removed first.

        Raises:
            LimitReached: another command is at work here.
            LocationError: the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / ".lock")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=_LOOK, poll_interval=_LOOK / 20)
        except Timeout as error:
            raise LimitReached(
                "work.busy", Message("another command is at work in this workspace"), str(self.folder),
                Message("wait until it ends, then run this one again"),
            ) from error  # fmt: skip
        except OSError as error:
            raise self.not_writable(error) from error
        try:
            for tables in self.runs_folder.glob("*/tables"):
                _drop_unfinished(tables)
            yield
        finally:
            lock.release()

    def told(self) -> list[Manifest]:
        """Return the manifests of all runs as they are to be told, oldest first: a run whose process was killed is stopped, whatever it says of itself."""
        found = list(self.manifests())
        running = [place for place, manifest in enumerate(found) if manifest.state == "running"]
        live = running[-1:] if running and self._is_busy() else []
        for place in running:
            if place not in live:
                found[place] = replace(found[place], state="stopped")
        return found

    def _is_busy(self) -> bool:
        """Whether a command is at work here: it holds the lock, which goes with its process."""
        from filelock import FileLock, Timeout

        if not (self.folder / ".lock").exists():
            return False
        try:
            with FileLock(self.folder / ".lock").acquire(timeout=_LOOK / 2, poll_interval=_LOOK / 20):
                return False
        except (Timeout, OSError):  # a folder that only others may write tells nothing
            return True

    def not_writable(self, error: OSError) -> LocationError:
        """Return what to say where the disk is full or the folder closed."""
        return LocationError(
            "work.not-writable",
            Message("the workspace cannot be written: {why}", why=os_reason(error)),
            str(self.folder),
            Message("free space or choose another folder with --work"),
        )

    def manifests(self) -> Iterator[Manifest]:
        """Yield the manifests of all runs, oldest first."""
        if not self.runs_folder.is_dir():
            return
        for path in sorted(self.runs_folder.glob("*/manifest.json"), key=lambda path: path.parent.name):
            with suppress(
                ValueError, TypeError
            ):  # cut off by a crash, or written by another version: no run to rely on
                yield Manifest(**json.loads(path.read_text(encoding="utf-8")))

    def latest(self, stage: str, key: str | None = None) -> Manifest | None:
        """Return the newest completed run of `stage` (whose `options` digest is `key`), or None."""
        found = None
        for manifest in self.manifests():
            if manifest.stage == stage and manifest.state == "done" and key in (None, manifest.options):
                found = manifest
        return found

    def destroyed(self) -> ConfigurationError | None:
        """Return what to say where a purge destroyed what a command needs; None where there was no purge."""
        purge = self.latest(STAGE_PURGE)
        if purge is None:
            return None
        files, images = int(purge.facts["files"]), sum(purge.facts["images"].values())
        return ConfigurationError(
            "work.purged",
            Message("the personal data of this migration was destroyed on {day} by {who}: {files} files, {images} images in the target",
                    day=purge.ended, who=purge.operator, files=f"{files:,}", images=f"{images:,}"),
            str(self.runs_folder / purge.run / "reports"),
            Message("the record lies there; to migrate again begin anew from the sources, in another folder of runs: crmmigrate run {migration} --work FOLDER", migration=PROJECT),
        )  # fmt: skip

    def find(self, run: str) -> Manifest:
        """Return the manifest of the run with this id or a unique beginning or ending of it; `last` is the newest load.

        Raises:
            ConfigurationError: there is none, or several.
        """
        if run == LAST:
            newest = self.latest("load")
            if newest is None and (gone := self.logged("load")):
                raise self.folder_gone(gone[-1])
            if newest is None:
                raise ConfigurationError(
                    "run.no-load", Message("nothing has been loaded in this workspace"), str(self.folder), Message("{runs} lists what has been run", runs=RUNS)
                )  # fmt: skip
            return newest
        known = list(self.manifests())
        found = [m for m in known if m.run == run] or [m for m in known if m.run.startswith(run) or m.run.endswith(run)]
        if len(found) == 1:
            return found[0]
        hint = nearest(run, [m.run for m in known]) or Message("{runs} lists them", runs=RUNS)
        raise ConfigurationError(
            "run.ambiguous" if found else "run.unknown",
            Message("several runs begin or end with '{run}'", run=run)
            if found
            else Message("there is no run '{run}'", run=run),
            str(self.folder),
            hint,
        )

    def folder_gone(self, load: str) -> ConfigurationError:
        """Return what to say of a load whose folder is gone, so that nobody takes it for one that was never made."""
        return ConfigurationError(
            "run.folder-gone", Message("the load {run} was made, and its folder is gone", run=load), str(self.runs_folder),
            Message("bring it back from a backup; what it loaded can be undone without it: crmmigrate rollback {run} --project {project}", run=load, project=PROJECT),
        )  # fmt: skip

    def append_log(self, manifest: Manifest) -> None:
        """Add a line on `manifest`, chained to the line before by its hash."""
        lines = self._log_lines()
        previous = _hash_of_line(lines[-1]) if lines else _FIRST
        entry: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "run": manifest.run, "stage": manifest.stage,
            "state": manifest.state, "operator": manifest.operator,
            "manifest": file_digest(self.runs_folder / manifest.run / "manifest.json"), "previous": previous,
        }  # fmt: skip
        entry["hash"] = _entry_hash(entry)
        try:
            torn = self.log.exists() and not self.log.read_bytes().endswith(b"\n") and bool(lines)
            with self.log.open("a", encoding="utf-8") as file:
                file.write(("\n" if torn else "") + json.dumps(entry, ensure_ascii=False) + "\n")
                self.make_sure(file)
        except OSError as error:
            raise self.not_writable(error) from error

    def logged(self, stage: str) -> list[str]:
        """Return the runs of a stage of which the log tells that they ended, oldest first; the folders of some may be gone."""
        runs: list[str] = []
        for line in self._log_lines():
            with suppress(ValueError, KeyError, TypeError):  # a line that was touched or cut off
                entry = json.loads(line)
                if entry["stage"] == stage:
                    runs.append(entry["run"])
        return runs

    def loads(self) -> list[str]:
        """Return the loads of the workspace, oldest first, in whatever state, also those whose folder is gone."""
        there = {manifest.run for manifest in self.manifests() if manifest.stage == "load"}
        return sorted(there | set(self.logged("load")))

    def make_sure(self, file: IO[str]) -> None:
        """Have what was written to a file on the disk itself."""
        file.flush()
        if self.lasting:
            os.fsync(file.fileno())

    def broken_log_line(self) -> int:
        """Return the number (from 1) of the first line of the log whose chain is broken, or 0."""
        previous = _FIRST
        for number, line in enumerate(self._log_lines(), 1):
            try:
                entry = json.loads(line)
                given = entry.pop("hash")
                whole = entry["previous"] == previous and _entry_hash(entry) == given
            except (ValueError, KeyError, AttributeError):
                return number
            if not whole:
                return number
            previous = given
        return 0

    def _log_lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


class Run:
    """One run of one stage, on disk."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        self.workspace = workspace
        self.manifest = manifest
        self.folder = workspace.runs_folder / manifest.run

    @property
    def tables_folder(self) -> Path:
        """Where its tables lie."""
        return self.folder / "tables"

    def table_path(self, name: str) -> Path:
        """Return where the table called `name` lies; characters no file system likes are written as %xx."""
        safe = "".join(c if c not in '\\/:*?"<>|%#' else f"%{ord(c):02X}" for c in name)
        return self.tables_folder / f"{safe}.parquet"

    def report_path(self, name: str) -> Path:
        """Return where the report called `name` lies."""
        (self.folder / "reports").mkdir(exist_ok=True)
        return self.folder / "reports" / name

    def save(self) -> None:
        """Write the manifest, atomically.

        Raises:
            LocationError: the disk is full or the folder closed.
        """
        path = self.folder / "manifest.json"
        part = path.with_suffix(".part")
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(json.dumps(self.manifest.as_dict(), ensure_ascii=False, indent=1) + "\n")
                self.workspace.make_sure(file)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise self.workspace.not_writable(error) from error

    def drop_unfinished(self) -> None:
        """Remove tables that were not finished: they hold customer data and are of no use."""
        _drop_unfinished(self.tables_folder)

    def end(self, state: str, exit_code: int) -> None:
        """Close the run in `state` and add it to the log."""
        self.manifest.state = state
        self.manifest.exit_code = exit_code
        self.manifest.ended = datetime.now(UTC).isoformat(timespec="seconds")
        self.save()
        self.workspace.append_log(self.manifest)


def _drop_unfinished(tables: Path) -> None:
    for part in tables.glob("*.part"):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            with suppress(OSError):
                part.unlink()


def destroyed_with(path: Path) -> ConfigurationError | None:
    """Return what to say of a file of a run that is gone; None where no purge was made after the run."""
    if "runs" not in path.parts[:-1]:
        return None
    at = len(path.parts) - 1 - path.parts[::-1].index("runs")
    folder, run = Path(*path.parts[:at]), path.parts[at + 1]
    for workspace in (Workspace(folder), Workspace(folder.parent)):  # that of a trial lies in the workspace
        purge = workspace.latest(STAGE_PURGE)
        if purge is not None and purge.run > run:
            return workspace.destroyed()
    return None


def file_digest(path: Path) -> str:
    """Return the sha256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(*parts: Any) -> str:
    """Return a sha256 over JSON-able parts, hexadecimal."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def _hash_of_line(line: str) -> str:
    """Return the hash a line carries; of a line that was torn by a crash, the hash of what is there."""
    try:
        return str(json.loads(line)["hash"])
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(line.encode()).hexdigest()


def _entry_hash(entry: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "?"


@cache
def _versions() -> dict[str, str]:
    from importlib.metadata import version

    deciding = ("duckdb", "pandas", "pyarrow", "rapidfuzz")
    return {
        "crmmigrate": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in deciding},
    }
