"""E-mail addresses: the address, slips in it, and the company's domain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.bags import hashed, numbered
from crmmigrate.matching.texts.cells import Held, Plain, items_of, laid_out, mask, matched, picked, replaced
from crmmigrate.matching.texts.folding import texts_of
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.placeholders import BOX

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same e-mail"), 0.70, 1e-4, by_frequency=True, shared=True),
    Level(
        "desk",
        Message("the same mailbox of a company, which is nobody's own (info@, sales@)"),
        0.20,
        5e-5,
        by_frequency=True,
        shared=True,
    ),
    Level("typo", Message("e-mails that differ in one place"), 0.04, 1e-5),
    Level("same_domain", Message("the same company domain"), 0.10, 1e-3),
    Level("numbered", Message("mailboxes of one company that only a number tells apart"), 0.01, 1e-4),
    Level("work_and_own", Message("a mailbox at a company and a private one"), 0.04, 0.25),
    Level("different", Message("different e-mails"), 0.12, 0.748),
)
_PUBLIC = (
    "qq.com vip.qq.com foxmail.com 163.com 126.com yeah.net 188.com vip.163.com sina.com sina.cn sohu.com aliyun.com 139.com 189.cn "
    "wo.cn tom.com 21cn.com 263.net gmail.com hotmail.com outlook.com live.com msn.com yahoo.com yahoo.com.cn icloud.com"
)
PUBLIC = frozenset(_PUBLIC.split())
_DESK, _TYPO, _SAME_DOMAIN, _NUMBERED, _WORK_AND_OWN = range(1, 6)
_DESKS = (
    r"^(?:info|sales?|service|support|office|admin|hr|contact|marketing|market|business|mail|post|postmaster|webmaster|welcome|hello|enquir(?:y|ies)|"
    r"inquir(?:y|ies)|orders?|purchas(?:e|ing)|procurement|export|import|trade|account(?:s|ing)?|finance|billing|invoices?|jobs?|career|recruit|press|"
    r"media|reception|shop|store|company|public|team|help(?:desk)?|customer|cs|kefu|kf|xiaoshou|caigou|caiwu|renshi|zhaopin|xingzheng|bangongshi|bgs|"
    r"xzb|yewu|shichang|kontakt|verkauf|einkauf|vertrieb|buchhaltung|accueil|commercial|comptabilite|ventas|compras|vendas|contato)[._-]?\d{0,2}$"
)
"""What mailboxes of a company are called that are nobody's own."""

_LONG = 6
"""Characters of a mailbox that is hardly two people's by chance."""

_ADDRESS = re.compile(r"([a-z0-9._%+'-]+)@([a-z0-9-]+(?:[.,][a-z0-9-]+)+)")
_DETAIL = r"^([^+@]+)\+[^@]*@"
"""li.lei+trial@: the mailbox is li.lei@ (RFC 5233, subaddress)."""

_TEN = 10
_ONE = r"^[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$"


def addresses(cell: str) -> list[str]:
    """Return the addresses in a folded cell."""
    cell = cell.replace(" ", "").replace("。", ".")
    found = ((name, domain.replace(",", ".")) for name, domain in _ADDRESS.findall(cell) if not BOX.fullmatch(name))
    return [re.sub(_DETAIL, r"\1@", f"{name}@{domain}") for name, domain in found]


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of e-mail addresses."""
    return Emails(items_of(values, _plain, addresses), counts, len(LEVELS) - 1, "email")


def _plain(cells: pa.Array) -> Plain:
    """Take apart the cells that are one address and nothing else."""
    import numpy as np
    import pyarrow.compute as pc

    taken = matched(cells, _ONE)
    which = np.flatnonzero(taken)
    texts = cells.take(which)
    somebodys = ~matched(texts, f"^(?:{BOX.pattern})@")
    texts = texts.filter(somebodys)
    return Plain(taken, which[somebodys], replaced(texts, pc.match_substring(texts, "+"), _DETAIL, r"\1@"))


class Emails(ItemComparer):
    """The comparer of e-mail addresses, see `make`."""

    def __init__(self, held: Held, counts: np.ndarray, last: int, kind: str) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        super().__init__(held, counts, last, kind)
        items = texts_of(self.items)
        parts = pc.split_pattern(items, "@").flatten()
        box, domain = parts[::2], parts[1::2]
        self.box, self.domain = hashed(box), hashed(domain)
        self.company = mask(pc.invert(pc.is_in(domain, pa.array(sorted(PUBLIC), pa.large_string()))))
        self.desk = self.company & matched(box, _DESKS)
        self.long = mask(pc.greater_equal(pc.binary_length(box), _LONG))
        self.begin = numbered(pc.utf8_slice_codeunits(box, 0, 1))
        self.word = hashed(pc.utf8_rtrim(box, "0123456789"))
        signs, begins = laid_out(items)
        self.digits = numbered(picked(signs, begins, (signs == ord("@")) | (signs - ord("0") < _TEN)))

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        levels = super()._levels(one, other)
        levels[(levels == 0) & self.desk[one]] = _DESK
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of addresses that are not the same."""
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        levels = np.full(len(one), self.last, dtype=np.int8)
        box, domain = self.box[one] == self.box[other], self.domain[one] == self.domain[other]
        levels[self.company[one] != self.company[other]] = _WORK_AND_OWN
        levels[domain & self.company[one]] = _SAME_DOMAIN
        levels[domain & self.company[one] & ~box & (self.word[one] == self.word[other])] = _NUMBERED
        # wang1 and wang2 are two people, not a slip.
        same_digits = self.digits[one] == self.digits[other]
        # tarnold@ and warnold@ have other initials.
        begun = self.begin[one] == self.begin[other]
        slip = np.flatnonzero((box | (domain & self.long[one] & begun)) & same_digits)
        if len(slip):
            a, b = self.texts(one[slip]), self.texts(other[slip])
            distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1)
            levels[slip[distance <= 1]] = _TYPO
        return levels

    def at_two_domains(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return of which pairs of value indices a mailbox is called the same at two companies' domains."""
        import numpy as np

        owner, one, other = self.bag.cross(left, right)
        alike = (self.box[one] == self.box[other]) & (self.domain[one] != self.domain[other])
        found = np.zeros(len(left), dtype=bool)
        found[owner[alike & self.company[one] & self.company[other]]] = True
        return found

    def boxes_of_their_own(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return of which pairs of value indices each side has mailboxes of one company, and no desk's."""
        import numpy as np

        owner, one, other = self.bag.cross(left, right)
        desk = self.desk[one] | self.desk[other]
        found = np.zeros(len(left), dtype=bool)
        found[owner[self.company[one] & (self.domain[one] == self.domain[other])]] = True
        found[owner[desk]] = False
        return found

    def lines(self) -> np.ndarray:
        """Return the domain of a company's mailbox, and others as they are."""
        import numpy as np

        return np.asarray(np.where(self.company, self.domain, self.numbers))

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return every address, its company's domain and a long mailbox as keys."""
        import numpy as np

        return [
            *super().candidate_keys(),
            self.keyed("domain", np.where(self.company, self.domain, -1)),
            self.keyed("mailbox", np.where(self.long, self.box, -1)),
        ]
