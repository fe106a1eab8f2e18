"""LOAD DATA LOCAL INFILE from memory: PyMySQL sends the bytes it was given for this statement, never a file the server names."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pymysql.connections import Connection, MySQLResult
from pymysql.constants import CR
from pymysql.err import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKET = 1024 * 1024
"""Bytes sent at a time; the server's smallest limit in use is 4 MB."""


class _Result(MySQLResult):
    """A result that answers the server's request for the file."""

    connection: Any

    def _read_load_local_packet(self, first_packet: Any) -> None:
        del first_packet  # the server may name any file: what it says is not looked at
        connection = self.connection
        data = connection.infile
        connection.infile = None
        try:
            for block in data or ():
                for start in range(0, len(block), PACKET):
                    connection.write_packet(block[start : start + PACKET])
        except BaseException:
            connection._force_close()  # noqa: SLF001  (the server would take what comes next for more of the file)
            raise
        connection.write_packet(b"")
        answer = connection._read_packet()  # noqa: SLF001  (PyMySQL has no public way)
        if data is None or not answer.is_ok_packet():
            raise OperationalError(CR.CR_COMMANDS_OUT_OF_SYNC, "the server asked for a file that was not offered")
        self._read_ok_packet(answer)  # type: ignore[attr-defined]


class InfileConnection(Connection):
    """A connection that can send blocks of memory as the file of a LOAD DATA LOCAL."""

    infile: Iterable[bytes] | None = None

    @property
    def warnings(self) -> int:
        """How many warnings the last statement brought."""
        return int(self._result.warning_count)

    def _read_query_result(self, unbuffered: bool = False) -> Any:  # noqa: FBT001, FBT002  (PyMySQL's signature)
        self._result: Any = None
        result = _Result(self)
        if unbuffered:
            result.init_unbuffered_query()
        else:
            result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    @contextmanager
    def offering(self, data: Iterable[bytes]) -> Iterator[None]:
        """Offer `data`, block by block, as the file of the one statement sent meanwhile."""
        self.infile = data
        try:
            yield
        finally:
            self.infile = None
