"""What a header calls its column, in Chinese and in English, without the signs around it."""

from __future__ import annotations

import re

from crmmigrate.matching.texts.folding import fold

_SIGNS = re.compile(r"[\s_*:：.-]+")
_TONGUES = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[a-z])|(?<=[a-z.])\s+(?=[\u3400-\u9fff])")
"""Between what a header says in Chinese and in English: 客户名称 Customer."""

_NUMBER_OF = frozenset(("id", "no", "no.", "code", "number", "编号", "代码", "编码"))
"""客户 ID is no customer."""

_ASIDE = re.compile(r"[(\[【（].*?[)\]】）]")


def header_names(column: str) -> list[str]:
    """Return what a header calls its column: `公司名稱/Company Name (必填)` is `公司名称` and `companyname`."""
    if column.startswith("_"):
        return [plain(column)]
    text = column if column.isascii() else fold([column])[0]
    parts = [text, *text.split("/"), *_ASIDE.sub("", text).split("/")]
    if len(tongues := _TONGUES.split(text)) > 1 and _NUMBER_OF.isdisjoint(tongues):
        parts += tongues
    return list(dict.fromkeys(name for part in parts if (name := plain(part))))


def plain(column: str) -> str:
    """Return a column's name as it is looked for: `Company Name` is `company_name`, `*电话：` is `电话`."""
    return _SIGNS.sub("", column.casefold()) if not column.startswith("_") else column.casefold()
