"""What a header says of its column: words of Chinese and English, and the pinyin and short names of ERP systems.

The head of a compound stands at its end in both languages (`客户电话`, `customer_phone`), so the word that ends last decides; of two
that end together the longer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

WORDS: dict[str, str] = {
    "credit_code": r"信用代码|信用编码|信用代码证号|信用号码?|税号|纳税人?识别号|纳税号|税务登记号|营业执照号码?|(?<!驾驶)执照(?:注册)?号码?|注册号|组织机构代码|uscc|uscic|tax ?(?:id|no|number|code)|credit ?code|vat ?no",
    "id_number": r"身份证(?:件)?(?:号码?)?|证件号码?|id ?card(?: ?(?:no|number|num))?|identity(?: ?(?:no|number|card))?|national ?id|citizen ?id",
    "email": r"邮箱(?:地址|账号)?|邮件(?:地址)?|电邮(?:地址)?|电子信箱|e[- ]?mail(?: ?(?:address|addr))?|\bmail(?:box)?",
    "url": r"网址|网站|主页|官网|链接|web ?site|\burl|\blink|home ?page|web",
    "mobile": r"手机(?:号码?|电话)?|移动电话(?:号码?)?|mobile(?: ?(?:phone|no|number|tel))?|cell(?: ?phone)?|tel cell|机主号码",
    "phone": r"电话(?:号码?)?|座机(?:号码?)?|固话|传真(?:号码?)?|联系方式|热线|来电号码|总机|直线(?:电话|号码)?|\bdirect(?: ?(?:line|dial))?$|\btel(?:ephone)?(?: ?(?:no|number|home|work))?|phone(?: ?(?:no|number|num))?|\bfax(?: ?no)?",
    "messenger": r"微信(?:号|账号|名|id)?|qq(?:号码?|群)?|旺旺(?:号)?|钉钉(?:号)?|飞书(?:号)?|we ?chat(?: ?(?:id|no))?|\bwx|whats ?app|skype|\bim(?: ?account)?|telegram",
    "postcode": r"邮编|邮政编码|邮码|zip(?: ?code)?|post(?:al)? ?code",
    "bank_account": r"银行卡号?|银行账[号户]|账号|帐号|卡号|开户账[号户]|收款账[号户]|对公账[号户]|bank ?(?:account|acct|card)(?: ?(?:no|number))?|account ?(?:no|number)|card ?(?:no|number)|iban",
    "plate": r"车牌(?:号码?)?|牌照(?:号码?)?|车号|plate(?: ?(?:no|number))?|licen[cs]e ?plate|car ?no",
    "vin": r"车架号码?|底盘号|车辆识别代?[码号]|\bvin(?: ?(?:no|code|number))?|chassis(?: ?no)?|frame ?no",
    "sex": r"性别|\bsex\b|gender",
    "yes_no": r"^是否.*|^有无.*|^能否.*|^可否.*|是否[^/]{0,8}|停用|启用|禁用|作废|有效性|(?:^|\b)is [a-z ]+|^has [a-z ]+|enabled|disabled|active|deleted|\bflag|opt ?(?:in|out)|标志|标识位|删除标记",
    "percent": r"百分比|占比|比例|比率|折扣率?|税率|利率|毛利率|利润率|概率|可能性|赢率|赢单率|完成率|[增转回达]\S{0,2}率|percent(?:age)?|\bpct|\brate|ratio|probability|discount|margin",
    "quantity": r"数量|件数|个数|台数|套数|次数|人数|员工数|天数|库存|用户数|面积|重量|里程|年龄|周岁|工龄|账期|积分|得分|分数|quantity|\bqty|\bcount|\bcnt|number of [a-z ]+|\bnum [a-z]+|headcount|employees?(?: ?(?:count|num(?:ber)?))|\bage\b|stock|score|points|mileage|weight|\bdays",
    "amount": r"金额|价格|单价|总价|售价|报价|费用|预算|资本|注册资金|货款|余额|应收款?|应付款?|欠款|定金|订金|押金|合计|营业额|销售额|营收|收入|成交价|额度|成本|工资|物业费|amount|\bamt|price|total|revenue|balance|budget|\bcost|\bfee|deposit|turnover|capital|salary|payment|value",
    "year": r"年份|年度|成立年|建成年|出生年|[年车]款年?|\byear|\byr\b|fiscal ?year",
    "time": r"时刻|时段|\btime of day|clock|上班时间|下班时间|营业时间|入场时刻|几点|来电时刻|出场时刻",
    "date": r"日期|时间|生日|年月日?|交期|到期日?|截止日?|有效期(?:至)?|日$|\bdate|\bday$|\btime$|timestamp|\bat$|birthday|\bbday|\bdob\b|\bdt\b|\bdeadline|下次跟进|下次联系|最后跟进|最近跟进|(?:created|updated|modified|opened|closed)(?: ?on)?$|\bsince|\buntil|expir(?:y|es|ation)",
    "address": r"地址|住址|住所|通讯处|收货地|门牌|街道|楼盘位置|详址|address(?: ?(?:line)? ?[0-9])?|\baddr(?: ?[0-9])?|\badr\b|street|location",
    "region": r"省份?|城市|^市|区县|县区|[省市][市区县/]{1,3}|地区|区域|大区|片区|籍贯|国家|国别|产地|省市区|province|\bcity|region|district|county|country|\bstate$|\barea|territory|\bprov",
    "industry": r"行业(?:类型|类别|分类|门类|名称)?|所属行业|经营范围|业态|industry(?: ?type)?|sector|trade type|line of business",
    "department": r"部门(?:名称)?|科室|所属部|所在部|事业部|组别|班组|所属组|\bunit$|department|\bdept(?: ?name)?|division|\bteam|org ?unit",
    "job_title": r"职务|职位|职称|岗位(?:名称)?|头衔|职级|job(?: ?title)?|\btitle|position|\brole|post$|designation",
    "person": r"姓名|名字|联系人(?:姓名|名称)?|负责人|业务员|销售员|销售顾问|客户经理|代表人?|法人(?:代表|姓名)?|经办人?|[\u4e00-\u9fff]{1,2}人$|主管$|采购员|经手|业主(?:姓名)?|经营者|住户|司机|顾问|称呼|handler|contact(?: ?(?:name|person))?|full ?name|first ?name|last ?name|\bfn$|family|given|owner|person|sales ?rep|salesman|assignee|created by|updated by|\buser ?name|\bagent$|surname|manager$|employee(?: ?name)?$",
    "company": r"公司(?:名称|全称|简称|名)?|单位(?:名称|全称)?|企业(?:名称|全称|名)?|客户(?:名称|全称|简称|名)|曾用名|供应商(?:名称)?|经销商(?:名称)?|厂[家商](?:名称)?|客户$|抬头|开户行|甲方|乙方|商户(?:名称?)?|机构名称|店名|字号(?:名称)?|商号|门店(?:名称)?|用户单位|往来单位|company(?: ?name)?|account(?: ?name)?|customer(?: ?name)?|client(?: ?name)?|organi[sz]ation(?: ?name)?|\borg(?: ?name)?|vendor(?: ?name)?|supplier(?: ?name)?|employer|firm|enterprise",
    "id": r"编号|编码|代码|单号|流水号|订单号|合同号|序号|工号|票号|学号|房号|房间号|客户号|会员号|档案号|主键|批次号|货号|料号|号$|[\u4e00-\u9fff]id$|\bid$|\bno$|\bnumber$|\bcode$|\bkey$|\buuid|\bguid|\bsn\b|\bsku|serial(?: ?(?:no|number))?|^#$|^no\.?$",
    "picklist": r"状态|阶段|类型|类别|分类|级别|等级|规模|方式|币种|门类|来源|优先级?|学历|民族|婚姻(?:状况)?|颜色|渠道|途径|标签|星级|品牌|车型|户型|单位$(?<=计量单位)|性质|满意度|结果$|status|stage|\btype|category|priority|level|grade|class$|currency|channel|source|\brating|\btag|\bkind|\bmethod|outcome|segment|\btier|\bsize$",
    "text": r"备注|说明|描述|内容|摘要|主题|意见|原因|事由|需求|记录|详情|简介|介绍|商机名称|项目名称|产品名称|合同名称|附件|标题|反馈|remarks?|\bnotes?|memo|description|\bdesc|comments?|subject|content|detail|summary|reason|feedback|opportunity(?: ?name)?",
}  # fmt: skip
"""Meaning → words that name it."""

SHORT_NAMES: dict[str, str] = {
    "credit_code": "shxydm tyshxydm xydm nsrsbh sh swdjh tyxydm zzjgdm",
    "id_number": "sfz sfzh sfzhm sfzjh zjhm zjh idno idcard shenfenzheng shenfenzhenghao",
    "email": "yx dzyx yxdz dzyj email youxiang dianziyouxiang",
    "url": "wz wzdz gw wangzhi guanwang",
    "mobile": "sj sjh sjhm yddh lxsj lxrsj shouji shoujihao shoujihaoma mob mbl",
    "phone": "dh lxdh gddh zj cz czhm dhhm khdh zjdh lxfs gsdh dianhua lianxidianhua chuanzhen",
    "messenger": "wx wxh qq qqh weixin weixinhao",
    "postcode": "yb yzbm youbian zip",
    "bank_account": "yhzh yhkh zh kh khzh zhanghao yinhangzhanghao dgzh skzh",
    "plate": "cph cphm cpai chepaihao",
    "vin": "cjh clsbdm vin clsbh chejiahao",
    "sex": "xb xingbie sex",
    "yes_no": "sfty sfyx sfqy sfzylxr ty isdel isactive shifou sfsc sfzf",
    "percent": "bl zb sl zkl mll shuilv bili gl yl",
    "quantity": "shul qty rs nl shuliang renshu nianling kc kcsl cs js ts mj ygrs",
    "amount": "je zje dj ddje htje ysje yjje ye zj jg fy zczb jine danjia zongjia hsje wsje ysk amt yfje",
    "year": "nf nd nianfen niandu yr",
    "time": "sk shike",
    "date": "rq sj cjsj cjrq gxsj gxrq csrq sr ddrq jhrq htrq kprq djrq xdrq lrsj lrrq zhgjsj xgsj riqi shijian shengri chuangjianshijian kssj jssj crtdt upddt dob",
    "address": "dz xxdz lxdz khdz gsdz zcdz txdz shdz dizhi xiangxidizhi addr jtzz zz",
    "region": "sf cs qx ssq dq qy szsf szcs shengfen chengshi diqu quyu sheng shi xian jg ssdq",
    "industry": "hy sshy hylb hymc hylx hangye suoshuhangye",
    "department": "bm bmmc ssbm szbm bumen dept ks",
    "job_title": "zw zhiwu zhiwei gw zc zwmc gwmc",
    "person": "xm lxr lxrxm fzr ywy frdb fr khjl jbr xsy xingming lianxiren fuzeren yewuyuan czy lrr cjr gxr zdr xszg contnm usernm empnm",
    "company": "khmc khm dwmc gsmc qymc gysmc khqc khjc kehu kehumingcheng gongsi gongsimingcheng danweimingcheng cym custnm custname cstnm vndnm khname jxsmc khh compnm",
    "id": "id khbh khdm kh khid bh bm dm ddh ddbh htbh gh xh lsh djbh hth sphm rybh custno custid custcd cstno vndcd ordno empno xuhao bianhao kehubianhao spbm wlbm guid pk rowid",
    "picklist": "zt lx dj3 jb khlx khjb khdj khzt ly khly jd lb fl bz zhuangtai leixing jibie laiyuan ddzt gm fs",
    "text": "bz beizhu nr sm ms bzxx zy gjnr rmk rmrk memo xq xqms",
}  # fmt: skip
"""Meaning → short names as ERP systems have them (kh_mc, KHMC, cust_nm), written without separators; dj is 单价 and 等级."""

_CUSTOMER = re.compile(r"^(?:kh|cust|cst|lxr|gys|f|c|s|t|vc|fld|col)(?=[a-z]{2,})")
_ASIDE = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]|[*＊:：]+|（必填）")
_UNIT = re.compile(r"[(（\[【](?:单位[:：])?(?P<unit>[^)）\]】]*)[)）\]】]")
_UNITS = {
    "amount": r"^(?:万|千|百万|亿)?元$|^rmb$|^cny$|^usd$|^¥$",
    "percent": r"^%$|^％$",
    "quantity": r"^[个台套件人次天年月㎡吨]$|^公里$|^平方米$|^kg$",
}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {meaning: re.compile(words, re.IGNORECASE) for meaning, words in WORDS.items()}


def plain_header(header: str) -> str:
    """Return the last part of a header of several rows, in one width and case, words of `customerName` and `cust_nm` apart."""
    own = unicodedata.normalize("NFKC", header.rpartition("/")[2] or header).strip()
    own = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", own)
    own = re.sub(r"[\s_\-.]+", " ", own).strip().lower()
    return re.sub(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])", "", own)


def meanings_of_header(header: str) -> dict[str, float]:
    """Return how strongly a header speaks for each meaning it may stand for, from 0 to 1.

    Args:
        header: as it stands in the source.
    """
    own = plain_header(header)
    unit = _UNIT.search(own)
    bare = _bare(own)
    found = _by_words(bare) or _by_short_name(bare)
    if unit:
        for meaning, pattern in _UNITS.items():
            if re.search(pattern, unit["unit"].strip()):
                found[meaning] = max(found.get(meaning, 0.0), 0.9)
    return found


def said_in_words(header: str) -> bool:
    """Return whether a header says in words what its column holds, not in the short names of an ERP system alone, nor in nothing."""
    return bool(_by_words(_bare(plain_header(header))))


def _bare(own: str) -> str:
    """Return a plain header without what stands in brackets and without its number."""
    return _ASIDE.sub("", own).strip(" 0123456789") or own


def _by_words(bare: str) -> dict[str, float]:
    ends: dict[str, tuple[int, int]] = {}
    for meaning, pattern in _patterns().items():
        for match in pattern.finditer(bare):
            ends[meaning] = max(ends.get(meaning, (0, 0)), (match.end(), match.end() - match.start()))
    if not ends:
        return {}
    best = max(ends.values())
    found = {}
    for meaning, (end, length) in ends.items():
        if (end, length) == best:
            found[meaning] = 1.0
        else:
            found[meaning] = 0.1 if end == best[0] else 0.25
    return found


@cache
def _short_names() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for meaning, names in SHORT_NAMES.items():
        for name in names.split():
            found[name] = (*found.get(name, ()), meaning)
    return found


def _by_short_name(bare: str) -> dict[str, float]:
    joined = re.sub(r"[^a-z]", "", bare)
    if not joined or re.search(r"[^\x00-\x7f]", bare):
        return {}
    names = _short_names()
    for name in (joined, bare.rsplit(maxsplit=1)[-1], _CUSTOMER.sub("", joined)):
        if name in names:
            return dict.fromkeys(names[name], 0.9 if len(names[name]) == 1 else 0.6)
    return {}
