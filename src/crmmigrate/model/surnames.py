"""Chinese surnames in use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

READINGS = {
    "曾": "zeng", "单": "shan", "單": "shan", "仇": "qiu", "解": "xie", "查": "zha", "盖": "ge", "蓋": "ge", "区": "ou", "區": "ou", "任": "ren", "华": "hua", "華": "hua", "朴": "piao",
    "冼": "xian", "覃": "qin", "翟": "zhai", "缪": "miao", "繆": "miao", "乜": "nie", "员": "yun", "貟": "yun", "贠": "yun", "尹": "yin", "宓": "mi", "卜": "bu", "葛": "ge", "纪": "ji", "紀": "ji",
    "晁": "chao", "谌": "chen", "諶": "chen", "秘": "bi", "乐": "yue", "樂": "yue", "折": "she", "洗": "xian", "黑": "he", "哈": "ha", "逄": "pang", "郇": "xun", "郗": "xi", "都": "du", "长": "zhang",
    "那": "na", "隗": "wei", "笪": "da", "会": "gui", "幺": "yao", "过": "guo", "祭": "zhai", "召": "shao", "车": "che", "能": "nai", "缑": "gou", "於": "yu", "种": "chong", "重": "chong", "不": "fou",
    "燕": "yan", "宁": "ning", "甯": "ning", "应": "ying", "應": "ying", "费": "fei", "柏": "bai", "薄": "bo", "莘": "shen", "牟": "mou", "俞": "yu", "沈": "shen", "占": "zhan", "句": "gou", "石": "shi",
    "尉迟": "yuchi", "尉遲": "yuchi", "长孙": "zhangsun", "單于": "chanyu", "单于": "chanyu", "澹台": "tantai", "万俟": "moqi", "令狐": "linghu", "鲜于": "xianyu", "宰父": "zaifu", "亓官": "qiguan", "颛孙": "zhuansun",
    "夏侯": "xiahou", "宇文": "yuwen", "皇甫": "huangfu", "濮阳": "puyang", "毌丘": "guanqiu", "綦毋": "qiwu", "哥舒": "geshu", "达奚": "daxi", "乐正": "yuezheng", "拓跋": "tuoba", "赫连": "helian", "呼延": "huyan",
}  # fmt: skip
"""How characters are read as surnames, where that is not how they are read most (Chinese dictionaries, 现代汉语词典)."""

_FILE = Path(__file__).parents[1] / "data" / "surnames.txt"


@cache
def surnames() -> frozenset[str]:
    """Return the surnames known, compound ones too.

    Those of one character stand together in the file, those of two are divided by blanks.
    """
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines for name in (line.split() if " " in line else line))


@cache
def common_surnames(most: int) -> str:
    """Return the commonest surnames of one character, the commonest first; the file lists them so."""
    return _FILE.read_text(encoding="utf-8").splitlines()[0][:most]
