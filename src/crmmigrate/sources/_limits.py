"""What no workbook of customers is or has: each refused with a reason."""

from __future__ import annotations

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources._request import too_large

MAX_SHEETS = 1_000
MAX_MERGES = 100_000
MAX_STYLES = 500_000
"""Cell styles; Excel itself stops at 65,490, bloated workbooks of other programs have more."""
MAX_COLUMNS = 16_384
MAX_ROWS = 1_048_576
MAX_TEXT = 32 << 20
"""Characters of one row."""


class Broken(ValueError):
    """Thrown where a part of a file is not as its format says; whoever knows the place turns it into a refusal."""


def locked(place: str) -> LocationError:
    """Return the error for a workbook that only its password opens."""
    return LocationError(
        "file.password", Message("the workbook is protected by a password"), place,
        Message("open it in Excel, remove the password (File, Info, Protect) and save it"),
    )  # fmt: skip


def check_sheets(count: int, place: str) -> None:
    """Refuse more sheets than any person has made.

    Raises:
        LocationError: there are more than `MAX_SHEETS`.
    """
    if count > MAX_SHEETS:
        raise too_large(Message("the workbook has more than {limit} sheets", limit=MAX_SHEETS), place)


def check_styles(count: int, place: str) -> None:
    """Refuse more cell styles than any program has made.

    Raises:
        LocationError: there are more than `MAX_STYLES`.
    """
    if count > MAX_STYLES:
        raise too_large(Message("the workbook has more than {limit} cell styles", limit=MAX_STYLES), place)


def check_merges(count: int, place: str) -> None:
    """Refuse more merged ranges than any person has made.

    Raises:
        LocationError: there are more than `MAX_MERGES`.
    """
    if count > MAX_MERGES:
        raise too_large(Message("the sheet has more than {limit} merged ranges", limit=MAX_MERGES), place)


def check_text(count: int, place: str) -> None:
    """Refuse more characters in a row than any person has written, before they are put together.

    Raises:
        LocationError: there are more than `MAX_TEXT`.
    """
    if count > MAX_TEXT:
        raise too_large(Message("a row of the sheet is too large"), place)


def no_document_type(*_: object) -> None:
    """Refuse a document type, which could define entities; for an XML parser's `StartDoctypeDeclHandler`.

    Raises:
        Broken: always.
    """
    raise Broken
