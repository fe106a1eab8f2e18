"""A company, and the ways in which people write its name, phone, code and address."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "samples/b2b"))
from b2b_generator.places import City
from b2b_generator.traditional import TRADITIONAL
from b2b_generator.words import CORE, GIVEN

TRADES = [
    "科技",
    "贸易",
    "商贸",
    "信息技术",
    "网络科技",
    "电子科技",
    "电子商务",
    "机械设备",
    "精密机械",
    "机电设备",
    "自动化设备",
    "建筑工程",
    "装饰工程",
    "建材",
    "建筑材料",
    "物流",
    "国际物流",
    "供应链管理",
    "企业管理咨询",
    "企业管理",
    "广告传媒",
    "文化传播",
    "餐饮管理",
    "食品",
    "生物科技",
    "医药",
    "医疗器械",
    "环保科技",
    "新能源",
    "新材料",
    "化工",
    "塑料制品",
    "包装材料",
    "印刷",
    "服装",
    "服饰",
    "纺织品",
    "家具",
    "五金制品",
    "汽车销售",
    "汽车零部件",
    "房地产开发",
    "物业管理",
    "教育科技",
    "教育咨询",
    "软件",
    "智能科技",
    "实业",
    "投资",
    "进出口",
    "国际贸易",
    "农业科技",
    "园林绿化",
    "酒店管理",
    "人力资源",
    "财务咨询",
    "检测技术",
    "仪器仪表",
    "光电科技",
    "电气",
    "模具",
    "安防科技",
    "通信技术",
]
FORMS = ("有限公司", "有限责任公司", "股份有限公司")
_NOTES = ("（停用）", "（老客户）", "-张经理", "（重复）", " ", "(新)")
_SHAPES = {a: b for pair in ["末未", "土士", "己已", "人入", "大太", "天夭", "日曰", "目自", "王玉", "干千", "今令", "免兔", "折拆", "拨拔", "晴睛", "候侯", "密蜜", "设没", "备各", "械戒", "贸贷", "博搏", "宏宠", "昌吕", "泰秦", "建健", "恒桓", "明朋", "鑫森", "瑞端", "祥详", "洋详", "科料", "技枝", "材村", "食良", "机杭", "环坏", "物勿", "源原", "佳住", "成咸", "华毕", "荣莱", "康唐", "安按", "永水", "立丘", "金全", "正止", "和秋", "兴光", "达迖", "通诵", "远运", "方万", "光先", "新析", "丰半", "盛感", "海诲", "隆降"] for a, b in (pair, pair[::-1])}  # fmt: skip


@dataclass(slots=True)
class Company:
    """What is true of a company (or a branch of one)."""

    number: int
    city: City
    brand: str
    trade: str
    form: str
    branch: str = ""
    placed: bool = True
    former: str = ""
    code: str = ""
    phones: list[str] = field(default_factory=list)
    domain: str = ""
    mails: list[str] = field(default_factory=list)
    street: str = ""

    @property
    def name(self) -> str:
        """The registered name."""
        return f"{self.city.short if self.placed else ''}{self.brand}{self.trade}{self.form}{self.branch}"


@cache
def homophones() -> dict[str, list[str]]:
    """Character → others that sound the same, of those that names are made of."""
    from pypinyin import lazy_pinyin

    signs = sorted({sign for word in (*TRADES, *(core[0] for core in CORE), *(given[0] for given in GIVEN)) for sign in word} | set(_SHAPES))  # fmt: skip
    by_sound: dict[str, list[str]] = {}
    for sign in signs:
        by_sound.setdefault(lazy_pinyin(sign)[0], []).append(sign)
    return {
        sign: [o for o in others if o != sign] for others in by_sound.values() for sign in others if len(others) > 1
    }


def slip(rng: random.Random, text: str, upto: int) -> str:
    """Write one of the first characters wrongly: by sound, by shape, left out, doubled or exchanged."""
    at = rng.randrange(min(max(upto, 2), len(text)))
    kind = rng.random()
    if kind < 0.5 and text[at] in homophones():
        return text[:at] + rng.choice(homophones()[text[at]]) + text[at + 1 :]
    if kind < 0.75 and text[at] in _SHAPES:
        return text[:at] + _SHAPES[text[at]] + text[at + 1 :]
    if kind < 0.85:
        return text[:at] + text[at + 1 :]
    if at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text + text[-1]


def written_name(rng: random.Random, company: Company) -> str:  # noqa: PLR0911, PLR0912  (a list of ways)
    """Write a company's name as one of its writers does."""
    kind = rng.random()
    place, brand, trade, form = company.city.short, company.brand, company.trade, company.form
    stem = brand + trade
    if kind < 0.46:
        return company.name
    if kind < 0.52 and company.placed:
        return (
            f"{brand}（{place}）{trade}{form}{company.branch}"
            if rng.random() < 0.5
            else f"{stem}({place}){form}{company.branch}"
        )
    if kind < 0.57:
        return f"{stem}{form}{company.branch}"
    if kind < 0.60:
        return f"{company.city.name}{stem}{form}{company.branch}"
    if kind < 0.62:
        return f"{company.city.province.removesuffix('省')}{stem}{form}{company.branch}"
    if kind < 0.69:
        return f"{place if company.placed else ''}{stem}{company.branch}"
    if kind < 0.79 and trade:
        short = brand + (trade[:2] if rng.random() < 0.8 else trade[-2:])
        return (place if rng.random() < 0.3 else "") + short + company.branch
    if kind < 0.80 and not company.branch:
        return brand
    if kind < 0.88:
        return slip(rng, company.name, len(place) + len(stem))
    if kind < 0.91:
        return "".join(TRADITIONAL.get(sign, sign) for sign in company.name)
    if kind < 0.94:
        return company.name + rng.choice(_NOTES)
    if kind < 0.96:
        return f"{place}{stem}{rng.choice(FORMS)}{company.branch}"
    if kind < 0.98 and company.former:
        return company.former
    at = rng.randrange(1, len(company.name))
    return company.name[:at] + rng.choice([" ", "\u3000", "\u200b"]) + company.name[at:]


def written_phone(rng: random.Random, number: str) -> str:
    """Write a phone as one of its writers does."""
    digits = number.replace("-", "")
    if "-" in number:
        area, local = number.split("-")
        return rng.choices([number, digits, f"({area}){local}", f"+86-{area[1:]}-{local}", local, f"{number}转{rng.randrange(100, 999)}"], (50, 15, 10, 8, 10, 7))[0]  # fmt: skip
    return rng.choices([digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}", f"+86 {digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", f"{digits}.0"], (65, 10, 10, 10, 5))[0]  # fmt: skip


def written_code(rng: random.Random, code: str) -> str:
    """Write a credit code as one of its writers does."""
    kind = rng.random()
    if kind < 0.9:
        return code
    if kind < 0.94:
        return code.lower()
    if kind < 0.97:
        at = rng.randrange(2, 17)
        return code[:at] + rng.choice("0123456789") + code[at + 1 :]
    return code[:6] + " " + code[6:]


def written_address(rng: random.Random, company: Company) -> str:
    """Write an address as one of its writers does."""
    kind = rng.random()
    province, city, street = company.city.province, company.city.name, company.street
    head = "" if province == city else province
    if kind < 0.45:
        return head + city + street
    if kind < 0.65:
        return city + street
    if kind < 0.85:
        return street
    if kind < 0.92:
        return head.removesuffix("省") + company.city.short + street.replace("区", "", 1)
    return street.partition("号")[0] + "号"
