"""XML documents in pieces."""

from __future__ import annotations

import pytest

from crmmigrate.sources._stream import Document


class Texts:
    def __init__(self):
        self.found = ""

    def start(self, name, given):
        pass

    def end(self, name):
        pass

    def text(self, data):
        self.found += data


@pytest.mark.parametrize("size", range(1, 20))
def test_control_characters_that_excel_refers_to_do_not_damage_a_document(size):
    data = b"<a>x&#1;y&#x1F;&#10;&amp;&#65;&#x01;z</a>"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    texts = Texts()
    for _ in Document(lambda: iter(pieces), "a.xml").parse(texts):
        pass
    assert texts.found == "x\ufffdy\ufffd\n&A\ufffdz"
