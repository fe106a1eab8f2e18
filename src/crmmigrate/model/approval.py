"""What a person approves: a mapping file together with the CSV files of its value maps, without regard to layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.valuemap import parsed_meanings, parsed_value_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.document import Document
    from crmmigrate.model.mapping import Mapping as MappingFile


def value_map_texts(mapping: MappingFile) -> dict[str, str | None]:
    """Return the CSV files of a mapping's value maps: name in the file → text; None where one cannot be read."""
    texts: dict[str, str | None] = {}
    for name in sorted({spec.values for spec in mapping.fields.values() if isinstance(spec.values, str)}):
        try:
            texts[name] = mapping.value_file(name).read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            texts[name] = None  # lint says what is wrong with it
    return texts


def digest(document: Document, value_maps: Mapping[str, str | None]) -> str:
    """Return the digest of what a person approves.

    It covers the whole mapping file but `approved`, and what its CSV files say: words, targets and meanings; neither the order
    of their lines nor other columns. A mapping file without such CSV files has the digest that earlier versions gave it.

    Args:
        document: the mapping file.
        value_maps: as `value_map_texts` gives them.
    """
    import hashlib
    import json

    content = {key: value for key, value in document.value.items() if key != "approved"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    if value_maps:
        said = {name: _said(text) for name, text in value_maps.items()}
        text += "\n" + json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said(text: str | None) -> object:
    """Return what a value map says; of one that is none, its text."""
    try:
        return None if text is None else [parsed_value_map(text, "", ""), parsed_meanings(text)]
    except ConfigurationError:
        return text
