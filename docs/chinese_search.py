"""Search in Chinese pages: words are not parted by blanks, so every two neighbouring characters are a word of the index."""

from __future__ import annotations

import re

from sphinx.search import SearchLanguage

_RUN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")


class ChineseSearch(SearchLanguage):
    """Pairs of characters, in the index and in what is asked for; other words stay words."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u3400-\u9fff]+|[^\s\p{P}\p{S}\u3400-\u9fff]+/gu) || []).flatMap((run) =>
    /[\u3400-\u9fff]/.test(run) && run.length > 1
      ? [...Array(run.length - 1).keys()].map((index) => run.slice(index, index + 2))
      : [run]
  );
"""

    def split(self, input: str) -> list[str]:
        """Return the words of a text."""
        found: list[str] = []
        for run in _RUN.findall(input):
            pairs = [run[index : index + 2] for index in range(len(run) - 1)]
            found += pairs if "\u3400" <= run[0] <= "\u9fff" and pairs else [run]
        return found
