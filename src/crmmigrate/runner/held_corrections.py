"""What people wrote into worklists, held to the standard of its column before it is kept: a value that would only come back is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.standards import beside, check_standard, cleaner, learns, read_values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crmmigrate.model.correction import Correction
    from crmmigrate.model.project import Project
    from crmmigrate.model.standard import Cleaned, Cleaner, ColumnStandard

_WORDS_SHOWN = 12


def refused(corrections: Iterable[Correction], project: Project) -> list[ConfigurationError]:
    """Return an error, with its row, for each new value that the standard of its column cannot use.

    A column that is read with the help of others of its row is left to the next run, as is a value of which its other values may prove how it is read.

    Args:
        corrections: of workbooks that came back.
        project: names the data standard.

    Raises:
        ConfigurationError: the data standard is wrong.
        LocationError: it cannot be read.
    """
    told = [correction for correction in corrections if correction.action == "correct" and correction.after]
    if not told or not project.standard:
        return []
    path = project.file(project.standard)
    objects = check_standard(path).objects
    cleaners: dict[tuple[str, str], Cleaner] = {}
    errors = []
    for correction in told:
        spec = objects.get(correction.object)
        column = spec.columns.get(correction.column) if spec else None
        if column is None or beside(column, path.parent):
            continue
        key = correction.object, correction.column
        if key not in cleaners:
            cleaners[key] = cleaner(column, path.parent)
        cleaned = cleaners[key](correction.after or "")
        if learns(column) and cleaned.candidates:  # 03/05/2025, in the order that the column's other days prove
            continue
        if cleaned.value is None or not cleaned.usable:
            errors.append(_refusal(correction, column, cleaned, path.parent))
    return errors


def _refusal(correction: Correction, column: ColumnStandard, cleaned: Cleaned, folder: Path) -> ConfigurationError:
    """Return the error of a new value; it does not say the value, which may be personal."""
    flags = [flag for flag in cleaned.flags if flag.severity == "error"] or list(cleaned.flags)
    why = CODES.get(flags[0].code, flags[0].code) if flags else Message("it says nothing")
    hint = Message("mend the value in this row, or have the data standard changed and collect again")
    if column.values is not None:
        words = list(dict.fromkeys(read_values(column.values, folder).values()))
        if len(words) <= _WORDS_SHOWN:
            hint = Message("one of: {words}", words=", ".join(words))
    return ConfigurationError(
        "tasks.unusable", Message("the data standard does not take the new value of '{column}': {why}", column=correction.column, why=why),
        correction.place, hint,
    )  # fmt: skip
