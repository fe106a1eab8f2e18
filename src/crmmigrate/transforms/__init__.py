"""Transforms: one step of a field's `do:` list, one file each.

A file's name is the transform's name in YAML. Listing them imports nothing; `find` imports one.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from crmmigrate.model.transform import Transform

NAMES = tuple(sorted(file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__"))


def find(name: str) -> Transform:
    """Return the transform called `name`.

    Raises:
        KeyError: there is none.
    """
    if name not in NAMES:
        raise KeyError(name)
    return cast("Transform", import_module(f"{__name__}.{name}").TRANSFORM)
