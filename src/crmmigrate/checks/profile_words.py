"""Words by which values are known: regions, surnames, forms of business, titles, departments, yes and no."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from crmmigrate.model.surnames import surnames

LEGAL_FORMS = "公司|集团|厂|合作社|事务所|经营部|商行|工作室|分行|支行|银行|医院|学校|大学|学院|中学|小学|幼儿园|研究院|研究所|设计院|协会|委员会|管理局|酒店|宾馆|饭店|药房|超市|商场|商店|门店|专卖店|服务站|服务部|批发部|农场|中心|店|行|社"
"""What names of companies and other organisations end with."""

INDUSTRIES = "农业|林业|畜牧|渔业|采矿|制造|电力|建筑|批发|零售|交通|运输|仓储|物流|住宿|餐饮|信息|软件|互联网|金融|保险|房地产|租赁|商务|科研|水利|环境|居民服务|教育|卫生|医疗|文化|体育|娱乐|公共管理|汽车|化工|电子|机械|纺织|食品|能源|贸易|广告|传媒|咨询|医药|环保|家电|家具|通信|旅游|冶金|五金|印刷|包装|服装|建材|IT|快消|航空|钢铁|造纸|电商|半导体|新材料"
"""Words of the trades (GB/T 4754-2017 and everyday names)."""

TITLES = "经理|总监|总裁|主任|主管|董事长?|专员|助理|工程师|会计|出纳|秘书|厂长|校长|院长|科长|处长|部长|局长|店长|组长|班长|采购员?|销售员?|顾问|代表|老板|负责人|法人|股东|文员|客服|司机|技术员|业务员|总工|行长|CEO|CTO|CFO|COO|CIO|VP|副总|总经理|创始人|合伙人|站长|主席|所长|队长|架构师|设计师|医生|教师|律师|前台|保安|财务|行政|人事|库管|仓管"
ENGLISH_TITLES = "manager|director|engineer|officer|president|assistant|head of|chief|ceo|cto|cfo|vp|sales rep|accountant|buyer|owner|founder|supervisor|consultant|analyst|coordinator|executive|secretary|partner|lead"
DEPARTMENTS = "部|科|处|室|组|课|中心|事业群|办|队|车间|一部|二部|三部|总部|分部"
ENGLISH_DEPARTMENTS = "dept|department|sales|marketing|finance|hr|human resources|it|operations|purchasing|r&d|production|logistics|customer service|engineering|legal|administration|support|procurement|quality|accounting"

SEXES = frozenset("男 女 男性 女性 先生 女士 m f male female 未知 不详 保密".split())  # noqa: SIM905
YES_NO = frozenset("是 否 有 无 y n yes no true false √ × x ✓ ✗ 对 错 t f".split())  # noqa: SIM905
YES_NO_WIDE = YES_NO | frozenset(
    "0 1 启用 停用 禁用 正常 作废 已删除 未删除 on off 开 关 主 次 已 未 已审核 未审核 同意 不同意 需要 不需要".split()  # noqa: SIM905
)
EVERYDAY = frozenset(
    "正常 成功 失败 高级 普通 关闭 完成 支付宝 微信 现金 通过 和谐 满意 方案 金额 金牌 路上 平台 安排 全部 常规 单位 万元 应收 高 经销 经销商 经理 党员 汉族 满族 白色 黄色 黑色 金色 红色 银色 蓝色 灰色 陈列 安装 季度 年度 易用 公众号 施工 车展 广告 时间 万达 水电 水泥 包装 毛坯 党建 单身 离异 未婚 已婚 高中 本科 大专 硕士 博士 初中 中专".split()  # noqa: SIM905
)
"""Everyday words that begin like surnames."""

_SUFFIXES = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "自治县",
    "地区",
    "省",
    "市",
    "区",
    "县",
    "盟",
    "州",
    "旗",
)
COUNTRIES = "中国 美国 英国 法国 德国 日本 韩国 泰国 越南 印度 巴西 俄罗斯 加拿大 澳大利亚 新加坡 马来西亚 印度尼西亚 意大利 西班牙 荷兰 墨西哥 阿联酋 沙特阿拉伯 土耳其 China USA UK Germany Japan France India Brazil Russia Canada Australia Singapore Vietnam Thailand Korea Italy Spain Netherlands Mexico UAE Turkey Indonesia Malaysia Zhejiang Guangdong Jiangsu Shandong Beijing Shanghai Shenzhen Guangzhou Hangzhou 华东 华南 华北 华中 西南 西北 东北 华东区 华南区 华北区 华中区 西南区 西北区 东北区 华东大区 华南大区 华北大区 江浙沪 珠三角 长三角 京津冀".split()  # noqa: SIM905


def _lines(name: str) -> list[str]:
    return (resources.files("crmmigrate") / "data" / name).read_text(encoding="utf-8").splitlines()


@cache
def regions() -> frozenset[str]:
    """Return the names of provinces, prefectures and counties, with and without the word that says what they are."""
    names = {name for _, name in _divisions()}
    short = {name.removesuffix(end) for name in names for end in _SUFFIXES if name.endswith(end)}
    return frozenset(names | {name for name in short if len(name) > 1} | set(COUNTRIES))


@cache
def large_regions() -> frozenset[str]:
    """Return the regions no person is called by: all full names, and the short ones of provinces and prefectures."""
    full = {name for _, name in _divisions()}
    large = {name for level, name in _divisions() if level in "12"}
    short = {name.removesuffix(end) for name in large for end in _SUFFIXES if name.endswith(end)}
    return frozenset(full | {name for name in short if len(name) > 1} | set(COUNTRIES))


@cache
def provinces_and_cities() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the full names of the provinces (municipalities too) and of the prefectures."""
    return tuple(tuple(name for level, name in _divisions() if level == wanted) for wanted in "12")  # type: ignore[return-value]


@cache
def _divisions() -> tuple[tuple[str, str], ...]:
    """Return level (1 to 3) and name of each division."""
    return tuple((row["level"], row["name"]) for row in csv.DictReader(_lines("divisions.csv")))


@cache
def surnames_by_length() -> tuple[frozenset[str], frozenset[str]]:
    """Return surnames of one character and of two."""
    known = surnames()
    single = frozenset(name for name in known if len(name) == 1)
    return single, known - single
