"""What shops sell to people and do for them, as it stands at the end of what a shop is called: 老王烧烤, 沙县小吃, 平价超市.

Whoever opens one may call it so: the register of companies does not keep such names apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_DISHES = (
    "(?:牛肉|刀削|手工)?拉面|(?:牛肉|羊肉|刀削|炸酱|热干|担担|油泼|焖|拌|板|小|烩|凉|汤)面|面条|面食|米[线粉]|螺蛳粉|酸辣粉|河粉|肠粉|凉皮|凉粉|肉夹馍|包子|(?:小笼|灌汤|生煎|[汤煎蒸])包|"
    "生煎|锅贴|馄饨|云吞|抄手|饺子|水饺|煎饼|烧饼|锅盔|麻辣[烫拌]|麻辣香锅|冒菜|串串香?|火锅|干锅|汤锅|烧烤|烤肉|烤鱼|烤鸭|烤串|炸鸡|炸串|汉堡|披萨|黄焖鸡(?:米饭)?|盖浇饭|煲仔饭|猪脚饭|"
    "木桶饭|炒饭|炒鸡|快餐|小吃|小炒|私房菜|家常菜|农家菜|[川湘粤鲁徽]菜|东北菜|本帮菜|料理|寿司|海鲜|大排档|小龙虾|龙虾|酸菜鱼|[羊牛]肉汤|羊汤|豆浆|早[餐点茶]|粥铺?|奶茶|甜品|咖啡|茶饮|饮品|蛋糕|"
    "面包|烘焙|卤[味菜]|鸭脖|熟食|烧腊|糕点|炒货|零食"
)
_HOUSES = "餐厅|茶餐厅|饭庄|酒[楼家吧]|食[府堂]|茶[楼社庄]|饭店|火锅城|美食城|网[吧咖]|ktv|棋牌室?|麻将馆|台球(?:厅|室|俱乐部)|足[浴疗道]|按摩|推拿|洗浴(?:中心)?|浴[池室场]|桑拿|美[容甲发睫]|理发|造型|健身|瑜伽|影楼|洗车"
_SHOPS = "超市|便利|小卖部|商店|百货商?店?|药房|花坊|鲜花|水果|生鲜|烟酒|童装|女装|男装|母婴|彩票|打印|干洗|洗衣|修脚|洗车行|车行|水果行|花行|干洗行"
_OF_SHOPS = "[店馆铺坊摊屋]"
HOTELS = "(?:大?酒店|宾馆|旅馆|旅[社店]|招待所|民宿|客栈|度假村)"
"""Houses of a chain's several lines: 和颐酒店 and 和颐优选酒店 are two."""

_MADE_OF_SHOPS = (
    "早餐|水果|便利|理发|美[甲发容]|五金|文具|服装|服饰|童装|女装|男装|鞋|眼镜|手机|手机维修|母婴|宠物|花|鲜花|药|烟酒|杂货|百货|粮油|副食|蔬菜|生鲜|海鲜|干货|茶叶|蛋糕|面包|甜品|奶茶|饮品|咖啡|零食|彩票|打印|图文|"
    "洗衣|干洗|洗车|汽修|轮胎|电动车|窗帘|家纺|家电|灯具|玩具|书|体育用品|化妆品|美妆|饰品|珠宝|足浴|按摩|推拿|采耳|修脚|养生|照相|摄影|汉服|古玩|渔具|乐器|土特产|特产|炒货|肉|水产|豆腐|馒头|小吃|快餐|火锅|烧烤|餐饮|食品"
)
CONSUMER = f"(?:{_DISHES}|{_HOUSES}|{_SHOPS}|(?:{_MADE_OF_SHOPS}){_OF_SHOPS}|[\u3400-\u9fff]{{2}}馆|{HOTELS})"
"""What a shop may end with, a pattern of RE2."""

_BODIES = "(?:图书|博物|美术|体育|档案|纪念|展览|科技|文化|艺术|大使|领事|规划|陈列|天文|水族|海洋|动物|植物|游泳|文史|史志|方志|报|使)馆"
"""Houses that are no shops."""


def sells_to_people(names: pa.Array, end: str = "") -> np.ndarray:
    """Return which names end with what shops sell or do; with `end`, or with that."""
    import pyarrow as pa

    found = matched(names, f"(?:{CONSUMER}{'|' + end if end else ''})$")
    found[found] = ~matched(names.filter(pa.array(found)), f"{_BODIES}$")
    return found
