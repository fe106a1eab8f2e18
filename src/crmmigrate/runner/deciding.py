"""What decides the result of a step: where all of it is as it was, the step is not run again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from crmmigrate import __version__
from crmmigrate.reports.worklist import CORRECTIONS
from crmmigrate.runner.extract import fingerprint, project_keys, project_sources
from crmmigrate.runner.workspace import digest_of, file_digest
from crmmigrate.stages.consolidate import link_corrections
from crmmigrate.stages.dedupe import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Table

_FILES = {"scope": ("scope",), "standardise": ("standard",), "fill": ("standard",), "dedupe": ("dedupe",),
          "rules": ("rules",), "map": ("mappings",), "validate": ("mappings", "target")}  # fmt: skip
_OWN = {"audit": ("audit",), "rules": ("rules",)}
"""Settings of the migration.yaml that one step alone reads."""
_WITH_LISTS = ("standardise", "fill", "map", "validate")
_ANSWERS = {"standardise": CORRECTIONS, "dedupe": DECISIONS}
"""Folders beside the migration.yaml in which the workbooks that people filled in are kept."""
ALWAYS = ("load", "reconcile")
"""They look at the target, whose state no digest of ours tells."""


def key_of(name: str, project: Project, tables: Mapping[str, Table], work: Path) -> str:
    """Return a digest of everything that decides a step's result; empty where that cannot be told.

    Args:
        name: of the step.
        project: the migration.yaml.
        tables: those that the steps before it hand on.
        work: the folder of the workspace.
    """
    if name == "extract":
        known = fingerprint(project_sources(project), project_keys(project))
        return digest_of(__version__, name, known) if known else ""
    inputs = {} if name in ALWAYS else {n: t.digest for n, t in tables.items()}
    settings = _settings(name, project)
    if name == "consolidate" and (links := link_corrections(project)):
        inputs["_corrections"] = digest_of(*map(repr, links))
    files = [file_digest(path) for path in _files(name, project, work)]
    if name == "rules" and settings.rules and not settings.rules.as_of:
        files.append(f"{date.today()}")  # noqa: DTZ011  # judged on the day where people work
    return digest_of(__version__, name, inputs, repr(settings), files)


def _settings(name: str, whole: Project) -> Project:
    """Return what of the migration.yaml decides the step's result: a new gate or window makes no table anew."""
    if name in ALWAYS:
        return whole
    bare = type(whole)(
        whole.version, whole.sources, whole.objects, whole.standard, whole.scope, whole.dedupe, whole.mappings
    )
    return replace(bare, **{own: getattr(whole, own) for own in _OWN.get(name, ())})


def _files(name: str, project: Project, work: Path) -> list[Path]:
    """Return the files besides migration.yaml that decide what a stage does, value lists beside them included."""
    named: list[str] = []
    for attribute in _FILES.get(name, ()):
        value = getattr(project, attribute)
        if attribute == "target":
            value = value.schema if value else ""
        elif attribute == "rules":
            value = value.files if value else ""
        named += [value] if isinstance(value, str) else list(value)
    paths: set[Path] = set()
    for relative in filter(None, named):
        path = project.file(relative)
        paths |= {p for p in path.rglob("*") if p.is_file()} if path.is_dir() else {path}
    books = set(project.kept_books(_ANSWERS[name])) if name in _ANSWERS else set()
    lists = name in _WITH_LISTS
    if name == "dedupe" and books and project.standard:  # what people typed into them is held to the data standard
        paths.add(project.file(project.standard))
        lists = True
    return sorted(paths | books | (_lists(project, work) if lists else set()))


def _lists(project: Project, work: Path) -> set[Path]:
    """Return the value lists: they may lie anywhere in the project, but not among its data."""
    root = project.file(".").resolve()
    data = {root / "in", work.resolve()}
    sources = (location.file for _, location in project_sources(project).values())
    data |= {place.resolve() for place in sources if place is not None}
    found = {path.resolve() for path in root.rglob("*.csv") if path.is_file()}
    return {path for path in found if not data & {path, *path.parents}}
