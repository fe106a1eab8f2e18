"""What changed between two versions of a mapping file, said so that the people who answer for it can judge it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crmmigrate.messages import Message

Kind = Literal["added", "removed", "changed"]

KINDS: dict[Kind, Message] = {
    "added": Message("added"),
    "removed": Message("removed"),
    "changed": Message("changed"),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise.

    Args:
        kind: what happened to it.
        subject: the target's column, or the part of the file (`match`, `write`, …).
        message: what it was and what it is.
        risk: why this may change or lose data; None where it hardly can.
        place: `file:line:column`, in the new file; of what was removed, in the old one.
        rows: how many rows of the data get another value, or are now rejected or no longer; None where nobody looked.
    """

    kind: Kind
    subject: str
    message: Message
    risk: Message | None
    place: str
    rows: int | None = None
