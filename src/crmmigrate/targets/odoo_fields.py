"""How Odoo describes fields and writes their values: False is whatever is empty, a reference comes with its name, times are text in UTC."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmmigrate.model.schema import TargetColumn

TYPES = {
    "char": "text", "text": "text", "html": "text", "selection": "text", "integer": "integer", "many2one": "integer", "float": "decimal",
    "monetary": "decimal", "boolean": "boolean", "date": "date", "datetime": "datetime",
}  # fmt: skip
"""Type of a field → kind of its values; others are lists, files, or not kept in the table."""

SCALES = {"monetary": 2, "float": 6}
"""Decimal places where the field itself does not say."""

_KEPT_BY_ODOO = ("id", "create_date", "create_uid", "write_date", "write_uid", "__last_update", "display_name")


def model_of(model: str) -> tuple[str, str]:
    """Return a model, and the one that its rows are about (`mail.message@crm.lead`)."""
    name, _, about = model.partition("@")
    return name, about


def is_own(name: str, spec: dict[str, Any]) -> bool:
    """Whether a field holds data of its own: it lies in the table, and is not worked out from other fields alone."""
    computed = spec.get("depends") and spec.get("readonly")
    return spec["type"] in TYPES and bool(spec.get("store")) and not computed and name not in _KEPT_BY_ODOO


def imported(value: Any) -> str:
    """Write a value as an import has it; a blank empties the field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else str(value)


def asked(value: Any) -> Any:
    """Write a value as a domain has it."""
    if value is None:
        return False
    return (
        imported(value) if isinstance(value, date | datetime) else float(value) if isinstance(value, Decimal) else value
    )


def meant(kind: str, value: Any) -> Any:
    """Read a value: Odoo answers False for whatever is empty, and a reference with its name."""
    if kind == "many2one":
        return value[0] if value else None
    if value is False and kind != "boolean":
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "datetime":
        return datetime.fromisoformat(value)
    return Decimal(str(value)) if kind in SCALES else value


def alike(column: TargetColumn, held: Any, sent: Any) -> bool:
    """Whether a value that was read is the one that was sent: numbers are rounded to the field's places."""
    if isinstance(sent, Decimal):
        return held is not None and Decimal(str(held)) == round(sent, column.scale)
    return bool(held == (None if sent == "" else sent))
