"""How severe each kind of damage and each doubt is, and what to do about it: what the risk register and the effort estimate go by."""

from __future__ import annotations

from dataclasses import dataclass

from crmmigrate.messages import Message


@dataclass(frozen=True)
class Remedy:
    """What one kind of damage means for the migration.

    Args:
        impact: 1 (small) to 3 (the migration is at stake).
        measure: what to do about it.
        by_hand: whether a person has to look at the cells; otherwise standardising mends them or sets them aside on its own.
    """

    impact: int
    measure: Message
    by_hand: bool = True


_FETCH = Message("fetch the numbers again from the system they came from; nothing can restore lost digits")
_AGAIN_AS_TEXT = Message("export again with these columns as text")
_AGAIN_UTF8 = Message("export again in UTF-8; what stays garbled goes to the worklist")
_WORKLIST = Message(
    "standardising cannot mend these: they go to the worklist of the owner, who asks the customer or the register"
)
_STANDARDISE = Message("standardise: nothing is lost, each change is listed")
_EMPTY = Message("decide that these count as empty and are filled in anew: nobody can be reached or recognised by them")
_REGISTER = Message("look the registered name up in the business register and fill it in")

DAMAGE_REMEDIES: dict[str, Remedy] = {
    "lost-digits": Remedy(3, _FETCH),
    "scientific": Remedy(3, _AGAIN_AS_TEXT),
    "mojibake": Remedy(3, _AGAIN_UTF8),
    "truncated": Remedy(2, Message("fetch the whole values from the source, or widen the field in the export: what was cut off is lost")),
    "wrong-check": Remedy(2, Message("check the numbers against the register or the papers: a digit is mistyped or missing")),
    "masked": Remedy(3, Message("ask for an export with the rights to see the numbers in full; hidden digits cannot be restored")),
    "float-number": Remedy(2, Message("standardise: the decimal point and the zero are taken off where nothing was lost"), by_hand=False),
    "lost-zero": Remedy(2, Message("export again as text: a spreadsheet took the zero off")),
    "wrong-length": Remedy(2, _WORKLIST),
    "letter-for-digit": Remedy(2, Message("standardise replaces letters that cannot stand there; look at those it leaves")),
    "no-area-code": Remedy(2, Message("give the data standard the area code of these numbers")),
    "several-values": Remedy(2, Message("standardise splits them; decide which one is the main one")),
    "no-at": Remedy(2, _WORKLIST),
    "mail-host": Remedy(2, Message("standardise mends frequent slips; have the others confirmed before mail is sent")),
    "filler": Remedy(2, _EMPTY),
    "default-date": Remedy(2, Message("decide that these count as empty: a program filled them in, the day is unknown")),
    "impossible-date": Remedy(2, Message("ask the owner for the day that was meant; the target takes none of these")),
    "date-order": Remedy(2, Message("say in the data standard whether the day or the month comes first")),
    "date-partial": Remedy(2, Message("decide whether an incomplete date may stay empty in the target or is completed")),
    "serial-date": Remedy(2, Message("standardise: serial numbers become dates"), by_hand=False),
    "text-in-numbers": Remedy(2, Message("move the remarks to a field of text and type the number in: a number field takes none of these")),
    "error-value": Remedy(2, Message("mend the formulas in the source or type the values in")),
    "honorific": Remedy(2, Message("ask the salesperson for the full name: two people called so cannot be told apart")),
    "no-legal-form": Remedy(2, _REGISTER),
    "other-content": Remedy(2, Message("move these values to the column they belong to, in the source or in the mapping")),
    "old-number": Remedy(2, Message("decide with the owner: identity numbers of 15 digits are made 18, organisation codes need the credit code from the register")),
    "private-use": Remedy(2, Message("have the right characters typed in: other computers show these as boxes")),
    "name-slip": Remedy(1, _STANDARDISE, by_hand=False),
    "name-note": Remedy(1, Message("standardise splits the note off into a field of its own; give it one in the mapping"), by_hand=False),
    "name-title": Remedy(1, Message("standardise splits the title off; give it a field of its own in the mapping"), by_hand=False),
    "unbalanced": Remedy(1, Message("look whether the name was cut off at the bracket")),
    "leading-zero": Remedy(1, _STANDARDISE, by_hand=False),
    "invisible": Remedy(1, _STANDARDISE, by_hand=False),
    "inner-blanks": Remedy(1, _STANDARDISE, by_hand=False),
    "control": Remedy(1, _STANDARDISE, by_hand=False),
    "traditional": Remedy(1, Message("decide whether names are to be written in simplified characters; standardising can convert them"), by_hand=False),
    "pinyin-gloss": Remedy(1, _STANDARDISE, by_hand=False),
    "spelling": Remedy(1, Message("decide in the value map which spelling counts: a picklist of the target takes one only")),
}  # fmt: skip
"""Kinds of `model.profile.DAMAGES`; those missing here are `WAYS_OF_WRITING`, which standardising puts in order without a loss."""

DOUBT_REMEDIES: dict[str, Remedy] = {
    "constant": Remedy(1, Message("ask whether the column is used at all: a default of the target may do in its place")),
    "extreme": Remedy(2, Message("have the owner look at these numbers: a missing decimal point or another unit (元, 万元)?")),
    "negative": Remedy(1, Message("ask what a negative number means here: a refund, a correction, a slip?")),
    "over-100": Remedy(1, Message("ask whether the column holds shares of 1 and percentages side by side")),
    "future": Remedy(2, Message("ask whether these days are planned or mistyped; decide whether the target may take them")),
    "old": Remedy(1, Message("ask whether these days are real or filled in by a program")),
    "overlong": Remedy(1, Message("look whether these texts fit the target's field, or hold remarks that belong elsewhere")),
}  # fmt: skip
"""Every kind of `model.profile.DOUBTS`."""
