"""Everything that can stop a command, as one tree.

    CrmMigrateError            exit code
    ├── ConfigurationError       2   a command, mapping, standard or project file is wrong; nothing was done
    │   └── Findings             2   many of them, reported together
    ├── LocationError            3   a source or target could not be reached, read or written
    ├── LimitReached             4   stopped by a limit; can be resumed
    └── AccountingError         70   rows in are not rows out plus rows set aside: a defect of the program

Rows and cells that are wrong are not errors: they are issues (`model/issue.py`), and the work goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""

WAITING = 5
"""The exit code of a command that was done, and what it looked at waits for people: a verdict or a signature is missing."""


class CrmMigrateError(Exception):
    """A command cannot go on.

    Args:
        code: a stable name such as `mapping.unknown-standard`, for scripts and for the documentation.
        message: what is wrong, for people. Never holds personal data.
        place: where: `file!sheet!row`, `file:line:column`, a table or a location without its password.
        hint: what to do next.
    """

    exit_code = 70

    def __init__(self, code: str, message: Message, place: str = "", hint: Message | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.place = place
        self.hint = hint

    def text(self, language: str | None = None) -> str:
        """Return `place: message [code]` and, on a second line, the hint."""
        where = f"{self.place}: " if self.place else ""
        line = f"{where}{self.message.text(language)} [{self.code}]"
        return line if self.hint is None else f"{line}\n  → {self.hint.text(language)}"

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self) -> tuple[type[CrmMigrateError], tuple[str, Message, str, Message | None]]:
        return type(self), (self.code, self.message, self.place, self.hint)


class ConfigurationError(CrmMigrateError):
    """A command line, mapping, standard or project file is wrong; nothing was done."""

    exit_code = 2


class Findings(ConfigurationError):
    """Several configuration errors of one reading, reported together.

    Args:
        errors: at least one error, in the order of their places.
    """

    def __init__(self, errors: Sequence[ConfigurationError]) -> None:
        first = errors[0]
        super().__init__(first.code, first.message, first.place, first.hint)
        self.errors = tuple(errors)

    def text(self, language: str | None = None) -> str:
        """Return every error, one below the other."""
        return "\n".join(error.text(language) for error in self.errors)

    def __reduce__(self) -> tuple[type[Findings], tuple[tuple[ConfigurationError, ...]]]:  # type: ignore[override]
        return type(self), (self.errors,)


class LocationError(CrmMigrateError):
    """A source or target could not be reached, read or written."""

    exit_code = 3


class LimitReached(CrmMigrateError):
    """A limit stopped the work (reject rate, load window, lease); it can be resumed."""

    exit_code = 4


class AccountingError(CrmMigrateError):
    """Rows in are not rows out plus rows set aside: a defect of the program, never of the data."""

    exit_code = 70
