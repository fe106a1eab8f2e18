"""Accounts and contacts as several systems hold them, with the truth: what benchmarks/dedupe.py compares engines on.

Companies have skewed brands and places, registered, short and former names; each stands in one to six records of several
writers. Among them are what must not be merged: sister companies, branches, groups, the same brand elsewhere or under a
name that sounds the same, unrelated companies behind one switchboard or one bookkeeper's phone, people of one name,
families and shops with one mobile.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "samples/b2b"))
from b2b_generator.codes import MOBILE_PREFIXES, credit_code  # noqa: E402
from b2b_generator.places import CITIES, STREETS, City  # noqa: E402
from b2b_generator.traditional import TRADITIONAL  # noqa: E402
from b2b_generator.words import CORE, GIVEN, SURNAMES  # noqa: E402

ACCOUNT_COLUMNS = ("_record", "客户名称", "曾用名", "统一社会信用代码", "电话", "邮箱", "网址", "城市", "详细地址")
CONTACT_COLUMNS = ("_record", "姓名", "手机", "电话", "邮箱", "微信", "公司名称")
_TRADES = (
    "科技 贸易 商贸 信息技术 网络科技 电子科技 电子商务 机械设备 精密机械 机电设备 自动化设备 建筑工程 装饰工程 建材 建筑材料 物流 国际物流 供应链管理 企业管理咨询 "
    "企业管理 广告传媒 文化传播 餐饮管理 食品 生物科技 医药 医疗器械 环保科技 新能源 新材料 化工 塑料制品 包装材料 印刷 服装 服饰 纺织品 家具 五金制品 汽车销售 汽车零部件 "
    "房地产开发 物业管理 教育科技 教育咨询 软件 智能科技 实业 投资 进出口 国际贸易 农业科技 园林绿化 酒店管理 人力资源 财务咨询 检测技术 仪器仪表 光电科技 电气 模具 安防科技 通信技术"
).split()
_FORMS = ("有限公司", "有限责任公司", "股份有限公司")
_NOTES = ("（停用）", "（老客户）", "-张经理", "（重复）", " ", "(新)")
_PUBLIC = ("qq.com", "163.com", "126.com", "sina.com")
_SHAPES = {a: b for pair in "末未 土士 己已 人入 大太 天夭 日曰 目自 王玉 干千 今令 免兔 折拆 拨拔 晴睛 候侯 密蜜 设没 备各 械戒 贸贷 博搏 宏宠 昌吕 泰秦 建健 恒桓 明朋 鑫森 瑞端 祥详 洋详 科料 技枝 材村 食良 机杭 环坏 物勿 源原 佳住 成咸 华毕 荣莱 康唐 安按 永水 立丘 金全 正止 和秋 兴光 达迖 通诵 远运 方万 光先 新析 丰半 盛感 海诲 隆降".split() for a, b in (pair, pair[::-1])}  # fmt: skip


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


class Skewed:
    """Draws words, the first ones oftener (Zipf)."""

    def __init__(self, words: Sequence[str], power: float) -> None:
        self.words = words
        self.heaped = list(accumulate((rank + 2) ** -power for rank in range(len(words))))

    def draw(self, rng: random.Random) -> str:
        """Return a word."""
        return self.words[bisect(self.heaped, rng.random() * self.heaped[-1])]


@cache
def _homophones() -> dict[str, list[str]]:
    """Character → others that sound the same, of those that names are made of."""
    from pypinyin import lazy_pinyin

    signs = sorted({sign for word in (*_TRADES, *(core[0] for core in CORE), *(given[0] for given in GIVEN)) for sign in word} | set(_SHAPES))  # fmt: skip
    by_sound: dict[str, list[str]] = {}
    for sign in signs:
        by_sound.setdefault(lazy_pinyin(sign)[0], []).append(sign)
    return {sign: [o for o in others if o != sign] for others in by_sound.values() for sign in others if len(others) > 1}


def _slip(rng: random.Random, text: str, upto: int) -> str:
    """Write one of the first characters wrongly: by sound, by shape, left out, doubled or exchanged."""
    at = rng.randrange(min(max(upto, 2), len(text)))
    kind = rng.random()
    if kind < 0.5 and text[at] in _homophones():
        return text[:at] + rng.choice(_homophones()[text[at]]) + text[at + 1 :]
    if kind < 0.75 and text[at] in _SHAPES:
        return text[:at] + _SHAPES[text[at]] + text[at + 1 :]
    if kind < 0.85:
        return text[:at] + text[at + 1 :]
    if at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text + text[-1]


class World:
    """Companies, one after the other; what belongs together (branches, sisters) comes right behind."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        signs = [sign for sign, _ in CORE]
        self.sounds = dict(CORE)
        self.rng.shuffle(signs)
        self.first, self.second = Skewed(signs, 0.6), Skewed(signs[::-1], 0.6)
        self.trades, self.cities = Skewed(_TRADES, 0.7), Skewed(CITIES, 0.7)  # type: ignore[arg-type]
        self.used: set[str] = set()
        self.count = 0
        self.agents = [self._mobile() for _ in range(300)]
        self.parks: list[tuple[City, str, str]] = []

    def _mobile(self) -> str:
        return self.rng.choice(MOBILE_PREFIXES) + f"{self.rng.randrange(10**8):08d}"

    def _landline(self, city: City) -> str:
        return f"{city.area_code}-{self.rng.randrange(2, 9)}{self.rng.randrange(10 ** (city.digits - 1)):0{city.digits - 1}d}"

    def _brand(self) -> str:
        signs = self.first.draw(self.rng) + self.second.draw(self.rng)
        kind = self.rng.random()
        if kind < 0.15:
            return signs + self.first.draw(self.rng)
        return "".join(self.rng.choices("ABCDEHKLMSTX", k=3)) if kind > 0.98 else signs

    def company(self, **given: object) -> Company:
        """Return a new company; its registered name is nobody else's."""
        rng = self.rng
        while True:
            made = {
                "city": self.cities.draw(rng), "brand": self._brand(), "trade": self.trades.draw(rng),
                "form": rng.choices(_FORMS, (88, 8, 4))[0], "placed": rng.random() < 0.93,
            }  # fmt: skip
            company = Company(self.count, **(made | given))  # type: ignore[arg-type]
            stem = company.city.short + company.brand + company.trade + company.branch
            if stem not in self.used:
                break
            given = {key: value for key, value in given.items() if key not in ("trade", "city")}
        self.used.add(stem)
        self.count += 1
        if rng.random() < 0.05 and not company.branch:
            company.former = f"{company.city.short}{self._brand()}{self.trades.draw(rng)}有限公司"
        self._reach(company)
        return company

    def _reach(self, company: Company) -> None:
        rng, city = self.rng, company.city
        company.code = credit_code(rng.choice(city.districts)[0], 10_000_000 + company.number * 48_271_001 % 89_999_999, rng.randrange(1995, 2025))
        company.phones = [self._landline(city) if rng.random() < 0.6 else self._mobile() for _ in range(rng.choices((1, 2, 3), (55, 35, 10))[0])]  # fmt: skip
        if rng.random() < 0.6:
            letters = "".join(self.sounds.get(sign, sign.lower()) for sign in company.brand)
            company.domain = f"{letters}{rng.choice(['', '-group', city.initials, str(rng.randrange(100)), 'tech', 'cn'])}.{rng.choice(['com', 'cn', 'com.cn'])}"
            company.mails = [f"{box}@{company.domain}" for box in rng.sample(["info", "sales", "office", "service", "wang", "li", "zhang.wei", "contact"], 2)]  # fmt: skip
        elif rng.random() < 0.6:
            company.mails = [f"{rng.randrange(10**5, 10**10)}@{rng.choice(_PUBLIC)}"]
        district = rng.choice(city.districts)[1]
        company.street = f"{district}{rng.choice(STREETS)}{rng.randrange(1, 999)}号{rng.choice(['', f'{rng.randrange(1, 30)}楼', f'{rng.randrange(1, 9)}幢{rng.randrange(101, 2500)}室', f'{rng.randrange(101, 2500)}室'])}"
        self._shared(company)

    def _shared(self, company: Company) -> None:
        """Some answer behind a bookkeeper's mobile, or sit in a park with one switchboard and house number."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.03:
            company.phones = [rng.choice(self.agents)]
        elif kind < 0.06:
            if not self.parks or rng.random() < 0.05:
                self.parks.append((company.city, self._landline(company.city), company.street))
            city, phone, street = rng.choice(self.parks[-40:])
            if city == company.city:
                company.phones.append(phone)
                company.street = street.partition("号")[0] + f"号{rng.randrange(101, 2500)}室"

    def family(self) -> list[Company]:
        """Return a company with what is easily taken for it."""
        rng = self.rng
        main = self.company()
        found = [main]
        kind = rng.random()
        if kind < 0.07:
            for _ in range(rng.randrange(1, 4)):
                found.append(self._tied(self.company(city=main.city, brand=main.brand), main, 0.4))
        elif kind < 0.13:
            found.append(self.company(brand=main.brand, trade=main.trade))
        elif kind < 0.19:
            for _ in range(rng.randrange(1, 5)):
                there = self.cities.draw(rng)
                place = there.short if rng.random() < 0.7 else rng.choice(there.districts)[1].rstrip("区县市")  # type: ignore[attr-defined]
                branch = self.company(city=main.city, brand=main.brand, trade=main.trade, form=main.form, placed=main.placed, branch=f"{place}分公司")  # fmt: skip
                if branch.branch:
                    found.append(self._tied(branch, main, 0.25))
        elif kind < 0.21:
            found.append(self._tied(self.company(city=main.city, brand=main.brand, trade="", form="集团有限公司"), main, 0.5))
        elif kind < 0.24:
            sounds = _homophones().get(main.brand[0])
            if sounds:
                found.append(self.company(city=main.city, brand=rng.choice(sounds) + main.brand[1:]))
        return found

    def _tied(self, company: Company, main: Company, often: float) -> Company:
        """Companies of one owner share phone, domain, house."""
        rng = self.rng
        if rng.random() < often:
            company.phones.append(main.phones[0])
        if rng.random() < often and main.domain:
            company.domain, company.mails = main.domain, [f"{rng.choice(['hr', 'sales', 'info'])}@{main.domain}", *main.mails[:1]]  # fmt: skip
        if rng.random() < often and not company.branch:
            company.street = main.street
        return company


def _written_name(rng: random.Random, company: Company) -> str:
    """Write a company's name as one of its writers does."""
    kind = rng.random()
    place, brand, trade, form = company.city.short, company.brand, company.trade, company.form
    stem = brand + trade
    if kind < 0.46:
        return company.name
    if kind < 0.52 and company.placed:
        return f"{brand}（{place}）{trade}{form}{company.branch}" if rng.random() < 0.5 else f"{stem}({place}){form}{company.branch}"
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
        return _slip(rng, company.name, len(place) + len(stem))
    if kind < 0.91:
        return "".join(TRADITIONAL.get(sign, sign) for sign in company.name)
    if kind < 0.94:
        return company.name + rng.choice(_NOTES)
    if kind < 0.96:
        return f"{place}{stem}{rng.choice(_FORMS)}{company.branch}"
    if kind < 0.98 and company.former:
        return company.former
    at = rng.randrange(1, len(company.name))
    return company.name[:at] + rng.choice([" ", "\u3000", "\u200b"]) + company.name[at:]


def _written_phone(rng: random.Random, number: str) -> str:
    digits = number.replace("-", "")
    if "-" in number:
        area, local = number.split("-")
        return rng.choices([number, digits, f"({area}){local}", f"+86-{area[1:]}-{local}", local, f"{number}转{rng.randrange(100, 999)}"], (50, 15, 10, 8, 10, 7))[0]  # fmt: skip
    return rng.choices([digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}", f"+86 {digits}", f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", f"{digits}.0"], (65, 10, 10, 10, 5))[0]  # fmt: skip


def _written_code(rng: random.Random, code: str) -> str:
    kind = rng.random()
    if kind < 0.9:
        return code
    if kind < 0.94:
        return code.lower()
    if kind < 0.97:
        at = rng.randrange(2, 17)
        return code[:at] + rng.choice("0123456789") + code[at + 1 :]
    return code[:6] + " " + code[6:]


def _written_address(rng: random.Random, company: Company) -> str:
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


def _account(rng: random.Random, company: Company, moved: Company) -> list[str | None]:
    """Write one record of a company; `moved` is where it was before, in a twelfth of the records."""
    phones = [_written_phone(rng, number) for number in rng.sample(company.phones, rng.choices((1, min(2, len(company.phones))), (80, 20))[0])]  # fmt: skip
    where = moved if rng.random() < 0.06 else company
    return [
        _written_name(rng, company),
        company.former if company.former and rng.random() < 0.4 else None,
        _written_code(rng, company.code) if rng.random() < 0.5 else None,
        "/".join(phones) if rng.random() < 0.85 else rng.choice([None, None, "无", "00000000"]),
        rng.choice(company.mails) if company.mails and rng.random() < 0.6 else None,
        rng.choice(["www.", "http://www.", "https://", ""]) + company.domain if company.domain and rng.random() < 0.4 else None,
        rng.choice([company.city.name, company.city.short]) if rng.random() < 0.7 else None,
        _written_address(rng, where) if rng.random() < 0.75 else None,
    ]


def accounts(rows: int, seed: int = 20261126) -> tuple[pd.DataFrame, pd.Series]:
    """Return accounts in no order, and for each the number of its company."""
    world = World(seed)
    rng = world.rng
    made: list[list[str | None]] = []
    truth: list[int] = []
    while len(made) < rows:
        family = world.family()
        for company in family:
            for _ in range(rng.choices((1, 2, 3, 4, 6), (58, 26, 10, 4, 2))[0]):
                made.append(_account(rng, company, rng.choice(family)))
                truth.append(company.number)
    return _table(rng, made[:rows], truth[:rows], ACCOUNT_COLUMNS)


def contacts(rows: int, seed: int = 20261127) -> tuple[pd.DataFrame, pd.Series]:
    """Return contacts in no order, and for each the number of the person."""
    world = World(seed)
    rng = world.rng
    surnames, given = Skewed([name for name, _ in SURNAMES], 0.8), Skewed([name for name, _ in GIVEN], 0.5)
    made: list[list[str | None]] = []
    truth: list[int] = []
    person = 0
    while len(made) < rows:
        for company in world.family():
            shop = world._mobile()  # noqa: SLF001  (its own file)
            for _ in range(rng.randrange(1, 7)):
                person += 1
                name = surnames.draw(rng) + given.draw(rng) + (given.draw(rng) if rng.random() < 0.75 else "")
                mobile = shop if rng.random() < 0.04 else world._mobile()  # noqa: SLF001
                sound = "".join(dict((*SURNAMES, *GIVEN)).get(sign, "") for sign in name)
                mail = f"{sound}@{company.domain}" if company.domain else f"{rng.randrange(10**6, 10**10)}@qq.com"
                chat = rng.choice([f"{sound}{rng.randrange(60, 100)}", f"wx{rng.randrange(10**8)}"])
                for _ in range(rng.choices((1, 2, 3), (65, 27, 8))[0]):
                    made.append(_contact(rng, company, name, mobile if rng.random() < 0.94 else world._mobile(), mail, chat))  # noqa: SLF001
                    truth.append(person)
    return _table(rng, made[:rows], truth[:rows], CONTACT_COLUMNS)


def _contact(rng: random.Random, company: Company, name: str, mobile: str, mail: str, chat: str) -> list[str | None]:
    kind = rng.random()
    written = name
    if kind < 0.07:
        written = name[:2 if name[:2] in dict(SURNAMES) else 1] + rng.choice(["总", "经理", "工", "女士", "先生", "主任"])
    elif kind < 0.11:
        written = name[0] + _slip(rng, name[1:], len(name)) if len(name) > 2 else name
    elif kind < 0.14:
        written = name + rng.choice(["先生", "女士", "（采购）", "经理"])
    elif kind < 0.16:
        written = name[0] + " " + name[1:]
    return [
        written,
        _written_phone(rng, mobile) if rng.random() < 0.8 else None,
        _written_phone(rng, company.phones[0]) if rng.random() < 0.5 else None,
        mail if rng.random() < 0.5 else None,
        chat if rng.random() < 0.35 else None,
        _written_name(rng, company) if rng.random() < 0.9 else None,
    ]


def _table(
    rng: random.Random, rows: list[list[str | None]], truth: list[int], columns: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series]:
    order = list(range(len(rows)))
    rng.shuffle(order)
    data = [[f"crm/t/{place:07d}", *rows[index]] for place, index in enumerate(order)]
    frame = pd.DataFrame(data, columns=list(columns), dtype="str")
    return frame, pd.Series([truth[index] for index in order], index=frame["_record"])
