"""Progress bars on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from crmmigrate.cli.interrupt import heed

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.messages import Message


class Bars:
    """Shows one tqdm bar at a time on standard error if that is a terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def begin(self, title: Message, total: int | None) -> Callable[[int], None]:
        """Start a bar of `total` rows."""
        if not sys.stderr.isatty():
            return _silent
        from tqdm import tqdm

        self._bar = tqdm(
            total=total or None, desc=title.text(), unit="", unit_scale=True, leave=False, dynamic_ncols=True
        )
        bar = self._bar

        def advance(rows: int) -> None:
            heed()
            bar.update(rows)

        return advance

    def tell(self, how: Message | None) -> None:
        """Show behind the bar how far work has come of which no rows are known yet; None when there is none any more."""
        if self._bar is not None:
            self._bar.set_postfix_str(how.text() if how else "")

    def end(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _silent(rows: int) -> None:
    """Show nothing."""
    del rows
    heed()
