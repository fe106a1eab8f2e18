"""E-mail addresses: the address, slips in it, and the company's domain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level, split
from crmmigrate.matching.folding import fold_lists
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same e-mail"), 0.70, 1e-4, by_frequency=True, shared=True),
    Level("typo", Message("e-mails that differ in one place"), 0.04, 1e-5),
    Level("same_domain", Message("the same company domain"), 0.10, 1e-3),
    Level("different", Message("different e-mails"), 0.16, 0.998),
)
_PUBLIC = (
    "qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net 188.com vip.163.com sina.com sina.cn sohu.com aliyun.com 139.com 189.cn "
    "wo.cn tom.com 21cn.com 263.net gmail.com hotmail.com outlook.com live.com msn.com yahoo.com yahoo.com.cn icloud.com"
)
PUBLIC = frozenset(_PUBLIC.split())
_ADDRESS = re.compile(r"([a-z0-9._%+'-]+)@([a-z0-9-]+(?:[.,][a-z0-9-]+)+)")


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of e-mail addresses."""
    lists = []
    for parts in fold_lists([split(value) for value in values]):
        cells = [cell.replace(" ", "").replace("。", ".") for cell in parts]
        found = [f"{name}@{domain.replace(',', '.')}" for cell in cells for name, domain in _ADDRESS.findall(cell)]
        lists.append(list(dict.fromkeys(found)))
    return _Emails(lists, counts, len(LEVELS) - 1, "email")


class _Emails(ItemComparer):
    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = [self.items[index] for index in one], [self.items[index] for index in other]
        distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=2)
        levels = np.full(len(one), self.last, dtype=np.int8)
        for index, (left, right) in enumerate(zip(a, b, strict=True)):
            (name, domain), (name_b, domain_b) = left.split("@"), right.split("@")
            if domain == domain_b and domain not in PUBLIC:
                levels[index] = 2
            if distance[index] <= 1 and (name == name_b or (len(name) >= 6 and not _digits_differ(name, name_b))):
                levels[index] = 1
        return levels

    def keys(self) -> list[tuple[int, str, str]]:
        keys = super().keys()
        domains = [(value, "domain", key.split("@")[1]) for value, _, key in keys]
        return keys + [key for key in domains if key[2] not in PUBLIC] + [
            (value, "mailbox", key.split("@")[0]) for value, _, key in keys if len(key.split("@")[0]) >= 6
        ]  # fmt: skip


def _digits_differ(one: str, other: str) -> bool:
    """Return whether the names differ in a digit: wang1 and wang2 are two people, not a slip."""
    return re.sub(r"\D", "", one) != re.sub(r"\D", "", other)
