"""The headers under which tables hold what is compared: those that are known, and how others are made."""

from __future__ import annotations

import re
from collections.abc import Iterable

REMARK = "remark"
"""The role of remarks, which are only looked through: for names of companies, and for numbers of people."""

INVOICE = "invoice"
"""The role of what a customer's invoices are made out to, of which its name, tax number and account are told beside the record's own."""

SOLD = "sold"
"""The role of the projects and products that customers ordered for, which are only looked through: they stand behind names, too."""

ACCOUNT: dict[str, tuple[str, ...]] = {
    "name": ("客户名称", "公司名称", "单位名称", "企业名称", "客户全称", "公司全称", "单位全称", "企业全称", "工商全称", "全称", "商户名称", "供应商名称", "名称", "客户", "公司", "公司名", "单位", "name", "company", "company_name", "account_name", "customer_name", "曾用名", "former_name", "简称", "客户简称", "英文名称", "英文名", "英文全称", "公司英文名", "公司英文名称", "english_name", "name_en", "中文名称", "中文全称", "公司中文名", "公司中文名称", "客户中文名", "客户中文名称", "chinese_name", "name_cn", "name_zh", "local_name", "name_local", "name_in_local_language", "company_name_local"),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "credit_code", "tax_id", "tax_no", "uscc"),
    "id_number": ("证件号码", "证件号", "身份证号", "身份证号码", "身份证"),
    "vehicle": (),
    "phone": ("电话", "联系电话", "公司电话", "座机", "固定电话", "手机", "手机号", "phone", "tel", "telephone", "mobile", "phone_number", "whatsapp", "whatsapp_number"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail"),
    "wechat": ("微信", "微信号", "wechat"),
    "qq": ("QQ", "QQ号", "QQ号码"),
    "country": ("国家", "国家或地区", "国家/地区", "所在国家", "country", "country_region", "nation"),
    "bank_account": ("银行账号", "银行帐号", "银行账户", "银行卡号", "对公账号", "开户账号", "开户行账号", "bank_account", "bank_account_no", "iban"),
    "contact": ("联系人", "联系人姓名", "主要联系人", "首要联系人", "contact", "contact_person", "contact_name", "primary_contact"),
    "website": ("网址", "网站", "官网", "公司网址", "website", "url", "homepage"),
    "address": ("省份", "省", "所在省份", "所在省", "城市", "市", "所在城市", "所在市", "地市", "所在地市", "province", "state", "city", "区县", "区/县", "县区", "县市区", "区县市", "所在区县", "所在县区", "区", "县", "district", "county", "街道", "乡镇", "街道/乡镇", "乡镇街道", "街道乡镇", "镇街", "镇", "行政村", "村", "详细地址", "地址", "公司地址", "注册地址", "联系地址", "address", "street"),
    INVOICE: (),
    SOLD: (),
    REMARK: ("备注", "备注信息", "客户备注", "备注说明", "说明", "附注", "remark", "remarks", "note", "notes", "memo", "comment", "comments", "description"),
}  # fmt: skip
CONTACT: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "联系人", "联系人姓名", "名字", "中文姓名", "中文名", "中文名字", "name", "full_name", "contact_name", "chinese_name", "FN"),
    "mobile": ("手机", "手机号", "手机号码", "移动电话", "电话", "联系电话", "座机", "固定电话", "固话", "mobile", "mobile_phone", "mobile_number", "mobil", "handy", "móvil", "celular", "cell", "cell_phone", "phone", "tel", "telephone", "whatsapp", "whatsapp_number", "TEL_CELL"),
    "landline": ("电话", "座机", "固定电话", "办公电话", "联系电话", "phone", "tel", "telephone", "home_phone", "work_phone", "business_phone", "TEL_WORK"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail", "EMAIL"),
    "postcode": ("zip", "zip_code", "postcode", "postal_code", "plz"),
    "wechat": ("微信", "微信号", "wechat"),
    "qq": ("QQ", "QQ号", "QQ号码"),
    "buyer": ("旺旺昵称", "旺旺", "旺旺号", "旺旺名", "淘宝昵称", "淘宝账号", "买家昵称", "买家会员名", "会员名", "京东账号", "京东用户名"),
    "id_number": ("身份证号", "身份证", "身份证号码", "证件号码", "id_number"),
    "sex": ("性别", "称谓", "sex", "gender"),
    "vehicle": (),
    "birth": ("出生日期", "出生年月", "生日", "date_of_birth", "birth_date", "birthdate", "birthday", "dob"),
    "address": ("省份", "省", "所在省份", "所在省", "城市", "市", "所在城市", "所在市", "区县", "区/县", "县区", "县市区", "区县市", "所在区县", "所在县区", "区", "县", "街道", "乡镇", "街道/乡镇", "乡镇街道", "街道乡镇", "镇街", "镇", "行政村", "村", "家庭住址", "家庭地址", "住址", "现住址", "通讯地址", "联系地址", "详细地址", "地址", "province", "city", "town", "suburb", "street_number", "house_number", "address", "street"),
    "company": ("公司", "公司名称", "客户名称", "单位", "单位名称", "company", "organization", "organisation", "organization_1_name", "firma", "empresa", "ORG"),
    "parent": ("_ref_account", "客户编号", "客户代码", "客户ID", "account_id", "customer_id", "company_id"),
}  # fmt: skip
SURNAMES = (
    "姓", "姓氏", "last_name", "surname", "family_name", "nachname", "familienname", "nom_de_famille", "apellido",
    "apellidos", "cognome", "sobrenome", "contact_last_name", "nom",
)  # fmt: skip
GIVEN_NAMES = (
    "名", "first_name", "first_names", "given_name", "given_names", "forename", "forenames", "vorname",
    "contact_first_name", "prénom", "prenom", "nombre", "nome", "名字", "name",
)  # fmt: skip
"""Headers of names in two columns; the last two are a whole name where no column of surnames is, but `Name` beside `Vorname` is the surname."""

_WHO = "客户|顾客|公司|企业|单位|商户|商家|供应商|供货商|厂商|厂家|经销商|代理商|合作商|加盟商|往来单位|往来户?|客商|购货|机构|组织|店铺|门店|甲方|乙方|合作方|用户单位|委托单位|开票|工商|注册|登记|学校|医院"
_WHOSE = f"{_WHO}|办公|收货人?|收件人?|送货|工作|联系人?|联络人?|负责人|老板娘?|店主|家庭|家里|住宅|主要?|备用|其他|业务|前台|个人|本人|电子|办公室"
_WHICH = "company|office|work|business|contact|primary|main|personal|customer|client|supplier|vendor|home"
_NTH = r"(?:\d{1,2}|[一二三四五六七八九十])?"
"""Behind the header of one of several columns: 电话2, 邮箱二, phone 3."""

SHARED_LINE = re.compile(
    f"{_WHO}|办公|工作|业务|收货(?!人)|前台|热线|总机|科室|部门|门市|company|office|work|business|customer|client|supplier|vendor"
)
"""In headers of numbers that all have who are reached there: a mobile under one of them is nobody's own."""

SIGNED_UP = ("注册", "登记", "registered")
"""How headers of numbers begin that are one person's in a table of people of no company."""

OWNER = re.compile("(.{2,}?)(?:人?姓名|名字|名称?|人|(?:full)?name)")
"""What a column of people's names calls them: 客户 of 客户姓名, 收货 of 收货人."""
LICENSED = "(?:营业)?执照上?的?(?:主体|单位|企业|公司)?(?:名称?|全称)|(?:营业执照|经营|市场)主体(?:名称?)?|主体名称?"
"""Headers of whose licence it is, as that says: a shop's second name beside the one over its door."""

_ORGANISATION = (
    rf"(?!(?:开票|工商|注册|登记)+\Z)(?:{_WHO})+(?:名称?|全称|全名|抬头)?|抬头|店名|{LICENSED}|(?:字号|商号|招牌)(?:名称?)?|(?:company|customer|client|vendor|supplier|organi[sz]ation|firm|employer|merchant|dealer|buyer|importer|distributor)(?:legal|full|trading)?(?:name)?"
    r"|(?:account|business|legal|registered|trading|partner|store|shop|school|hospital|org)name"
)
_NAME_IN_FULL = f"(?:客户|公司|企业|单位|商户|往来单位|开票|工商|注册|登记|店铺|门店)+(?:名称?|全称|全名|抬头)|抬头|店名|{LICENSED}|字号名称?"
_THEIRS = "(?:客户|公司|企业|单位|甲方|业务|采购)?(?:(?:对接|经办)人员?|采购(?:员|经理|负责人|经办人)|法人(?:代表)?|法定代表人)(?:姓名|名字)?"
"""Who acts for a customer: not the vendor's own 业务员, 跟进人 and 客户经理."""

_CONTACT_PERSON = (
    rf"(?:主要?|首要|第一|公司|客户|企业|单位|业务|采购|商务|现场)?(?:联系|联络)人(?:姓名|名称?)?{_NTH}|{_THEIRS}|(?:收货|收件)人(?:姓名)?|(?:老板|店主|经营[者人])(?:姓名|名字)?"
    rf"|(?:primary|main)?contact(?:person|name)?{_NTH}"
)
_DIRECT = f"直[线拨](?:电话|号码?)*{_NTH}|direct(?:line|dial|number|no)?{_NTH}"
"""Somebody's at a desk, who has another at the next one: it tells of no company's switchboard."""

_TELEPHONE = (
    rf"(?:{_WHOSE}|固定|移动|科室|部门|门市|订货|订餐)*(?:电话|手机|座机|固话|热线|总机)(?:号码?)?{_NTH}|{_DIRECT}|(?:{_WHOSE})*(?:联系|联络)方式{_NTH}"
    rf"|(?:{_WHICH}|mobile|cell|land|fixed|direct)*(?:phone|telephone|tel|mobile|cell|landline|telefon)(?:number|no|num)?{_NTH}(?:value)?"
)
_OWN_TELEPHONE = (
    rf"(?:办公|公司|单位|企业|客户|联系人?|联络人?|收货人?|收件人?|老板娘?|店主|经营者|店铺|门店|门市|科室|部门|订货|订餐|前台|主要?|备用|其他|固定|移动)*(?:电话|手机|座机|固话|热线|总机)(?:号码?)?{_NTH}"
    rf"|(?:company|office|work|business|contact|primary|main|alternate|alternative|other|second(?:ary)?|mobile|cell|land)*(?:phone|telephone|tel|mobile|cell|landline)(?:number|no)?{_NTH}|{_DIRECT}"
    rf"|(?:公司|企业|单位|办公)?传真(?:电话|号码?)*{_NTH}|(?:company|office|business)?fax(?:number|no)?{_NTH}"
)
_OTHERS = "业务员|业务经理|客户经理|销售|推销|跟[进单]|客服|售[前后]|服务|代理|管家|紧急|推荐|介绍|担保|司机|物流|快递|承运|送修|代办|会计|财务|税|法务|招商|投诉|监督|举报|急救|家属|配偶|顾问|医[生师]|班主任|老师|教师|教练"
"""Those of the vendor, of the post or of the tax office, and others beside those that a table is of."""

_ANY_TELEPHONE = rf"(?!.*(?:{_OTHERS}))[\u3400-\u9fff]{{1,8}}(?:电话|手机|座机|固话)(?:号码?)?{_NTH}"
"""Whoever is called so: the customer, where no other header names a number, but for those whom the vendor, the post or the tax office has there."""

_KINDS = "客户|顾客|会员|业主|车主|户主|学员|学生|患者|病人|住户|租户|住客|旅客|乘客|员工|职工|用户|人员|投保人|参保人|捐赠人"
"""What people are to whoever keeps a list of them."""

OF_PEOPLE = re.compile(f"(?:{_KINDS})(?:姓名|名字)")
"""Headers of names, each a person's or that of the company that is what people are there: 客户姓名, 车主姓名."""

OF_CUSTOMERS = re.compile("(?:客户|商户|商家|店铺|门店|供应商|经销商)(?:名称?|全称)?")
"""Headers beside which these names are whom to ask for: 商户名称, 业主姓名."""

CLERK = re.compile("(?:经办|登记|操作|办理|受理|录入)人?员?(?:姓名|名称?)?")
"""Who did something about somebody, for one side or the other."""

BY_NAME = re.compile("(?:客户|业主|车主|户主|租户|住户)(?:姓名|名称?)?")
"""Headers of those whom a clerk has entered: beside them nobody asks for the clerk."""

OF_PARENTS = re.compile("父|母|家长|监护")
"""In headers of telephones of a table of children."""

_RELATIVES = f"{OF_PARENTS.pattern}|子女|孩子|宝宝|小孩"
_SOMEBODY = rf"(?!.*(?:{_OTHERS}|{_RELATIVES}|法人|法定|负责|经办|操作|制单|审核|录入|创建|创立|公司|成立|微信|昵称))[\u3400-\u9fff]{{0,6}}"
"""Whoever a table of people calls so (会员, 学员, 投保人, 宾客), and neither their relatives nor those who look after them."""

_ADDRESSED = "(?:客户|顾客|业主|联系人|会员|买家|来访人?)?称呼"
"""How who makes the list addresses somebody: 王先生, 李姐, or the whole name; beside 姓名 it is a title."""

_EMPLOYER = (
    "(?:现在?|当前|目前|目前所在|现任职|最近|就职|任职|所在|工作|在职)(?:的)?(?:公司|单位|企业|雇主)(?:名称?|全称)?"
)
"""Whom somebody works for, as lists of applicants have it; where he did before is not asked."""

_MAILBOX = rf"(?:{_WHOSE})*(?:邮箱|邮件|电邮|信箱)(?:地址|[账帐]号)?{_NTH}|(?:{_WHICH})*e?mail{_NTH}(?:address|addr|地址)?{_NTH}(?:value)?"
_WHERE = rf"(?:{_WHICH}|registered|mailing|postal|street|billing|shipping|other|full|head)*"
_LINE = (
    rf"(?:{_WHOSE}|街道|村组?|村屯|乡镇村?|经营|通[讯信]|详细|具体|配送|邮寄|营业|所在|家庭|现|实际|总部)*(?:地址|住址|通[讯信]处|住所|经营场所|所在地)"
    rf"|{_WHERE}(?:address|addr)(?:line)?1?(?:street1?|formatted)?|{_WHERE}street(?:address)?1?"
)
_POSTCODE = rf"{_WHERE}(?:zip|postal|post)(?:code)?"
"""Of people in letters only: 邮编 is that of half a city, and companies of one trade are neighbours."""

_COUNTRY = rf"(?:{_WHOSE}|注册|所属)*(?:国家|国别)(?:或地区|/地区)?|{_WHERE}country(?:/?region)?(?:name|code)?|ctry"
_WECHAT = (
    rf"(?:(?!.*(?:{_OTHERS}))[\u3400-\u9fff]{{0,4}})微信(?:号码?|[账帐]号|id)?|we?chat(?:id|no|number)?|wx(?:id|号)?"
)
_CAR = rf"(?:车辆)?(?:车牌|牌照|牌号|车号)(?:号码?)?{_NTH}|(?:vin|车辆识别|(?:车辆)?(?:车架|底盘|发动机))(?:代?[号码]码?)*(?:(?:后|末)[六八68]位)?|(?:license|licence|number)?plate(?:no|number)?|(?:vin|chassis)(?:no|number|code)?"
LIKE: dict[str, dict[str, str]] = {
    "account": {
        "name": _ORGANISATION,
        "credit_code": r"(?:统一)?(?:社会)?信用(?:代码|编码|号码?)(?:证号)?|(?:纳税|税务)?(?:登记|识别)?(?:税号|证号)|税务登记(?:证?号码?|代码)|纳税人?识别[号码]+|(?:组织)?机构代码(?:证号?)?|(?:工商)?注册号码?|营业执照(?:注册)?(?:号码?|编号)?|执照(?:注册)?(?:号码?|编号)|证照(?:号码?|编号)"
        r"|统一编号|(?:商业|公司)登记(?:证?号码?|编号)|(?:company)?(?:tax|vat|gst)(?:payer)?(?:registration)?(?:id|no|number|code)|统编|(?:business|company)?registration(?:no|number)|(?:business|company|co)reg(?:n|istration)?(?:no|number)|(?:br|ubi|ubn|uen|ssm|海关(?:注册)?(?:登记)?(?:编[码号]|代码|备案号?)|eori(?:no|number)?|gstin|cnpj|npwp|roc|cr)(?:no|number)|ubi|ubn|uen|ssm|海关(?:注册)?(?:登记)?(?:编[码号]|代码|备案号?)|eori(?:no|number)?|gstin|cnpj|npwp|(?:unified)?(?:social)?creditcode",
        "id_number": f"(?:{_KINDS})(?:身份证件?|证件|身份)(?:号码?)?",
        "vehicle": _CAR,
        "phone": f"{_TELEPHONE}|{_ANY_TELEPHONE}",
        "email": _MAILBOX,
        "wechat": _WECHAT,
        "qq": rf"(?!.*(?:{_OTHERS}))[\u3400-\u9fff]{{0,4}}qq(?:号码?|[账帐]号)?",
        "country": _COUNTRY,
        "bank_account": "(?:银行|对公|开户行?|基本户|公司|企业|单位)*(?:银行|对公|开户行?|基本户)[账帐][号户](?:号码?)?",
        "contact": _CONTACT_PERSON,
        "website": r"(?:公司|企业|单位|客户)?(?:网址|网站|官网|主页)(?:地址)?|(?:company|corporate)?(?:website|webaddress|homepage|website?url|web)",
        "address": _LINE,
        INVOICE: r"(?:客户|公司|单位)?(?:增值税|专用|普通)?(?:开具?发?票|发票|[增专]票)(?:信息|资料|抬头|名称|单位|公司)(?:信息|资料|名称|及税号)?",
        SOLD: r"(?:合同|工程|开发|在建|施工|所属|安装|服务)?(?:项目|工程|楼盘)(?:名称?|简称)?|(?:在用|使用|购买|采购|已购|意向|签约|主要)(?:产品|软件|系统|模块)(?:名称?)?|(?:产品|软件|系统)名称?",
        REMARK: r"(?:客户|公司|送货|发货|其他|其它|业务|销售|跟进|附加|补充)备注(?:信息|说明)?",
    },
    "contact": {
        "name": rf"(?:联系|联络|对接|负责|经办|收货|收件|取件|提货)人(?:姓名|名称?)?|(?:{_KINDS})(?:姓名|名字)|(?:业主|车主|租户|住户)名称|名字|(?:contact|customer|client|member|employee|guest|owner|display|person)(?:person|full)?name|contact(?:person)?"
        rf"|{_SOMEBODY}姓名|(?:投保|被?保险|被保|持卡|入住|参会|报名|申请|借款|预订|承租)人|[住租房旅乘宾]客|[房户业车]主|患[者儿]|病人|学[员生]|[租住]户|{_ADDRESSED}",
        "mobile": f"{_TELEPHONE}|{_ANY_TELEPHONE}",
        "landline": rf"(?!(?:{_DIRECT})\Z)(?:{_TELEPHONE}|{_ANY_TELEPHONE})",
        "email": rf"{_MAILBOX}|{_SOMEBODY}(?:电子)?(?:邮箱|邮件|信箱)(?:地址)?",
        "postcode": _POSTCODE,
        "wechat": _WECHAT,
        "sex": f"{_SOMEBODY}性别",
        "vehicle": _CAR,
        "birth": rf"{_SOMEBODY}(?:出生(?:日期?|年月日?)|生日)(?:日期)?",
        "id_number": rf"{_SOMEBODY}(?:身份证件?|证件|身份|护照)(?:号码?)?|passport(?:no|number)?|id(?:card)?(?:no|number)|(?:social|soc)sec(?:urity)?(?:id|no|number)|ssn|(?:national|identity)(?:id|no|number|card)+",
        "address": _LINE,
        "company": rf"{_EMPLOYER}|(?!.*门店)(?:所属|所在|工作|任职|就职)*(?:{_ORGANISATION})",
    },
}  # fmt: skip
"""How the headers of each role are made, for those that none of the names above is; the columns of a role whose name is known come first."""

ALSO: dict[str, str] = {
    "mobile": _TELEPHONE,
    "phone": _OWN_TELEPHONE,
    "email": r"(?:备用|其他|第二|个人|工作|私人)(?:电子)?(?:邮箱|邮件|信箱)(?:地址)?|(?:电子)?(?:邮箱|邮件|信箱)(?:地址)?(?:\d{1,2}|[一二三四五六七八九十])"
    r"|(?:secondary|second|other|alternat(?:e|ive)|personal|private|work)e?mail(?:address)?|e?mail(?:\d{1,2}(?:address)?|address\d{1,2})",
    "contact": rf"{_THEIRS}|老板(?:姓名)?|(?:业务|采购|商务|现场)(?:联系|联络)人(?:姓名)?|(?:备用|其他|第二)(?:联系|联络)人(?:姓名)?|(?:(?:联系|联络)人(?:姓名)?|contact(?:person|name)?)(?:\d{{1,2}}|[一二三四五六七八九十])",
}
"""How headers of columns are made that count beside those that are known: 备用电话 beside 手机, 联系人2 beside 联系人. Numbers of others that a customer is beside (经销商电话), or of his tax adviser
(开票电话), are not among them."""

FULL_BESIDE_SHORT = _NAME_IN_FULL
"""How headers of names are made that count beside short, English and former names alone: 开票名称 beside 客户简称."""

SHORT = re.compile("简称|英文|曾用|former|english|_en$")
MANY = frozenset((INVOICE, SOLD, "phone", "mobile", "landline", "email", "contact", "vehicle"))
LICENCES = frozenset(
    (
        "字号",
        "字号名称",
        "经营场所",
        "执照号",
        "执照号码",
        "营业执照主体",
        "营业执照名称",
        "营业执照号",
        "营业执照号码",
        "营业执照注册号",
        "统一编号",
        "注册号",
        "商户名称",
        "店名",
    )
)
TRADER = f"{_CONTACT_PERSON}|(?:负责人|业主)(?:姓名|名字)?"
"""Whom to ask for beside what stands on the licence of a shop; elsewhere 负责人 is who of the vendor's people looks after a customer."""

CLERKS = re.compile("(?:制[单表]|审[核批]|录入|登记|开[单票]|填[表报])(?:人|员)(?:姓名)?")
HANDLED = re.compile("经办人员?(?:姓名)?")
HOUSES = frozenset(("房号", "房间号", "室号", "楼栋", "楼号", "栋号", "幢号"))
"""Beside those of the vendor who made and checked a paper, 经办人 is who of them handled it; and beside flats, who of the estate's office did."""

BANKS = frozenset(("开户行", "开户银行", "开户行名称", "开户支行", "银行", "银行名称", "所属银行"))
BESIDE_BANK = "(?:银行|对公|开户行?|基本户|公司|企业|单位)*[账帐][号户](?:号码?)?"
"""What is a number at a bank beside the bank's name, and somebody's login elsewhere."""

SALE = re.compile("(?:收货|收件)人|买家|订单|会员|顾客")
SELLER = re.compile("(?:店铺|商家|商户|门店|网店|卖家)(?:名称?|全称)?")
"""Who sells, where the columns beside are of a sale or of its customers: not whom the buyer works for."""

TOWN = re.compile(
    "(?P<whose>收货人?|收件人?|送货|家庭|居住|现住|常住|所在|注册|通[讯信]|联系人?|公司|企业|单位|客户|办公)(?:所在)?(?P<part>省份?|城市|市|区县|区/县|县区|区|县|地区|街道|乡镇|乡镇街道|街道乡镇)"
)
"""Headers of the parts of an address that say whose it is: 收货人省份, 收货人城市."""

PARTS = (
    "省份",
    "省",
    "城市",
    "市",
    "地区",
    "区县",
    "区/县",
    "县区",
    "区",
    "县",
    "街道",
    "乡镇",
    "乡镇街道",
    "街道乡镇",
)
"""Of a place, from the greatest to the smallest."""

TOWNS = rf"{_WHERE}(?:city|town|suburb|county|district|state|province)"
"""How the headers of places are made; where an address has no others, no street is told."""

CITY = rf"({_WHERE})city"
"""The header of a city, and whose it is: Billing City."""

LINES = re.compile(r"[址处所]\Z|address|street(?!.?number)")
LINES_AT_END = re.compile(r"(?:street)?(?:address|addr|street)(?:line)?1?(?:street1?|formatted)?\Z")
OF_TOWNS = "(?:所在)?(?:街道|乡镇|镇街?|街道/?乡镇|乡镇/?街道)"
"""How the headers of towns and of the streets that are what towns are in cities are made."""

STATE = "state"
"""Of an address, or of an order: open, paid."""

OF_AN_ADDRESS = frozenset(
    ("zip", "zipcode", "zip/postalcode", "postcode", "postalcode", "pincode", "邮编", "邮政编码", "country", "国家")
)
"""Headers beside which a state is one of a country, beside those that the role has."""

MOBILE_ABROAD = re.compile(
    rf"(?:{_WHOSE}|{_WHICH})*(?:(?:mobile?|cell|handy|m[oó]vil|celular)(?:phone|telephone|telefon)?(?:number|no|num|nr)?|手機(?:號碼?)?|(?:流動|行動)電話(?:號碼?)?){_NTH}(?:value)?"
)
"""手机 is not: where it stands, other numbers than mobiles of the mainland are landlines as a rule."""


def patterns(kind: str, there: Iterable[str]) -> dict[str, str]:
    """Return how the headers of each role are made, see `LIKE`, given what all headers of the table say.

    Args:
        kind: `account` or `contact`.
        there: the plain names of all headers.
    """
    there, like = set(there), LIKE[kind]
    if not BANKS.isdisjoint(there):
        like = like | {"bank_account": BESIDE_BANK}
    if kind == "account" and not LICENCES.isdisjoint(there):
        like = like | {"contact": TRADER}
    return like
