"""The words that names, subjects and picklists are made of."""

from __future__ import annotations

from dataclasses import dataclass


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Split `启qi 明ming` into characters and pinyin."""
    return tuple(
        (word.rstrip("abcdefghijklmnopqrstuvwxyz"), word.lstrip(word.rstrip("abcdefghijklmnopqrstuvwxyz")))
        for word in text.split()
    )


CORE = _pairs("""
启qi 明ming 华hua 盛sheng 泰tai 宏hong 恒heng 丰feng 达da 通tong 瑞rui 祥xiang 隆long 兴xing 昌chang 荣rong 康kang 安an 平ping
和he 信xin 诚cheng 义yi 德de 仁ren 智zhi 慧hui 博bo 远yuan 鹏peng 飞fei 腾teng 跃yue 凯kai 旋xuan 金jin 银yin 鑫xin 宝bao 玉yu
晶jing 星xing 辰chen 光guang 辉hui 亮liang 天tian 海hai 洋yang 江jiang 河he 山shan 川chuan 云yun 风feng 雷lei 春chun 夏xia 秋qiu
润run 泽ze 源yuan 泉quan 清qing 澄cheng 新xin 锐rui 创chuang 拓tuo 展zhan 先xian 锋feng 卓zhuo 越yue 优you 佳jia 美mei 嘉jia 怡yi
乐le 福fu 禄lu 寿shou 喜xi 永yong 久jiu 长chang 青qing 松song 柏bai 竹zhu 梅mei 兰lan 菊ju 百bai 千qian 万wan 亿yi 联lian 合he
众zhong 聚ju 汇hui 利li 益yi 赢ying 富fu 贵gui 正zheng 方fang 圆yuan 立li 伟wei 建jian 航hang 帆fan
""")
SURNAMES = _pairs("""
王wang 李li 张zhang 刘liu 陈chen 杨yang 赵zhao 黄huang 周zhou 吴wu 徐xu 孙sun 胡hu 朱zhu 高gao 林lin 何he 郭guo 马ma 罗luo 梁liang
宋song 郑zheng 谢xie 韩han 唐tang 冯feng 于yu 董dong 萧xiao 程cheng 曹cao 袁yuan 邓deng 许xu 傅fu 沈shen 曾zeng 彭peng 吕lv 苏su
卢lu 蒋jiang 蔡cai 贾jia 丁ding 魏wei 薛xue 叶ye 阎yan 余yu 潘pan 杜du 戴dai 夏xia 钟zhong 汪wang 田tian 任ren 姜jiang 范fan 方fang
石shi 姚yao 谭tan 廖liao 邹zou 熊xiong 金jin 陆lu 郝hao 孔kong 白bai 崔cui 康kang 毛mao 邱qiu 秦qin 江jiang 史shi 顾gu 侯hou 邵shao
孟meng 龙long 万wan 段duan 欧阳ouyang 上官shangguan 诸葛zhuge 司马sima 尉迟yuchi 单shan 仇qiu
""")
GIVEN = _pairs("""
伟wei 芳fang 娜na 敏min 静jing 丽li 强qiang 磊lei 军jun 洋yang 勇yong 艳yan 杰jie 涛tao 超chao 霞xia 平ping 刚gang 辉hui 玲ling
桂gui 英ying 华hua 建jian 国guo 文wen 斌bin 海hai 波bo 红hong 梅mei 志zhi 明ming 春chun 燕yan 晓xiao 东dong 雪xue 峰feng 婷ting
宇yu 浩hao 然ran 子zi 轩xuan 梓zi 涵han 欣xin 怡yi 俊jun 豪hao 佳jia 琪qi 思si 远yuan 嘉jia 雯wen 振zhen 宁ning 立li 群qun 庆qing
永yong 胜sheng 秀xiu 兰lan 凤feng 琴qin 爱ai 玉yu 珍zhen 淑shu 贞zhen 世shi 昌chang 维wei 新xin 少shao 康kang 家jia 兴xing 祥xiang
云yun 龙long 飞fei 翔xiang 宏hong 博bo 学xue 义yi
""")


@dataclass(frozen=True, slots=True)
class Trade:
    """What a company does: the word in its registered name, its everyday short form, its section of GB/T 4754, letters for a domain."""

    word: str
    short: str
    section: str
    letters: str


_MANUFACTURING = "制造业"
_SOFTWARE = "信息传输、软件和信息技术服务业"
_TRADE = "批发和零售业"
_BUILDING = "建筑业"
_TRANSPORT = "交通运输、仓储和邮政业"
_BUSINESS = "租赁和商务服务业"
_SCIENCE = "科学研究和技术服务业"
_CATERING = "住宿和餐饮业"
_EDUCATION = "教育"
_FARMING = "农、林、牧、渔业"

TRADES = (
    Trade("精密机械", "机械", _MANUFACTURING, "jx"),
    Trade("电子科技", "电子", _MANUFACTURING, "dz"),
    Trade("自动化设备", "自动化", _MANUFACTURING, "zdh"),
    Trade("汽车零部件", "汽配", _MANUFACTURING, "qp"),
    Trade("包装材料", "包装", _MANUFACTURING, "bz"),
    Trade("医疗器械", "医疗", _MANUFACTURING, "yl"),
    Trade("新材料", "新材", _MANUFACTURING, "xc"),
    Trade("纺织", "纺织", _MANUFACTURING, "fz"),
    Trade("食品", "食品", _MANUFACTURING, "sp"),
    Trade("LED照明", "照明", _MANUFACTURING, "led"),
    Trade("3D打印设备", "3D打印", _MANUFACTURING, "3d"),
    Trade("信息技术", "信息", _SOFTWARE, "it"),
    Trade("软件", "软件", _SOFTWARE, "soft"),
    Trade("网络科技", "网络", _SOFTWARE, "net"),
    Trade("国际贸易", "贸易", _TRADE, "trade"),
    Trade("商贸", "商贸", _TRADE, "sm"),
    Trade("建筑工程", "建筑", _BUILDING, "jz"),
    Trade("装饰工程", "装饰", _BUILDING, "zs"),
    Trade("物流", "物流", _TRANSPORT, "wl"),
    Trade("供应链管理", "供应链", _TRANSPORT, "scm"),
    Trade("企业管理咨询", "咨询", _BUSINESS, "zx"),
    Trade("广告传媒", "传媒", _BUSINESS, "cm"),
    Trade("生物科技", "生物", _SCIENCE, "bio"),
    Trade("环保科技", "环保", _SCIENCE, "hb"),
    Trade("餐饮管理", "餐饮", _CATERING, "cy"),
    Trade("教育科技", "教育", _EDUCATION, "edu"),
    Trade("农业科技", "农业", _FARMING, "ny"),
)
LEGAL_FORMS = ("有限公司",) * 16 + ("有限责任公司",) * 2 + ("股份有限公司", "集团有限公司")

# A picklist value and the ways people write it; the first is the standard form.
INDUSTRIES = {
    _MANUFACTURING: ("制造", "制造行业", "生产制造", "机械制造", "製造業", " 制造业"),
    _SOFTWARE: ("信息技术", "IT", "软件/互联网", "ＩＴ", "互联网"),
    _TRADE: ("批发零售", "贸易", "商贸零售", "批发/零售"),
    _BUILDING: ("建筑", "建筑工程", "建筑行业"),
    _TRANSPORT: ("物流", "交通物流", "运输"),
    _BUSINESS: ("商务服务", "商业服务"),
    _SCIENCE: ("科研技术", "科技服务"),
    _CATERING: ("餐饮", "酒店餐饮"),
    _EDUCATION: ("教育培训", "教育行业"),
    _FARMING: ("农业", "农林牧渔"),
}
SIZES = {
    "大型": ("大型企业", "大"),
    "中型": ("中型企业", "中"),
    "小型": ("小型企业", "小"),
    "微型": ("微型企业", "小微", "微"),
}
LEVELS = {
    "A": ("Ａ", "A级", "a", "重点", "A类"),
    "B": ("Ｂ", "B级", "b"),
    "C": ("Ｃ", "C级", "c", "一般"),
    "D": ("Ｄ", "D级"),
}
STATUSES = {
    "潜在客户": ("潜在", "潜在 客户"),
    "意向客户": ("意向", "有意向"),
    "成交客户": ("成交", "已成交", "成交客戶"),
    "流失客户": ("流失", "已流失"),
}
STAGES = {
    "初步接触": ("初步接觸", "接触", "1-初步接触"),
    "需求确认": ("需求", "2-需求确认"),
    "方案报价": ("报价", "3-方案报价"),
    "商务谈判": ("谈判", "4-商务谈判"),
    "赢单": ("赢", "成交", "已签约", "5-赢单"),
    "输单": ("丢单", "失败", "6-输单"),
}
FOLLOW_UPS = {
    "电话": ("打电话", "电话沟通", "TEL", "tel"),
    "拜访": ("上门拜访", "上门", "面谈"),
    "微信": ("WeChat", "wechat", "微信沟通"),
    "邮件": ("email", "E-mail", "电子邮件"),
    "会议": ("线上会议", "会议沟通"),
}
YES_NO = {"是": ("Y", "1", "√", "TRUE"), "否": ("N", "0", "×", "FALSE")}
ORDER_STATUSES = {"已完成": ("完成", "OK"), "已发货": ("发货",), "待发货": ("未发货",), "已取消": ("取消", "作废")}
CURRENCIES = {"CNY": ("RMB", "人民币", "￥")}
CUSTOMER_CLASSES = {"直销客户": ("直销",), "经销商": ("经销", "代理商"), "集团客户": ("集团",)}
TICKET_CATEGORIES = {"咨询": ("諮詢", "询问"), "报修": ("维修", "故障报修"), "投诉": ("客诉",), "安装": ("安装调试",)}
PRIORITIES = {"高": ("紧急", "high", "P1"), "中": ("普通", "medium", "P2"), "低": ("low", "P3")}
TICKET_STATUSES = {"已关闭": ("closed", "关闭"), "处理中": ("open", "进行中"), "待处理": ("new", "未处理")}

TITLES = (
    "总经理",
    "副总经理",
    "采购经理",
    "采购主管",
    "技术总监",
    "财务经理",
    "行政主管",
    "工程师",
    "厂长",
    "销售总监",
    "项目经理",
    "信息部主管",
)
DEPARTMENTS = ("采购部", "技术部", "财务部", "行政部", "设备部", "信息部")
PRODUCTS = ("年度采购", "设备更新", "系统升级", "备件供应", "维保服务", "产线改造", "软件许可", "培训服务", "扩容项目")
TALKS = (
    "客户对报价有疑问，已解释",
    "确认交货日期",
    "介绍新产品，对方感兴趣",
    "对方负责人出差，下周再联系",
    "约定下周三上门演示",
    "催收尾款",
    "了解下半年采购计划",
    "节日问候",
    "反馈设备运行正常",
    "合同条款已发法务审核",
    "客户提到竞争对手价格更低",
)
SUBJECTS = (
    "设备无法启动",
    "发票未收到",
    "申请上门维修",
    "系统登录失败",
    "咨询保修期",
    "备件缺货",
    "投诉响应慢",
    "要求更换配件",
    "安装时间确认",
    "数据导出报错",
)
NOTES = (
    "",
    "",
    "",
    "",
    "老客户介绍",
    "展会认识",
    "价格敏感",
    "需要增值税专用发票",
    "只上午接电话",
    "月结30天",
    "下单前先打电话",
)

# Staff: the first three have an address book among the sources.
STAFF_NAMES = [
    "王敏",
    "李建国",
    "陈晓燕",
    "张伟强",
    "刘洋",
    "赵丽娟",
    "孙志刚",
    "周婷",
    "吴海涛",
    "郑雪梅",
    "冯国庆",
    "褚文静",
    "卫东升",
    "蒋欣然",
    "沈浩",
    "韩冰",
    "杨子轩",
    "朱慧敏",
    "秦少峰",
    "尤佳",
    "许文彬",
    "何雨桐",
    "吕志远",
    "施晓岚",
    "张春华",
    "孔令辉",
    "曹雪芳",
    "严俊杰",
    "华明",
    "金玉兰",
    "魏强",
    "陶思远",
    "姜红",
    "戚永康",
    "谢婉婷",
    "邹凯",
    "喻海波",
    "柏青",
    "水静",
    "窦建平",
    "章丽萍",
    "云飞扬",
    "苏瑾",
    "潘志伟",
    "葛晶晶",
    "奚望",
    "范思哲",
    "彭程",
    "郎平生",
    "鲁大海",
    "韦丹",
    "昌盛",
    "马晓东",
    "苗苗",
    "凤英",
    "花蕾",
    "方圆",
    "俞斌",
    "任静怡",
    "袁野",
    "柳晓明",
    "欧阳娜",
    "上官云",
    "诸葛亮亮",
    "单小兵",
]
STAFF_DEPARTMENTS = ("销售一部", "销售二部", "销售三部", "销售四部", "客户服务部", "市场部")
