"""Compile the message catalogues when the package is built or installed for development."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface):  # type: ignore[misc]
    """Write a .mo beside every .po."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile, before files are collected."""
        for source in (Path(self.root) / "src/crmmigrate/data/locale").rglob("*.po"):
            part = source.with_suffix(".mo.part")  # who reads it meanwhile finds a whole one
            with source.open("rb") as text, part.open("wb") as compiled:
                write_mo(compiled, read_po(text))
            part.replace(source.with_suffix(".mo"))
