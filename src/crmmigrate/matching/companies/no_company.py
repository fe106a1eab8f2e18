"""Cells in the place of a company's name that name none: who filled the form in was asked for one, and wrote what he is or wants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.cells import Held, names_of
from crmmigrate.model.person_titles import OF_A_PART, OFFICES, OWNERS, PROFESSIONS, STAFF, TASKS, is_no_name
from crmmigrate.model.placeholders import NOBODY, is_nobody

if TYPE_CHECKING:
    from crmmigrate.matching import Values

_LONGEST = max(map(len, NOBODY))
"""Characters of the longest such cell that is looked for."""

_NO_COMPANY = frozenset(
    "咨询 询价 了解 学习 学生 在校学生 大学生 研究生 待业 无业 失业 退休 务农 农民 宝妈 家庭主妇 自由职业者 自由人 自营 自雇 创业 创业者 个体经营 个体经营者 个体工商户 兼职 打工 上班族 创始人 联合创始人 "  # noqa: SIM905
    "合伙人 股东 法人代表 企业主 贵公司 我公司 本公司 公司名 公司名称 单位名称 客户名称 企业名称 名称 没有公司 暂无公司 没单位 暂无单位 个人公司 私企 民企 国企 外企 事业单位 小公司 "
    "ceo cto cfo coo cio cmo owner founder manager director president engineer student freelance freelancer retired unemployed".split()
)
"""Posts, states and wishes that stand where a company is asked for; a field of the form itself."""

_POST = re.compile(
    "(?:副|助理|高级|资深|首席|区域|大区|全国|华[东南北中]|it|产品|运营|项目|品牌|渠道|网络|电商|新媒体|人力资源|综合|数据|战略|投资|"
    "研发|供应链?|采购|销售|营销|技术|财务|生产|质量|质检|品质|业务|商务|市场|售[前后]|人事|行政|仓库|工程|设计|客服|外贸|设备|信息|软件|硬件|算法|测试|招商|法务|物流|安全|培训|大客户)*"
    f"(?:部门?|中心|科|处)?(?:{'|'.join(sorted((*OFFICES, *OF_A_PART, *OWNERS, *PROFESSIONS, *TASKS, *STAFF, '架构师', '设计师', '负责人'), key=len, reverse=True))})"
)
"""采购经理, 市场部经理, 信息中心主任, IT总监."""

_ENDS = frozenset("理总裁监事任管长记师板娘授生夫士书计纳购台务员勤工人")
_MADE_UP = re.compile("(?:x{2,}|某{1,2}|×+|○+|\\*+)(?:市|省)?[\u3400-\u9fff]{0,6}公司")
"""XX公司, 某某科技有限公司."""

_SIGNS_OF_NO_NAME = frozenset("x某×○*")


def companies_in(values: Values) -> Held:
    """Return the cells of a role that name companies."""
    return names_of(values, is_no_company, _LONGEST)


def is_no_company(folded: str) -> bool:
    """Return whether a folded cell names no company: 经理, 采购经理, 咨询, 学生, XX公司, 无, or nobody at all."""
    return (
        is_nobody(folded)
        or folded in _NO_COMPANY
        or is_no_name(folded)
        or (folded[-1:] in _ENDS and _POST.fullmatch(folded) is not None)
        or (folded[:1] in _SIGNS_OF_NO_NAME and _MADE_UP.fullmatch(folded) is not None)
    )
