"""The order in which objects are loaded: parents before children; what cannot come before is filled in a second pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.mapping import Mapping


def load_order(mappings: Sequence[Mapping]) -> list[Mapping]:
    """Return `mappings` with parents before children, otherwise in the order given.

    Deferred references do not count. Where references form a circle, those that are not required wait for the second
    pass (`later`), as a reference of an object to itself always does.

    Raises:
        ConfigurationError: two map the same object, or required references form a circle.
    """
    by_object: dict[str, Mapping] = {}
    for mapping in mappings:
        if mapping.object in by_object:
            raise ConfigurationError(
                "mapping.duplicate-object",
                Message("'{object}' is mapped in {other} already", object=mapping.object,
                        other=by_object[mapping.object].file),
                mapping.file,
            )  # fmt: skip
        by_object[mapping.object] = mapping
    ordered: list[Mapping] = []
    waiting = dict(by_object)
    while waiting:
        ready = [m for m in waiting.values() if not (_parents(m) - {m.object}) & waiting.keys()]
        ready = ready or [m for m in waiting.values() if not _parents(m, required=True) & waiting.keys()]
        ready = [m for m in ready if m.object not in _parents(m, required=True)]
        if not ready:
            raise _circle(waiting)
        ordered.append(ready[0])
        del waiting[ready[0].object]
    return ordered


def later(mapping: Mapping, loaded: set[str], planned: set[str]) -> frozenset[str]:
    """Return the reference columns of `mapping` that are filled after its rows.

    Args:
        mapping: the next one to be loaded.
        loaded: the objects loaded before it.
        planned: all that are loaded at all; a parent beside them is in the target already, or never.
    """
    waiting = planned - loaded
    return mapping.deferred | {
        column for column, parents in mapping.references.items() if waiting & set(parents.split("|"))
    }


def _circle(waiting: dict[str, Mapping]) -> ConfigurationError:
    names = ", ".join(sorted(waiting))
    if len(waiting) == 1:
        [mapping] = waiting.values()
        return ConfigurationError(
            "mapping.circle", Message("'{name}' cannot be loaded before itself: the reference is required", name=names),
            mapping.file, Message("take required: out, so that it can be filled in a second pass"),
        )  # fmt: skip
    return ConfigurationError(
        "mapping.circle", Message("these objects refer to each other in a circle: {names}", names=names),
        next(iter(waiting.values())).file,
        Message("take required: out of one of the lookups, so that it can be filled in a second pass"),
    )  # fmt: skip


def _parents(mapping: Mapping, *, required: bool = False) -> set[str]:
    """Return the objects that have to be loaded first; with `required` only those without which no row can be written."""
    return {
        parent
        for column, parents in mapping.references.items()
        if column not in mapping.deferred and (mapping.fields[column].required or not required)
        for parent in parents.split("|")
    }
