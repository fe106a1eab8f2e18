"""Three months of a property manager: rooms and their people, complaints, repairs, visits, and the charges of a year."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from made_up.registers import Truth

from property_generator.estate import Estate, write_estate
from property_generator.service import write_service


def write_sample(
    out: Path, seed: int, scale: float, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Write `in/` and `truth/` below `out` and return the source rows per object."""
    truth = Truth(out / "truth")
    truth.headers |= {
        "rates": ("rate", "subject", "part", "whole"),
        "rooms": ("object", "origin", "room"),
        "names": ("origin", "name", "co_owner"),
        "lost_dates": ("origin",),
    }
    estate = Estate(seed, scale, truth)
    write_estate(estate, out / "in")
    if progress:
        progress(1, 2)
    write_service(estate, out / "in")
    if progress:
        progress(2, 2)
    return truth.close()
