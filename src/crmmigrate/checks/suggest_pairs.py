"""Suggest which source column belongs in which column of a target table: every pair is scored, then each column is used once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.checks.suggest_values import OWN_FORM, fit, match_codes
from crmmigrate.checks.suggest_words import Ideas, ideas, is_nameless, is_telling, likeness, own_ideas, same_text
from crmmigrate.messages import Message
from crmmigrate.model.suggestion import Pair, Suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.schema import TargetColumn, TargetSchema
    from crmmigrate.model.suggestion import SourceColumn

LEAST, OTHERS_LEAST = 0.45, 0.3
"""Below the first nothing is suggested; from the second on a pair is named as possible."""

_SAME_TEXT = 0.85
_HEADER_SHARE = 0.7
_NAME_BESIDE_TITLE = 0.75
_OTHERS = 3
_EVEN = 1e-4
"""What a column without values loses to a full one: less than a hundredth of confidence is worth."""


class _Target(NamedTuple):
    """A target column with what its names say."""

    name: str
    spec: TargetColumn
    names: tuple[str, ...]
    ideas: tuple[Ideas, ...]
    refers: frozenset[str]
    codes: Mapping[str, str]


def suggest(columns: Sequence[SourceColumn], schema: TargetSchema, table: str, source: str = "") -> Suggestion:
    """Suggest a one-to-one mapping.

    Args:
        columns: of the source table.
        schema: the target's tables.
        table: the one that is to be filled.
        source: the name of the source table, which may say what it is about.
    """
    targets = [
        target for name, spec in schema.tables[table].columns.items()
        if not spec.identity and not _is_key_of_old(target := _target(name, spec, schema))
    ]  # fmt: skip
    own = own_ideas(table, source)
    scored = [[_pair(column, target, own) for target in targets] for column in columns]
    chosen = _assigned(scored, [column.filled for column in columns])
    codes = {target.name: target.codes for target in targets}
    by_name = {column.name: column for column in columns}
    pairs = [
        replace(pair, codes=match_codes(by_name[pair.source].values, codes[target.name]) if codes[target.name] else {})
        for target in targets if (pair := chosen.get(target.name))
    ]  # fmt: skip
    used = {pair.source for pair in pairs}
    return Suggestion(
        tuple(pairs), tuple(column.name for column in columns if column.name not in used),
        tuple(target.name for target in targets if target.name not in chosen), _others(scored, chosen),
    )  # fmt: skip


def key_of_old(schema: TargetSchema, table: str) -> str:
    """Return the target's column for the key that a record had before, where `_record` goes; empty where there is none."""
    columns = schema.tables[table].columns
    return next((name for name, spec in columns.items() if _is_key_of_old(_target(name, spec, schema))), "")


def _is_key_of_old(target: _Target) -> bool:
    return any("external_key" in word for found in target.ideas for word in found)


def _target(name: str, spec: TargetColumn, schema: TargetSchema) -> _Target:
    names = tuple(dict.fromkeys(word for word in (name, spec.title) if word))
    refers = own_ideas(spec.references) if spec.references else frozenset()
    return _Target(name, spec, names, tuple(map(ideas, names)), refers, schema.picklists.get(spec.picklist, {}))


def _pair(column: SourceColumn, target: _Target, own: frozenset[str]) -> Pair:
    meant = ideas(column.name)
    alike = [likeness(meant, other, own, target.refers) for other in target.ideas]
    titled = len(alike) > 1 and is_telling(target.ideas[1])  # the title is what people go by; a name may be an old one
    by_words = max(alike[0] * (_NAME_BESIDE_TITLE if titled else 1.0), *alike[1:], 0.0)
    by_letters = max(same_text(column.name, name) for name in target.names)
    header = max(by_words, by_letters) if by_letters >= _SAME_TEXT else by_words
    content, why = fit(column, target.spec, target.names, target.codes)
    reasons = []
    if header >= 0.3:
        reasons.append(
            Message("the names mean the same")
            if header > 0.9
            else Message("the names are alike ({share})", share=f"{header:.0%}")
        )
    if why is not None:
        reasons.append(why)
    speaks = not is_nameless(column.name) and (is_telling(meant) or column.meaning not in OWN_FORM)
    return Pair(column.name, target.name, round(_confidence(header, content, speaks=speaks), 2), tuple(reasons))


def _confidence(header: float, content: float | None, *, speaks: bool) -> float:
    """Weigh what the names say with what the values say; values that cannot go there halve it."""
    if content is None:
        return 0.92 * header
    if content == 0.0:
        return 0.5 * header
    if (
        header < 0.1
    ):  # values alone: all the surer where the header says nothing, or nothing known and they have a form of their own
        return (0.4 if speaks else 0.7) * content if content >= 0.9 else 0.0
    return _HEADER_SHARE * header + (1 - _HEADER_SHARE) * content


def _assigned(scored: Sequence[Sequence[Pair]], filled: Sequence[int]) -> dict[str, Pair]:
    """Return target column → its pair: the one-to-one assignment of most confidence (Jonker and Volgenant 1987, by lapx).

    Confidence is squared, so that one sure pair outweighs two doubtful ones. Of columns as good as each other the one with
    more values goes first: `filled` has their number by source column.
    """
    import lap
    import numpy as np

    if not scored or not scored[0]:
        return {}
    cost = np.array([[1 - pair.confidence**2 for pair in row] for row in scored])
    emptier = _EVEN * (1 - np.array(filled) / max(1, *filled))
    cost += emptier[:, None]
    _, by_row, _ = lap.lapjv(cost, extend_cost=True, cost_limit=1 - LEAST**2)
    found = [scored[row][column] for row, column in enumerate(by_row) if column >= 0]
    return {pair.target: pair for pair in found if pair.confidence >= LEAST}


def _others(scored: Sequence[Sequence[Pair]], chosen: Mapping[str, Pair]) -> dict[str, tuple[Pair, ...]]:
    found: dict[str, list[Pair]] = {}
    for row in scored:
        for pair in row:
            first = chosen.get(pair.target)
            if pair.confidence >= OTHERS_LEAST and (first is None or first.source != pair.source):
                found.setdefault(pair.target, []).append(pair)
    return {name: tuple(sorted(pairs, key=lambda pair: -pair.confidence)[:_OTHERS]) for name, pairs in found.items()}
