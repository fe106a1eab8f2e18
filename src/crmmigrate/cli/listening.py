"""Standard streams whose reader may leave (`| head`): the command goes on to its end, and ends with its own exit code."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import Any


class _Pipe(io.FileIO):
    """A pipe into which can be written after its reader has left: nothing of that is kept."""

    def write(self, data: Any) -> int:
        """Write bytes; return how many were taken."""
        try:
            return super().write(data)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(data)


def bear_leaving() -> None:
    """Let standard output and standard error bear that their reader leaves, where they are pipes.

    click would end the process with exit code 1, whatever the command had done.
    """
    sys.stdout, sys.stderr = _bearing(sys.stdout), _bearing(sys.stderr)


def _bearing(stream: Any) -> Any:
    try:
        number = stream.fileno()
        kind = os.fstat(number).st_mode
    except (AttributeError, OSError, ValueError):  # closed, or none at all
        return stream
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return stream
    stream.flush()
    pipe: Any = _Pipe(number, "wb", closefd=False)
    buffer = pipe if isinstance(stream.buffer, io.RawIOBase) else io.BufferedWriter(pipe)
    return io.TextIOWrapper(
        buffer,
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
