"""Ctrl-C: the first ends the work in order, one more ends the process at once.

Nothing is half done either way: an unfinished transaction ends with its connection, an unfinished file has another name.
"""

from __future__ import annotations

import os
import signal

from crmmigrate.errors import INTERRUPTED

_asked: list[bool] = []


def listen() -> None:
    """Hear Ctrl-C from now on. A process that a shell has made deaf to it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _first)


def _first(*_: object) -> None:
    _asked.append(True)
    signal.signal(signal.SIGINT, _next)
    raise KeyboardInterrupt


def _next(*_: object) -> None:
    os._exit(INTERRUPTED)


def asked() -> bool:
    """Whether somebody wants the work to end: libraries turn a Ctrl-C that meets them into errors of their own."""
    return bool(_asked)


def heed() -> None:
    """Stop here if somebody wants the work to end: a Ctrl-C that meets a destructor or a callback is lost in there.

    Raises:
        KeyboardInterrupt: it is so.
    """
    if _asked:
        raise KeyboardInterrupt


def leave() -> None:
    """Be deaf from now on: a process that is ending anyway would end with another exit code."""
    if _asked:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
