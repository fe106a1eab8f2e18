"""Compare two versions of a mapping file by what they mean: layout, comments and the order of keys do not count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.difference import Difference, Kind
from crmmigrate.model.mapping import place_of
from crmmigrate.model.rewriting import written
from crmmigrate.model.valuemap import as_text, meanings_of, read_value_map

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.mapping import FieldMapping, Mapping, Step
    from crmmigrate.model.total import Total

_SHOWN = 8
_LOST = Message("what it held is no longer brought over")
_OTHER_VALUES = Message("rows get other values")
_MORE_REJECTS = Message("rows may be rejected that were not")
_FEWER_REJECTS = Message("rows come through that were rejected")
_OVERWRITES = Message("values that the target holds are overwritten")
_OTHER_ROWS = Message("rows find other rows of the target")
_OTHER_ROWS_TAKEN = Message("other rows are brought over than before")
_LESS_PROOF = Message("less is checked than before")


@dataclass(frozen=True)
class _Pair:
    """The two versions."""

    old: Mapping
    new: Mapping

    def changed(
        self, subject: str, path: tuple[str | int, ...], message: Message, risk: Message | None = None
    ) -> Difference:
        return Difference("changed", subject, message, risk, place_of(self.new, path))


def compare(old: Mapping, new: Mapping) -> list[Difference]:
    """Return what changed from `old` to `new`: first the file as a whole, then column by column."""
    both = _Pair(old, new)
    return [*_whole(both), *_fields(both), *_around(both)]


def _plain(before: object, after: object) -> dict[str, Any]:
    return {"before": _shown(before), "after": _shown(after)}


def _shown(value: object) -> str:
    if value is None or value in ("", (), {}):
        return "–"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return written(value)


def _whole(both: _Pair) -> Iterator[Difference]:
    old, new = both.old, both.new
    for name, before, after, risk in (
        ("object", old.object, new.object, _OTHER_VALUES),
        ("source", old.source.table, new.source.table, _OTHER_VALUES),
        ("source", old.source.key, new.source.key, None),
        ("target", old.target.table, new.target.table, _OTHER_ROWS),
    ):
        if before != after:
            yield both.changed(
                name, (name,), Message("{name}: {before} → {after}", name=name, **_plain(before, after)), risk
            )
    if old.source.where != new.source.where:
        message = Message(
            "rows are taken where {after}, no longer where {before}", **_plain(old.source.where, new.source.where)
        )
        yield both.changed("source", ("source", "where"), message, _OTHER_ROWS_TAKEN)
    if old.match.on != new.match.on:
        message = Message("rows are matched on {after}, no longer on {before}", **_plain(old.match.on, new.match.on))
        yield both.changed("match", ("match", "on"), message, _OTHER_ROWS)
    if old.write.mode != new.write.mode:
        message = Message(
            "rows are written by '{after}', no longer by '{before}'", before=old.write.mode, after=new.write.mode
        )
        yield both.changed("write", ("write", "mode"), message, _OTHER_ROWS)
    if (old.write.policy, old.write.newer_by) != (new.write.policy, new.write.newer_by):
        message = Message("rows that are there already are written by '{after}', no longer by '{before}'",
                          before=old.write.policy, after=new.write.policy)  # fmt: skip
        yield both.changed("write", ("write", "policy"), message, _policy_risk(old.write.policy, new.write.policy))


def _policy_risk(before: str, after: str) -> Message | None:
    careful = {"fill_empty": 0, "newer": 1, "overwrite": 2}
    return _OVERWRITES if careful[after] >= careful[before] else None


def _fields(both: _Pair) -> Iterator[Difference]:
    old, new = both.old.fields, both.new.fields
    gone = [name for name in old if name not in new]
    fresh = [name for name in new if name not in old]
    for name in list(gone):
        twin = next((other for other in fresh if _same(both.old, old[name], both.new, new[other])), None)
        if twin:
            gone.remove(name)
            fresh.remove(twin)
            message = Message("what went to '{before}' goes to '{after}' now", before=name, after=twin)
            yield Difference("changed", twin, message, _LOST, place_of(both.new, ("fields", twin)))
    for name in gone:
        message = Message("'{name}' is no longer filled; it came from {source}", name=name, source=_source(old[name]))
        yield Difference("removed", name, message, _LOST, place_of(both.old, ("fields", name)))
    for name in fresh:
        message = Message("'{name}' is filled, from {source}", name=name, source=_source(new[name]))
        risk = _OVERWRITES if both.new.policy(name) == "overwrite" and both.new.write.mode != "insert" else None
        yield Difference("added", name, message, risk, place_of(both.new, ("fields", name)))
    for name, spec in new.items():
        if name in old:
            yield from _field(both, name, old[name], spec)


def _same(old: Mapping, before: FieldMapping, new: Mapping, after: FieldMapping) -> bool:
    return bool(before.columns) and not list(_field(_Pair(old, new), "", before, after))


def _source(spec: FieldMapping) -> Message | str:
    if spec.const is not None:
        return Message("the constant {value}", value=as_text(spec.const) or "–")
    if spec.sql:
        return Message("an SQL expression")
    if spec.kind_of:
        return Message("the kind of '{field}'", field=spec.kind_of)
    return " + ".join(spec.reads) or "–"


def _field(both: _Pair, name: str, old: FieldMapping, new: FieldMapping) -> Iterator[Difference]:
    path = ("fields", name)
    if (old.reads, old.const, old.sql, old.kind_of) != (new.reads, new.const, new.sql, new.kind_of):
        message = Message(
            "'{name}' comes from {after}, no longer from {before}", name=name, before=_source(old), after=_source(new)
        )
        yield both.changed(name, path, message, _OTHER_VALUES)
    yield from _steps(both, name, old, new)
    yield from _values(both, name, old, new)
    if as_text(old.default) != as_text(new.default):
        message = Message("'{name}': where it is empty, {after} is taken, no longer {before}", name=name,
                          **_plain(as_text(old.default), as_text(new.default)))  # fmt: skip
        yield both.changed(name, (*path, "default"), message, _OTHER_VALUES)
    if old.required != new.required:
        message = (
            Message("'{name}' is required: a row without it is rejected", name=name)
            if new.required else Message("'{name}' is no longer required", name=name)
        )  # fmt: skip
        yield both.changed(name, (*path, "required"), message, _MORE_REJECTS if new.required else _FEWER_REJECTS)
    if old.on_error != new.on_error and (old.do or new.do):
        message = Message("'{name}': what to do with an unusable value: {before} → {after}", name=name,
                          before=old.on_error, after=new.on_error)  # fmt: skip
        yield both.changed(name, (*path, "on_error"), message, _handling_risk(old.on_error, new.on_error))
    yield from _lookup(both, name, old, new)
    before, after = (old.policy or both.old.write.policy), (new.policy or both.new.write.policy)
    if before != after and (old.policy or new.policy):
        message = Message("'{name}' of rows that are there already is written by '{after}', no longer by '{before}'",
                          name=name, before=before, after=after)  # fmt: skip
        yield both.changed(name, (*path, "policy"), message, _policy_risk(before, after))
    if old.note != new.note:
        yield both.changed(name, (*path, "note"), Message("'{name}': the note is another", name=name))


def _handling_risk(before: str, after: str) -> Message:
    return _MORE_REJECTS if after == "reject" else _FEWER_REJECTS if before == "reject" else _OTHER_VALUES


def _steps(both: _Pair, name: str, old: FieldMapping, new: FieldMapping) -> Iterator[Difference]:
    before, after = [_said(step) for step in old.do], [_said(step) for step in new.do]
    if before == after:
        return
    message = Message("'{name}': its steps are {after}, no longer {before}", name=name, before=" › ".join(before) or "–",
                      after=" › ".join(after) or "–")  # fmt: skip
    yield both.changed(name, ("fields", name, "do"), message, _OTHER_VALUES)


def _said(step: Step) -> str:
    if step.value is not None:
        return written({step.name: step.value}).strip("{}")
    return written({step.name: dict(step.options)}) if step.options else step.name


def _values(both: _Pair, name: str, old: FieldMapping, new: FieldMapping) -> Iterator[Difference]:
    path = ("fields", name, "values")
    unreadable = [
        (mapping, spec.values) for mapping, spec in ((both.old, old), (both.new, new))
        if isinstance(spec.values, str) and _value_map(mapping, spec) is None
    ]  # fmt: skip
    if unreadable:
        mapping, file = unreadable[0]
        message = Message(
            "'{name}': the value map '{file}' cannot be read: its values are not compared", name=name, file=file
        )
        yield Difference("changed", name, message, _LESS_PROOF, place_of(mapping, path))
        return
    yield from _meanings(both, name, old, new)
    before, after = _value_map(both.old, old), _value_map(both.new, new)
    if before is None and after is None:
        return
    if before is None or after is None:
        message = (
            Message("'{name}': values are mapped, {count} of them", name=name, count=len(after or {}))
            if before is None else Message("'{name}': values are no longer mapped", name=name)
        )  # fmt: skip
        yield both.changed(name, path, message, _OTHER_VALUES)
        return
    other = {word: (before[word], after[word]) for word in after if word in before and before[word] != after[word]}
    gone = [word for word in before if word not in after]
    fresh = [word for word in after if word not in before]
    for what, words, risk, kind in (
        (
            Message("mean something else"),
            [f"{word}: {_shown(a)} → {_shown(b)}" for word, (a, b) in other.items()],
            _OTHER_VALUES,
            "changed",
        ),
        (
            Message("are no longer mapped"),
            [f"{word} → {_shown(before[word])}" for word in gone],
            _unmapped_risk(new),
            "removed",
        ),
        (Message("are mapped now"), [f"{word} → {_shown(after[word])}" for word in fresh], None, "added"),
    ):
        if words:
            shown = ", ".join(words[:_SHOWN]) + (" …" if len(words) > _SHOWN else "")
            message = Message(
                "'{name}': {count} values {what}: {words}", name=name, count=len(words), what=what, words=shown
            )
            at = (*path, fresh[0]) if kind == "added" else path
            risk_kind: Kind = "added" if kind == "added" else "removed" if kind == "removed" else "changed"
            yield Difference(risk_kind, name, message, risk, place_of(both.new, at))
    if old.unmapped != new.unmapped:
        message = Message("'{name}': what to do with a value that is not mapped: {before} → {after}", name=name,
                          before=old.unmapped, after=new.unmapped)  # fmt: skip
        yield both.changed(name, ("fields", name, "unmapped"), message, _handling_risk(old.unmapped, new.unmapped))


def _meanings(both: _Pair, name: str, old: FieldMapping, new: FieldMapping) -> Iterator[Difference]:
    before, after = meanings_of(both.old, old), meanings_of(both.new, new)
    words = [word for word in dict.fromkeys([*before, *after]) if before.get(word) != after.get(word)]
    if words:
        said = [f"{word}: {before.get(word, '–')} → {after.get(word, '–')}" for word in words[:_SHOWN]]
        shown = ", ".join(said) + (" …" if len(words) > _SHOWN else "")
        message = Message(
            "'{name}': what the business means by {count} values: {words}", name=name, count=len(words), words=shown
        )
        yield both.changed(name, ("fields", name, "meanings"), message)


def _unmapped_risk(new: FieldMapping) -> Message:
    return _MORE_REJECTS if new.unmapped == "reject" else _OTHER_VALUES


def _value_map(mapping: Mapping, spec: FieldMapping) -> dict[str, str | None] | None:
    if spec.values is None:
        return None
    if isinstance(spec.values, str):
        try:
            return read_value_map(mapping.value_file(spec.values), "")
        except ConfigurationError:
            return None
    return {word: as_text(value) for word, value in spec.values.items()}


def _lookup(both: _Pair, name: str, old: FieldMapping, new: FieldMapping) -> Iterator[Difference]:
    before, after = old.lookup, new.lookup
    path = ("fields", name, "lookup")
    if before is None and after is None:
        return
    if before is None or after is None:
        message = (
            Message("'{name}' is looked up in {object}", name=name, object=after.object)
            if after else Message("'{name}' is no longer looked up", name=name)
        )  # fmt: skip
        yield both.changed(name, path, message, _OTHER_VALUES)
        return
    for key in ("object", "or", "by", "missing", "follow", "active", "default"):
        mine, theirs = (getattr(lookup, "others" if key == "or" else key) for lookup in (before, after))
        if mine != theirs:
            message = Message("'{name}': lookup, {key}: {before} → {after}", name=name, key=key, **_plain(mine, theirs))
            risk = _handling_risk(mine, theirs) if key == "missing" else _OTHER_VALUES
            yield both.changed(name, (*path, key), message, risk)


def _around(both: _Pair) -> Iterator[Difference]:
    old, new = both.old, both.new
    for kind, names in (
        ("added", [name for name in new.ignore if name not in old.ignore]),
        ("removed", [name for name in old.ignore if name not in new.ignore]),
    ):
        if names:
            told = (
                Message("source columns that are left out: {names}", names=", ".join(names))
                if kind == "added" else Message("source columns that are no longer left out: {names}", names=", ".join(names))
            )  # fmt: skip
            yield Difference(
                "added" if kind == "added" else "removed", "ignore", told, None, place_of(new, ("ignore",))
            )
    if old.gates.max_reject_ratio != new.gates.max_reject_ratio:
        message = Message("rejected rows that are tolerated: {before} → {after}", before=f"{old.gates.max_reject_ratio:.2%}",
                          after=f"{new.gates.max_reject_ratio:.2%}")  # fmt: skip
        yield both.changed(
            "gates",
            ("gates",),
            message,
            _LESS_PROOF if new.gates.max_reject_ratio > old.gates.max_reject_ratio else None,
        )
    before, after = ({(total.sum, total.to) for total in mapping.gates.totals} for mapping in (old, new))
    for kind, totals, risk in (("added", after - before, None), ("removed", before - after, _LESS_PROOF)):
        for source, target in sorted(totals):
            message = Message("the total of '{source}' is compared with '{target}'", source=source, target=target)
            yield Difference(
                "added" if kind == "added" else "removed", "gates", message, risk, place_of(new, ("gates",))
            )
    if [_leniency(total) for total in old.gates.totals] != [
        _leniency(total) for total in new.gates.totals
    ] and before == after:
        yield both.changed(
            "gates", ("gates", "totals"), Message("groups, tolerances, the old system's figures or accepted differences of totals"), _LESS_PROOF
        )  # fmt: skip
    if len(new.tests) != len(old.tests) or _tests(old) != _tests(new):
        lost = [test for test in _tests(old) if test not in _tests(new)]
        message = Message(
            "tests: {before} → {after}; {lost} of the old ones are gone or ask for something else",
            before=len(old.tests), after=len(new.tests), lost=len(lost),
        )  # fmt: skip
        yield both.changed("tests", ("tests",), message, _LESS_PROOF if lost else None)
    if old.owner != new.owner:
        yield both.changed(
            "owner", ("owner",), Message("{name}: {before} → {after}", name="owner", **_plain(old.owner, new.owner))
        )
    if (old.approved.by, old.approved.on, old.approved.digest) != (
        new.approved.by,
        new.approved.on,
        new.approved.digest,
    ):
        message = Message("approved by {who} on {day}", who=new.approved.by or "–", day=new.approved.on or "–")
        yield both.changed("approved", ("approved",), message)


def _leniency(total: Total) -> tuple[object, ...]:
    """Return what decides how strictly a total is compared."""
    accepted = [(one.at, one.group, one.difference, one.reason) for one in total.accepted]
    return (total.by, total.tolerance, total.control, accepted)


def _tests(mapping: Mapping) -> list[tuple[Any, ...]]:
    return [(dict(test.given), dict(test.expect), test.rejects) for test in mapping.tests]
