"""Remember what people decided: the workbooks that came back are kept beside the migration.yaml."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.decision import Decision, latest, refuse_torn, torn
from crmmigrate.reports.review import read_review
from crmmigrate.stages.dedupe import DECISIONS

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.project import Project


def kept_decisions(project: Project) -> tuple[Decision, ...]:
    """Return every decision of the workbooks kept beside a migration.yaml, oldest first."""
    return tuple(decision for book in project.kept(DECISIONS, read_review) for decision in book)


def check(project: Project, book: Path) -> int:
    """Return how many decisions a reviewed workbook holds, if it could be kept.

    Raises:
        ConfigurationError: it is no review workbook, or cannot be read as one.
        Findings: its decisions, with those kept before, cannot all hold.
        LocationError: it does not exist.
    """
    decisions = read_review(book)
    refuse_torn(torn(latest((*kept_decisions(project), *decisions))[0]))
    return len(decisions)


def remember(project: Project, book: Path) -> int:
    """Keep a reviewed workbook for this and every later run, and return how many decisions it holds.

    Raises:
        ConfigurationError: it is no review workbook, or cannot be read as one.
        Findings: its decisions, with those kept before, cannot all hold; it is not kept.
        LocationError: it does not exist, or cannot be copied.
    """
    count = check(project, book)
    keep_copy(book, project.file(DECISIONS))
    return count


def keep_copy(book: Path, folder: Path) -> None:
    """Copy a workbook that came back to a folder beside the migration.yaml, under a name that sorts by time.

    Raises:
        LocationError: it does not exist, or cannot be copied.
    """
    try:
        folder.mkdir(exist_ok=True)
        shutil.copyfile(book, folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{book.stem}.xlsx")
    except OSError as error:
        raise LocationError(
            "decisions.not-kept", Message("the decisions cannot be kept: {why}", why=error.strerror or "?"), str(folder)
        ) from error
