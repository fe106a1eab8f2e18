"""Dirt as people make it: each function turns a true value into what stands in the cell."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from b2b_generator.draws import weighted
from b2b_generator.traditional import TRADITIONAL
from b2b_generator.world import Company

Value = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Args:
        value: what stands in it.
        clean: its standard form; empty where no repair is possible.
        kind: the kind of dirt; empty where the cell is clean.
    """

    value: Value
    clean: str = ""
    kind: str = ""

    @property
    def shown(self) -> str:
        """What a person sees in the cell."""
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return "" if self.value is None else str(self.value)


FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.()-"}
CONFUSED = {
    "启": "起", "明": "名", "华": "花", "盛": "胜", "泰": "太", "宏": "弘", "恒": "衡", "丰": "沣", "达": "答", "通": "同",
    "瑞": "睿", "祥": "翔", "隆": "龙", "兴": "欣", "昌": "畅", "荣": "融", "康": "糠", "安": "按", "平": "坪", "和": "盒",
    "信": "芯", "诚": "成", "德": "得", "博": "搏", "远": "元", "机": "几", "械": "诫", "技": "枝", "密": "蜜", "贸": "贷",
    "材": "才", "设": "没", "备": "各", "务": "悟", "物": "勿", "理": "里", "环": "怀", "食": "实", "网": "纲", "络": "洛", "件": "伴",
    "程": "呈", "流": "留", "询": "讯", "传": "转", "媒": "煤", "餐": "参", "饮": "引", "教": "较", "业": "亚",
    "包": "饱", "纺": "仿", "照": "兆", "印": "卬", "汽": "气", "疗": "了", "软": "欸", "建": "健", "装": "妆",
}  # fmt: skip
INVISIBLE = ("\u00a0", "\u200b", "\u3000", "\ufeff", " ")
NAME_WEIGHTS = {
    "short_name": 22, "former_name": 10, "brackets": 10, "traditional": 10, "full_width": 6, "typo": 12, "invisible": 10,
    "suffix": 10, "exact": 10,
}  # fmt: skip


def company_name(rng: random.Random, company: Company, kind: str = "", *, gbk_only: bool = False) -> Cell:
    """Write a company's name in another way; `exact` is the name as registered.

    Args:
        rng: chance.
        company: whose name.
        kind: one of `NAME_WEIGHTS`; drawn where it is empty. What is not possible with this name becomes its short name or a trailing note.
        gbk_only: leave out characters that GB18030 files of old systems do not hold.
    """
    kind = kind or weighted(rng, NAME_WEIGHTS)
    name = company.name
    region, core, trade, legal = company.parts
    if kind == "exact":
        return Cell(name)
    dirty = name
    if kind == "former_name" and company.former:
        dirty = company.former
    elif kind == "brackets":
        dirty = name.replace("（", "(").replace("）", ")")
        if dirty == name:
            kind, dirty = "region_moved", f"{core}{trade}({region}){legal}"
    elif kind == "traditional":
        dirty = "".join(TRADITIONAL.get(c, c) for c in name)
    elif kind == "full_width":
        dirty = name.translate(FULL_WIDTH)
    elif kind == "typo":
        dirty = _typo(rng, name)
    elif kind == "invisible":
        place = rng.choice(
            [i for i in range(len(name) + 1) if not name[max(i - 1, 0) : i + 1].isascii() or not name[i:]]
        )
        sign = rng.choice(INVISIBLE[2:3] + INVISIBLE[4:] if gbk_only else INVISIBLE)
        dirty = name[:place] + sign + name[place:]
    elif kind == "suffix":
        dirty = name + rng.choice(("（采购部）", "-王经理", f" {company.line}", "（老客户）", "（停用）"))
    if dirty == name:
        kind, dirty = "short_name", company.short if rng.random() < 0.6 else f"{company.city.short}{company.short}"
    return Cell(dirty, name, kind)


def _typo(rng: random.Random, name: str) -> str:
    """Replace one character by one that sounds or looks alike, or drop or swap one of the trade word."""
    places = [i for i, c in enumerate(name[:-2]) if c in CONFUSED and CONFUSED[c] != c]
    if places and rng.random() < 0.7:
        i = rng.choice(places)
        return name[:i] + CONFUSED[name[i]] + name[i + 1 :]
    i = rng.randint(max(len(name) // 2 - 1, 1), len(name) - 3)
    return name[:i] + name[i + 1 :] if rng.random() < 0.5 else name[:i] + name[i + 1] + name[i] + name[i + 2 :]


PHONE_WEIGHTS = {"plain": 55, "form": 33, "damaged": 5, "two": 4, "none": 3}


def mobile(rng: random.Random, digits: str, other: str = "", weights: Mapping[str, float] = PHONE_WEIGHTS) -> Cell:
    """Write a mobile number; `other` is a second number that may share the cell."""
    clean = "+86" + digits
    how = weighted(rng, weights)
    a, b, c = digits[:3], digits[3:7], digits[7:]
    if how == "none":
        return Cell("", "", "")
    if how == "two" and other:
        return Cell(digits + rng.choice(("/", "、", ";", " ")) + other, f"{clean}; +86{other}", "phone_two_in_cell")
    if how == "damaged":
        return rng.choice(
            (
                Cell(f"{int(digits):.7E}", "", "phone_scientific"),
                Cell(digits[:-1], "", "phone_digit_missing"),
                Cell(digits + "0", "", "phone_digit_too_many"),
            )
        )
    forms = [
        Cell(f"+86 {digits}", clean, "phone_country_code"),
        Cell(f"+86-{a}-{b}-{c}", clean, "phone_country_code"),
        Cell(f"{a}-{b}-{c}", clean, "phone_separators"),
        Cell(f"{a} {b} {c}", clean, "phone_separators"),
        Cell(digits.translate(FULL_WIDTH), clean, "phone_full_width"),
        Cell(digits + ".0", clean, "phone_float"),
        Cell("86" + digits, clean, "phone_86"),
        Cell("0" + digits, clean, "phone_leading_zero"),
    ]
    if "0" in digits:
        forms.append(Cell(digits.replace("0", "O"), clean, "phone_letter_o"))
    return Cell(digits) if how == "plain" else rng.choice(forms)


def line(rng: random.Random, company: Company, extension: int = 0) -> Cell:
    """Write a company's telephone, with an extension where one is given."""
    area, local = company.line.split("-")
    clean = company.line_e164
    if extension:
        text = rng.choice(
            (
                f"({area}){local}转{extension}",
                f"{company.line}-{extension}",
                f"{company.line}分机{extension}",
                f"{company.line} 转 {extension}",
            )
        )
        return Cell(text, f"{clean};ext={extension}", "phone_extension")
    if rng.random() < 0.55:
        return Cell(company.line)
    forms = (
        Cell(f"({area}){local}", clean, "phone_brackets"),
        Cell(f"（{area}）{local}", clean, "phone_brackets"),
        Cell(f"{area}{local}", clean, "phone_separators"),
        Cell(f"{area} {local[:4]} {local[4:]}", clean, "phone_separators"),
        Cell(f"+86 {area[1:]} {local}", clean, "phone_country_code"),
        Cell(company.line.translate(FULL_WIDTH), clean, "phone_full_width"),
        Cell(f"86-{area[1:]}-{local}", clean, "phone_86"),
    )
    return rng.choice(forms)


def credit_code(rng: random.Random, code: str) -> Cell:
    """Damage a few credit codes: a wrong check sign can't be mended, the others can."""
    if rng.random() >= 0.06:
        return Cell(code)
    kind = rng.randrange(5)
    if code.isdigit() and kind in {0, 4}:
        return Cell(f"{float(code):.14E}", "", "code_scientific")
    if kind == 0:
        wrong = "0123456789ABCDEFGHJKLMNPQRTUWXY".replace(code[-1], "")
        return Cell(code[:-1] + rng.choice(wrong), "", "code_check_wrong")
    if kind == 1 and code.lower() != code:
        return Cell(code.lower(), code, "code_lower_case")
    if kind == 2 and "0" in code[8:]:
        return Cell(code[:8] + code[8:].replace("0", "O"), code, "code_letter_o")
    return Cell(f"{code[:6]} {code[6:10]} {code[10:]}", code, "code_blanks")


def email(rng: random.Random, address: str) -> Cell:
    """Write an e-mail address; a wrong but well-known host is a likely repair."""
    if rng.random() < 0.86:
        return Cell(address)
    local, host = address.split("@")
    slips = {
        "gmail.com": "gmial.com",
        "qq.com": "qq.con",
        "163.com": "163,com",
        "126.com": "126.com.",
        "sina.com": "sian.com",
    }
    forms = [
        Cell(address.replace("@", "＠"), address, "email_full_width"),
        Cell(f"{local} @{host}", address, "email_blanks"),
        Cell(f" {address}\u00a0", address, "email_blanks"),
        Cell(address.upper(), address, "email_upper_case"),
        Cell(f"mailto:{address}", address, "email_prefix"),
    ]
    if host in slips:
        forms += [Cell(f"{local}@{slips[host]}", address, "email_typo")] * 3
    if rng.random() < 0.1:
        return Cell(address.replace("@", ""), "", "email_no_at")
    return rng.choice(forms)


EXCEL_ZERO = date(1899, 12, 30)


def day(rng: random.Random, true: date, *, native: bool, may_fail: bool = False) -> Cell:
    """Write a date.

    Args:
        rng: chance.
        true: the day.
        native: the file knows real dates (a workbook); then most are, and some are serial numbers.
        may_fail: whether an impossible date may stand there. Never where the date decides the scope.
    """
    clean = true.isoformat()
    roll = rng.random()
    if may_fail and roll > 0.99:
        return Cell(
            rng.choice((f"{true.year}年6月31日", f"{true.year}-02-30", "待定", f"{true.year}.13.1")),
            "",
            "date_impossible",
        )
    if native and roll < 0.62:
        return Cell(true)
    if roll < 0.74:
        return Cell(clean)
    forms = [
        Cell(f"{true.year}年{true.month}月{true.day}日", clean, "date_chinese"),
        Cell(f"{true.year}.{true.month}.{true.day}", clean, "date_dots"),
        Cell(f"{true.year}/{true.month}/{true.day}", clean, "date_slashes"),
        Cell(f"{true:%Y%m%d}", clean, "date_compact"),
    ]
    if native:
        forms += [Cell((true - EXCEL_ZERO).days, clean, "date_serial")] * 3
    return rng.choice(forms)


def moment(rng: random.Random, true: datetime, *, native: bool) -> Cell:
    """Write a date with its time of day."""
    clean = true.isoformat()
    roll = rng.random()
    if native and roll < 0.5:
        return Cell(true)
    if roll < 0.8:
        return Cell(f"{true:%Y-%m-%d %H:%M}:00")
    return rng.choice(
        (
            Cell(f"{true.year}年{true.month}月{true.day}日 {true:%H:%M}", clean, "date_chinese"),
            Cell(f"{true.year}/{true.month}/{true.day} {true:%H:%M}", clean, "date_slashes"),
            Cell(f"{true.year}.{true.month}.{true.day} {true:%H:%M}", clean, "date_dots"),
        )
    )


def amount(rng: random.Random, yuan: int, *, native: bool) -> Cell:
    """Write an amount of money in yuan."""
    clean = str(yuan)
    roll = rng.random()
    if roll < 0.7:
        return Cell(yuan) if native else Cell(f"{yuan}.00")
    forms = [
        Cell(f"¥{yuan:,}.00", f"{yuan}.00", "amount_currency_sign"),
        Cell(f"￥{yuan:,}", clean, "amount_currency_sign"),
        Cell(f"{yuan:,}", clean, "amount_thousands"),
        Cell(f"{yuan}元", clean, "amount_unit"),
    ]
    if yuan % 1000 == 0:
        tenths = yuan // 1000
        text = str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"
        forms += [Cell(f"{text}万", clean, "amount_wan"), Cell(f"{text} 万元", clean, "amount_wan")] * 2
    return rng.choice(forms)


def choice(rng: random.Random, lists: Mapping[str, Sequence[str]], value: str, share: float = 0.3) -> Cell:
    """Write a picklist value, in `share` of the cases in another spelling."""
    if rng.random() >= share or not lists[value]:
        return Cell(value)
    return Cell(rng.choice(lists[value]), value, "picklist")


def address(rng: random.Random, company: Company, *, gbk_only: bool = False) -> Cell:
    """Write an address with or without its upper levels; only damage inside the text counts as dirt."""
    city, rest = company.city, company.district + company.address
    full = (city.province if city.province != city.name else "") + city.name + rest
    roll = rng.random()
    if roll < 0.5:
        return Cell(full)
    if roll < 0.65:
        return Cell(city.name + rest, full, "address_without_province")
    if roll < 0.8:
        short = city.province.removesuffix("省").removesuffix("市") if city.province != city.name else ""
        return Cell(short + city.short + rest, full, "address_short_names")
    if roll < 0.9:
        return Cell(full.translate(FULL_WIDTH), full, "address_full_width")
    return Cell(full.replace(city.name, city.name + ("\u3000" if gbk_only else "\u00a0")), full, "address_invisible")


def honorific(rng: random.Random, surname: str, title: str) -> str:
    """Write a person as colleagues speak of them."""
    return surname + ("总" if "总" in title else rng.choice(("经理", "工", "先生", "女士")))


def later(start: date, end: date, share: float) -> date:
    """Give the date at `share` of the way from `start` to `end`."""
    return start + timedelta(days=int((end - start).days * share))


def nothing(rng: random.Random) -> Cell:
    """Leave a field empty, or write that there is nothing."""
    if rng.random() < 0.06:
        return Cell(rng.choice(("无", "-", "N/A", "暂无", "/")), "", "placeholder")
    return Cell("")
