"""Countries and regions, by their names in English, Chinese and their own language, what they are called for short, and their codes (ISO 3166-1)."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.folding import bare, fold, fold_values
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same country or region"), 0.97, 0.4),
    Level("different", Message("different countries or regions"), 0.03, 0.6),
)
_BETWEEN = re.compile(r"\s+[-–—]\s+|[,，/()（）]")
_CODE = 2
"""Letters of a code, which is believed where nothing longer stands beside it: of San Francisco, CA nobody knows."""

_COUNTRIES = Path(__file__).parents[1] / "data" / "countries.csv"


def country_of(text: str) -> str:
    """Return the code of the country that `text` names and nothing else; empty where it names none that is known."""
    return _codes().get(_plain(text), "")


def country_in_list(cell: str) -> str:
    """Return the code of the country that a cell of countries names, as lists write them too: ESP, Phils., UAE - Dubai, SA (South Africa)."""
    if whole := _listed().get(_plain(cell)):
        return whole
    named = [(len(plain) > _CODE, _listed().get(plain, "")) for part in _BETWEEN.split(cell) if (plain := _plain(part))]
    codes = {code for whole, code in named if whole} or {code for _, code in named}
    if len(codes) > 1:
        codes.discard("CN")  # Hong Kong, China
    return codes.pop() if len(codes) == 1 else ""


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of countries; what is no country says nothing."""
    lists = [list(filter(None, map(country_in_list, cells))) for cells in fold_values(values)]
    return ItemComparer(lists, counts, len(LEVELS) - 1, "country")


@cache
def _codes() -> dict[str, str]:
    return _read("names")


@cache
def _listed() -> dict[str, str]:
    """Return what countries are called in lists beside their names, where nothing else is meant: a company called Bharat or Can is of any country."""
    return _read("in_lists") | _codes()


def _read(column: str) -> dict[str, str]:
    with _COUNTRIES.open(encoding="utf-8", newline="") as file:
        rows = [(row["code"], row[column].split(";")) for row in csv.DictReader(file)]
    return {plain: code for code, names in rows for name in (code, *names) if (plain := _plain(name))}


def _plain(text: str) -> str:
    letters = text if text.isascii() else unicodedata.normalize("NFD", text)
    return bare("".join(sign for sign in fold([letters])[0] if not unicodedata.combining(sign)))
