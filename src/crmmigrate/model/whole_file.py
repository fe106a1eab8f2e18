"""Put a file in its place whole or not at all: a full disk leaves what was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write a draft beside `path` and let it take its place.

    Raises:
        OSError: it cannot be written; no draft stays, and what was at `path` is as before.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
