"""date_format: write a standard date in the form that the target wants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaned

NOT_A_DATE = "date_format.not-a-date"
_PLACES = {"%Y": "{:%Y}", "%m": "{:%m}", "%d": "{:%d}", "%H": "{:%H}", "%M": "{:%M}", "%S": "{:%S}"}
_PLACE = re.compile("%.?", re.DOTALL)


def make(format: str = "") -> Callable[[str], Cleaned]:
    """Return a function that writes `2023-05-01` or `2023-05-01T14:30:00` in another form.

    Args:
        format: `%Y %m %d %H %M %S` and any text between, e.g. `%Y年%m月%d日`.

    Returns:
        The date in that form; or the raw text flagged `date_format.not-a-date` where it is not a standard date.

    Raises:
        ValueError: `format` is empty or holds another `%`.

    Source:
        ISO 8601 for what is read.
    """
    wrong = [place for place in _PLACE.findall(format) if place not in _PLACES]
    if not format or wrong:
        raise ValueError("format may hold %Y %m %d %H %M %S")

    def date_format(raw: str) -> Cleaned:
        from datetime import datetime

        from crmmigrate.model.standard import Cleaned, Flag

        try:
            when = datetime.fromisoformat(raw)
        except ValueError:
            return Cleaned(raw, (Flag(NOT_A_DATE, "error"),))
        # The year is written here because strftime("%Y") does not fill it to four digits on every system.
        places = {**{p: f.format(when) for p, f in _PLACES.items() if p != "%Y"}, "%Y": f"{when.year:04d}"}
        return Cleaned(_PLACE.sub(lambda found: places[found.group()], format))

    return date_format


TRANSFORM = Transform(
    "date_format", make, Message("write a date in the form that the target wants"),
    options=("format",), required=("format",), codes=((NOT_A_DATE, Message("this is not a standard date")),),
)  # fmt: skip
