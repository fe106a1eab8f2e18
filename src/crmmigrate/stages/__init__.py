"""The stages of a migration, one file each, in the order in which a project runs them."""

from __future__ import annotations

from importlib import import_module
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


def declare_codes() -> None:
    """Have the title of every issue and reject code known: they stand beside the code that gives them.

    A report may show rows that another process set aside, so it can't rely on what happens to be imported.
    """
    for name in (*ORDER, *BESIDE):
        load_stage(name)
    for module in ("checks.target_values", "targets.rejects"):
        import_module(f"crmmigrate.{module}")
