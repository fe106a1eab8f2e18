"""Let the search for garbage rest while much is made that holds no cycles."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def unsearched() -> Iterator[None]:
    """Keep Python from looking for cycles in the block.

    Values taken apart are hundreds of thousands of tuples and lists of texts, freed without any search; looking through them
    again and again took a quarter of the time.
    """
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            # What was made counts as old: else the next search for young garbage would look through all of it.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
