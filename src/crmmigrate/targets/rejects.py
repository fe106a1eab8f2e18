"""Why a row can't be loaded: the codes, with their titles."""

from __future__ import annotations

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code

PARENT_MISSING = declare_code("load.parent-missing", Message("the record it refers to is not in the target"))
MATCH_BLANK = declare_code("load.match-blank", Message("a match key is empty"))
MATCH_AMBIGUOUS = declare_code("load.match-ambiguous", Message("several rows of the target have its match key"))
MATCH_TAKEN = declare_code("load.match-taken", Message("another record has the row with its match key"))
ROW_TAKEN = declare_code(
    "load.row-taken",
    Message("another record has taken its row over; settle it there, or bring the target up to date by a delta"),
)
EXISTS = declare_code("load.exists", Message("it is in the target already, and existing rows are not to be touched"))
NOT_FOUND = declare_code("load.not-found", Message("it is not in the target, and no rows are to be added"))
UNCLEAR = declare_code("load.reference-unclear", Message("no row of the target has that name or code, or several have"))
UNFIT = {
    "load.unfit-type": Message("the value does not have the type of its target column"),
    "load.unfit-character": Message(
        "the text has a character that its target column cannot hold and nobody sees: a control character (U+0000), or half of one"
    ),
    "load.unfit-length": Message("the text is longer than its target column"),
    "load.unfit-scale": Message("the number has more decimal places than its target column"),
    "load.unfit-range": Message("the number is too large for its target column"),
}
REFUSED = {
    "unique": Message("the target refuses it: its key is taken by another row"),
    "not-null": Message("the target refuses it: a required column is empty"),
    "foreign-key": Message("the target refuses it: a row it refers to does not exist"),
    "length": Message("the target refuses it: a value is too long"),
    "type": Message("the target refuses it: a value has the wrong type or range"),
    "check": Message("the target refuses it: a rule of the table forbids it"),
    "edited": Message("somebody has changed the row at this very moment; load again"),
    "other": Message("the target refuses it"),
}
for _code, _title in UNFIT.items():
    declare_code(_code, _title)
for _reason, _title in REFUSED.items():
    declare_code(f"load.refused-{_reason}", _title)
DEFERRED_REFUSED = declare_code(
    "load.deferred-refused", Message("it is in the target, but a reference could not be filled later")
)
