"""A table of 20 columns of made-up customers with dirt, as large as asked for; numpy makes it, chunk by chunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_CHUNK = 100_000
_CREDIT = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"))
_WEIGHTS = np.array((1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28))
_CITIES = (("浙江省", "杭州市", "0571"), ("江苏省", "苏州市", "0512"), ("广东省", "深圳市", "0755"), ("山东省", "青岛市", "0532"), ("四川省", "成都市", "028"), ("湖北省", "武汉市", "027"), ("福建省", "厦门市", "0592"), ("北京市", "北京市", "010"))  # fmt: skip
_CORES = [a + b for a in "明达华信天元瑞和恒泰盛丰金宏伟祥隆兴" for b in "康诚德博远通利海川云峰凯源新光"]
_TRADES = ["科技", "贸易", "机械", "电子", "食品", "服装", "物流", "建材", "软件", "医疗器械"]
_FORMS = ["有限公司", "股份有限公司", "有限责任公司", "厂", "商行", "集团有限公司"]
_SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
_GIVEN = [a + b for a in "建晓志文丽海国玉春" for b in "华明芳军敏强静伟燕平"]
_NOTES = [
    "客户要求下周再联系，先发报价单",
    "已寄样品，等待反馈",
    "对价格敏感，需要主管审批后才能给折扣",
    "老板出差，月底回来再谈",
    "去年合作过一次，效果不错",
    "前台不肯转接",
]


def _pick(rng: np.random.Generator, values: list[str], size: int, p: list[float] | None = None) -> np.ndarray:
    return np.array(values, dtype=object)[rng.choice(len(values), size, p=p)]


def _dirty(rng: np.random.Generator, clean: np.ndarray, share: float, how: list[np.ndarray]) -> np.ndarray:
    """Write a share of the cells in one of the ways of `how`."""
    out = clean.copy()
    rows = np.flatnonzero(rng.random(len(clean)) < share)
    way = rng.integers(0, len(how), len(rows))
    for number, other in enumerate(how):
        out[rows[way == number]] = other[rows[way == number]]
    return out


def _credit_codes(rng: np.random.Generator, size: int) -> np.ndarray:
    numbers = np.concatenate(
        [
            np.tile([9, 1], (size, 1)),
            rng.integers(1, 4, (size, 1)),
            rng.integers(0, 10, (size, 5)),
            rng.integers(0, 10, (size, 8)),
            np.zeros((size, 1), int),
        ],
        axis=1,
    )
    inner = (11 - numbers[:, 8:16] @ np.array((3, 7, 9, 10, 5, 8, 4, 2)) % 11) % 11
    numbers[:, 16] = np.where(inner == 10, 28, inner)
    numbers = np.concatenate([numbers, ((31 - numbers @ _WEIGHTS) % 31)[:, None]], axis=1)
    return np.array(["".join(row) for row in _CREDIT[numbers]], dtype=object)


def _chunk(rng: np.random.Generator, start: int, size: int) -> dict[str, np.ndarray]:
    city = rng.integers(0, len(_CITIES), size)
    province, town, area = (np.array([c[i] for c in _CITIES], dtype=object)[city] for i in range(3))
    core, number = _pick(rng, _CORES, size), rng.integers(1, 3000, size).astype(str).astype(object)
    short = core + _pick(rng, _TRADES, size)
    company = np.array([t.removesuffix("市") for t in town], dtype=object) + short + number + _pick(rng, _FORMS, size)
    person = _pick(rng, _SURNAMES, size) + _pick(rng, _GIVEN, size)
    mobile = np.array(["1" + str(n) for n in rng.integers(3_000_000_000, 9_999_999_999, size)], dtype=object)
    local = rng.integers(20_000_000, 89_999_999, size).astype(str).astype(object)
    mail = np.array([f"user{n}@example.com" for n in rng.integers(0, 5_000_000, size)], dtype=object)
    street = (
        _pick(rng, ["文三路", "人民路", "中山大道", "解放街", "建设路"], size)
        + rng.integers(1, 900, size).astype(str).astype(object)
        + "号"
        + rng.integers(1, 30, size).astype(str).astype(object)
        + "楼"
    )
    days = np.datetime64("2015-01-01") + rng.integers(0, 4000, size)
    iso = days.astype(str).astype(object)
    seconds = (days + rng.integers(0, 86400, size).astype("timedelta64[s]")).astype(str).astype(object)
    yuan = rng.integers(100, 2_000_000, size)
    amount = np.array([f"{n}.00" for n in yuan], dtype=object)
    code = _credit_codes(rng, size)
    return {
        "客户编号": np.array([f"C{n:08d}" for n in range(start, start + size)], dtype=object),
        "客户名称": _dirty(rng, company, 0.12, [short, company + "（停用）", "\u00a0" + company, company + " ", np.array([c.translate({ord("国"): "國", ord("电"): "電", ord("贸"): "貿"}) for c in company], dtype=object)]),
        "统一社会信用代码": _dirty(rng, code, 0.1, [np.array([c.lower() for c in code], dtype=object), np.array([c[:-1] + "0" for c in code], dtype=object), np.array([c[:6] + " " + c[6:] for c in code], dtype=object), np.full(size, "", dtype=object)]),
        "联系人": _dirty(rng, person, 0.1, [np.array([p[0] + "总" for p in person], dtype=object), np.array([p[0] + " " + p[1:] for p in person], dtype=object), person + "女士"]),
        "手机": _dirty(rng, mobile, 0.25, ["+86 " + mobile, mobile + ".0", np.array([m[:3] + "-" + m[3:7] + "-" + m[7:] for m in mobile], dtype=object), np.array([m[:-1] for m in mobile], dtype=object)]),
        "电话": _dirty(rng, area + "-" + local, 0.2, ["(" + area + ")" + local, area + local, area + "-" + local + "转" + number, np.full(size, "无", dtype=object)]),
        "邮箱": _dirty(rng, mail, 0.2, [np.array([m.upper() for m in mail], dtype=object), np.full(size, "", dtype=object), "mailto:" + mail, np.array([m.replace("@", "＠") for m in mail], dtype=object)]),
        "省份": _dirty(rng, province, 0.2, [np.array([p[:-1] for p in province], dtype=object)]),
        "城市": _dirty(rng, town, 0.2, [np.array([t[:-1] for t in town], dtype=object)]),
        "详细地址": _dirty(rng, province + town + street, 0.25, [town + street, np.array([p[:-1] + t[:-1] for p, t in zip(province, town, strict=True)], dtype=object) + street, province + town + "\u00a0" + street]),
        "行业": _pick(rng, ["制造业", "批发和零售业", "信息技术", "建筑业", "金融业", "教育"], size),
        "客户级别": _pick(rng, ["A", "B", "C", "D", "A级", "ｂ"], size, [0.2, 0.3, 0.3, 0.15, 0.03, 0.02]),
        "状态": _pick(rng, ["潜在", "意向", "成交", "流失"], size),
        "来源": _pick(rng, ["展会", "网络推广", "老客户介绍", "电话营销", ""], size),
        "预计金额": _dirty(rng, amount, 0.15, ["¥" + amount, np.array([f"{n:,}" for n in yuan], dtype=object), np.array([f"{n / 10000:.1f}万" for n in yuan], dtype=object)]),
        "创建日期": _dirty(rng, iso, 0.2, [np.array([i.replace("-", "/") for i in iso], dtype=object), np.array([i.replace("-", ".") for i in iso], dtype=object), (days.astype(int) + 25569).astype(str).astype(object)]),
        "最后跟进时间": seconds,
        "身份证号": _dirty(rng, np.array([f"{330100 + n % 90}{1960 + n % 45}{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}X" for n in rng.integers(0, 10**9, size)], dtype=object), 0.05, [np.full(size, "", dtype=object)]),
        "是否停用": _pick(rng, ["是", "否", "Y"], size, [0.1, 0.87, 0.03]),
        "备注": _pick(rng, _NOTES, size) + _pick(rng, ["", "。", "；单号"], size) + number,
    }  # fmt: skip


def make_table(path: Path, rows: int, seed: int = 20261031) -> None:
    """Write the Parquet file of text, chunk by chunk."""
    rng = np.random.default_rng(seed)
    writer = None
    for start in range(0, rows, _CHUNK):
        columns = _chunk(rng, start, min(_CHUNK, rows - start))
        arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
        table = pa.table({name: pc.if_else(pc.equal(array, ""), None, array) for name, array in arrays.items()})
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
