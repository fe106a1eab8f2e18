"""Files that this program made: reports in a folder of sources, and the workspace of a migration."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from crmmigrate.model.source import PROGRAM

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 2_000
"""Bytes at the beginning of a page or a JSON file in which the mark stands."""


def is_report(path: Path) -> bool:
    """Whether a file carries the mark of our reports; it still does after people filled it in. False where it cannot be read."""
    ending = path.suffix.lower()
    try:
        if ending == ".xlsx":
            with zipfile.ZipFile(path) as package:
                return f"creator>{PROGRAM}</".encode() in package.read("docProps/core.xml")
        if ending in (".html", ".json"):
            mark = f'name="generator" content="{PROGRAM}"' if ending == ".html" else f'"program": "{PROGRAM}"'
            with path.open("rb") as file:
                return mark.encode() in file.read(_HEAD)
    except (OSError, KeyError, zipfile.BadZipFile):
        return False  # whoever opens it says what is wrong
    return False


def is_workspace(folder: Path) -> bool:
    """Whether a folder is the workspace of a migration: a log and runs."""
    return (folder / "log.jsonl").is_file() and (folder / "runs").is_dir()
