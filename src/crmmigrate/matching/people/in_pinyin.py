"""Chinese names in pinyin: 曾 is read zeng and not ceng where it is a surname, 李乐 may be Li Le and Li Yue, 吕 is Lv, Lu, and Lyu in passports."""

from __future__ import annotations

from functools import cache
from itertools import islice, product

from crmmigrate.matching.texts.folding import sound
from crmmigrate.model.surnames import READINGS

WAYS = 3
"""So many ways of writing a name in pinyin are looked for at most."""

_READ = {
    line.split()[0]: tuple(line.split()[1:])
    for line in (
        "长 chang", "乐 le yue", "行 xing hang", "晟 sheng cheng", "盛 sheng cheng", "朝 chao zhao", "茜 qian xi", "隽 jun juan", "重 chong zhong", "柏 bai bo", "炅 jiong gui",
        "筠 yun jun", "蔚 wei yu", "莞 wan guan", "泷 long shuang", "娜 na nuo", "曾 zeng ceng", "单 dan shan", "解 jie xie", "颉 jie xie", "菀 wan yu", "阿 a e", "艾 ai yi",
        "尉 wei yu", "朴 pu piao", "仔 zi zai", "圻 qi yin", "干 qian gan", "乾 qian gan", "佳 jia", "传 chuan", "少 shao", "弹 tan dan", "参 shen can", "石 shi", "大 da",
    )
}  # fmt: skip
"""How characters are read in given names, the usual way first, where that is not how they are read most, or not the only way (现代汉语词典). 乾 is written 干 where characters are simplified."""

_ROUNDED = ("v", "u", "yu")
"""How ü is written: as it is typed, as most do, and in passports (GB/T 28039-2011)."""


@cache
def of_surname(surname: str) -> tuple[str, ...]:
    """Return how a surname in characters is read, the usual way first."""
    read = READINGS.get(surname, "")
    return _spelt(dict.fromkeys(filter(None, (read, sound(surname).replace(" ", "")))))


def of_name(name: str, surname: str) -> tuple[str, ...]:
    """Return how a name in characters is read, the usual way first.

    Args:
        name: surname first.
        surname: empty where it is not known.
    """
    given = name.removeprefix(surname)
    if surname not in READINGS and _READ.keys().isdisjoint(given):  # most names
        said = sound(name).replace(" ", "")
        return _spelt({said: None}) if "v" in said else (said,)
    ways = product(of_surname(surname) if surname else ("",), map("".join, product(*map(_ways, given))))
    return _spelt(dict.fromkeys(map("".join, islice(ways, WAYS))))


def _ways(sign: str) -> tuple[str, ...]:
    return _READ.get(sign) or (sound(sign),)


def _spelt(ways: dict[str, None]) -> tuple[str, ...]:
    """Return these ways with ü as it may be written."""
    spelt = (way.replace("lv", f"l{sound}").replace("nv", f"n{sound}") for way in ways for sound in _ROUNDED)
    return tuple(dict.fromkeys(spelt))[:WAYS]
