"""A first mapping file from a suggestion: ready to lint and to run, with everything that people must decide marked `open`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message, clauses
from crmmigrate.model.profile import PERSONAL
from crmmigrate.model.rewriting import written
from crmmigrate.model.schema import LONGEST
from crmmigrate.model.valuemap import folded_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.schema import TargetColumn, TargetSchema
    from crmmigrate.model.suggestion import Pair, SourceColumn, Suggestion

SURE = 0.75
"""From this confidence on a pair is not marked as open."""

_CLOSE = 0.12
_WIDEST = 110
_SHOWN = 12
_PLAIN = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)
_LISTED = frozenset({"phone", "mobile", "email"})
"""Meanings of columns that may hold several values, which the data standard parts by `; `."""
_DIALLED, _E164 = range(11, 14), frozenset({"phone", "mobile"})
"""Characters of a column that holds a mobile number as it is dialled at home (11) and not with +86 before it (14); what such a column takes."""


@dataclass(frozen=True)
class Parent:
    """The object that a reference of the target names, where a mapping file for it is at hand.

    Args:
        object: its name.
        by: its column that holds the values; empty where the row's `_ref_<object>` is followed.
    """

    object: str
    by: str = ""


@dataclass(frozen=True)
class Draft:
    """Everything a first mapping file is made from.

    Args:
        suggestion: the pairs.
        columns: of the source, by name.
        schema: the target's tables; `table` is the one to be filled.
        object: the name of the business object.
        source: the name of the source table.
        key: the column of the target that takes the key of old, where there is one.
        parents: target column that refers to another table → its object; None where no mapping file is at hand.
    """

    suggestion: Suggestion
    columns: Mapping[str, SourceColumn]
    schema: TargetSchema
    table: str
    object: str
    source: str
    key: str
    parents: Mapping[str, Parent | None]

    @property
    def targets(self) -> dict[str, TargetColumn]:
        """The columns of the table to be filled."""
        return self.schema.tables[self.table].columns


def draft_text(draft: Draft, language: str) -> str:
    """Return the text of a mapping file.

    Args:
        draft: what it is made from.
        language: of its comments.
    """
    fields = {pair.target: _field(draft, pair) for pair in draft.suggestion.pairs}
    ready = {name for name, (said, _) in fields.items() if said is not None}
    on, on_open = _match(draft, ready)
    head = Message(
        "Suggested for {table} from {source}: {count} of {all} columns. Decide every line marked 'open', then take the mark away.",
        table=draft.table, source=draft.source, count=len(ready), all=len(draft.targets),
    )  # fmt: skip
    lines = [
        f"# {head.text(language)}", "version: 1", f"object: {written(draft.object)}", f"source: {{table: {written(draft.source)}}}",
        f"target: {{table: {written(draft.table)}}}",
        *_opened(on_open, language, ""), f"match: {{on: {written(list(on))}, many: reject, blank: reject}}",
        "write: {mode: upsert, policy: fill_empty}", "fields:",
    ]  # fmt: skip
    if draft.key:
        lines.append(f"  {written(draft.key)}: {{from: _record, required: true}}")
    for pair in draft.suggestion.pairs:
        lines += _field_lines(draft, pair, *fields[pair.target], language)
    lines += _without_source(draft, language)
    lines += _ignored(draft, ready, language)
    lines += _tests(draft, fields)
    return "\n".join([*lines, ""])


def _match(draft: Draft, ready: set[str]) -> tuple[tuple[str, ...], list[Message]]:
    """Return the columns by which a row finds itself in the target, and what is open about them."""
    if draft.key:
        return (draft.key,), []
    unique = [name for name in draft.targets if name in ready and draft.targets[name].unique]
    if unique:
        return (unique[0],), []
    sources = {pair.target: draft.columns[pair.source] for pair in draft.suggestion.pairs}

    def fit(name: str) -> tuple[bool, bool, bool, int]:
        target = draft.targets[name]
        telling = not (target.picklist or target.references)
        return telling, target.required, target.type == "text", sources[name].distinct

    named = sorted(sorted(ready), key=fit, reverse=True)[:1]
    without = [name for name, target in draft.targets.items() if target.unique]
    if without:
        why = Message(
            "no unique column of the target has a source ({columns}): by what does a row find itself there?",
            columns=", ".join(without),
        )
        return tuple(named), [why]
    return tuple(named), [Message("no column of the target is unique: by what does a row find itself there?")]


def _field(draft: Draft, pair: Pair) -> tuple[dict[str, Any] | None, list[Message]]:
    """Return what the file says about a target column, None where it cannot be said yet, and what is open."""
    column, target = draft.columns[pair.source], draft.targets[pair.target]
    said: dict[str, Any] = {"from": pair.source}
    open_ = _doubts(draft, pair)
    if target.references:
        return _reference(draft, pair, target, said, open_)
    if target.picklist:
        if not any(pair.codes.values()):
            open_.append(_unknown_values(column, pair))
            return None, open_
        said["values"] = _needed(pair.codes)
        said["unmapped"] = "reject" if target.required and not target.constant else "blank"
        if None in pair.codes.values():
            open_.append(_unknown_values(column, pair))
    elif target.type == "text" and target.length in _DIALLED and column.meaning in _E164:
        said["do"] = [{"phone": {"region": "CN"}}, {"split": "; "}, {"part": 1}, "national_phone"]
        said["on_error"] = _on_error(target)
    else:
        said |= _steps(target, column)
        if target.type == "boolean" and column.meaning != "yes_no":
            open_.append(Message("say which of its values mean yes, with values:"))
            return None, open_
        if target.type == "text" and column.longest > target.length and column.meaning in _LISTED:
            said["do"] = [{"split": "; "}, {"part": 1}]  # half a number reaches nobody
            open_.append(
                Message("it lists several, up to {longest} characters, and the target holds {length}: the first is taken", longest=column.longest, length=target.length)
            )  # fmt: skip
        elif target.type == "text" and column.longest > target.length:
            open_.append(
                Message("its longest value has {longest} characters, the target holds {length}", longest=column.longest, length=target.length)
            )  # fmt: skip
    if target.required and target.constant:
        said["default"] = target.constant
    elif target.required:
        said["required"] = True
        empty = max(0, _rows(draft) - column.filled)
        if empty:
            open_.append(Message("the target requires it, and {count} rows have no value", count=f"{empty:,}"))
    return said, open_


def _needed(codes: Mapping[str, str | None]) -> dict[str, str]:
    """Return value → code without the spellings that a value map finds by another one (case, width, blanks)."""
    first: dict[tuple[str, str], str] = {}
    for value, code in codes.items():
        if code is not None:
            first.setdefault((folded_word(value), code), value)
    return {value: code for (_, code), value in first.items()}


def _rows(draft: Draft) -> int:
    return max((column.filled for column in draft.columns.values()), default=0)


def _steps(target: TargetColumn, column: SourceColumn) -> dict[str, Any]:
    if target.type in ("date", "datetime"):
        steps: list[Any] = [target.type]
    elif target.type in ("integer", "decimal"):
        steps = [{"number": 0 if target.type == "integer" else target.scale}]
        if target.type == "decimal" and not all(map(_PLAIN.fullmatch, column.values)):  # 12,000.50; 8万; ￥35000
            steps.insert(0, "amount")
    elif target.type == "boolean":
        steps = ["bool"]
    else:
        cut = target.length < LONGEST and not target.shortest  # what must have its length is not made right by cutting
        return {"do": ["trim", {"truncate": target.length}] if cut else ["trim"]}
    return {"do": steps, "on_error": _on_error(target)}


def _on_error(target: TargetColumn) -> str:
    return "reject" if target.required and not target.constant else "blank"


def _reference(
    draft: Draft, pair: Pair, target: TargetColumn, said: dict[str, Any], open_: list[Message]
) -> tuple[dict[str, Any] | None, list[Message]]:
    parent = draft.parents.get(pair.target)
    if parent is None:
        open_.append(
            Message("it names a row of {table}, for which no mapping file lies here yet", table=target.references)
        )
        return None, open_
    lookup = {"object": parent.object, "by": parent.by, "missing": "reject" if target.required else "blank"}
    if not parent.by:
        said = {}
        del lookup["by"]
    return {**said, "lookup": lookup, **({"required": True} if target.required else {})}, open_


def _doubts(draft: Draft, pair: Pair) -> list[Message]:
    open_ = []
    if pair.confidence < SURE:
        open_.append(Message("not sure: {share}", share=f"{pair.confidence:.0%}"))
    used = {other.source for other in draft.suggestion.pairs}
    rivals = [
        other for other in draft.suggestion.others.get(pair.target, ())
        if other.source not in used and other.confidence > pair.confidence - _CLOSE
    ]  # fmt: skip
    open_ += [Message("or is it '{column}'?", column=rival.source) for rival in rivals]
    return open_


def _unknown_values(column: SourceColumn, pair: Pair) -> Message:
    unknown = [value for value, code in pair.codes.items() if code is None]
    if column.meaning in PERSONAL - {"sex"}:  # such a column should be no picklist; its values are nobody's business
        return Message("{count} of its values have no code in the picklist", count=len(unknown))
    shown = ", ".join(" ".join(value.split()) for value in unknown[:_SHOWN]) + (" …" if len(unknown) > _SHOWN else "")
    return Message("no code for: {values}", values=shown)


def _field_lines(
    draft: Draft, pair: Pair, said: dict[str, Any] | None, open_: Sequence[Message], language: str
) -> Iterator[str]:
    reasons = clauses(pair.reasons, language)
    yield from _opened(open_, language, "  ")
    why = f"  # {pair.confidence:.0%}" + (f": {reasons}" if reasons else "")
    if said is None:
        target = draft.targets[pair.target]
        hint = "lookup: {object: …, by: …}" if target.references else "values: {…}"
        yield f"  # {written(pair.target)}: {{from: {written(pair.source)}, {hint}}}{why}"
        return
    line = f"  {written(pair.target)}: {written(said)}"
    if len(line) <= _WIDEST:
        yield line + why
        return
    yield f"  {written(pair.target)}:{why}"
    for key, value in said.items():
        one = f"    {key}: {written(value)}"
        if len(one) <= _WIDEST or not isinstance(value, dict):
            yield one
            continue
        yield f"    {key}:"
        yield from (f"      {written(str(name))}: {written(child)}" for name, child in value.items())


def _opened(open_: Sequence[Message], language: str, indent: str) -> Iterator[str]:
    for message in open_:
        marked = Message("open: {what}", what=message)
        yield f"{indent}# {marked.text(language)}"


def _without_source(draft: Draft, language: str) -> Iterator[str]:
    for name in draft.suggestion.open:
        if name == draft.key:
            continue
        target = draft.targets[name]
        others = ", ".join(
            f"{other.source} ({other.confidence:.0%})" for other in draft.suggestion.others.get(name, ())
        )
        if target.required:
            yield from _opened(
                [Message("the target requires '{name}', and nothing like it was found", name=name)], language, "  "
            )
        elif others:
            yield from _opened(
                [Message("'{name}' has no source; perhaps {columns}", name=name, columns=others)], language, "  "
            )


def _ignored(draft: Draft, ready: set[str], language: str) -> Iterator[str]:
    waiting = [pair.source for pair in draft.suggestion.pairs if pair.target not in ready]
    named = [*waiting, *draft.suggestion.unmapped]
    if not named:
        return
    yield "ignore:"
    for name in named:
        target = next((pair.target for pair in draft.suggestion.pairs if pair.source == name), "")
        why = (
            Message("open: waits for '{name}' above", name=target)
            if target else Message("open: is it needed?")
        )  # fmt: skip
        yield f"  - {written(_literal(name))}  # {why.text(language)}"


def _tests(draft: Draft, fields: Mapping[str, tuple[dict[str, Any] | None, list[Message]]]) -> Iterator[str]:
    """Yield a first test: a row that is empty but for its key is rejected where something is required, else it arrives."""
    said = [field for field, _ in fields.values() if field is not None and field.get("required")]
    if said:
        code = "map.required" if "from" in said[0] else "map.reference-missing"
        yield from ("tests:", "  - given: {_record: test/1}", f"    rejects: {code}")
    elif draft.key:
        yield from ("tests:", "  - given: {_record: test/1}", f"    expect: {{{written(draft.key)}: test/1}}")


def _literal(name: str) -> str:
    """Return a column's name as a pattern that means just it."""
    return "".join("?" if sign in "*?[" else sign for sign in name)
