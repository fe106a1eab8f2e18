"""E-mail addresses: the address, slips in it, and the company's domain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.bags import hashed, numbered
from crmmigrate.matching.folding import fold_values
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.placeholders import BOX

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


def addresses(cell: str) -> list[str]:
    """Return the addresses in a folded cell."""
    cell = cell.replace(" ", "").replace("。", ".")
    return [f"{name}@{domain.replace(',', '.')}" for name, domain in _ADDRESS.findall(cell) if not BOX.fullmatch(name)]


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of e-mail addresses."""
    lists = [list(dict.fromkeys(found for cell in cells for found in addresses(cell))) for cells in fold_values(values)]
    return _Emails(lists, counts, len(LEVELS) - 1, "email")


class _Emails(ItemComparer):
    def __init__(self, lists: Sequence[Sequence[str]], counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        parts = [item.split("@") for item in self.items]
        self.box, self.domain = hashed([box for box, _ in parts]), hashed([domain for _, domain in parts])
        self.company = np.array([domain not in PUBLIC for _, domain in parts], dtype=bool)
        self.long = np.array([len(box) >= 6 for box, _ in parts], dtype=bool)
        self.digits = numbered([re.sub(r"[^\d@]", "", item) for item in self.items])

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        levels = np.full(len(one), self.last, dtype=np.int8)
        box, domain = self.box[one] == self.box[other], self.domain[one] == self.domain[other]
        levels[domain & self.company[one]] = 2
        # wang1 and wang2 are two people, not a slip.
        same_digits = self.digits[one] == self.digits[other]
        slip = np.flatnonzero((box | (domain & self.long[one])) & same_digits)
        if len(slip):
            a, b = self.texts(one[slip]), self.texts(other[slip])
            distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1)
            levels[slip[distance <= 1]] = 1
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        import numpy as np

        return [
            *super().candidate_keys(),
            self.keyed("domain", np.where(self.company, self.domain, -1)),
            self.keyed("mailbox", np.where(self.long, self.box, -1)),
        ]
