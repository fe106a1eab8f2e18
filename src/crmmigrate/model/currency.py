"""What currencies are called (codes of ISO 4217)."""

from __future__ import annotations

CURRENCIES = {
    "CNY": ("人民币", "人民幣", "rmb", "cny", "¥", "￥", "元", "块钱", "块", "圆", "圓"), "USD": ("美元", "美金", "美刀", "usd", "us$", "$", "＄"),
    "EUR": ("欧元", "eur", "€"), "HKD": ("港元", "港币", "港幣", "hkd", "hk$"), "GBP": ("英镑", "gbp", "£"), "JPY": ("日元", "日圆", "日币", "jpy", "円"),
    "TWD": ("新台币", "新臺幣", "台币", "twd", "nt$"), "KRW": ("韩元", "韩币", "krw", "₩"), "AUD": ("澳元", "澳币", "aud", "a$"), "CAD": ("加元", "加币", "cad", "c$"),
    "SGD": ("新加坡元", "新币", "坡币", "sgd", "s$"), "MOP": ("澳门元", "澳门币", "葡币", "mop"), "THB": ("泰铢", "泰币", "thb"), "RUB": ("卢布", "rub"),
    "CHF": ("瑞士法郎", "瑞郎", "chf"), "INR": ("印度卢比", "卢比", "inr"), "VND": ("越南盾", "vnd"), "MYR": ("马币", "林吉特", "令吉", "myr"),
}  # fmt: skip
CURRENCY_OF = {word: code for code, words in CURRENCIES.items() for word in words}
"""The code of each word for a currency."""

UNSAID = frozenset(("元", "块钱", "块", "圆", "圓"))
"""Words that every currency has: 三万元欧元."""
