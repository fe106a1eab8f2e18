"""What the administrator of the new system has to set up, so that it does not take in again what was cleaned out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crmmigrate.model.standard import ColumnStandard, DataStandard

_SHOWN = 12


def duties(standard: DataStandard, explained: Mapping[str, Message]) -> Iterator[tuple[Any, ...]]:
    """Yield object, column, kind of rule, and what to set up.

    Args:
        standard: the data standard.
        explained: name of each standard → what it asks for.
    """
    for name, spec in standard.objects.items():
        for column, rules in spec.columns.items():
            for rule, what in _rules(column, rules, explained, is_key=column == spec.key):
                yield name, column, rule, what


def _rules(
    column: str, rules: ColumnStandard, explained: Mapping[str, Message], *, is_key: bool
) -> Iterator[tuple[Message, Message]]:
    if rules.required:
        yield Message("required field"), Message("no record may be saved without {column}", column=column)
    if rules.unique or is_key:
        yield (
            Message("duplicate rule"),
            Message("no two records may have the same {column}; warn before the second is saved", column=column),
        )
    if rules.values is not None:
        yield Message("picklist"), Message("offer only: {words}", words=_words(rules.values))
    if rules.max_length:
        yield Message("length"), Message("at most {count} characters", count=rules.max_length)
    if rules.standard not in ("", "text", "enum") and rules.standard in explained:
        yield Message("validation rule"), Message("refuse what is not: {what}", what=explained[rules.standard])


def _words(values: str | list[str] | dict[str, str]) -> str:
    if isinstance(values, str):
        return values
    words = list(map(str, values))
    return "; ".join(words[:_SHOWN]) + ("; …" if len(words) > _SHOWN else "")
