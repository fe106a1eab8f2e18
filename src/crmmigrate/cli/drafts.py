"""Write files of configuration through a draft beside them, so that none is ever half there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.whole_file import put

if TYPE_CHECKING:
    from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Put a text in the place of a file, whole or not at all; a folder that is missing is made.

    Raises:
        LocationError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, text.encode())
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> LocationError:
    """Return what is told of a file that cannot be written."""
    return LocationError(
        "report.not-writable", Message("the file cannot be written: {why}", why=os_reason(error)), str(path),
        Message("is it open in Excel, or is there no room?"),
    )  # fmt: skip
