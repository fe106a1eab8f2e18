"""Give memory that is not used any more back to the system: after much work libraries keep what they once had."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Let Arrow and the C library return what they hold without use.

    The latter keeps pages that lie between small things still in use; of records taken apart, half of what they took.

    Source: malloc_trim(3) of the GNU C library; elsewhere only Arrow does.
    """
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def one_arena() -> None:
    """Let all threads that begin from now on take memory from one place, and leave there what they have done with.

    Each else has an arena of its own, which keeps what it once had when the thread is gone.

    Source: mallopt(3) of the GNU C library (M_ARENA_MAX); elsewhere nothing is done.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        mallopt(-8, 1)
