"""The quality gates that a migration.yaml sets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from crmmigrate.model.document import Document

_SHARE = re.compile(r"\d{1,3}(\.\d+)?%\Z")


def _read_ratio(value: Any) -> Any:
    """Return what a file gives as a ratio, `0.05` or `5%`, as a number; a sentence where it is neither, nor `off`."""
    number = float(value.strip()[:-1]) / 100 if isinstance(value, str) and _SHARE.match(value.strip()) else value
    if number == "off" or (isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1):
        return number
    return Message("a number from 0 to 1, such as 0.05 or 5%, or off is expected here")


def _ratio(default: float | Literal["off"]) -> Any:
    return field(default=default, metadata={"read": _read_ratio, "pattern": "^" + _SHARE.pattern.replace("\\Z", "$")})


@dataclass(frozen=True)
class GateSpec:
    """The quality gates; each is a ratio from 0 to 1 (`0.05`, or `5%`), or off. `privacy_leaks` is a number: places with personal data that `pii scan` found.

    `rules` gives, by the code of a rule or a pattern of codes (`stock.*`), the most that may be found: a number of records and subjects
    together, or of each rule a share of its object's records (`2%`). `acceptance_error_rate` is what acceptance has to prove: with 95 % confidence
    no more customers have an error; `acceptance_share` the part of all customers that has to be judged in signed workbooks (0.2 for a spot
    check of 20 %).
    """

    collection_error_rate: float | Literal["off"] = _ratio(0.01)
    duplicate_rate: float | Literal["off"] = _ratio(0.05)
    conformity_rate: float | Literal["off"] = _ratio(0.95)
    restore_success: float | Literal["off"] = _ratio(1.0)
    process_order: float | Literal["off"] = _ratio(1.0)
    acceptance_error_rate: float | Literal["off"] = _ratio("off")
    acceptance_share: float | Literal["off"] = _ratio("off")
    privacy_leaks: int | Literal["off"] = 0
    rules: dict[str, int | str] = field(default_factory=dict)
    max_reject_ratio: float = 0.05


def share_of(limit: int | str) -> float | None:
    """Return the share that a gate of rules allows (`2%`); None where it allows a number."""
    return float(limit.removesuffix("%")) / 100 if isinstance(limit, str) else None


def check_rule_gates(document: Document, gates: GateSpec) -> None:
    """Report the gates of rules in a migration.yaml that give neither a number nor a share."""
    for pattern, limit in gates.rules.items():
        if isinstance(limit, str) and not _SHARE.match(limit):
            document.report(
                "project.gate", Message("a number or a share is expected here"), ("gates", "rules", pattern),
                Message("for example: {names}", names="0, 2%"),
            )  # fmt: skip
