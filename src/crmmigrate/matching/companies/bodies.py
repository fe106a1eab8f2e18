"""Bodies of one county or one university whose names say that they are two, at whatever address: its 统战部 and its 档案馆, a 派出所 and the 公安局."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.universities import SCHOOLS
from crmmigrate.matching.texts.cells import ending, matched

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names
    from crmmigrate.matching.company_name import Companies

_ENDS = (
    "公安分局|公安局", "派出所", "交警[支大中]队|交通警察[支大中]队|车管所|车辆管理所", "看守所|拘留所", "消防[支大]队|消防救援[支大]队|消防救援局",
    "宣传部|网信办|文明办", "组织部|编办|老干部局", "统战部|统一战线工作部|民族宗教事务局|民宗局|侨务办公室|侨办", "政法委|政法委员会", "纪委|纪委监委|监委|纪律检查委员会|监察委员会",
    "武装部", "妇联|妇女联合会", "残联|残疾人联合会", "工商联|工商业联合会", "科协|科学技术协会", "文联|文学艺术界联合会", "总工会", "团[县市区省]委", "红十字会",
    "档案[馆局]|史志办|史志办公室|地方志办公室|党史研究室", "信访局", "人大常委会|人民代表大会常务委员会", "政协", "人民法院", "人民检察院", "党校|行政学院", "图书馆", "博物馆", "文化馆",
    "机关事务管理局|机关事务局|机关事务服务中心|机关事务管理中心",
)  # fmt: skip
"""Ends of names, those that may be one body's together."""

_OFFICES = (
    "教育|教体|体育|科学技术|科技", "文化|文旅|文体|文广|旅游|广电|广播|体育|教体", "财政|国资|国有资产|金融", "审计", "民政|退役军人", "人社|人力资源|社会保障|劳动|人事|退役军人|医保|医疗保障",
    "住建|住房|建设|房产|房管|房屋|环卫|环境卫生|城管|城市管理|执法|规划|人防|人民防空|市政|园林", "交通|交运|公路|运输|建设", "水利|水务|河务|农", "农|乡村|扶贫|畜牧|林|渔", "自然资源|自规|国土|规划|林|海洋|测绘",
    "卫|计生|计划生育|医保|医疗保障|疾控|疾病", "发展|发改|改革|工业|工信|经信|经济|经贸|商务|粮食|统计|物价|招商|科技|科学技术|能源|数据|信息|投资|金融", "市场监|市监|工商|质监|质量|药|知识产权|计量",
    "应急|安监|安全生产|地震|消防", "生态|环保|环境", "司法", "税", "气象", "审批|政务|行政服务|数据",
)  # fmt: skip
"""What stands in the names of offices, those that were or are one office somewhere."""

_OF_A_SCHOOL = (
    "出版社|杂志社|编辑部", "校友会|校友总会", "基金会", "附属.{0,6}(?:中学|小学|学校|幼儿园)|附中|附小", "附属.{0,6}医院|校医院", "后勤[\u3400-\u9fff]{0,6}(?:集团|公司|中心|处)",
    "工会|工会委员会", "资产(?:经营|管理)(?:公司|中心|处)?", "图书馆", "科技园|科技园[\u3400-\u9fff]{0,4}公司",
)  # fmt: skip
"""What stands behind the name of a university or a school."""

_SORTS = (
    f"大学|学院|{SCHOOLS}$", "(?:医院|保健院|卫生院)$", "(?:中学|小学|幼儿园)$", "(?:局|委员会|政府|办事处|法院|检察院|派出所)$",
)  # fmt: skip
"""What bodies are of which one never becomes another, patterns of RE2; a hospital or a school of a university may be both. What works for all of them says nothing."""

_BY_END = [re.compile(f"(?:{ends})\\Z") for ends in _ENDS]
_BY_WORD = [re.compile(words) for words in _OFFICES]
_BY_SCHOOL = [re.compile(f"(?:大学|学院|学校|中学)(?:{tails})\\Z") for tails in _OF_A_SCHOOL]
_OFFICE = re.compile(".{2,}局\\Z")
_LAST = "局所队部办委会联协馆室校院社司团处小园区学中心营理"
_SCHOOL = sum(1 << len(_BY_END) + at for at in range(len(_BY_SCHOOL)))


class Bodies:
    """Which kinds of body names say that they are.

    Args:
        names: all.
    """

    def __init__(self, names: Names) -> None:
        import numpy as np
        import pyarrow as pa

        self._kinds = np.zeros(len(names.core), dtype=np.int64)
        """A bit for each kind; a body whose name does not say has none."""
        asked = np.flatnonzero(ending(names.core, *_LAST))
        met = names.core.take(pa.array(asked)).dictionary_encode()
        kinds = np.array([kinds_of(core) for core in met.dictionary.to_pylist()], dtype=np.int64)
        formal = names.kind.true()[asked]  # a company is no office, and may be a school's
        self._kinds[asked] = kinds[met.indices.to_numpy()] & np.where(formal, _SCHOOL, -1)
        of = [matched(names.core, sort).astype(np.int64) << at for at, sort in enumerate(_SORTS)]
        self._sorts = np.where(names.kind.true(), 0, np.bitwise_or.reduce(of))
        """A bit for each sort."""
        self.are = (self._sorts != 0) | (names.public.true() & ~names.kind.true())
        """Which names are bodies'."""
        self.elsewhere = matched(names.core, "大学|学院|医院.*医院")
        """Which may be of a body in another city than it is in: 北京大学深圳医院."""

    def two(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two names say that they are of two bodies."""
        import numpy as np

        found = np.zeros(len(one), dtype=bool)
        for kinds in (self._kinds, self._sorts):
            a, b = kinds[one], kinds[other]
            found |= (a != 0) & (b != 0) & (a & b == 0)
        return found


def kinds_of(core: str) -> int:
    """Return the kinds of body that a name without its place and legal form says it is, a bit each."""
    patterns = [*_BY_END, *_BY_SCHOOL]
    found = [at for at, pattern in enumerate(patterns) if pattern.search(core)]
    if not found and _OFFICE.fullmatch(core):
        found = [len(patterns) + at for at, words in enumerate(_BY_WORD) if words.search(core)]
    return sum(1 << at for at in found)


def two_bodies(names: Companies, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where the first names of values say that they are of two bodies, or of a body and what is in another city."""
    import numpy as np

    one, other = names.first[left], names.first[right]
    found = (one >= 0) & (other >= 0)
    one, other = one[found], other[found]
    bodies, far = names.told.bodies, names.apart[names.place[one], names.place[other]]
    far &= (bodies.are[one] | bodies.are[other]) & ~bodies.elsewhere[one] & ~bodies.elsewhere[other]
    found[found] = bodies.two(one, other) | far
    return np.asarray(found)
