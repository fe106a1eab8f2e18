"""Cars by their plates (GA 36-2018) and their numbers (VIN, GB 16735-2019), whole or as far as people write them: without the region, the last eight characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.bags import hashed
from crmmigrate.matching.texts.folding import bare, fold_values
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.placeholders import CODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same car"), 0.20, 1e-5, by_frequency=True, shared=True),
    Level("end", Message("plates that are the same but for the region, which is not told, or the last characters of a car's number"), 0.04, 2e-5, by_frequency=True, shared=True),
    Level("different", Message("different cars"), 0.76, 0.9999),
)  # fmt: skip
_END = 1

_BETWEEN = re.compile(r"[、,;/|\n]+")
_READ_AS_DIGITS = str.maketrans("OI", "01")
"""Letters that no plate of the mainland and no number of a car has."""

_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-Z0-9]{5,7}[学警挂港澳领试超临]?|[A-Z][A-Z0-9]{5,6}|[A-Z0-9]{5}"
)
_NUMBER = re.compile("[A-Z0-9]{6,17}")
_OWN, _LAST, _TELLING = 5, 6, 8
"""Characters of a plate behind the region and the letter of the town; the fewest of a car's number that people write, and those that tell cars of one make apart."""


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of cars.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
    """
    lists = [
        list(dict.fromkeys(car for cell in cells for part in _BETWEEN.split(cell) if (car := _car(part))))
        for cells in fold_values(values)
    ]
    return _Cars(lists, counts, len(LEVELS) - 1, "vehicle")


def _car(folded: str) -> str:
    """Return a plate or a number as it is compared, a plate with a mark before it; nothing for what is none (未上牌, 新车)."""
    text = bare(folded).upper().translate(_READ_AS_DIGITS)
    if CODE.match(text):
        return ""
    return f"#{text}" if _PLATE.fullmatch(text) else text if _NUMBER.fullmatch(text) else ""


class _Cars(ItemComparer):
    once = True

    def __init__(self, lists: Sequence[Sequence[str]], *given: object) -> None:
        import numpy as np

        super().__init__(lists, *given)  # type: ignore[arg-type]
        self.plates = np.array([car[0] == "#" for car in self.items], dtype=bool)
        self.ends = hashed([car[-_OWN:] if car[0] == "#" else f" {car[-_LAST:]}" for car in self.items])

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = np.full(len(one), self.last, dtype=np.int8)
        alike = np.flatnonzero(self.ends[one] == self.ends[other])
        cars = zip(self.texts(one[alike]), self.texts(other[alike]), strict=True)
        levels[alike] = [self._level(*pair) for pair in cars]
        levels[self.plates[one] != self.plates[other]] = -1  # a plate says nothing of a car's number
        return levels

    def _level(self, one: str, other: str) -> int:
        short, long = sorted((one.lstrip("#"), other.lstrip("#")), key=len)
        if not long.endswith(short):
            return self.last
        return _END if len(short) == _OWN or (one[0] != "#" and len(short) < _TELLING) else 0

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        return [self.keyed(self.kind, self.ends)]
