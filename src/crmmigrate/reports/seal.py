"""What tells a workbook that comes back from one that was altered: the batch it is of, and a seal over what each row shows.

Both stand in hidden columns, so rows may be sorted, filtered and taken out. The header of the seal names the columns that it
is over: all that were not handed out to be written into. It guards against slips, not against who reckons a new seal.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCH = "_batch"
"""The header of the column that says of which run, or of which state of a file, a row is."""

NO_BATCH = "-"
"""The batch of a workbook that is of no run: written by a command on its own, or before anything was loaded."""

_SEAL = "_seal:"


def batch_of(value: Any) -> str:
    """Return the batch of a workbook that was made of a YAML file: a digest of what the file says."""
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def sealed_columns(headers: Sequence[str], written_into: Sequence[bool]) -> list[int]:
    """Return the positions of the columns that a seal is over; headers that are there twice could not be found again.

    Args:
        headers: of a sheet.
        written_into: for each, whether people may write below it.
    """
    times = Counter(headers)
    return [index for index, head in enumerate(headers) if head and times[head] == 1 and not written_into[index]]


def seal_header(titles: Sequence[str]) -> str:
    """Return the header of the seal's column."""
    return _SEAL + json.dumps(list(titles), ensure_ascii=False)


def titles_of(head: str) -> list[str] | None:
    """Return the headers that a seal is over; None where this is no header of a seal, or a damaged one."""
    if not head.startswith(_SEAL):
        return None
    try:
        return [str(title) for title in json.loads(head.removeprefix(_SEAL))]
    except (ValueError, TypeError):
        return None


def seal(cells: Sequence[Any]) -> str:
    """Return a digest of cells as a workbook gives them back: blanks, line ends and how a number is written do not count."""
    plain = "\x1f".join(["" if cell is None else _plain(cell) for cell in cells])
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _plain(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    text = format(value, ".12g") if number else str(value)
    # The blank is the only white space that is printable; most texts have none.
    return text if " " not in text and text.isprintable() else " ".join(text.split())
