"""Every sentence in the source stands in the Chinese catalogue, translated, with the same blanks; and none too many."""

from __future__ import annotations

import ast
import gettext
import io
import re
import string
from functools import cache
from itertools import chain
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import crmmigrate
from crmmigrate.messages import Message, translation

SOURCE = Path(crmmigrate.__file__).parent
CATALOGUE = SOURCE / "data" / "locale" / "zh_CN" / "LC_MESSAGES" / "crmmigrate.po"


@cache
def in_source() -> frozenset[str]:
    """Return the templates of all `Message(...)` in the source, and click's own words, as `make catalogue` finds them."""
    found = chain(
        extract_from_dir(SOURCE, method_map=[("**.py", "python")], keywords={"Message": None}),
        extract_from_dir(
            Path(click.__file__).parent, method_map=[("**.py", "python")], keywords={"_": None, "ngettext": (1, 2)}
        ),
    )
    return frozenset(forms(template)[0] for _, _, template, _, _ in found if template)


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the forms of a sentence: one, or with a plural two in English (and one in Chinese)."""
    return (text,) if isinstance(text, str) else tuple(text)


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def translated() -> dict[str, str]:
    return {forms(message.id)[0]: forms(message.string)[0] for message in catalogue() if message.id}


def blanks(template: str) -> set[str]:
    """Return the names of the blanks of a template."""
    named = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    return named | set(re.findall(r"%\(\w+\)s", template))


@cache
def calls() -> tuple[tuple[str, ast.Call], ...]:
    """Return every call of `Message` in the source with its place."""
    return tuple(
        (f"{path.relative_to(SOURCE).as_posix()}:{node.lineno}", node)
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message"
    )


def test_no_sentence_is_missing_from_the_catalogue() -> None:
    assert sorted(in_source() - translated().keys()) == [], "run `make catalogue`, then translate"


def test_no_sentence_of_the_catalogue_has_left_the_source() -> None:
    assert sorted(translated().keys() - in_source()) == [], "run `make catalogue`"


def test_every_sentence_is_translated() -> None:
    assert sorted(english for english, chinese in translated().items() if not chinese.strip()) == []
    assert sorted(forms(message.id)[0] for message in catalogue() if message.id and message.fuzzy) == []


def test_translations_have_the_blanks_of_the_original() -> None:
    differing = [
        forms(message.id)[0]
        for message in catalogue()
        if message.id and blanks(forms(message.string)[0]) not in [blanks(form) for form in forms(message.id)]
    ]
    assert differing == []


def test_a_message_is_given_what_its_blanks_need() -> None:
    wrong = []
    for place, call in calls():
        template = call.args[0]
        if not isinstance(template, ast.Constant) or any(keyword.arg is None for keyword in call.keywords):
            continue
        given = {str(keyword.arg) for keyword in call.keywords}
        text = str(template.value)
        # Without parameters nothing is filled in: braces are shown as they stand, so doubled ones are a mistake.
        if given != blanks(text) if given else "{{" in text or "}}" in text:
            wrong.append(f"{place}: {text}")
    assert wrong == []


def test_templates_are_written_out_where_a_message_is_made() -> None:
    computed = [place for place, call in calls() if call.args and not isinstance(call.args[0], ast.Constant)]
    assert computed == [], "the catalogue is filled from the source, so a computed template is never translated"


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    fresh = gettext.GNUTranslations(compiled)
    stale = [text for text in in_source() if translation("zh").gettext(text) != fresh.gettext(text)]
    assert stale == [], "run `make catalogue`"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sentence_reads_in_both_languages(language: str) -> None:
    text = Message("no table is called '{name}'", name="甲").text(language)
    assert "甲" in text
    assert text.isascii() is False
    assert (text == "no table is called '甲'") is (language == "en")
