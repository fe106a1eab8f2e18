"""What Chinese companies do, and how their English names say it: 模具 is Mould, Mold or Tooling, and no Machinery."""

from __future__ import annotations

import re

_ENGLISH = {
    "模具": "mould mold tooling", "模塑": "mould mold plast", "机械": "machin mechan", "机电": "machin mechan electr", "机床": "machin", "电机": "motor machin electr",
    "设备": "machin apparatus", "装备": "machin", "自动化": "automat intelligen robot", "智能": "intelligen smart automat robot", "机器人": "robot",
    "贸易": "trad import export commerc", "商贸": "trad commerc", "经贸": "trad commerc econom", "外贸": "trad import export", "进出口": "import export trad", "国贸": "trad", "商务": "commerc business trad",
    "电子": "electron micro semiconduct", "电器": "electr applian", "电气": "electr", "电力": "electr power", "电工": "electr", "家电": "applian electr", "半导体": "semiconduct micro", "微电子": "micro electron",
    "科技": "tech scien", "技术": "tech", "科贸": "tech trad scien", "工贸": "indust trad", "实业": "indust enterpris", "工业": "indust", "产业": "indust",
    "电商": "commerc", "物流": "logistic freight forward transport express", "供应链": "supply logistic", "货运": "freight forward transport cargo shipping logistic", "货代": "freight forward cargo shipping logistic",
    "运输": "transport freight logistic", "速递": "express courier", "快递": "express courier", "船务": "shipping marine freight", "仓储": "warehous storag logistic",
    "五金": "hardware metal tool", "工具": "tool", "金属": "metal", "钢铁": "steel iron", "钢": "steel", "铝": "alumin", "铜": "copper brass", "不锈钢": "stainless steel",
    "塑料": "plast polymer", "塑胶": "plast rubber", "塑业": "plast", "橡塑": "rubber plast", "橡胶": "rubber", "高分子": "polymer macromol",
    "纺织": "textil fabric weav", "针织": "knit textil garment", "化纤": "fiber fibre chemic", "布业": "textil fabric cloth", "服装": "garment apparel cloth fashion", "服饰": "garment apparel cloth fashion accessor dress", "饰品": "jewel accessor ornament fashion", "首饰": "jewel", "珠宝": "jewel",
    "制衣": "garment apparel cloth", "鞋": "shoe footwear", "箱包": "bag luggage", "皮具": "leather", "家纺": "textil", "家具": "furnitur", "家居": "home furnitur household", "木业": "wood timber",
    "食品": "food", "饮料": "beverag drink", "茶": "tea", "酒": "wine liquor brew distill", "水产": "aquatic seafood fish", "农业": "agricul farm agro", "粮油": "grain oil food", "饲料": "feed",
    "化工": "chem", "化学": "chem", "涂料": "coating paint", "医药": "pharm medic health", "制药": "pharm", "药业": "pharm medic", "医疗": "medic health", "医械": "medic", "生物": "bio", "化妆品": "cosmetic", "日化": "chem cosmetic",
    "包装": "pack", "印刷": "print", "纸业": "paper", "彩印": "print", "建材": "build decorat", "建筑": "construct build architect", "建设": "construct develop", "建工": "construct", "装饰": "decorat", "装修": "decorat",
    "房地产": "estate propert", "置业": "estate propert", "地产": "estate propert", "物业": "propert", "照明": "light lamp", "灯饰": "light lamp", "光电": "photoel opto optic light electr", "光学": "optic",
    "汽车": "auto car vehicl motor", "汽配": "auto", "汽摩": "auto motor", "摩托车": "motor", "轴承": "bearing", "阀门": "valve", "泵业": "pump", "水泵": "pump", "管业": "pipe tube", "电缆": "cabl wire", "线缆": "cabl wire", "轮胎": "tire tyre",
    "软件": "softw", "网络": "network net internet", "信息": "inform", "通信": "communic telecom", "通讯": "communic telecom", "数据": "data", "传媒": "media", "广告": "advert", "文化": "cultur media", "影视": "film movie pictur", "教育": "educat", "培训": "train educat",
    "咨询": "consult", "投资": "invest capital", "资本": "capital", "租赁": "leas rent", "担保": "guarant", "保险": "insur", "旅游": "travel tour", "旅行社": "travel", "酒店": "hotel", "餐饮": "cater restaur",
    "环保": "environ", "能源": "energ power", "光伏": "photovolt solar", "太阳能": "solar", "电池": "batter", "电源": "power", "仪器": "instrument", "仪表": "instrument meter", "玩具": "toy", "礼品": "gift craft", "工艺品": "craft gift", "工艺": "craft gift",
    "文具": "station", "户外": "outdoor", "陶瓷": "ceram", "玻璃": "glass", "石材": "stone marble", "矿业": "mining mineral",
}  # fmt: skip
"""Trades in the names of Chinese companies, with how the words begin by which English names say them. Of what others say too (设备, 制造, 材料, 产品) only what tells it is here."""

_CHINESE = re.compile("|".join(sorted(_ENGLISH, key=lambda trade: (-len(trade), trade))))
_KNOWN = tuple(sorted({word for words in _ENGLISH.values() for word in words.split()}))
_BRAND = 2
"""Characters of a Chinese brand."""


def other_trade(core: str, words: str) -> bool:
    """Return whether an English name says another trade than a Chinese one; where one of them says none that is known here, or they have one in common, it does not.

    Args:
        core: brand and trade of a Chinese name.
        words: of a name in letters, see `Foreign`.
    """
    meant = " ".join(_ENGLISH[trade] for trade in _CHINESE.findall(core, _BRAND)).split()
    said = [word for word in words.split() if word.startswith(_KNOWN)]
    return bool(meant and said) and not any(word.startswith(tuple(meant)) for word in said)
