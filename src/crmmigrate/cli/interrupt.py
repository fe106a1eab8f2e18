"""Ctrl-C: the first ends the work in order, one more ends the process at once.

Nothing is half done either way: an unfinished transaction ends with its connection, an unfinished file has another name.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from crmmigrate.errors import INTERRUPTED

if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from threading import Event

_asked: list[bool] = []
_named: list[str] = []
_AGAIN = 0.01
"""Seconds until a Ctrl-C that was lost in a finaliser is heard again, outside of it."""


def listen() -> None:
    """Hear Ctrl-C from now on. A process that a shell has made deaf to it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _first)
    sys.unraisablehook = _unheard


def _unheard(lost: UnraisableHookArgs) -> None:
    """Say nothing of what fails in a finaliser, but to who looks for defects: a library closes there what the command has spoken of already. A Ctrl-C is heard again."""
    if issubclass(lost.exc_type, KeyboardInterrupt) and signal.getsignal(signal.SIGINT) is _next:
        import threading

        told = threading.Event()
        threading.Thread(target=_once_more, args=(told,), daemon=True).start()
        # Not before: a busy machine takes its time to start a thread, and a Ctrl-C that meets this function would be lost for good.
        signal.signal(signal.SIGINT, _first)
        told.set()
    elif os.environ.get("CRMMIGRATE_DEBUG"):
        sys.__unraisablehook__(lost)


def _once_more(told: Event) -> None:
    """Have the main thread hear Ctrl-C a moment after it has `told`, also where it waits for something."""
    import threading
    import time

    told.wait()
    time.sleep(_AGAIN)
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None:
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(main, signal.SIGINT)


def _first(*_: object) -> None:
    _asked.append(True)
    signal.signal(signal.SIGINT, _next)
    raise KeyboardInterrupt


def _next(*_: object) -> None:
    os._exit(INTERRUPTED)


def asked() -> bool:
    """Whether somebody wants the work to end: libraries turn a Ctrl-C that meets them into errors of their own."""
    return bool(_asked)


def works_on(project: str) -> None:
    """Remember the project as the next command has to name it."""
    _named[:] = [project]


def project() -> str:
    """Return the project that is worked on; nothing where none is opened yet."""
    return _named[0] if _named else ""


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
