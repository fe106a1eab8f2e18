"""In which city or county of Taiwan an address is, in Chinese or in letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CITIES = {
    "台北": "newtaipei|taipei", "新北": "", "桃园": "taoyuan", "台中": "taichung", "台南": "tainan", "高雄": "kaohsiung", "基隆": "keelung", "新竹": "hsinchu", "嘉义": "chiayi",
    "宜兰": "yilan", "苗栗": "miaoli", "彰化": "changhua", "南投": "nantou", "云林": "yunlin", "屏东": "pingtung", "花莲": "hualien", "台东": "taitung", "澎湖": "penghu", "金门": "kinmen",
}  # fmt: skip
"""Those of Taipei and around it, which changed their names, are one here; so are a city and the county that is called so.

Source: 內政部, 中華民國行政區域簡冊 (2024).
"""

_CHINESE = re.compile(rf"(?:{'|'.join(_CITIES)})(?=[市县])")
IN_LETTERS = (
    rf"({'|'.join(filter(None, _CITIES.values()))})(?:city|county|hsien)?[0-9]{{0,6}}(?:taiwan|roc|tw)*[0-9]{{0,6}}$"
)
"""Lines in letters without blanks that end in one; a pattern of RE2."""

_LETTERS = re.compile(IN_LETTERS)
_NUMBERS = {name: number for number, name in enumerate(_CITIES)}
_NUMBERS["新北"] = _NUMBERS["台北"]
_READ = {said: _NUMBERS[name] for name, letters in _CITIES.items() for said in letters.split("|") if said}


def cities_of(lines: Sequence[str]) -> list[int]:
    """Return a number for the city of each line of an address (see `Address`), -1 where it names none: 基隆市七堵区…, 6fno209…keelung."""
    return [*map(_city_of, lines)]


def _city_of(line: str) -> int:
    if line.isascii():
        found = _LETTERS.search(line)
        return _READ[found[1]] if found else -1
    met = _CHINESE.match(line)
    return _NUMBERS[met.group()] if met else -1
