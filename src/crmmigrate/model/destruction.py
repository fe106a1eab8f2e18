"""What is destroyed when a migration is finished, and the record that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from pathlib import Path

WHAT: dict[str, Message] = {
    "tables": Message("tables of the runs"),
    "reports": Message("reports that hold personal data"),
    "trial": Message("data of the trial"),
    "answers": Message("workbooks that people filled in"),
    "handouts": Message("workbooks that were handed out"),
    "key": Message("the key of the masking and of the tokens"),
}
"""What files are, in the order in which they go."""


@dataclass(frozen=True)
class Doomed:
    """One file that goes.

    Args:
        path: where it lies; `name` as the record names it, from the project's folder on.
        what: of `WHAT`.
        size: bytes.
        sha256: of its content before it went; empty in a plan.
    """

    path: Path
    name: str
    what: str
    size: int
    sha256: str = ""


@dataclass
class Destruction:
    """What a purge destroys, or destroyed.

    Args:
        files: in the order in which they go.
        images: load run → before- and after-images of it in the target.
        scratch: the same of trials, in a scratch database of their own.
        remaining: files that could not be deleted, with the reason.
        unreached: databases whose images are not destroyed, with the reason.
    """

    files: list[Doomed] = field(default_factory=list)
    images: dict[str, int] = field(default_factory=dict)
    scratch: dict[str, int] = field(default_factory=dict)
    remaining: dict[str, str] = field(default_factory=dict)
    unreached: dict[str, Message] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to destroy."""
        return not (self.files or self.images or self.scratch)

    def by_what(self) -> dict[str, tuple[int, int]]:
        """Return what → files and bytes of it."""
        found = {what: [file.size for file in self.files if file.what == what] for what in WHAT}
        return {what: (len(sizes), sum(sizes)) for what, sizes in found.items() if sizes}
