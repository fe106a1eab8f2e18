"""How ShareCRM (纷享销客) describes fields and writes their values.

Source: developer.fxiaoke.com/openapi_v2 (查询对象描述, 字段值说明) and the older wiki of open.fxiaoke.com (artiId 1146), as they were described in
public on 2026-09-11. Numbers and amounts are text, dates are milliseconds since 1970, a person is a list of one, a choice is its value. What is empty is left
out of an answer. Not seen in a live system.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.model.schema import LONGEST, TargetColumn

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE = "PersonnelObj"
"""The model that a field of people refers to."""

ARCHIVED = ("life_status", "invalid")
"""The field that says that a row is invalidated (作废), and how."""

KEPT = (
    "_id", "create_time", "created_by", "last_modified_time", "last_modified_by", "version", "is_deleted", "lock_status", "lock_user", "lock_rule", "owner_department",
    "relevant_team", "out_owner", "out_tenant_id", "extend_obj_data_id", "package", "tenant_id", "object_describe_id", "object_describe_api_name", "data_own_department",
)  # fmt: skip
"""Fields that the system keeps itself."""

_FILLED_IN = ("record_type", ARCHIVED[0])
"""Fields declared required that a row gets by itself."""

_ZONE = timezone(timedelta(hours=8))
"""The zone of days and times: the descriptions say GMT+8."""

Kind = Literal["text", "decimal", "date", "datetime", "boolean"]
_KINDS: dict[str, Kind] = {
    "text": "text", "long_text": "text", "html_rich_text": "text", "phone_number": "text", "email": "text", "url": "text", "auto_number": "text",
    "select_one": "text", "record_type": "text", "country": "text", "province": "text", "city": "text", "district": "text",
    "object_reference": "text", "master_detail": "text", "employee": "text", "department": "text",
    "number": "decimal", "currency": "decimal", "percentile": "decimal", "date": "date", "date_time": "datetime", "true_or_false": "boolean",
}  # fmt: skip
"""Type → kind of value. Others hold several values or files, or are computed, and are left out."""

_LISTS = ("employee", "department")
_REFERENCES = ("object_reference", "master_detail")
_KEY_LENGTH = 64


def is_own(name: str, spec: Mapping[str, Any]) -> bool:
    """Whether a described field holds data of its own that can be written."""
    return str(spec.get("type")) in _KINDS and name not in KEPT and spec.get("is_active") is not False


def refers_to(spec: Mapping[str, Any]) -> str:
    """Return the model that a described field refers to; empty for any other field."""
    if spec.get("type") == "employee":
        return PEOPLE
    return str(spec.get("target_api_name") or "") if spec.get("type") in _REFERENCES else ""


def column_of(name: str, spec: Mapping[str, Any], picklist: str) -> TargetColumn:
    """Return a described field as a column.

    A field declared required is not asked of us where the row gets a value by itself: a default, a number of the system's own.
    """
    kind = _KINDS[str(spec["type"])]
    scale = int(spec.get("decimal_places") or 0)
    filled = name in _FILLED_IN or spec["type"] == "auto_number" or spec.get("default_value") not in (None, "", [])
    return TargetColumn(
        type=kind, length=int(spec.get("max_length") or (_KEY_LENGTH if refers_to(spec) else LONGEST)), precision=int(spec.get("length") or 14) + scale, scale=scale,
        required=bool(spec.get("is_required")) and not filled, unique=bool(spec.get("is_unique")), references=refers_to(spec), picklist=picklist,
        title=str(spec.get("label") or ""),
    )  # fmt: skip


def options_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return value → label of what a choice may be."""
    if spec.get("type") not in ("select_one", "record_type"):
        return {}
    found = [option for option in spec.get("options") or () if not option.get("not_usable")]
    return {str(option.get("value", option.get("api_name"))): str(option.get("label", "")) for option in found}


def written(spec: Mapping[str, Any], value: Any) -> Any:
    """Write a value as a field of this type is sent."""
    if spec.get("type") in _LISTS:
        return [] if value is None else [value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return round(value.replace(tzinfo=_ZONE).timestamp() * 1000)
    if isinstance(value, date):
        return round(datetime(value.year, value.month, value.day, tzinfo=_ZONE).timestamp() * 1000)
    return value


def asked(spec: Mapping[str, Any], value: Any) -> str:
    """Write a value as a query compares with it: as text."""
    sent = written(spec, value)
    if isinstance(sent, list):
        return str(sent[0]) if sent else ""
    return str(sent).lower() if isinstance(sent, bool) else str(sent)


def read(spec: Mapping[str, Any], value: Any) -> Any:
    """Read what a field of this type holds; nothing where it is empty."""
    if isinstance(value, list) and spec.get("type") in _LISTS:
        value = value[0] if value else None
    if value is None or value == "":
        return None
    kind = _KINDS.get(str(spec.get("type")), "text")
    if kind == "decimal":
        return Decimal(str(value))
    if kind in ("date", "datetime"):
        moment = datetime.fromtimestamp(int(value) / 1000, _ZONE).replace(tzinfo=None)
        return moment.date() if kind == "date" else moment
    return value if kind == "boolean" else str(value)


def alike(spec: Mapping[str, Any], column: TargetColumn, held: Any, sent: Any) -> bool:
    """Whether a value that was read is the one that was sent: blanks around text are cut, numbers rounded to the field's places."""
    if isinstance(held, str) and isinstance(sent, str):
        return held.strip() == sent.strip()
    if isinstance(sent, Decimal) and held is not None:
        return Decimal(str(held)) == round(sent, column.scale)
    return bool(held == read(spec, written(spec, sent)))
