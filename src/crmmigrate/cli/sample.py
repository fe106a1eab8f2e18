"""The made-up sample of a pack, made while a bar shows how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.cli.progress import Bars

SEED = 20261031
"""The made-up company that documentation and demo speak of."""


def make_sample(folder: Path, pack: str, scale: float, seed: int, bars: Bars) -> None:
    """Write the sources of a made-up company into `folder`/in, and what is true of them into `folder`/truth."""
    from crmmigrate.runner.packs import generator

    advance = bars.begin(Message("Make the sample"), None)
    shown = 0

    def progress(done: int, total: int) -> None:
        nonlocal shown
        del total  # not known when the bar begins
        advance(done - shown)
        shown = done

    generator(pack)(folder, seed=seed, scale=scale, progress=progress)
    bars.end()
