"""What a plan of a rollback or a delta has said so far, so that later batches are judged by what earlier ones would have done."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Planned:
    """What a plan has said so far that will happen to rows, named by (table, key).

    Args:
        gone: rows that will be deleted.
        back: rows that will be put in again.
        restored: columns that will be given back what they held, per row.
        coming: object and record of what a delta will link → the key of its row, empty where it has none yet.
        journalled: whether the target has a journal; without one no record is known there.
    """

    gone: set[tuple[str, str]] = field(default_factory=set)
    back: set[tuple[str, str]] = field(default_factory=set)
    restored: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    coming: dict[tuple[str, str], str] = field(default_factory=dict)
    journalled: bool = True

    def key_of(self, parents: str, text: str) -> str | None:
        """Return the key of the row that a reference will mean, as it stands in a column that refers to `parents`.

        An empty text is a key that only the database will give; None is a record that will not be there.
        """
        name, record = (text.partition(":")[0], text.partition(":")[2]) if "|" in parents else (parents, text)
        return self.coming.get((name, record))
