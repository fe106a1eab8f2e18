"""The workbooks of a go-live besides the check itself, and the bundle of evidence."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

from crmmigrate.checks.golive import decide
from crmmigrate.errors import LocationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.golive import STAGE_BOOKS
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import Table, Tables
from crmmigrate.model.whole_file import put
from crmmigrate.reports.cutover import REGISTER, RUNBOOK, write_register, write_runbook
from crmmigrate.reports.golive_sheet import KEPT, NAME, has_answers, write_checklist
from crmmigrate.runner.golive import shown_by, ticks_of
from crmmigrate.runner.scanned_files import is_declared
from crmmigrate.runner.workspace import file_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crmmigrate.runner.pipeline import Pipeline


def build(pipeline: Pipeline, folder: Path) -> tuple[list[Path], list[Path]]:
    """Write checklist, runbook and register of risks; return those written, and those left as they are, because people wrote in them.

    Raises:
        LocationError: the folder cannot be written, or the target not be read.
    """
    paths = [folder / name for name in (NAME, RUNBOOK, REGISTER)]
    left = _written_in(pipeline, paths)
    shown = shown_by(pipeline)
    took = _durations(pipeline)
    rehearsed = [facts["seconds"] for facts in shown.rehearsed.values() if facts and "seconds" in facts]
    rollback = sum(rehearsed) if rehearsed and len(rehearsed) == len(shown.rehearsed) else None
    audit = pipeline.context.workspace.latest("audit")
    risks: list[dict[str, str | None]] = []
    if audit and "risks" in audit.outputs:
        path = pipeline.context.workspace.runs_folder / audit.run / audit.outputs["risks"]["path"]
        risks = Tables({"risks": Table("risks", path)}).sql("FROM risks").to_pylist() if path.exists() else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writers: tuple[Callable[[Path], None], ...] = (
            lambda path: write_checklist(path, spoken(), decide(shown, ticks_of(pipeline), pipeline.named)),
            lambda path: write_runbook(path, spoken(), pipeline.named, shown.load, took, rollback, _waves(pipeline)),
            lambda path: write_register(path, spoken(), risks),
        )
        for path, write in zip(paths, writers, strict=True):
            if path not in left:
                write(path)
    except OSError as error:
        raise LocationError(
            "report.not-writable", Message("the file cannot be written: {why}", why=os_reason(error)), str(folder),
            Message("is it open in Excel, or is there no room?"),
        ) from error  # fmt: skip
    made = [path for path in paths if path not in left]
    run = pipeline.context.workspace.begin(STAGE_BOOKS)
    run.manifest.facts = {"digests": {path.name: file_digest(path) for path in made}}
    run.end("done", 0)
    return made, left


def _written_in(pipeline: Pipeline, paths: list[Path]) -> list[Path]:
    """Return the workbooks that people wrote in: they are neither as they were made nor kept since; a checklist without an answer is none."""
    builds = (m for m in pipeline.context.workspace.manifests() if m.stage == STAGE_BOOKS)
    known = {digest for manifest in builds for digest in manifest.facts.get("digests", {}).values()}
    known |= {file_digest(book) for book in pipeline.project.kept_books(KEPT)}
    there = [path for path in paths if path.exists() and file_digest(path) not in known]
    return [path for path in there if path.name != NAME or has_answers(path)]


def _waves(pipeline: Pipeline) -> dict[str, str]:
    """Return each wave → the newest run that loaded it and stands; empty where none does."""
    found = dict.fromkeys(pipeline.project.waves, "")
    for load in pipeline.standing_loads():
        if load.facts.get("wave") in found:
            found[load.facts["wave"]] = load.run
    return found


def _durations(pipeline: Pipeline) -> dict[str, float]:
    """Return step → seconds that its newest completed run took."""
    from datetime import datetime

    found = {}
    for manifest in pipeline.context.workspace.manifests():
        if manifest.state == "done" and manifest.ended:
            span = datetime.fromisoformat(manifest.ended) - datetime.fromisoformat(manifest.started)
            found[manifest.stage] = span.total_seconds()
    return found


def bundle(pipeline: Pipeline, path: Path) -> tuple[Path, int, int]:
    """Pack the log, manifests and reports into one .zip with a list of their digests; return it, its files, and those left out.

    Reports that hold personal data by design are named with their digests and stay where they are.

    Raises:
        LocationError: it cannot be written.
    """
    workspace = pipeline.context.workspace
    files = [
        workspace.log,
        *sorted(workspace.folder.glob("*.html")),
        *sorted(workspace.folder.glob("runs/*/manifest.json")),
        *sorted(workspace.folder.glob("runs/*/reports/*")),
    ]
    files += sorted(workspace.folder.glob("trial/runs/*/manifest.json"))
    files += pipeline.project.kept_books(KEPT)
    listed = []
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for file in (file for file in files if file.is_file()):
            personal = is_declared(file)
            root = workspace.folder if workspace.folder in file.parents else pipeline.project.file(".")
            name = file.relative_to(root).as_posix()
            listed.append(
                {"name": name, "sha256": file_digest(file), "bytes": file.stat().st_size, "packed": not personal}
            )
            if not personal:
                package.write(file, name)
        told = {"log_unbroken": workspace.broken_log_line() == 0, "files": listed}
        package.writestr("manifest.json", json.dumps(told, ensure_ascii=False, indent=1))
    try:
        put(path, packed.getvalue())
    except OSError as error:
        raise LocationError(
            "report.not-writable", Message("the file cannot be written: {why}", why=os_reason(error)), str(path),
            Message("is it open in another program, or is there no room?"),
        ) from error  # fmt: skip
    left_out = sum(not one["packed"] for one in listed)
    return path, len(listed) - left_out, left_out
