"""What the trades of companies are called for short, or by another word that means no other trade.

By law two companies of one brand and place differ in more than that. 五金 and 五金制品, or 机电 and 机电设备, may well be two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

_IN_FULL = {"汽配": "汽车配件", "汽修": "汽车修理", "钢构": "钢结构", "劳保": "劳保用品"}
_SHORT = len("汽配")
_OTHERWISE = {
    "汽车零部件": "汽车配件", "汽车零配件": "汽车配件", "汽车零件": "汽车配件", "汽车部件": "汽车配件", "汽车维修": "汽车修理", "摩配": "摩托车配件", "劳动保护用品": "劳保用品",
    "建材": "建筑材料", "建安": "建筑安装", "医械": "医疗器械", "文旅": "文化旅游", "文创": "文化创意", "城建": "城市建设", "城投": "城市建设投资",
}  # fmt: skip
_LOOSELY = {"供应链管理": "物流", "供应链": "物流"}
"""What those are called who do that, which others do too: two registered names of it are two companies."""

_SPECIALITIES = (
    "口腔",
    "牙科",
    "齿科",
    "中医",
    "西医",
    "中西医结合",
    "眼科",
    "儿科",
    "皮肤科",
    "妇科",
    "骨科",
    "医疗美容",
    "整形",
    "康复",
    "综合",
    "宠物",
    "动物",
    "内科",
)
_UPGRADED = {
    f"{speciality}{larger}": f"{speciality}{smaller}"
    for speciality in _SPECIALITIES
    for larger, smaller in (("门诊部", "诊所"), ("医院", "门诊部"))
} | {f"{speciality}医院": f"{speciality}诊所" for speciality in ("宠物", "动物")}
"""What clinics become as they grow, with what they were: of one name it is the same one, or another of its owner."""

_AT_MOST = {
    **dict.fromkeys(_OTHERWISE, "here"),
    **dict.fromkeys(_LOOSELY, "brand"),
    **dict.fromkeys(_UPGRADED, "other_form"),
}
"""The levels that names with these words reach, read with the other one."""

_MEANT = _OTHERWISE | _LOOSELY | _UPGRADED
_ENDS = tuple(_MEANT)
_LONG, _FEW_OF, _MOST_OF = 6, 0.25, 0.5
"""Characters of cores of which so great a part may differ, and of what stands before the trade less than so great a one."""


def trade_in_full(core: str) -> str:
    """Return a name without place and legal form with the trade at its end in full; where that is all of it, as it is."""
    short = core[-_SHORT:]
    return core[:-_SHORT] + _IN_FULL[short] if short in _IN_FULL and len(core) > _SHORT else core


def in_full(cores: pa.Array) -> pa.Array:
    """Return `trade_in_full` of each name (large_string)."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    short = matched(cores, f"(?:{'|'.join(_IN_FULL)})$")
    if not short.any():
        return cores
    some = cores.take(pa.array(np.flatnonzero(short))).to_pylist()
    return pc.replace_with_mask(cores, pa.array(short), pa.array([*map(trade_in_full, some)], cores.type))


def written_otherwise(cores: pa.Array) -> np.ndarray:
    """Return the positions of the names (large_string) of which `trade_otherwise` gives another."""
    import numpy as np

    return np.flatnonzero(matched(cores, f".(?:{'|'.join(_ENDS)})$"))


def trade_otherwise(core: str) -> tuple[str, str]:
    """Return a name without place and legal form with another word for its trade, and the level that this reaches at most; empty where there is none.

    It is a second reading: with the word that was meant to be written a slip is still one (汽车零件部).
    """
    if not core.endswith(_ENDS):
        return "", ""
    word = max((word for word in _ENDS if core.endswith(word)), key=len)
    if len(core) == len(word):
        return "", ""
    return core.removesuffix(word) + _MEANT[word], _AT_MOST[word]


def alike_beside_trade(one: Sequence[str], other: Sequence[str], distance: np.ndarray) -> np.ndarray:
    """Return the pairs of cores that differ in few characters, and not in most of what stands before the trade that both end with: 雅图自动化设备 is not 雅众特自动化设备.

    Args:
        one: cores.
        other: the other core of each pair.
        distance: so many edits lie between the two.
    """
    import numpy as np
    from rapidfuzz.distance import Postfix
    from rapidfuzz.process import cpdist

    longer = np.array([max(len(a), len(b)) for a, b in zip(one, other, strict=True)], dtype=np.int64)
    few = np.flatnonzero((distance > 1) & (distance <= _FEW_OF * longer) & (longer >= _LONG))
    if not len(few):
        return few
    mine, its = ([side[at] for at in few.tolist()] for side in (one, other))
    trade = cpdist(mine, its, scorer=Postfix.similarity)
    return np.asarray(few[distance[few] < _MOST_OF * (longer[few] - trade)])
