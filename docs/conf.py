"""The documentation site: `make site`. English lies in docs/, Chinese in docs/zh/; each is built by itself, so that each has its own search."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

sys.path.insert(0, str(Path(__file__).parent))
from chinese_search import ChineseSearch

project = "crmmigrate"
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["zh", "_templates"]
suppress_warnings = ["misc.highlighting_failure"]  # an example of a YAML file that is broken on purpose
html_theme = "furo"
html_title = "crmmigrate"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
language = "en"  # of docs/zh it is given on the command line

templates_path = ["_templates"]
html_sidebars = {
    "**": ["sidebar/brand.html", "sidebar/search.html", "language.html", "sidebar/scroll-start.html", "sidebar/navigation.html",
           "sidebar/scroll-end.html"],
}  # fmt: skip

_OTHER = {"en": ("zh/index.html", "简体中文"), "zh_CN": ("../index.html", "English")}


_CHINESE = "\u3001-\u303f\u3400-\u9fff\uff01-\uff60\u201c\u201d\u2026"
_BETWEEN_CHINESE = re.compile(rf"(?<=[{_CHINESE}])\n(?=[{_CHINESE}])")


def setup(app: Sphinx) -> None:
    """Add what a setting cannot say."""
    app.add_search_language(ChineseSearch)
    app.connect("doctree-read", _leave_out_of_the_tree)
    app.connect("doctree-read", _join_chinese_lines)
    app.connect("config-inited", _name_the_other_language)


def _leave_out_of_the_tree(app: Sphinx, _doctree: object) -> None:
    """A page per rule of lint would fill the menu: they are reached from the list of the rules."""
    if app.env.docname.startswith("reference/lint/"):
        app.env.metadata[app.env.docname]["orphan"] = "yes"


def _join_chinese_lines(_app: Sphinx, doctree: nodes.document) -> None:
    """A line that ends between two Chinese characters ends with no blank between them."""
    for text in list(doctree.findall(nodes.Text)):
        if "\n" in text and not isinstance(text.parent, nodes.literal_block):
            text.parent.replace(text, nodes.Text(_BETWEEN_CHINESE.sub("", text)))


def _name_the_other_language(_app: Sphinx, config: Config) -> None:
    address, name = _OTHER[config.language]
    config.html_context = {"other_page": address, "other_language": name}
