"""One target column: from the raw values of its source columns to the value in the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.lookup import AMBIGUOUS
from crmmigrate.model.standard import Cleaned, Flag
from crmmigrate.model.valuemap import as_text

if TYPE_CHECKING:
    from crmmigrate.model.lookup import LookupTable
    from crmmigrate.model.mapping import FieldMapping

REQUIRED = declare_code("map.required", Message("a required value is missing"))
REFERENCE_MISSING = declare_code("map.reference-missing", Message("the record it belongs to is missing"))
UNMAPPED = declare_code("map.unmapped-value", Message("the value map has no such value"))
DEFAULT = declare_code("map.default", Message("the default value was taken"))
DEFERRED = declare_code("map.lookup-deferred", Message("the reference is left for later"))
BLANKED = declare_code("map.blanked", Message("nothing was left of the value"))
NO_PART = declare_code("map.no-part", Message("the value has no such part"))

Raw = tuple[str | None, ...]


class Answer(NamedTuple):
    """What becomes of one value: the target value, what is to be said about it, and why the row is rejected."""

    value: str | None
    flags: tuple[Flag, ...] = ()
    reject: str = ""


@dataclass(frozen=True)
class FieldMapper:
    """One target column: from the raw values of its source columns to an `Answer`. Pure; called once per distinct input."""

    target: str
    spec: FieldMapping
    steps: list[Callable[[Any], Any]]
    values: dict[str, str | None] | None
    lookup: LookupTable | None

    def answer(self, raw: Raw) -> Answer:
        """Read, do the steps, map the value, take the default, look it up, ask whether it is required.

        Args:
            raw: the values of the source columns; of a field with `sql` its result, then the columns that it names.
        """
        spec = self.spec
        flags: list[Flag] = []
        value, blanked = self._stepped(raw, flags)
        if any(flag.severity == "error" for flag in flags):
            code = next(flag.code for flag in flags if flag.severity == "error")
            if spec.on_error == "reject":
                return Answer(None, tuple(flags), code)
            value = value if spec.on_error == "keep" else None
        reject = ""
        if self.values is not None and value is not None:
            value, reject = self._mapped(value, flags)
        if not reject and value is None and spec.default is not None:
            value = as_text(spec.default)
            flags.append(Flag(DEFAULT, "info", "MAP"))
        if not reject and spec.lookup is not None:
            value, reject = self._looked_up(value, flags)
        if not reject and spec.required and value is None:
            reject = REQUIRED
        if blanked and value is None and not reject:
            flags.append(Flag(BLANKED, "warning", "MAP"))
        return Answer(value, tuple(flags), reject)

    def _stepped(self, raw: Raw, flags: list[Flag]) -> tuple[str | None, bool]:
        """Return the value behind the steps, and whether something became nothing and no flag tells so."""
        spec = self.spec
        value: Any = raw[0] if raw and (spec.sql or len(raw) == 1) else list(raw) or None
        if spec.const is not None:
            value = as_text(spec.const)
        blanked = bool(spec.sql) and _says(list(raw)) and not _says(value)
        for step in self.steps:
            said, before = _says(value), len(flags)
            value = self._plain(step(value), flags)
            blanked = blanked or (said and not _says(value) and len(flags) == before)
        if isinstance(value, list):
            value = " ".join(filter(None, value)) or None
        return value, blanked

    @staticmethod
    def _plain(answered: Any, flags: list[Flag]) -> Any:
        if isinstance(answered, Cleaned):
            flags += answered.flags
            return answered.value
        if isinstance(answered, list):
            plain = [FieldMapper._plain(one, flags) for one in answered]
            return [one for value in plain for one in (value if isinstance(value, list) else [value])]
        return answered or None

    def _mapped(self, value: str, flags: list[Flag]) -> tuple[str | None, str]:
        mapped = self.values or {}
        for word in (value, value.strip()):
            if word in mapped:
                return mapped[word], ""
        if self.spec.unmapped == "reject":
            return None, UNMAPPED
        flags.append(Flag(UNMAPPED, "warning", "MAP"))
        return (value if self.spec.unmapped == "keep" else None), ""

    def _looked_up(self, value: str | None, flags: list[Flag]) -> tuple[str | None, str]:
        spec = self.spec.lookup
        if spec is None or self.lookup is None:
            wanted = self.spec.required or (spec is not None and spec.missing == "reject")
            return value, REFERENCE_MISSING if value is None and wanted else ""
        if value is None:
            return None, ""
        found = self.lookup.find(value)
        if found.record is None and spec.missing == "default" and found.code != AMBIGUOUS:
            flags.append(Flag(DEFAULT, "warning", "MAP"))
            found = self.lookup.find(spec.default)
        if found.record is not None:
            if found.code:
                flags.append(Flag(found.code, "info", "MAP"))
            return found.record, ""
        if spec.missing in ("reject", "default") or found.code == AMBIGUOUS:
            return None, found.code
        flags.append(Flag(found.code if spec.missing == "blank" else DEFERRED, "warning", "MAP"))
        return None, ""


def _says(value: Any) -> bool:
    """Whether a value, or one of several, is more than blanks."""
    return any(map(_says, value)) if isinstance(value, list) else bool(value and value.strip())
