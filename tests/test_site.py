"""The search of the Chinese site: the words of the index and those of what is asked for are parted alike."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
TEXTS = ["疑似重复审核表", "用 crmmigrate 去重，再对账！", "客", "GB18030 编码（旧CRM导出.xlsx）", "standard.yaml", ""]


@pytest.fixture(scope="module")
def search():
    sys.path.insert(0, str(DOCS))
    try:
        from chinese_search import ChineseSearch
    finally:
        sys.path.remove(str(DOCS))
    return ChineseSearch({})


def test_neighbouring_characters_are_the_words_of_chinese(search) -> None:
    assert search.split("用 crmmigrate 去重，再对账！") == ["用", "crmmigrate", "去重", "再对", "对账"]


@pytest.mark.browser
def test_what_is_asked_for_is_parted_like_the_index(search, browser) -> None:
    page = browser.new_page()
    said = page.evaluate(f"texts => {{ {search.js_splitter_code}; return texts.map(splitQuery); }}", TEXTS)
    page.close()
    assert said == [search.split(text) for text in TEXTS]
