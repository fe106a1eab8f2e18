"""Dates beside other libraries at public labelled sets: right, wrong and open, set by set and as a whole.

    python benchmarks/standards_dates.py [--peers PYTHON] [--recognizers DIR] [--duckling DIR] [--chrono DIR] [--dateparser DIR] [--jionlp DIR]
        [--timebank DIR] [--date-fns DIR] [--moment DIR] [--sugar DIR] [--dateutil DIR] [--show]

The sets are no part of this repository; each DIR is a checkout: microsoft/Recognizers-Text (Specs/DateTime, Chinese and English), facebook/duckling
(Duckling/Time, ZH and EN), wanasit/chrono (test/zh, test/en), scrapinghub/dateparser (tests/test_date_parser.py), dongrixinyu/JioNLP
(test/test_time_parser.py), date-fns/date-fns (src/locale/*/snapshot.md), moment/moment (src/test/locale), andrewplummer/Sugar
(test/tests/locales), dateutil/dateutil (tests/test_parser.py), and a folder of TimeML files with gold labels (TimeBank and AQUAINT:
data/TBAQ-cleaned of jspotter/TempEval-3).

Which cells are asked, settled before anything was measured. A cell is the text that a set labels, and it is judged by its text and label alone:

1. it states a year: four digits of 1000 to 2999, four Chinese numerals before 年, or a year of the Republic (民国). A year of two
   digits, or none, is no complete date.
2. it has no word that reckons from another day or is an open span (`RELATION`: after, since, last, 前, 后, 至 …).
3. `stated`: the label is one day, and the text has its month and day in figures or by the month's English name. This is what the figure is about.
   `named`: the label is one day, the text names it otherwise (a festival, most of them of other countries; a weekday of a month); shown apart.
   `longer`: the label is longer than a day (a month, a year, from one day to another), with the words of rule 2 allowed: no day is right.
4. The label is the set's. A day that no calendar has (2019年2月29日) has no right value. Left out, because their label is not the day itself: lunar dates in
   Recognizers-Text, which writes the lunar month and day as if they were common ones; chrono's and dateparser's texts without a day, which they
   fill; dateparser's tests with settings of their own, and those under headings of other languages. A text with two labels in one set is left
   out, one that comes again counts once.

Three things fell short of these rules at the first run and were put right after it, by the rules, not by what came out: months of other
languages passed for English ones (Octubre), a time before a zone for a year (1337EDT), and spans (10:00 pm - 1:00 am, -10days) for days.
date-fns and moment came after the first mends, Sugar and dateutil after all but two (分钟 behind minutes, an hour alone behind T), so what a set
showed at its first reading is in changes/.

Right: the day of the label, or no day where none is right; wrong: another day; open: no day, though there is one. `cells alone` reads a cell as it
stands; `order known` is the same standard with the set's own order of day and month (`order=mdy` for American sets, `dmy` for others; none where
a set mixes them) and all years expected (`first=1`), as for a column whose order is known. Peers read cells as they stand.

One answer of the standard that counts as wrong is right: TimeBank labels "Sept. 27, 1989" as the 27th of November.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from standards import Rows, ask_peers, judge, ours, same

Found = Iterator[tuple[str, str]]
"""Texts and their labels: `2023-05-01`, or an empty text where the label is longer than a day."""
_NUMERAL = "〇○零一二三四五六七八九"
_YEAR = re.compile(
    rf"(?<!\d)[12]\d{{3}}(?!\d|[A-Z]{{3}})|(?<!\d)[12]\d{{3}}(?=\d{{4}}(?:\d{{6}})?(?!\d))|[{_NUMERAL}]{{4}}(?=\s*年)|民[国國]"
)
RELATION = re.compile(
    r"\b(?:after|before|since|until|till|from|to|through|thru|by|ago|later|last|past|next|previous|following|between|and|or|prior|earlier|"
    r"about|around|early|late|end|beginning|anytime|sometimes?|within|over|during|eve)\b"
    r"|之?[前后後]|以[来來内內]|至|到|起|止|从|從|自|之间|期间|左右|上[个個]|下[个個]|底|初(?![一二三四五六七八九十])|[~～—]|\s-\s?\d",
    re.IGNORECASE,
)
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|[a-z]+teenth|eleventh|twelfth|twentieth|twenty[- ][a-z]+th|thirtieth|thirty[- ]first)"
_WEEKS = r"(?:mon|tue|wed|thu|fri|sat|sun|week|day|weekend|quarter|qtr)"
_STATED = (
    re.compile(rf"(?:\d{{4}}|[{_NUMERAL}]{{4}}|民[国國].{{1,6}}?)\s*年?\D*[\d{_NUMERAL}十正元冬腊]+\s*月(?:份)?\s*[\d{_NUMERAL}初十廿卅]"),
    re.compile(r"(?<!\d)\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}(?!\d)"),
    re.compile(r"(?<!\d)\d{1,2}\D{1,3}\d{1,2}\D{1,3}\d{4}(?!\d)"),
    re.compile(r"(?<!\d)\d{8}(?:\d{6})?(?!\d)"),
)  # fmt: skip
_CLOCK = re.compile(r"\d{1,2}\s*(?:[:h]\s*\d{0,2}|[ap]\.?m\b)\S*", re.IGNORECASE)
_LUNAR = re.compile(r"农历|農曆|阴历|正月|腊月|月初[一二三四五六七八九十]|十月初一")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def states_day(text: str) -> bool:
    """Whether the text has the year, the month and the day in figures or by the month's name (rule 3)."""
    if any(form.search(text) for form in _STATED):
        return True
    rest = _CLOCK.sub(" ", _YEAR.sub(" ", text, count=1))
    number = rf"(?<!\d)(?:[1-9]|0[1-9]|[12]\d|3[01])(?!\d)|\b{_ORDINAL}\b(?!\s+{_WEEKS})"
    return bool(
        re.search(rf"\b{_MONTH}|(?<=\d){_MONTH}", rest, re.IGNORECASE) and re.search(number, rest, re.IGNORECASE)
    )


def kind(text: str, label: str) -> str:
    """Return `stated`, `named` or `longer`, or an empty text where the cell is not asked."""
    if not _YEAR.search(text):
        return ""
    if not label:
        return "longer"
    if RELATION.search(text):
        return ""
    return "stated" if states_day(text) else "named"


def recognizers(folder: Path, language: str) -> Found:
    """Return the parsers' and models' results; a timex is their label."""
    for path in sorted((folder / "Specs/DateTime" / language).glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8-sig")):
            for result in case.get("Results") or ():
                said, values = result.get("Value"), (result.get("Resolution") or {}).get("values", ())
                timexes = (
                    [said["Timex"]]
                    if isinstance(said, dict) and "Timex" in said
                    else [each.get("timex", "") for each in values]
                )
                labels = {_of_timex(timex) for timex in timexes}
                what = (result.get("Type") or result.get("TypeName") or "").rpartition(".")[2]
                text = result["Text"]
                if (
                    what in ("date", "datetime", "daterange", "datetimerange")
                    and len(labels) == 1
                    and None not in labels
                    and not _LUNAR.search(text)
                ):
                    yield text, labels.pop() if what in ("date", "datetime") else ""


def _of_timex(timex: str) -> str | None:
    """Return the day, an empty text for what is longer, None where the year is not told."""
    if _DAY.match(timex):
        return timex[:10]
    return "" if re.match(r"\(?\d{4}", timex) else None


def duckling(folder: Path, locale: str) -> Found:
    """Return the examples of a locale's corpus (`ZH`, `EN`, `EN/US` …)."""
    form = re.compile(
        r"examples \((datetime\w*) \(+([\d, ]+)\)(?:, \([\d, ]+\))?\)*\s*(\w*)[^\[]*\[((?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*)\]"
    )
    text = (folder / "Duckling/Time" / locale / "Corpus.hs").read_text(encoding="utf-8")
    for how, moment, grain, cells in form.findall(text):
        year, month, day = (int(part) for part in moment.split(",")[:3])
        one = "Interval" not in how and grain in ("Day", "Hour", "Minute", "Second")
        for cell in re.findall(r"\"((?:[^\"\\]|\\.)*)\"", cells):
            yield cell, f"{year:04d}-{month:02d}-{day:02d}" if one else ""


def chrono(folder: Path, language: str) -> Found:
    """Return the texts found in single cases and the day expected of them, where no end is."""
    for path in sorted((folder / "test" / language).rglob("*.test.ts")):
        for block in re.split(r"(?=\btest\w*\()", path.read_text(encoding="utf-8")):
            yield from _case(block, british="GB" in block or "en_GB" in block)


def _case(block: str, *, british: bool) -> Found:
    called = re.search(r"test(?:SingleCase|WithExpectedDate)\(\s*[\w.]+,\s*(\"[^\"]*\"|'[^']*')", block)
    if not called or british or re.search(r"result\.end(?!\)\.toBeNull)", block):
        return
    text = re.search(r"result\.text\)\.toBe\((\"[^\"]*\"|'[^']*')\)", block) or called
    parts = [
        re.search(rf"result\.start\.get\(\"{part}\"\)\)\.toBe\((\d+)\)", block) for part in ("year", "month", "day")
    ]
    numbers = [int(part[1]) for part in parts if part]
    if len(numbers) < 3:
        moment = re.search(
            r"(?:toBeDate\(|expectDate = |WithExpectedDate\([^\n]*?, )new Date\((\d{4}), (\d+)( - 1)?, (\d+)", block
        )
        if not moment:
            return
        numbers = [int(moment[1]), int(moment[2]) + (not moment[3]), int(moment[4])]
    cell = text[1][1:-1]
    if states_day(cell):
        yield cell, "{:04d}-{:02d}-{:02d}".format(*numbers)


def dateparser(folder: Path) -> Found:
    """Return the texts of the tests that parse without settings, under the headings of English, Chinese, numeric and miscellaneous dates, that state a day."""
    source = (folder / "tests/test_date_parser.py").read_text(encoding="utf-8")
    headings = [
        (number, line)
        for number, line in enumerate(source.splitlines(), 1)
        if re.match(r" {12}# [A-Z]\w+( dates)?$", line)
    ]
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and re.fullmatch(
            "test_dates_parsing(_with_normalization)?", function.name
        ):
            for call in (each for decorator in function.decorator_list for each in ast.walk(decorator)):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "param" and len(call.args) == 2:
                    heading = [line for number, line in headings if number < call.lineno][-1]
                    text, moment = call.args
                    if (
                        re.search("English|Chinese|Numeric|Misc", heading)
                        and isinstance(text, ast.Constant)
                        and isinstance(moment, ast.Call)
                    ):
                        year, month, day = (ast.literal_eval(part) for part in moment.args[:3])
                        if states_day(text.value):
                            yield text.value, f"{year:04d}-{month:02d}-{day:02d}"


def jionlp(folder: Path) -> Found:
    """Return the time points and spans of test_time_parser.py."""
    for node in ast.walk(ast.parse((folder / "test/test_time_parser.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.List) and len(node.elts) == 3 and isinstance(node.elts[-1], ast.Dict):
            said = ast.literal_eval(node.elts[2])
            if said.get("type") in ("time_point", "time_span"):
                first, last = (moment[:10] for moment in said["time"])
                yield ast.literal_eval(node.elts[0]), first if first == last else ""


def timebank(folder: Path) -> Found:
    """Return the dates and times of TimeML files with gold labels."""
    for path in sorted(folder.rglob("*.tml")):
        if path.name.startswith("._"):
            continue
        for marks, text in re.findall(r"<TIMEX3([^>]*)>([^<]*)</TIMEX3>", path.read_text(encoding="utf-8")):
            value = (re.search(r"value=\"([^\"]*)\"", marks) or ["", ""])[1]
            if re.search(r"type=\"(?:DATE|TIME)\"", marks) and re.match(r"\d{4}", value):
                yield " ".join(text.split()), value[:10] if _DAY.match(value) else ""


def date_fns(folder: Path, locale: str) -> Found:
    """Return the long dates, alone and with a time, of a locale's snapshot, with the day that was formatted."""
    text = (folder / f"src/locale/{locale}/snapshot.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 4 and re.fullmatch("P{1,4}p{0,4}", cells[2]):
            yield cells[4], cells[3][:10]


def moment(folder: Path, locale: str) -> Found:
    """Return what a locale's test of formatting expects of 14 February 2010."""
    text = (folder / f"src/test/locale/{locale}.js").read_text(encoding="utf-8")
    block = text.partition("test('format',")[2].partition("new Date(2010, 1, 14")[0]
    for cell in re.findall(r"\[\s*'[^']*',\s*'([^']*)',?\s*\]", block):
        if states_day(cell):
            yield cell, "2010-02-14"


def sugar(folder: Path, locale: str) -> Found:
    """Return what a locale's test of parsing expects, where it is written as numbers."""
    text = (folder / f"test/tests/locales/{locale}.js").read_text(encoding="utf-8")
    for cell, year, month, day in re.findall(
        r"assertDateParsed\('([^']*)', new Date\((\d{4}), (\d+)(?:, (\d+))?", text
    ):
        yield cell, f"{year}-{int(month) + 1:02d}-{int(day):02d}" if day else ""


def dateutil(folder: Path) -> Found:
    """Return the test cases of the parser without arguments."""
    for node in ast.walk(ast.parse((folder / "tests/test_parser.py").read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") == "PARSER_TEST_CASES"
            and isinstance(node.value, ast.List)
        ):
            for case in node.value.elts:
                if isinstance(case, ast.Tuple) and isinstance(case.elts[1], ast.Call):
                    year, month, day = (ast.literal_eval(part) for part in case.elts[1].args[:3])
                    yield ast.literal_eval(case.elts[0]), f"{year:04d}-{month:02d}-{day:02d}"


def rows_of(found: Found) -> dict[str, Rows]:
    """Return the cells by kind; none is the value of a label that no calendar has."""
    labels: dict[str, set[str]] = {}
    for text, label in found:
        labels.setdefault(text, set()).add(label)
    rows: dict[str, Rows] = {}
    for text, said in labels.items():
        if len(said) == 1:
            label = said.pop()
            if name := kind(text, label):
                rows.setdefault(name, []).append((text, _real(label)))
    return rows


def _real(label: str) -> str | None:
    try:
        return date.fromisoformat(label).isoformat()
    except ValueError:
        return None


def sets(asked: argparse.Namespace) -> dict[str, tuple[Found, str]]:
    """Return the sets asked for with their order of day and month."""
    found: dict[str, tuple[Found, str]] = {}
    if asked.recognizers:
        found["recognizers zh"] = (recognizers(asked.recognizers, "Chinese"), "dmy")
        found["recognizers en"] = (recognizers(asked.recognizers, "English"), "mdy")
    if asked.duckling:
        found["duckling zh"] = (_each(duckling, asked.duckling, "ZH ZH/CN ZH/HK ZH/MO ZH/TW"), "mdy")
        found["duckling en-US"] = (_each(duckling, asked.duckling, "EN EN/US EN/CA"), "mdy")
        found["duckling en"] = (
            _each(duckling, asked.duckling, "EN/GB EN/AU EN/IE EN/IN EN/NZ EN/ZA EN/BZ EN/JM EN/PH EN/TT"),
            "dmy",
        )
    if asked.chrono:
        found["chrono zh"] = (chrono(asked.chrono, "zh"), "")
        found["chrono en"] = (chrono(asked.chrono, "en"), "mdy")
    if asked.dateparser:
        rows = list(dateparser(asked.dateparser))
        found["dateparser zh"] = ((row for row in rows if not row[0].isascii()), "")
        found["dateparser en"] = ((row for row in rows if row[0].isascii()), "")
    if asked.jionlp:
        found["jionlp zh"] = (jionlp(asked.jionlp), "")
    if asked.timebank:
        found["timebank en"] = (timebank(asked.timebank), "mdy")
    if asked.date_fns:
        found["date-fns zh"] = (_each(date_fns, asked.date_fns, "zh-CN zh-HK zh-TW"), "")
        found["date-fns en-US"] = (_each(date_fns, asked.date_fns, "en-US"), "mdy")
        found["date-fns en"] = (_each(date_fns, asked.date_fns, "en-GB en-AU en-CA en-IE en-IN en-NZ en-ZA"), "dmy")
    if asked.moment:
        found["moment zh"] = (_each(moment, asked.moment, "zh-cn zh-hk zh-mo zh-tw"), "")
        found["moment en"] = (_each(moment, asked.moment, "en en-au en-ca en-gb en-ie en-il en-in en-nz en-sg"), "")
    if asked.sugar:
        found["sugar zh"] = (_each(sugar, asked.sugar, "zh-CN zh-TW"), "")
    if asked.dateutil:
        found["dateutil en"] = (dateutil(asked.dateutil), "mdy")
    return found


def _each(read: Callable[[Path, str], Found], folder: Path, locales: str) -> Found:
    return (each for locale in locales.split() for each in read(folder, locale))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default="", help="a Python that has the peers installed")
    for name in (
        "recognizers",
        "duckling",
        "chrono",
        "dateparser",
        "jionlp",
        "timebank",
        "date-fns",
        "moment",
        "sugar",
        "dateutil",
    ):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--show", action="store_true", help="print our wrong and open cells to stderr")
    asked = parser.parse_args()
    cells: dict[str, tuple[Rows, str]] = {}
    for name, (found, order) in sets(asked).items():
        for what, rows in rows_of(found).items():
            cells[f"date:{what}:{name}"] = (rows, order)
    peers = ask_peers(asked.peers, {name: [raw for raw, _ in rows] for name, (rows, _) in cells.items()})
    print(f"{'set':<28} {'by':<24} {'cells':>6} {'right':>6} {'wrong':>6} {'open':>6}  right")
    totals: dict[tuple[str, str], list[int]] = {}
    for what in ("stated", "named", "longer"):
        for name, (rows, order) in cells.items():
            if name.split(":")[1] == what:
                alone, known = ours("date"), ours("date", **({"order": order} if order else {}), first=1)
                said = {
                    "crmmigrate, cells alone": [alone(raw) for raw, _ in rows],
                    "crmmigrate, order known": [known(raw) for raw, _ in rows],
                }
                said |= {peer: answer["answers"] for peer, answer in peers.get(name, {}).items()}
                for by, answers in said.items():
                    figures = judge("date", rows[: len(answers)], answers)
                    _print(name[5:], by, figures)
                    for part in ("all", "zh" if " zh" in name else "en"):
                        total = totals.get((f"{what}:{part}", by), (0, 0, 0))
                        totals[f"{what}:{part}", by] = [a + b for a, b in zip(total, figures, strict=True)]
                if asked.show:
                    _show(name[5:], rows, said["crmmigrate, cells alone"], said["crmmigrate, order known"])
    for (what, by), figures in sorted(totals.items(), key=lambda total: total[0][0]):
        _print(what, by, figures)


def _print(name: str, by: str, figures: tuple[int, ...] | list[int]) -> None:
    right, wrong, left = figures
    print(f"{name:<28} {by:<24} {sum(figures):>6} {right:>6} {wrong:>6} {left:>6}  {right / max(1, sum(figures)):.1%}")


def _show(name: str, rows: Rows, alone: list[str | None], known: list[str | None]) -> None:
    for (raw, wanted), one, other in zip(rows, alone, known, strict=True):
        if not (same("date", wanted, one) and same("date", wanted, other)):
            print(f"  {name}: {raw!r} wanted {wanted!r} got {one!r}, order known {other!r}", file=sys.stderr)


if __name__ == "__main__":
    main()
