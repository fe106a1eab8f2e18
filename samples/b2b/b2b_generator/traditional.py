"""Traditional forms of the characters that company names are made of."""

from __future__ import annotations

_PAIRS = """
万萬 业業 丰豐 义義 乌烏 乐樂 云雲 亿億 众衆 优優 伟偉 传傳 兰蘭 兴興 农農 凯凱 创創 动動 医醫 华華 厦廈 台臺 启啓 咨諮 团團 国國 圆圓 备備 宁寧 宝寶 寿壽 尔爾 岛島 广廣 庄莊 庆慶
应應 恒恆 扬揚 无無 术術 机機 汇匯 汉漢 泽澤 济濟 润潤 温溫 滨濱 潍濰 烟煙 环環 电電 疗療 禄祿 筑築 纺紡 织織 绍紹 络絡 绵綿 网網 联聯 腾騰 芜蕪 苏蘇 荣榮 装裝 设設 诚誠 询詢 责責
贵貴 贸貿 赢贏 跃躍 车車 软軟 辉輝 达達 远遠 连連 郑鄭 银銀 链鏈 锋鋒 锐銳 锡錫 长長 门門 阳陽 际際 风風 飞飛 饮飲 饰飾 鲁魯 鸡雞 鹏鵬 齐齊
"""
TRADITIONAL = {pair[0]: pair[1] for pair in _PAIRS.split()}
