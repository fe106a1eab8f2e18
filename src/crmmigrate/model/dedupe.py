"""A dedupe.yaml: how the duplicates of one business object are found, decided and merged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest
from crmmigrate.model.issue import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

Policy = Literal["most_complete", "newest", "longest", "most_frequent", "source_priority", "verified_first", "union"]
ASPECTS = ("branch", "region")
"""What `never: different …` may name beside the roles: parts of a company's name."""

EXISTING = "_existing"
"""The column, there only while records are matched, with the `_record` of the rows that are in the target CRM already."""

EXISTING_ROLE = "existing"
DIFFERENT_EXISTING = f"different {EXISTING_ROLE}"
"""The never rule that keeps two rows of the target CRM apart: merging those is not for a migration to do."""

FULL_NAME = "full_name"
"""The role of names of people in two columns, of which one alone is no name."""

PRECISION = 0.995
"""What `thresholds: auto` aims at: this share of the pairs merged are one thing."""

NAMED_COLUMNS = ("key", "updated", "verified")
"""The keys of a dedupe.yaml beside the roles that name a column."""

_NEVER = re.compile(r"different (\w+)(?: without shared (\w+(?:\s*,\s*\w+)*))?\Z")
_THRESHOLDS = re.compile(r"(auto)(?:[:：](\d*\.\d+))?\Z|(\d*\.?\d+)(?:[,，/](\d*\.?\d+))?\Z")
_ONLY = re.compile(r"only shared (\w+)\Z")


@dataclass(frozen=True)
class ColumnRule:
    """The columns that play one role.

    Args:
        columns: their names; several are several values of one kind (电话, 手机), the parts of an address, or a name in two
            columns.
        compare: a comparator of `matching/` in place of the role's own.
        weight: factor on the weight of the role; 0 only blocks and shows.
    """

    columns: tuple[str, ...] = field(default=(), metadata={"short": True})
    compare: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Thresholds:
    """Probabilities from which a pair is merged, and from which a person is asked.

    Args:
        auto: `auto`, or the precision that automatic merges are to have (0.995): `merge` is then picked from the scores.
        merge: from here on two records are merged.
        review: from here on a person is asked.
    """

    auto: float | str = field(default="", metadata={"short": True})
    merge: float = 0.95
    review: float = 0.40

    @property
    def precision(self) -> float | None:
        """The precision to aim at; None where the thresholds are fixed."""
        if self.auto == "":
            return None
        return PRECISION if isinstance(self.auto, str) else self.auto

    @property
    def fits(self) -> bool:
        """Whether the figures can be thresholds at all."""
        known = self.auto in ("", "auto") if isinstance(self.auto, str) else 0.5 <= self.auto < 1
        return known and 0 < self.review <= self.merge <= 1


@dataclass(frozen=True)
class ReviewRules:
    """What people have to write beside their decisions.

    Args:
        require: without these no decision to merge is taken; where the key is not there they are only asked for.
    """

    require: tuple[Literal["reason", "reviewer"], ...] = field(default=(), metadata={"short": True})


_CROWDED = ("name", "contact", "address", "remark", "invoice")
"""Roles in whose cells other things are found: whom a name is noted with, an e-mail behind an address, a tax number in what invoices are made out to."""


@dataclass(frozen=True)
class NeverRule:
    """When two records are never the same, or never the same by that alone.

    Args:
        kind: `different`: the records must differ in `subject`; `only`: they agree in nothing else, and are not
            merged automatically for it.
        subject: a role or one of `ASPECTS`.
        without: roles; where the records share the value of one of them the rule is silent.
        text: as written.
    """

    kind: Literal["different", "only"]
    subject: str
    without: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class DedupeRules:
    """A dedupe.yaml.

    Args:
        object: the table it is for.
        columns: role → columns.
        key: the column people know a record by, shown in the review workbook.
        thresholds: as probabilities.
        never: as written, or the built-in ones where the file has no such key (`never: []` switches them off); `rules`
            gives them taken apart.
        survivorship: column → policy; `default` for those not named.
        sources: sources of a higher priority first, for `source_priority` and for ties.
        updated: the column with the date of the last change, for `newest`.
        verified: the column that says whether somebody verified the record, for `verified_first`.
        review: what people have to write beside a decision to merge.
        block_pairs: candidate pairs per record and kind of blocking key; bigger blocks are refined or skipped.
        places: where columns and the object are named in the file, by the path of the value there.
    """

    version: int
    object: str
    columns: dict[str, ColumnRule]
    key: str = ""
    thresholds: Thresholds = field(default_factory=Thresholds)
    never: tuple[str, ...] = ()
    survivorship: dict[str, Policy] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    updated: str = ""
    verified: str = ""
    review: ReviewRules = field(default_factory=ReviewRules)
    block_pairs: int = 12
    places: dict[tuple[str, ...], str] = field(default_factory=dict, compare=False)

    @property
    def rules(self) -> tuple[NeverRule, ...]:
        """The never rules, taken apart; those that cannot be read are left out (`read_dedupe` refuses them)."""
        return tuple(rule for text in self.never if (rule := parse_never(text)) is not None)

    def headers(self, role: str) -> str:
        """Return the columns of a role as people are told of them; what is compared without having any was found in cells of others."""
        named = [role] if role in self.columns else [one for one in _CROWDED if one in self.columns]
        columns = dict.fromkeys(column for one in named for column in self.columns[one].columns)
        return "/".join(column.removeprefix(REFERENCE) for column in columns)


def parse_never(text: str) -> NeverRule | None:
    """Take a never rule apart; None where it cannot be read.

    Args:
        text: `different ROLE`, `different ROLE without shared ROLE, ROLE` or `only shared ROLE`.
    """
    text = " ".join(text.split())
    if found := _NEVER.match(text):
        without = tuple(part.strip() for part in (found.group(2) or "").split(",") if part.strip())
        return NeverRule("different", found.group(1), without, text)
    if found := _ONLY.match(text):
        return NeverRule("only", found.group(1), (), text)
    return None


def read_dedupe(
    path: str | Path,
    roles: Mapping[str, str],
    comparators: Iterable[str],
    never: Callable[[str, Iterable[str]], tuple[str, ...]] | None = None,
) -> DedupeRules:
    """Read a dedupe.yaml.

    Args:
        path: the file.
        roles: the roles there are.
        comparators: the comparators there are.
        never: gives the built-in never rules for an object and the roles its columns play, for files without the key.

    Raises:
        LocationError: it cannot be read.
        Findings: everything wrong in it, each with its place.
    """
    document = Document.load(path)
    rules = document.read(DedupeRules)
    if isinstance(document.value, dict):
        _check_columns(document, rules, roles, tuple(comparators))
        _check_never(document, rules)
        _check_thresholds(document, rules)
        _check_survivorship(document, rules)
    document.check()
    places: dict[tuple[str, ...], str] = {(key,): document.place((key,)) for key in ("object", *NAMED_COLUMNS)}
    for column in rules.survivorship:
        places["survivorship", column] = document.key_place(("survivorship", column))
    rules = replace(rules, places=places)
    if never is not None and document.value.get("never") is None:
        rules = replace(rules, never=never(rules.object, rules.columns))
    return rules


def _check_columns(
    document: Document, rules: DedupeRules, roles: Mapping[str, str], comparators: tuple[str, ...]
) -> None:
    for role, rule in (rules.columns or {}).items():
        at = ("columns", role)
        if role not in roles and not rule.compare:
            document.report(
                "dedupe.unknown-role", Message("no role is called '{name}'", name=role), at,
                nearest(role, roles) or Message("known are: {words}", words=", ".join(roles)), key=True,
            )  # fmt: skip
        if rule.compare and rule.compare not in comparators:
            document.report(
                "dedupe.unknown-comparator", Message("no comparator is called '{name}'", name=rule.compare),
                (*at, "compare"),
                nearest(rule.compare, comparators) or Message("known are: {words}", words=", ".join(comparators)),
            )  # fmt: skip
        if not rule.columns:
            document.report("dedupe.no-columns", Message("the role '{name}' names no column", name=role), at)


def _check_never(document: Document, rules: DedupeRules) -> None:
    hint = Message("write: different ROLE [without shared ROLE, ROLE], or: only shared ROLE")
    for index, text in enumerate(rules.never):
        rule = parse_never(text)
        if rule is None:
            document.report("dedupe.never", Message("'{text}' is no never rule", text=text), ("never", index), hint)
            continue
        known = (*(rules.columns or ()), *ASPECTS)
        for name in (rule.subject, *rule.without):
            if name not in known:
                document.report(
                    "dedupe.unknown-role", Message("no role is called '{name}'", name=name), ("never", index),
                    nearest(name, known) or Message("known are: {words}", words=", ".join(known)),
                )  # fmt: skip


def _check_thresholds(document: Document, rules: DedupeRules) -> None:
    if not rules.thresholds.fits:
        document.report(
            "dedupe.thresholds", Message("thresholds must be 0 < review ≤ merge ≤ 1"), ("thresholds",),
            Message("the defaults are merge: 0.95, review: 0.40; auto picks merge by itself, auto: 0.99 for that precision"),
        )  # fmt: skip


def _check_survivorship(document: Document, rules: DedupeRules) -> None:
    """Refuse a policy that has nothing to go by: it would quietly be another one."""
    needed = {"newest": ("updated", rules.updated), "verified_first": ("verified", rules.verified)}
    for column, policy in (rules.survivorship or {}).items():
        key, given = needed.get(policy, ("", "-"))
        if not given:
            document.report(
                "dedupe.survivorship", Message("'{policy}' needs the key '{key}': the column to go by", policy=policy, key=key),
                ("survivorship", column), Message("for example: {names}", names=f"{key}: 更新日期" if key == "updated" else f"{key}: 已核实"),
            )  # fmt: skip
        elif policy == "source_priority" and not rules.sources:
            document.report(
                "dedupe.survivorship", Message("'{policy}' needs the key '{key}': the sources, the one that is trusted most first", policy=policy, key="sources"),
                ("survivorship", column), Message("for example: {names}", names="sources: [crm, erp]"),
            )  # fmt: skip


def read_thresholds(text: str) -> Thresholds:
    """Read thresholds from the command line: `auto`, `auto:0.99`, or `0.95,0.40` (merge, review).

    Raises:
        ConfigurationError: it is none of these.
    """
    found = _THRESHOLDS.match(text.strip())
    thresholds = Thresholds(auto="?")
    if found:
        auto, precision, merge, review = found.groups()
        if auto:
            thresholds = Thresholds(auto=float(precision) if precision else "auto")
        else:
            low = float(review) if review else min(float(merge), Thresholds().review)
            thresholds = Thresholds(merge=float(merge), review=low)
    if not thresholds.fits:
        raise ConfigurationError(
            "dedupe.thresholds", Message("'{text}' are no thresholds", text=text), "--thresholds",
            Message("for example: {names}", names="auto, auto:0.99, 0.95,0.70"),
        )  # fmt: skip
    return thresholds
