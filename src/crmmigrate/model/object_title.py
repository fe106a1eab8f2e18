"""What business people call the objects of the shipped packs and others that most CRMs have."""

from __future__ import annotations

from crmmigrate.messages import Message

_TITLES = (
    Message("account"), Message("activity"), Message("address"), Message("call"), Message("charge"), Message("complaint"), Message("contact"),
    Message("contract"), Message("credit_code"), Message("decoration"), Message("delivery"), Message("department"), Message("employment"),
    Message("enquiry"), Message("followup"), Message("homevisit"), Message("invoice"), Message("lead"), Message("mobile"), Message("move"),
    Message("occupancy"), Message("opportunity"), Message("order"), Message("parking"), Message("payment"), Message("pdi"), Message("product"),
    Message("project"), Message("prospect"), Message("questionnaire"), Message("quote"), Message("repair"), Message("room"), Message("stocktake"),
    Message("supplier"), Message("task"), Message("testdrive"), Message("ticket"), Message("user"), Message("vehicle"), Message("visit"),
)  # fmt: skip
_BY_NAME = {title.template: title for title in _TITLES} | {"person": Message("owners and tenants")}


def object_title(name: str, called: str = "") -> Message | str:
    """Return the title of an object: in English its name, in Chinese the word of the field.

    Args:
        name: of the object.
        called: what the target calls its table; the title of an object that is none of the known ones.
    """
    return _BY_NAME.get(name, called or name)
