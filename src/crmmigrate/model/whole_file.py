"""Put a file in its place whole or not at all: a full disk leaves what was there before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write a draft beside `path` and let it take its place; behind a link, in the place of what it leads to.

    What is no ordinary file (a terminal, a pipe), and a file in a folder that takes no draft, is written as it stands.

    Raises:
        OSError: it cannot be written; no draft stays, and what a draft was to replace is as before.
    """
    place = path.resolve()
    if path.exists() and not (path.is_file() and os.access(place.parent, os.W_OK)):
        path.write_bytes(content)  # /dev/stdout leads to a pipe, which has no name of its own
        return
    draft = place.with_name(f".{place.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
