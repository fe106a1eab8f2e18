"""A scope.yaml: which records are to be migrated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.day import check_day
from crmmigrate.model.document import Document, nearest

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


@dataclass(frozen=True)
class KeepRule:
    """One reason to keep a record; a record is kept if any of its object's rules says so.

    Args:
        column: of the record itself, or of its children where `child` is given.
        child: an object whose rows name this one as their parent.
        since: the earliest date (ISO 8601) that counts.
        values: the values that count, compared without regard to width and case.
        source: records of these sources (patterns) are kept.
    """

    column: str = ""
    child: str = ""
    since: str = ""
    values: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectScope:
    """What is kept of one object.

    Args:
        keep: rules of which one must hold; none at all keeps everything.
        follow: the parent object whose scope decides; a record whose parent is unknown is kept, to be judged later.
    """

    keep: tuple[KeepRule, ...] = ()
    follow: str = ""


@dataclass(frozen=True)
class ScopeRules:
    """A scope.yaml: rules by object; objects not named are kept whole."""

    version: int
    objects: dict[str, ObjectScope] = field(default_factory=dict)
    folder: Any = None


def read_scope(path: str | Path, known: Collection[str] = ()) -> ScopeRules:
    """Read a scope.yaml.

    Args:
        path: the file.
        known: the objects that there are, where they are known. A rule about another one would keep or leave out nothing, unnoticed.

    Raises:
        LocationError: it cannot be read.
        Findings: everything wrong in it, each with its place.
    """
    document = Document.load(path)
    rules = document.read(ScopeRules)
    for name, scope in (rules.objects or {}).items():
        if scope.keep and scope.follow:
            document.report("scope.two-ways", Message("either 'keep' or 'follow', not both"), ("objects", name))
        for index, rule in enumerate(scope.keep):
            _check_rule(document, rule, ("objects", name, "keep", index))
    if known:
        _check_objects(document, rules, known)
    document.check()
    return rules


def _check_objects(document: Document, rules: ScopeRules, known: Collection[str]) -> None:
    named: list[tuple[str, tuple[str | int, ...]]] = []
    for name, scope in (rules.objects or {}).items():
        named.append((name, ("objects", name)))
        named.append((scope.follow, ("objects", name, "follow")))
        named += [(rule.child, ("objects", name, "keep", at, "child")) for at, rule in enumerate(scope.keep)]
    for name, at in named:
        if name and name not in known:
            document.report(
                "scope.unknown-object", Message("no object is called '{name}'", name=name), at,
                nearest(name, known) or Message("known are: {words}", words=", ".join(known)), key=len(at) == 2,
            )  # fmt: skip


def _check_rule(document: Document, rule: KeepRule, at: tuple[str | int, ...]) -> None:
    if not (rule.column or rule.source or rule.child):
        document.report("scope.empty-rule", Message("a rule needs 'column', 'child' or 'source'"), at)
    if rule.column and not (rule.since or rule.values):
        document.report("scope.no-test", Message("say which values of the column count: 'since' or 'values'"), at)
    check_day(document, rule.since, "scope.date", (*at, "since"))
