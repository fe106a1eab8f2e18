"""What is told of a file of configuration that is not there."""

from __future__ import annotations

from pathlib import Path

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest


def missing(path: str | Path) -> ConfigurationError:
    """Return what is told of a file of configuration that is not there, or is a folder."""
    place = Path(path)
    if place.is_dir():
        return ConfigurationError(
            "file.missing", Message("this is a folder, and a file is asked for"), str(path),
            nearest(f"{place.name}.yaml", [file.name for file in place.glob("*.y*ml")]) or Message("name a file in it"),
        )  # fmt: skip
    folder = place.absolute().parent
    beside = [file.name for file in folder.iterdir() if file.suffix == place.suffix] if folder.is_dir() else []
    hint = nearest(place.name, beside) or Message("check the path; relative ones start at {folder}", folder=Path.cwd())
    return ConfigurationError("file.missing", Message("there is no such file"), str(path), hint)
