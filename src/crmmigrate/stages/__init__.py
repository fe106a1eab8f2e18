"""The stages of a migration, one file each, in the order in which a project runs them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmmigrate.model.stage import Stage

ORDER = (
    "audit",
    "consolidate",
    "scope",
    "standardise",
    "fill",
    "dedupe",
    "rules",
    "map",
    "validate",
    "load",
    "reconcile",
)
"""What `run` does, after the sources are extracted."""

BESIDE = ("trial", "rollback", "delta")
"""Stages with a command of their own that are not steps of `run`."""


def load_stage(name: str) -> Stage:
    """Import the stage called `name` and return its declaration."""
    module = import_module(f"crmmigrate.stages.{name}")
    declared: Stage = getattr(module, name, None) or getattr(module, f"{name}_")
    return declared


def declare_codes(*, cells: bool = False) -> None:
    """Have the title of every issue and reject code known: they stand beside the code that gives them.

    A report may show rows that another process set aside, so it can't rely on what happens to be imported.

    Args:
        cells: also the codes that sources and standards give to cells, which takes half a second more.
    """
    for name in (*ORDER, *BESIDE):
        load_stage(name)
    for module in ("checks.target_values", "targets.rejects"):
        import_module(f"crmmigrate.{module}")
    if not cells:
        return
    for one in iter_modules(import_module("crmmigrate.sources").__path__):
        import_module(f"crmmigrate.sources.{one.name}")
    standards = import_module("crmmigrate.standards")
    for one in iter_modules(standards.__path__):
        if not one.name.startswith("_"):
            standards.load(one.name)
