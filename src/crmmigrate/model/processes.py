"""Further processes of this machine: how many there may be, how they are begun, what they do beside the first one."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

from crmmigrate.messages import speak, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

T = TypeVar("T")

_MOST = 8
_GUARD = re.compile(rb"^if\s*\(?\s*(__name__\s*==|([\"'])__main__\2\s*==\s*__name__)", re.MULTILINE)
_ENDING = 5.0
"""Seconds that a process which was told to end is waited for."""


def processors() -> int:
    """Return how many processors may be used, eight at most; one where further processes can't be begun."""
    return allowed() if may_begin() else 1


def allowed() -> int:
    """Return how many processors this process may use, eight at most."""
    given = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return min(len(given) or os.cpu_count() or 1, _MOST)


def may_begin() -> bool:
    """Tell whether a process that is begun leaves alone what the script says that this one runs.

    It imports the script's file first (multiprocessing, "Safe importing of main module"): without `if __name__ == "__main__"`
    the script would run again in there. A package's `__main__` is not imported, and what is typed or given by `-c` has no file.
    """
    script = sys.modules["__main__"]
    spec, file = getattr(script, "__spec__", None), getattr(script, "__file__", None)
    if file is None or (spec is not None and spec.name.rpartition(".")[2] == "__main__"):
        return True
    try:
        return _GUARD.search(Path(file).read_bytes()) is not None
    except OSError:
        return False


def begun(count: int, prepare: Callable[..., None], *given: Any) -> ProcessPoolExecutor:
    """Return so many processes, which begin when they have work; each calls `prepare` first.

    Fork would copy the locks of DuckDB's and Arrow's threads in whatever state they are.
    """
    from multiprocessing import get_context

    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=prepare, initargs=given)


def end(pool: ProcessPoolExecutor) -> None:
    """End processes at once, whatever they are doing, and see them gone; else this one could not end before them."""
    inside: Any = pool  # Python has no public way before 3.14, whose own leaves the pipe of answers open
    working, answers = list((inside._processes or {}).values()), inside._result_queue  # noqa: SLF001
    pool.shutdown(wait=False, cancel_futures=True)
    for process in working:
        process.kill()
    for process in working:
        process.join(_ENDING)
    # One that was killed in the middle of an answer would have the pool's own thread wait for the rest of it.
    answers._writer.close()  # noqa: SLF001


def be_quiet() -> None:
    """Prepare a process: a terminal sends Ctrl-C to all of them, and the first one says what becomes of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def deaf() -> Iterator[None]:
    """Let processes that are begun here never hear Ctrl-C, not even before they are prepared.

    This one hears it itself when they have begun: one that was left half begun would complain.
    """
    if current_thread() is not main_thread():  # the others hear no signals, and may not say who does
        yield
        return
    heard: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    blocked = None if sys.platform == "win32" else signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked or ())
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


class Task:
    """Something to be done once: by another process, or here where none has begun with it or it broke down.

    Args:
        function: picklable, as are what it is given and what it answers.
        given: to it.
        future: of the other process; None to do it here.
    """

    def __init__(self, function: Callable[..., Any], given: tuple[Any, ...], future: Future[Any] | None) -> None:
        self._function, self._given, self._future = function, given, future

    def taken_back(self) -> bool:
        """Tell whether it is to be done here, because nobody has begun with it."""
        if self._future is not None and self._future.cancel():
            self._future = None
        return self._future is None

    def result(self) -> Any:
        """Return what the function answers, or raise what it raises; it is asked once, because nothing is kept."""
        future, given = self._future, self._given
        self._future, self._given = None, ()
        if future is not None:
            try:
                return future.result()
            except BrokenExecutor:  # killed for its memory
                pass
        return self._function(*given)


class Hands:
    """Processes beside this one, one fewer than there are processors; with one alone, all is done here.

    They begin when they are first asked, speak the language spoken then, and keep what they make: nothing is searched for garbage.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self.count = processors() - 1

    def begin(self, prepare: Callable[..., None], *given: Any) -> None:
        """Let them begin, and prepare themselves while this process does something else."""
        for _ in range(self.count):
            self.ask(prepare, *given)

    def ask(self, function: Callable[..., T], *given: Any) -> Task:
        """Have `function` done by one of them."""
        if self.count < 1:
            return Task(function, given, None)
        try:
            self._pool = self._pool or begun(self.count, _keep, spoken())
            with deaf():
                return Task(function, given, self._pool.submit(function, *given))
        except (BrokenExecutor, OSError, NotImplementedError):  # the last two where there may be no semaphores
            return Task(function, given, None)

    def end(self) -> None:
        """End them at once: when this returns, nothing more is written by them."""
        if self._pool is not None:
            end(self._pool)


def _keep(language: str) -> None:
    be_quiet()
    speak(language)
    gc.disable()
