"""Standards of values beside other libraries: right, wrong and blank at tricky cells and public labelled sets, and speed on distinct values.

    python benchmarks/standards.py [--peers PYTHON] [--jionlp DIR] [--companies groundtruth.txt] [--stdnum DIR] [--rows 20000]

The tricky cells are those of tests/standards/tricky. Public sets are not part of this repository: `--jionlp` is a checkout of dongrixinyu/JioNLP
(its test/), `--companies` tests/groundtruth.txt of shibing624/companynameparser, `--stdnum` the unpacked sdist of python-stdnum. The
example numbers of every country come with phonenumbers. PYTHON is one that has the peers installed (phonenumbers, dateparser,
python-dateutil, pandas, cn2an, price-parser, jionlp, email-validator, cleanco, companynameparser, python-stdnum).

Two dates of JioNLP's stay open (2017年大寒, 2023年大年三十): the set takes the year for the lunar one, people mostly mean the common year, and
the cell does not tell; both days are among the candidates.

A cell is right where the value is the expected one, or where none is expected and none is given; wrong where another value is given;
blank where one is expected and none is given (what is doubtful is flagged, with candidates). Speed is in rows per CPU second of one core.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from crmmigrate import standards

ROOT = Path(__file__).parent.parent
TRICKY = ROOT / "tests/standards/tricky"
KINDS = ("phone", "email", "company_name", "credit_code", "resident_id", "date", "amount")
Rows = list[tuple[str, str | None]]
Read = Callable[[str], str | None]


def tricky(name: str) -> Rows:
    """Return raw cells and expected values; None where no value is right."""
    with (TRICKY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(_unescaped(row["raw"]), _unescaped(row["value"]) or None) for row in csv.DictReader(file)]


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text).replace("\\n", "\n")


def ours(name: str, **options: str | int) -> Read:
    """Return the value a standard gives; None where it gives none that may be used."""
    clean = standards.load(name).make(**options)

    def read(raw: str) -> str | None:
        cleaned = clean(raw)
        return cleaned.value if cleaned.usable and cleaned.confidence != "suggested" else None

    return read


def brand(raw: str) -> str | None:
    """Return the name within a company's name."""
    return _COMPANY(raw).parts.get("字号", "")


_COMPANY = standards.load("company_name").make()


def countries() -> Rows:
    """Return the example number of every country and kind in international form, by libphonenumber."""
    import phonenumbers

    rows = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                form = phonenumbers.PhoneNumberFormat
                rows.append(
                    (
                        phonenumbers.format_number(number, form.INTERNATIONAL),
                        phonenumbers.format_number(number, form.E164),
                    )
                )
    return rows


def jionlp_money(folder: Path) -> Rows:
    """Return the texts and amounts of test_money_parser.py; None where it has a range, so that no single amount is right.

    Bounds (不到1.9万, the set's blur- and blur+) are left out: whether 1.9万 is their amount is a matter of taste.
    """
    return [(text, said["num"] if isinstance(said["num"], str) else None)
            for text, said in _cases(folder / "test/test_money_parser.py", 2) if said["definition"] in ("accurate", "blur")]  # fmt: skip


def jionlp_time(folder: Path) -> Rows:
    """Return the texts with a year in digits or words whose answer is one point of time, with its day; None where it is longer than a day."""
    rows = []
    for text, said in _cases(folder / "test/test_time_parser.py", 3):
        if said.get("type") == "time_point" and re.search(r"\d{4}|[零一二三四五六七八九〇]{4}", text):
            first, last = (moment[:10] for moment in said["time"])
            rows.append((text, first if first == last else None))
    return rows


def _cases(path: Path, length: int) -> Iterator[tuple[str, dict]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.List) and len(node.elts) == length and isinstance(node.elts[-1], ast.Dict):
            yield ast.literal_eval(node.elts[0]), ast.literal_eval(node.elts[-1])


def companies(path: Path) -> list[list[str]]:
    """Return names with their brand, where the set has one."""
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]


def _half(name: str) -> str:
    """Return which half of the set a name is in, by its digest: rules were derived from the even half, the odd one read last."""
    return ("even", "odd")[hashlib.sha256(name.encode()).digest()[0] & 1]


def stdnum_doctests(folder: Path, name: str) -> Rows:
    """Return the numbers of a doctest file: those it calls valid with their standard form, those it refuses with None."""
    text = (folder / f"tests/test_cn_{name}.doctest").read_text(encoding="utf-8")
    rows: Rows = []
    for call, answer in re.findall(rf">>> {name}\.(?:validate|get_birth_place)\('([^']+)'\).*\n(.+)", text):
        form = re.sub(r"[\s-]", "", call).upper()
        rows.append((call, None if answer.startswith("Traceback") else form))
    block = re.search(r">>> numbers = '''\n(.*?)\n\.\.\. '''", text, re.DOTALL)
    rows += [
        (number.strip(". \n"), number.strip(". \n"))
        for number in (block[1].splitlines() if block else ())
        if number.strip(". \n")
    ]
    return list(dict.fromkeys(rows))


def sets(asked: argparse.Namespace) -> dict[str, tuple[Rows, Read]]:
    """Return the labelled sets by name, `kind:origin`, each with our reader."""
    found: dict[str, tuple[Rows, Read]] = {f"{name}:tricky": (tricky(name), ours(name)) for name in KINDS}
    found["phone:every country"] = (countries(), ours("phone"))
    if asked.jionlp:
        found["date:jionlp"] = (jionlp_time(asked.jionlp), ours("date"))
        found["amount:jionlp"] = (jionlp_money(asked.jionlp), any_currency())
    if asked.companies:
        rows = companies(asked.companies)
        kept = [(row[0], row[0].replace("(", "（").replace(")", "）")) for row in rows]
        found["company_name:correct names"] = (kept, ours("company_name"))
        labelled = [(row[0], row[1]) for row in rows if len(row) == 2]
        found["brand:all"] = (labelled, brand)
        for half in ("even", "odd"):
            found[f"brand:{half} half"] = ([row for row in labelled if _half(row[0]) == half], brand)
    if asked.stdnum:
        found["credit_code:doctests"] = (stdnum_doctests(asked.stdnum, "uscc"), ours("credit_code"))
        found["resident_id:doctests"] = (stdnum_doctests(asked.stdnum, "ric"), without_doubt("resident_id"))
    return found


def any_currency() -> Read:
    """Return the amount in whatever currency it is said."""
    clean = standards.load("amount").make()

    def read(raw: str) -> str | None:
        cleaned = clean(raw)
        if [flag.code for flag in cleaned.flags] == ["amount.currency"]:
            return cleaned.candidates[0]
        return cleaned.value if cleaned.confidence != "suggested" else None

    return read


def without_doubt(name: str) -> Read:
    """Return the value where nothing but its form was remarked."""
    clean = standards.load(name).make()

    def read(raw: str) -> str | None:
        cleaned = clean(raw)
        doubts = [flag for flag in cleaned.flags if flag.severity != "info" or flag.kind == "LOGIC"]
        return None if doubts else cleaned.value

    return read


def same(kind: str, wanted: str | None, got: str | None) -> bool:
    """Whether two values are one: amounts by worth (to the cent), the rest by their letters."""
    if kind == "amount" and wanted and got:
        try:
            return round(Decimal(wanted), 2) == round(Decimal(got), 2)
        except InvalidOperation:
            return False
    return wanted == got


def judge(kind: str, rows: Rows, answers: list[str | None]) -> tuple[int, int, int]:
    """Return right, wrong and blank."""
    right = wrong = blank = 0
    for (_, wanted), got in zip(rows, answers, strict=False):
        if same(kind, wanted, got) or (not wanted and not got):
            right += 1
        elif not got:
            blank += 1
        else:
            wrong += 1
    return right, wrong, blank


def drawn(rows: int) -> dict[str, list[str]]:
    """Return distinct values in the usual mixture of forms."""
    rng = random.Random(20261031)
    makers: dict[str, Callable[[random.Random], str]] = {
        "phone": _phone, "email": _email, "company_name": _company, "credit_code": _credit_code, "resident_id": _resident,
        "date": _date, "amount": _amount, "org_code": _org_code, "reg_no": _reg_no, "tax_id": _tax_id, "vin": _vin, "plate": _plate,
    }  # fmt: skip
    return {f"{name}:speed": list(dict.fromkeys(make(rng) for _ in range(rows))) for name, make in makers.items()}


@cache
def _regions() -> list[str]:
    table = (ROOT / "src/crmmigrate/data/divisions.csv").read_text(encoding="utf-8").splitlines()
    return [row[0] for row in csv.reader(table) if row[1] == "3"]


def _phone(rng: random.Random) -> str:
    mobile = f"1{rng.choice('35789')}{rng.randrange(10**9):09d}"
    line = f"0571-8{rng.randrange(10**7):07d}"
    forms = (mobile, mobile, mobile, f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}", f"+86 {mobile}", f"86{mobile}", f"{mobile}.0", line, line,
             f"{line}转{rng.randrange(9999)}", f"{mobile}/{line}", f"（0571）{line[5:]}")  # fmt: skip
    return rng.choice(forms)


def _company(rng: random.Random) -> str:
    signs = "甲乙丙丁天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳"
    own = "".join(rng.choices(signs, k=rng.choice((2, 3, 4))))
    place = rng.choice(("杭州", "北京市", "浙江省宁波市", "上海", "深圳市"))
    trade = rng.choice(("科技", "贸易", "电子", "建筑工程", "3D打印设备"))
    tail = trade + rng.choice(("有限公司", "有限责任公司", "股份有限公司", "集团有限公司"))
    usual = (f"{place}{own}{tail}",) * 6
    others = (f"{own}({place}){tail}", f"{place}{own}{tail}采购部", f" {place} {own}{tail}", f"{own}{tail[:2]}")
    return rng.choice(usual + others)


def _day(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(1950, 2026), rng.randrange(1, 13), rng.randrange(1, 29)


def _date(rng: random.Random) -> str:
    year, month, number = _day(rng)
    forms = (f"{year}-{month:02d}-{number:02d}", f"{year}/{month}/{number}", f"{year}.{month}.{number}", f"{year}年{month}月{number}日",
             f"{year}{month:02d}{number:02d}", str(rng.randrange(20000, 46000)), f"{year}-{month:02d}-{number:02d} {number:02d}:30:00", f"{number}/{month}/{year}")  # fmt: skip
    return rng.choice(forms)


def _amount(rng: random.Random) -> str:
    fen = rng.randrange(1, 10**9)
    forms = (str(fen), f"{fen / 100:.2f}", f"¥{fen / 100:,.2f}", f"{fen // 100}万", f"{fen}元", f"{fen:,}", f"{fen / 10**4:.1f}万元",
             f"人民币{fen}元整")  # fmt: skip
    return rng.choice(forms)


def _email(rng: random.Random) -> str:
    return f"user{rng.randrange(10**9)}@{rng.choice(('qq.com', '163.com', 'abc-tech.com.cn', 'gmial.com', 'QQ.com'))}"


def _credit_code(rng: random.Random) -> str:
    from crmmigrate.standards.credit_code import check_digit, organisation_digit

    body = f"{rng.randrange(10**8):08d}"
    first = f"91{rng.choice(_regions())}{body}{organisation_digit(body)}"
    return first + check_digit(first)


def _resident(rng: random.Random) -> str:
    from crmmigrate.standards.resident_id import check_digit

    year, month, number = _day(rng)
    first = f"{rng.choice(_regions())}{year}{month:02d}{number:02d}{rng.randrange(1000):03d}"
    return first + check_digit(first)


def _org_code(rng: random.Random) -> str:
    """Most with the hyphen of the norm, some without, as tables have them."""
    from crmmigrate.standards._identifiers import organisation_digit

    body = f"{rng.choice('1234567M')}{rng.randrange(10**7):07d}"
    return f"{body}{rng.choice(('-', '-', '-', ''))}{organisation_digit(body)}"


def _reg_no(rng: random.Random) -> str:
    first = f"{rng.choice(_regions())}{rng.randrange(10**8):08d}"
    check = 10
    for digit in first:
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return first + str((11 - check) % 10)


def _tax_id(rng: random.Random) -> str:
    """Three credit codes to one number of before 2015."""
    from crmmigrate.standards._identifiers import organisation_digit

    if rng.randrange(4):
        return _credit_code(rng)
    body = f"{rng.randrange(10**8):08d}"
    return rng.choice(_regions()) + body + organisation_digit(body)


def _vin(rng: random.Random) -> str:
    from crmmigrate.standards.vin import check_digit

    maker = rng.choice(("LSV", "LFV", "LGX", "LVS", "WBA", "5YJ"))
    number = maker + "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=5)) + "0" + rng.choice("FGHJKLMNPR")
    number += rng.choice("ABCDEF1") + f"{rng.randrange(10**6):06d}"
    return number[:8] + check_digit(number) + number[9:]


def _plate(rng: random.Random) -> str:
    """Usual ones and those of new energy, some with the dot that is on the plate."""
    place = rng.choice("京津冀浙粤苏") + rng.choice("ABCDEF")
    usual = "".join(rng.choices("ABCDEFGHJK0123456789", k=5))
    return place + rng.choice((usual, usual, usual, f"D{rng.randrange(10**5):05d}", f"·{usual}"))


def ask_peers(python: str, cells: dict[str, list[str]]) -> dict[str, dict[str, dict]]:
    """Return the peers' answers to all cells."""
    if not python:
        return {}
    script = Path(__file__).with_name("standards_peers.py")
    answer = subprocess.run([python, str(script)], input=json.dumps(cells), capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def timed(read: Callable[[str], object], cells: list[str]) -> float:
    """Return rows per CPU second, the best of three."""
    for raw in cells[:200]:
        read(raw)
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        for raw in cells:
            read(raw)
        best = max(best, len(cells) / (time.process_time() - begun))
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default="", help="a Python that has the peers installed")
    parser.add_argument("--jionlp", type=Path)
    parser.add_argument("--companies", type=Path)
    parser.add_argument("--stdnum", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument(
        "--show", action="store_true", help="print our wrong and blank cells of the public sets to stderr"
    )
    asked = parser.parse_args()
    labelled, quick = sets(asked), drawn(asked.rows)
    peers = ask_peers(
        asked.peers, {**{name: [raw for raw, _ in rows] for name, (rows, _) in labelled.items()}, **quick}
    )
    print(f"{'set':<30} {'by':<22} {'cells':>6} {'right':>7} {'wrong':>6} {'blank':>6}")
    for name, (rows, read) in labelled.items():
        kind = name.partition(":")[0]
        mine = [read(raw) for raw, _ in rows]
        for by, answers in (
            ("crmmigrate", mine),
            *((peer, said["answers"]) for peer, said in peers.get(name, {}).items()),
        ):
            right, wrong, blank = judge(kind, rows[: len(answers)], answers)
            print(f"{name:<30} {by:<22} {len(answers):>6} {right / max(1, len(answers)):>7.1%} {wrong:>6} {blank:>6}")
        if asked.show:
            for (raw, wanted), got in zip(rows, mine, strict=True):
                if not same(kind, wanted, got) and (wanted or got):
                    print(f"  {name}: {raw!r} wanted {wanted!r} got {got!r}", file=sys.stderr)
    print(f"\n{'distinct values':<30} {'by':<22} {'cells':>6} {'rows/s':>9} {'ratio':>7}")
    for name, cells in quick.items():
        speed = timed(standards.load(name.partition(":")[0]).make(), cells)
        print(f"{name.partition(':')[0]:<30} {'crmmigrate':<22} {len(cells):>6} {speed:>9,.0f}")
        for peer, said in peers.get(name, {}).items():
            other = len(said["answers"]) / said["seconds"]
            print(f"{'':<30} {peer:<22} {len(said['answers']):>6} {other:>9,.0f} {speed / other:>6.1f}x")


if __name__ == "__main__":
    main()
