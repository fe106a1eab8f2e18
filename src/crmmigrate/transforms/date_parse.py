"""date_parse: read a date written in a form that is known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaned

NOT_THIS_FORM = "date_parse.not-this-form"
_PLACE = re.compile(r"%(.?)")
_WIDTHS = {"Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})", "M": r"(?P<M>\d{1,2})",
           "S": r"(?P<S>\d{1,2})"}  # fmt: skip


def make(format: Any = "") -> Callable[[str], Cleaned]:
    """Return a function that reads a date of one form and writes it as ISO 8601; what has another form is never guessed.

    Use it where the form is known; the standard `date` finds forms out by itself.

    Args:
        format: `%Y %m %d %H %M %S`, each once, and any text between, e.g. `%d/%m/%Y`.

    Returns:
        `2023-05-01`, or `2023-05-01T14:30:00` where the form has hours; or the raw text flagged `date_parse.not-this-form`.

    Raises:
        ValueError: `format` lacks year, month or day, holds a place twice, or another `%`.

    Source:
        ISO 8601 for what is written.
    """
    places = _PLACE.findall(format) if isinstance(format, str) else []
    if not {"Y", "m", "d"} <= set(places) <= set(_WIDTHS) or len(places) != len(set(places)):
        raise ValueError("format holds %Y %m %d once, and may hold %H %M %S")
    parts = _PLACE.split(format)
    form = re.compile(
        "".join(_WIDTHS[part] if number % 2 else re.escape(part) for number, part in enumerate(parts)), re.ASCII
    )
    clock = "H" in places

    def date_parse(raw: str) -> Cleaned:
        from datetime import datetime

        from crmmigrate.model.standard import Cleaned, Flag

        found = form.fullmatch(raw.strip())
        given = {name: int(value) for name, value in found.groupdict().items()} if found else {}
        try:
            when = datetime(given["Y"], given["m"], given["d"], given.get("H", 0), given.get("M", 0), given.get("S", 0))  # noqa: DTZ001
        except (KeyError, ValueError):
            return Cleaned(raw, (Flag(NOT_THIS_FORM, "error"),))
        return Cleaned(when.isoformat() if clock else f"{when:%Y-%m-%d}".rjust(10, "0"))

    return date_parse


TRANSFORM = Transform(
    "date_parse", make, Message("read a date written in a form that is known"), options=("format",), required=("format",),
    codes=((NOT_THIS_FORM, Message("this date is not written in the form given")),),
)  # fmt: skip
