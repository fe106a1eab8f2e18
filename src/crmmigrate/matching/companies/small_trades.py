"""What small shops of a county do, by the end of their names: those of one owner are two where they do two things, and one where only the word for it differs (启明商店, 启明超市)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.texts.bags import numbered_where_said
from crmmigrate.matching.texts.cells import mask, matched

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching.companies.name_columns import Names

_SIMILAR, _BRANCH, _OTHER_TRADE, _DIFFERENT = named(LEVELS, "similar", "branch", "other_trade", "different")
_SHORTER = named(LEVELS, "short", "inside", "brand", "different")

_ONE_KIND = {
    "店": "商店|超市|(?:综合|平价|生活|生鲜|便民|小)超市|(?:综合|平价|便民|日用)商店|综合商|便利店?|小卖部|小卖店|副食品?店|食杂店|杂货店|日杂店|百货店?|百货商店|购物中心|购物广场|商行|经销店",
    "饭": "饭店|饭馆|饭庄|餐馆|餐厅|酒楼|酒家|食府|菜馆|[土私农家][菜常房家]*菜馆?|农家乐|快餐店?|小吃店?|大排档",
    "面": "面馆|粉店|粉馆|米粉店?|面店|[牛羊]肉[粉面]馆?",
    "医": "诊所|卫生室|卫生所|卫生站|(?:[中西]医)?(?:内科|外科)?(?:诊所|卫生室|卫生所|门诊部?)",
    "药": "药店|大?药房",
    "五金": "五金|五金店|五金商店|五金超市|五金建材店?|五金机电店?|五金水暖店?|五金电器店?|五金百货店?",
    "车": "汽修|汽修店|汽修厂|汽车修理店?|汽车维修店?|修理厂",
    "美": "理发店|美发店|发廊|造型|美容美发店?",
    "饼": "蛋糕店?|面包店?|面包坊|烘焙坊?|烘焙店|蛋糕坊",
    "农": "农资|农资店|农资经营部|种子店|农药店|化肥店",
    "养": "养殖场|养[猪鸡鸭鱼牛羊]场|养殖专业户",
}
"""Words that one shop is called by as well, of each kind; the shop that sells everything may be called by any of the first."""

_ANYTHING = "批发部|零售部"
_AS_WELL = "(?:商店|超市|商行|经营部|门市部?|批发部|零售部|批发|专卖|[店部行厂坊])?"
"""What may stand behind a word for what one does: 五金商店 sells 五金, and may be called a shop."""

_CLASSES = (
    f"(?:商店|超市|综合商|便利店?|小卖部|小卖店|副食品?店|食杂店|杂货店|日杂店|百货|购物中心|购物广场|{_ANYTHING}|烟酒店?|粮油店?)$",
    "(?:饭店|饭馆|饭庄|餐馆|餐厅|酒楼|酒家|食府|[菜面粉鱼肉虾]馆|[粉面饭]店|农家乐|快餐店?|小吃店?|大排档|火锅店?|烧烤店?|包子铺|早餐店|卤菜店|私房菜)$",
    "(?:蛋糕|面包|烘焙|奶茶|冷饮|茶饮|饮品|甜品|咖啡|糕点)[店坊馆屋]?$",
    "(?:诊所|卫生室|卫生所|卫生站|门诊部?|药店|药房)$",
    f"(?:(?:五金|建材|水暖|门窗|涂料|灯饰|机电|电器|家电|板材|油漆|管材|装饰|日杂){_AS_WELL}|{_ANYTHING})$",
    f"(?:理发|美发|美容|足浴|干洗|洗车|汽修|修理|招待所|宾馆|旅馆|(?:轮胎|摩托车|电动车){_AS_WELL})(?:店|院|部|厂)?$",
    "(?:养殖场|养[猪鸡鸭鱼牛羊]场|果园|农场|种植园|种植基地|合作社|养殖专业户)$",
    f"(?:(?:农资|种子|饲料|化肥|农药|农机|兽药){_AS_WELL}|{_ANYTHING})$",
    f"(?:(?:水果|生鲜|蔬菜|水产|鲜肉|冻品|豆腐){_AS_WELL}|{_ANYTHING})$",
)
"""Patterns of RE2, of what one does who does nothing of the others; 批发部 may sell anything but a meal."""


_NO_BRAND = "^(?:平价|生活|综合|便民|惠民|利民|购物|百货|日用|大众|家常|私房|农家|特色|风味|正宗|中医|西医|口腔|五金|建材|农资|牛肉|羊肉)"
"""How cores begin that are no more than what many shops are: 永固平价超市 is not 平价超市."""

_LEAST, _PLACES = 4, (2, 3)
"""Characters of a name of a shop, and of what may be a town before it."""


def does_one_thing(names: pa.Array) -> np.ndarray:
    """Return which names (large_string) end with what a small shop sells or does: 启明门窗店 is the shop itself."""
    import numpy as np

    return np.asarray(np.logical_or.reduce([matched(names, pattern) for pattern in _CLASSES]))


class SmallTrades:
    """Of each name of a small shop the kinds of things it may do, and its brand before the word for it.

    Args:
        names: all.
    """

    def __init__(self, names: Names) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        asked = ~names.group.true() & ~names.organisation.true()
        asked &= names.kind.each(lambda kind: kind in ("", "个体", "零售", "合作社"))
        at = np.flatnonzero(asked)
        full, core = names.full.take(pa.array(at)), names.core.take(pa.array(at))
        classes = np.zeros(len(at), dtype=np.int16)
        for number, pattern in enumerate(_CLASSES):
            classes |= (matched(full, pattern) * (1 << number)).astype(np.int16)
        self._classes = np.zeros(len(asked) + 1, dtype=np.int16)
        self._classes[at] = classes
        brands = pa.nulls(len(at), pa.large_string())
        for kind, words in _ONE_KIND.items():
            brand = pc.struct_field(pc.extract_regex(core, rf"^(?P<brand>\p{{Han}}{{2,6}}?)村?(?:{words})$"), "brand")
            whole = pc.binary_join_element_wise(brand, *(pa.scalar(text, brand.type) for text in (kind, "|")))
            brands = pc.coalesce(brands, whole)
        self._brand = np.full(len(asked) + 1, -1, dtype=np.int32)
        self._brand[at] = numbered_where_said(pc.fill_null(brands, ""))

        self._take_ends(at, core, classes)

    def _take_ends(self, at: np.ndarray, core: pa.Array, classes: np.ndarray) -> None:
        """Number the names of these shops, and the ends of them that may be a name without the town before it."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        named = (classes > 0) & ~matched(core, _NO_BRAND) & mask(pc.greater_equal(pc.utf8_length(core), _LEAST))
        shops, core = at[named], core.filter(pa.array(named))
        ends = [core, *(pc.utf8_slice_codeunits(core, size) for size in _PLACES)]
        numbers = numbered_where_said(pa.concat_arrays(ends)).reshape(len(ends), -1)
        self._core, *self._ends = np.full((len(ends), len(self._classes)), -1, dtype=np.int32)
        for held, number in zip((self._core, *self._ends), numbers, strict=True):
            held[shops] = number

    def _ends_in(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where one name is the whole end of the other: 启明种子店 and 永固启明种子店."""
        import numpy as np

        whole, its = self._core[one], self._core[other]
        found = [
            ((end[one] >= 0) & (end[one] == its)) | ((end[other] >= 0) & (end[other] == whole)) for end in self._ends
        ]
        return np.asarray(np.logical_or.reduce(found))

    def told(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names with what these do."""
        import numpy as np

        shops = np.minimum(self._classes[one], self._classes[other]) > 0
        shops |= np.minimum(self._brand[one], self._brand[other]) >= 0
        rest = np.flatnonzero(shops)  # few
        levels[rest] = self._told(levels[rest], one[rest], other[rest])
        return levels

    def _told(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        a, b = self._classes[one], self._classes[other]
        levels[(a > 0) & (b > 0) & (a & b == 0) & np.isin(levels, _SHORTER)] = _OTHER_TRADE
        levels[self._ends_in(one, other) & np.isin(levels, (_OTHER_TRADE, _DIFFERENT))] = _BRANCH
        same = (self._brand[one] >= 0) & (self._brand[one] == self._brand[other])
        levels[same & np.isin(levels, (_OTHER_TRADE, _DIFFERENT))] = _SIMILAR
        return levels
