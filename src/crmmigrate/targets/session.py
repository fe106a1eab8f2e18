"""Transactions of a database target, and what becomes of the driver's errors."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from crmmigrate.errors import CrmMigrateError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.database_refusal import advice, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

    from crmmigrate.targets.dialect import Dialect

TRIES = 5
T = TypeVar("T")


class Session:
    """Opens transactions.

    Args:
        dialect: of the database.
        url: with its driver and secrets.
        place: the same for people, without the password.
    """

    def __init__(self, dialect: Dialect, url: str, place: str) -> None:
        self.dialect = dialect
        self.place = place
        self.engine = dialect.engine(url)
        self._held: sa.Connection | None = None
        """The connection of a rehearsal, in whose transaction all others are savepoints."""

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def transaction(self, *, write: bool = True, retried: bool = False) -> Iterator[sa.Connection]:
        """Open a transaction; what the driver raises becomes a LocationError without any value of a row.

        Args:
            write: whether it may change anything.
            retried: whether `retried` stands around it and wants to see a deadlock as the driver raised it.
        """
        try:
            if self._held is not None:
                with self._held.begin_nested():
                    yield self._held
                return
            with self.engine.connect() as connection:
                marked = connection.execution_options(crmm_write=write)
                with marked.begin():
                    yield marked
        except CrmMigrateError:
            raise
        except self._errors as error:
            cause = self._cause(error)
            if retried and self.dialect.transient(cause):
                raise cause  # noqa: B904  (the one on the way out only says that the savepoint is gone as well)
            raise self._failed(cause) from error

    def _cause(self, error: BaseException) -> Exception:
        """Return what came first: a deadlock or a full disk ends the whole transaction, and then its savepoint is missed too."""
        chain: list[Exception] = []
        seen: BaseException | None = error
        while seen is not None:
            chain += [seen] if isinstance(seen, self._errors) else []
            seen = seen.__context__
        told = (known for known in reversed(chain) if self.dialect.transient(known) or self.dialect.unreachable(known))
        return next(told, chain[0])

    @property
    def is_rehearsing(self) -> bool:
        """Whether everything is done in one transaction, over one connection."""
        return self._held is not None

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Do everything meanwhile in one transaction that is taken back at the end; nobody else ever sees any of it."""
        with self.engine.connect() as connection:
            marked = connection.execution_options(crmm_write=True)
            whole = marked.begin()
            self._held = marked
            try:
                yield
            finally:
                self._held = None
                whole.rollback()

    @contextmanager
    def beginning(self) -> Iterator[sa.Connection]:
        """Open a transaction in which a run begins; only one process at a time does that."""
        with (
            self.transaction(write=False) as holder,
            self.dialect.journal_lock(holder),
            self.transaction() as connection,
        ):
            yield connection

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        from sqlalchemy.exc import DBAPIError

        return (DBAPIError, *self.dialect.errors)

    def _failed(self, error: Exception) -> LocationError:
        """Say why the database failed; its own words are shown only where they cannot hold a row's values."""
        original = getattr(error, "orig", None) or error
        if self.dialect.transient(error):
            return LocationError(
                "target.locked", Message("somebody else keeps rows or a table locked that are wanted here"), self.place,
                Message("let the other program end what it does (a backup, an import, a tool with an open transaction), then go on; a load goes on with --resume"),
            )  # fmt: skip
        if self.dialect.unreachable(error):
            why = str(original.args[-1] if original.args else original).strip().splitlines()[0]
            return LocationError(
                "target.unreachable", Message("the database does not answer or refuses: {why}", why=why), self.place,
                advice(error) or self.dialect.where_to_look,
            )  # fmt: skip
        numbers = [value for value in original.args if isinstance(value, int)]
        number = str(numbers[0] if numbers else getattr(original, "sqlstate", None) or "")
        told = reason(error)
        refused = (
            Message("{reason} ({number})", reason=told, number=number)
            if told and number
            else told or f"{type(original).__name__} {number}".strip()
        )
        return LocationError(
            "target.failed", Message("the database refuses: {why}", why=refused), self.place, advice(error)
        )

    def retried(self, work: Callable[[], T], *, patient: bool = True) -> T:
        """Do `work`, a whole transaction, again where a deadlock or a lock stopped it.

        Args:
            work: to be done.
            patient: whether a lock that lasted as long as a statement may wait is waited for again, and not left to who can wait better.
        """
        for attempt in range(TRIES):
            try:
                return work()
            except self._errors as error:  # only transient ones come through
                if attempt == TRIES - 1 or (not patient and self.dialect.waited(self._cause(error))):
                    raise self._failed(error) from error
                time.sleep(0.05 * 2**attempt)
        raise AssertionError
