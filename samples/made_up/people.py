"""Names and numbers of people and cars, well-formed unless they are spoilt on purpose."""

from __future__ import annotations

import random
from datetime import date, timedelta

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛超霞刚辉玲桂英华建国文斌海波红梅志明春燕晓东雪峰婷宇浩然子轩涵欣怡俊豪佳琪思远嘉雯"
_MOBILE = ("130", "131", "135", "136", "138", "139", "150", "158", "159", "177", "180", "186", "189")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_VIN_SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_VALUES = {
    **{str(n): n for n in range(10)},
    **dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    ),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
FULL_WIDTH = str.maketrans("0123456789:", "０１２３４５６７８９：")


class People:
    """Gives people and numbers, none of them twice.

    Args:
        rng: chance.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._names: set[str] = set()
        self._numbers: set[str] = set()

    def name(self) -> str:
        """Give a name that nobody had before."""
        while True:
            name = self.rng.choice(SURNAMES) + "".join(self.rng.sample(GIVEN, 2))
            if name not in self._names:
                self._names.add(name)
                return name

    def mobile(self) -> str:
        """Give a mobile number of eleven digits."""
        while True:
            number = self.rng.choice(_MOBILE) + f"{self.rng.randrange(10**8):08d}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def resident_id(self, region: str = "330106") -> str:
        """Give a resident ID number with its check sign (GB 11643-1999)."""
        while True:
            born = date(1960, 1, 1) + timedelta(self.rng.randrange(15000))
            body = f"{region}{born:%Y%m%d}{self.rng.randrange(1, 999):03d}"
            sign = "10X98765432"[sum(int(c) * w for c, w in zip(body, _ID_WEIGHTS, strict=True)) % 11]
            if body + sign not in self._numbers:
                self._numbers.add(body + sign)
                return body + sign

    def vin(self, maker: str = "LSV") -> str:
        """Give a vehicle identification number with its check digit (GB 16735-2019)."""
        while True:
            signs = list(
                maker + "".join(self.rng.choice(_VIN_SIGNS) for _ in range(10)) + f"{self.rng.randrange(10**4):04d}"
            )
            signs[8] = "0"
            rest = sum(_VIN_VALUES[sign] * weight for sign, weight in zip(signs, _VIN_WEIGHTS, strict=True)) % 11
            signs[8] = "X" if rest == 10 else str(rest)
            number = "".join(signs)
            if number not in self._numbers:
                self._numbers.add(number)
                return number


def written_mobile(rng: random.Random, number: str) -> str:
    """Write a mobile number in one of the ways people write it; every one can be read for certain."""
    ways = (
        number,
        number,
        number,
        f"{number[:3]}-{number[3:7]}-{number[7:]}",
        f"+86 {number}",
        number.translate(FULL_WIDTH),
        number + ".0",
    )
    return rng.choice(ways)
