"""What is told of a file that is not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import closest, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable


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
    hint = nearest_file(place.name, beside) or Message(
        "check the path; relative ones start at {folder}", folder=Path.cwd()
    )
    return ConfigurationError("file.missing", Message("there is no such file"), str(path), hint)


def nearest_file(name: str, beside: Iterable[str]) -> Message | None:
    """Return "did you mean …?" with the file that is called most alike; the same ending makes no two files alike."""
    ending = Path(name).suffix
    stems = {Path(other).stem: other for other in sorted(beside, key=lambda other: Path(other).suffix == ending)}
    found = closest(Path(name).stem, stems, 0.5)  # Chinese names are short
    return Message("did you mean '{name}'?", name=stems[found]) if found else None


def refuse_missing(paths: Iterable[Path]) -> None:
    """Refuse paths at which there is nothing: a slip of whoever asks is no finding about a file.

    Raises:
        ConfigurationError: `file.missing`, of the first of them.
    """
    for path in paths:
        if not path.exists():
            raise missing(path)
