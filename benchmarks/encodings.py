"""How many of 500 short texts are decoded as they were written, beside chardet and charset-normalizer in the same run.

    python benchmarks/encodings.py [--python PYTHON] [--show]

The texts are made here, always the same 500: customer data of two to a few dozen words, in the encodings of the trade, some
nearly all ASCII. A text counts as right where the decoded letters are those it was made of. `--python` names a Python that
has chardet and charset-normalizer.
"""

from __future__ import annotations

import argparse
import codecs
import json
import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华"
PLACES = (
    "北京市朝阳区",
    "上海市浦东新区",
    "浙江省杭州市西湖区",
    "广东省深圳市南山区",
    "四川省成都市武侯区",
    "江苏省苏州市",
)
TRADES = ("科技", "贸易", "机电设备", "餐饮管理", "物流", "建筑工程", "服装", "食品", "信息技术", "汽车销售")
NOTES = ("已回访", "客户暂无意向", "下周再联系", "需要发票", "老客户介绍", "合同已签", "电话打不通", "要求报价")
TRADITIONAL = (
    "臺北市中山區民生東路", "高雄市前鎮區", "陳小姐", "林先生", "電腦股份有限公司", "貿易有限公司", "聯絡電話", "客戶編號", "業務負責人",
    "新竹縣竹北市", "已經聯繫", "國際物流", "臺中市西屯區", "張經理", "產品目錄", "訂單金額", "備註說明", "營業額", "學校", "醫院",
)  # fmt: skip
WEST = (
    "René Müller", "José García", "Zürich", "Málaga", "François Lefèvre", "Straße 12", "Göteborg", "São Paulo", "Åsa Björk", "Jürgen Groß",
    "Société Générale", "Peña y Cía", "Café crème", "Søren Ødegård", "price £12", "20 °C", "Café “Blau”", "Citroën", "naïve", "Núñez",
)  # fmt: skip
EAST = (
    "Łukasz Żak",
    "Kraków",
    "Dvořák",
    "Plzeň",
    "Győr",
    "Kőszeg",
    "Gdańsk",
    "Jiří Novák",
    "Wałęsa",
    "Škoda",
    "Příbram",
    "Świdnica",
)
RUSSIAN = (
    "Иванов Иван",
    "Москва",
    "ул. Ленина, дом 5",
    "Общество",
    "Заказ оплачен",
    "Санкт-Петербург",
    "Клиент",
    "Телефон",
    "Адрес доставки",
)
JAPANESE = (
    "株式会社サクラ",
    "東京都港区",
    "お客様番号",
    "カタカナ",
    "ありがとうございます",
    "ご連絡ください",
    "山田さん",
    "テスト商事",
)
KOREAN = (
    "주식회사 한국상사",
    "서울시 강남구",
    "고객 번호입니다",
    "전화번호를 확인하세요",
    "김민수 대리",
    "주소가 없습니다",
    "부산시 해운대구 지사",
)
KINDS = (
    ("utf-8", "simplified", 50), ("utf-8-sig", "simplified", 15), ("utf-8", "nearly-ascii", 20), ("utf-8", "traditional", 20),
    ("utf-8", "west", 20), ("utf-8", "russian", 10), ("gb18030", "simplified", 60), ("gb18030", "words", 50),
    ("gb18030", "nearly-ascii", 50), ("big5hkscs", "traditional", 50), ("big5hkscs", "traditional-ascii", 15), ("utf-16", "simplified", 15),
    ("utf-16-le", "simplified", 20), ("utf-16-be", "simplified", 15), ("cp1252", "west", 40), ("cp1250", "east", 10),
    ("cp1251", "russian", 20), ("cp932", "japanese", 10), ("cp949", "korean", 10),
)  # fmt: skip


def phrase(dice: random.Random, kind: str) -> str:
    """Return one made-up cell."""
    lists = {
        "traditional": TRADITIONAL,
        "west": WEST,
        "east": EAST,
        "russian": RUSSIAN,
        "japanese": JAPANESE,
        "korean": KOREAN,
    }
    if kind in lists:
        return dice.choice(lists[kind])
    name = dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.randint(1, 2)))
    company = dice.choice(PLACES)[:2] + name[1:] + dice.choice(TRADES) + "有限公司"
    return dice.choice(
        (
            name,
            company,
            dice.choice(PLACES) + f"{dice.choice(GIVEN)}{dice.choice(GIVEN)}路{dice.randint(1, 999)}号",
            dice.choice(NOTES),
        )
    )


def text(dice: random.Random, kind: str) -> str:
    """Return one short text."""
    if kind == "words":
        return phrase(dice, "simplified")
    if kind in ("nearly-ascii", "traditional-ascii"):
        lines = [
            f"{i:06},A{dice.randint(100, 999)},{dice.randint(1, 99)}.50,2026-0{dice.randint(1, 9)}-11,x@example.com"
            for i in range(dice.randint(3, 60))
        ]
        lines.insert(dice.randrange(len(lines) + 1), f"000000,{phrase(dice, kind.split('-', maxsplit=1)[0])},1")
        return "id,code,amount,day,mail\r\n" + "\r\n".join(lines)
    rows = dice.randint(2, 6)
    return "\r\n".join(
        f"{dice.randint(1, 999):06},{phrase(dice, kind)},{phrase(dice, kind)},138{dice.randint(0, 99999999):08}"
        for _ in range(rows)
    )


def texts() -> Iterator[tuple[str, str, bytes]]:
    """Yield kind, text and bytes of the 500 texts."""
    dice = random.Random(20261125)
    for encoding, kind, count in KINDS:
        for _ in range(count):
            while True:
                made = text(dice, kind)
                try:
                    data = made.encode(encoding)
                except UnicodeEncodeError:
                    continue
                if made.encode("ascii", "ignore") != made.encode("utf-8"):
                    break
            yield f"{encoding} {kind}", made, data


def by_us(path: Path) -> str:
    """Return the encoding crmmigrate finds."""
    from crmmigrate.errors import CrmMigrateError
    from crmmigrate.sources._text import encoding_of

    try:
        return encoding_of(path)
    except CrmMigrateError:
        return ""


PEERS = """
import json, sys
from pathlib import Path
import chardet, charset_normalizer
found = {"chardet": [], "charset-normalizer": []}
for name in json.load(sys.stdin):
    data = Path(name).read_bytes()
    found["chardet"].append(chardet.detect(data)["encoding"] or "")
    best = charset_normalizer.from_bytes(data).best()
    found["charset-normalizer"].append(best.encoding if best else "")
json.dump(found, sys.stdout)
"""
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "utf-8": "utf-8-sig",
}


def decoded(data: bytes, encoding: str) -> str:
    """Decode as whoever found the encoding would; the larger set of letters for those of one family."""
    try:
        name = codecs.lookup(encoding).name
        return data.decode(WIDER.get(name, name)).removeprefix("\ufeff")
    except (LookupError, UnicodeDecodeError):
        return ""


def main() -> None:
    """Make the texts, ask everybody, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default="", help="a Python with chardet and charset-normalizer")
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    made = list(texts())
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.txt" for number in range(len(made))]
        for path, (_, _, data) in zip(paths, made, strict=True):
            path.write_bytes(data)
        answers = {"crmmigrate": [by_us(path) for path in paths]}
        if asked.python:
            done = subprocess.run(
                [asked.python, "-c", PEERS],
                input=json.dumps([str(path) for path in paths]),
                capture_output=True,
                text=True,
                check=True,
            )
            answers |= json.loads(done.stdout)
    for who, found in answers.items():
        wrong = Counter()
        for (kind, original, data), encoding in zip(made, found, strict=True):
            if decoded(data, encoding) != original:
                wrong[kind] += 1
                if asked.show and who == "crmmigrate":
                    print(f"  {kind}: taken for {encoding or 'nothing'}: {original[:60]!r}")
        print(f"{who:<20} {len(made) - wrong.total()} of {len(made)}; wrong: {dict(wrong)}")


if __name__ == "__main__":
    main()
