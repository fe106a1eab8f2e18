"""12_导入结果核对: what the CRM took of the rows in its import files, what it refused and why, and what it did not answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WORKBOOK = "12_导入结果核对.xlsx"


@dataclass(frozen=True)
class Answered:
    """The equation of an import: rows = taken + refused + rejected + unanswered.

    Args:
        object: the business object.
        rows: that were to be imported.
        taken: by the CRM.
        refused: by the CRM.
        rejected: by us, because the limits of the CRM do not allow them.
        unanswered: in no result file.
        strangers: answers about rows that were not asked about.
    """

    object: str
    rows: int
    taken: int
    refused: int
    rejected: int
    unanswered: int
    strangers: int

    @property
    def agrees(self) -> bool:
        """Whether every row was taken, and nothing else."""
        return self.rows == self.taken and not self.strangers

    def sentence(self) -> Message:
        """Return the equation in words."""
        return Message(
            "{object}: {rows} = {taken} taken + {refused} refused by the CRM + {rejected} not within its limits + {unanswered} not answered; {strangers} answers about other rows",
            **{name: f"{value:,}" if isinstance(value, int) else value for name, value in vars(self).items()},
        )


def write_import_result(path: Path, language: str, found: Answered, rows: Sequence[tuple[str | None, ...]]) -> None:
    """Write the workbook.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        found: the figures.
        rows: object, `_record`, place, file, key, the CRM's key, state, reason.

    Raises:
        OSError: it cannot be written.
    """
    columns = [Column(Message("Source row")), Column(Message("File")), Column(Message("Key")), Column(Message("Reason")), Column("_record", hidden=True)]  # fmt: skip
    states = {
        "refused": Message("Refused by the CRM"), "rejected": Message("Not within the limits"), "unanswered": Message("Not answered"),
    }  # fmt: skip
    sheets = [
        Sheet(title, columns, [(r[2], r[3], r[4], CODES.get(r[7] or "", r[7]), r[1]) for r in rows if r[6] == state])
        for state, title in states.items()
    ]
    notes = [found.sentence(), Message("Correct refused rows in the sources or the mapping, and fill the template again: rows that were taken are not written a second time.")]  # fmt: skip
    write_workbook(path, language, sheets, title=Message("Result of the import"), notes=notes, personal=True)
