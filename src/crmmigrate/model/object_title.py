"""What business people call the objects of the shipped packs; an object of one's own is called by its name."""

from __future__ import annotations

from crmmigrate.messages import Message

_TITLES = (
    Message("account"), Message("activity"), Message("call"), Message("charge"), Message("complaint"), Message("contact"),
    Message("decoration"), Message("delivery"), Message("enquiry"), Message("followup"), Message("homevisit"), Message("lead"),
    Message("move"), Message("occupancy"), Message("opportunity"), Message("order"), Message("parking"), Message("pdi"),
    Message("prospect"), Message("questionnaire"), Message("repair"), Message("room"), Message("stocktake"),
    Message("testdrive"), Message("ticket"), Message("user"), Message("visit"),
)  # fmt: skip
_BY_NAME = {title.template: title for title in _TITLES} | {"person": Message("owners and tenants")}


def object_title(name: str) -> Message | str:
    """Return the title of an object: in English its name, in Chinese the word of the field."""
    return _BY_NAME.get(name, name)
