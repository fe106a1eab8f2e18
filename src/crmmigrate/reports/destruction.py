"""数据销毁记录: what was destroyed when a migration ended, when, and by whom, with the digest of each file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.destruction import WHAT
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.destruction import Destruction
    from crmmigrate.model.manifest import Manifest

WORKBOOK, DATA = "数据销毁记录.xlsx", "destruction.json"
_ROLES = (Message("Carried out by"), Message("Witness"), Message("Data protection officer"))


def write_destruction_data(path: Path, manifest: Manifest, done: Destruction) -> None:
    """Write the record for machines. Its digest stands in the manifest of the run, and that one's in the chained log."""
    told = {
        "run": manifest.run, "started": manifest.started, "operator": manifest.operator, "images": done.images,
        "files": [{"name": f.name, "what": f.what, "bytes": f.size, "sha256": f.sha256} for f in done.files],
        "scratch": done.scratch, "remaining": done.remaining,
        "unreached": {place: why.text("en") for place, why in done.unreached.items()},
    }  # fmt: skip
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_destruction(path: Path, language: str, manifest: Manifest, done: Destruction, digest: str) -> None:
    """Write the record that people sign.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        manifest: of the run that destroyed.
        done: what it destroyed.
        digest: of the record for machines.
    """
    notes = (
        Message("Destroyed on {day} (UTC) by {who}, run {run}.", day=manifest.started, who=manifest.operator, run=manifest.run),
        Message("The digest of this record is {digest}. It stands in the manifest of the run, whose own digest stands in the chained log of the workspace: the record cannot be changed without that being seen.", digest=digest),
        Message("Deleted files are no longer in the file system. Backups, copies that were sent by mail, and the sources themselves are not in reach of this program; see to them by hand."),
    )  # fmt: skip
    totals = [[WHAT[what], count, size] for what, (count, size) in done.by_what().items()]
    totals += [[Message("images of the load {run} in the target", run=run), count, None] for run, count in done.images.items()]  # fmt: skip
    totals += [[Message("images of the trial {run} in its scratch database", run=run), count, None] for run, count in done.scratch.items()]  # fmt: skip
    heads = [Column(Message("What")), Column(Message("Count"), number=True), Column(Message("Bytes"), number=True)]
    files = [[WHAT[file.what], file.name, file.size, file.sha256] for file in done.files]
    columns = [
        Column(Message("What")), Column(Message("File")), Column(Message("Bytes"), number=True), Column("SHA-256"),
    ]  # fmt: skip
    sheets = [Sheet(Message("Totals"), heads, totals), Sheet(Message("Files"), columns, files)]
    if done.remaining or done.unreached:
        left = [Column(Message("File or database")), Column(Message("Why"))]
        sheets.append(Sheet(Message("Not deleted"), left, [*done.remaining.items(), *done.unreached.items()]))
    write_workbook(path, language, sheets, title=Message("Record of destruction"), notes=notes, signatures=_ROLES)
