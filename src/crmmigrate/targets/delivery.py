"""Bring rows to a system behind an API: each exactly once, whatever is cut off in between, and each that it refuses known by itself.

First the intent is on disk, then the call is made, then the answer is on disk. An intent without an answer is looked up before
anything is sent again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, CallRefusedError, Key, Refusal, Values
from crmmigrate.targets.intents import Action, Intent, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from crmmigrate.model.connector import Connector
    from crmmigrate.targets.intents import Intents

TRIES = 5
"""How often rows are sent whose answer was lost and that are not there."""

_LOOKS = 0.5
"""Seconds between two looks for a row whose answer was lost."""


class RowRefusedError(Exception):
    """The system refuses one of the rows; its refusal is noted."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class Delivery:
    """Sends the rows of one batch.

    Args:
        connector: to the system.
        intents: of the batch.
    """

    def __init__(self, connector: Connector, intents: Intents) -> None:
        self.connector = connector
        self.intents = intents
        self.limits = connector.limits()
        self.demanded: dict[str, list[str]] = {}
        """Model → fields without which it refuses rows, as a probe has found; the system itself need not say so."""

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key]:
        """Make rows and return record → key; a row that this batch has made already is not made again.

        Raises:
            RowRefusedError: one of them is refused; the others are made.
            LocationError: the system is lost.
        """
        self._deliver([Intent("create", model, record, values, {}) for record, values in rows.items()])
        found = {record: self._answer("create", model, record) for record in rows}
        return {record: intent.key for record, intent in found.items() if intent.key is not None}

    def update(self, model: str, rows: Mapping[Key, tuple[Values, Values]]) -> set[Key]:
        """Change fields of rows and return those that were sent, because this batch had not changed them so already.

        Args:
            model: of which.
            rows: key → the fields as they are to be, and as they were.
        """
        wanted = [Intent("update", model, str(key), values, was, key=key) for key, (values, was) in rows.items()]
        sent = self._deliver(wanted)
        for key in rows:
            self._answer("update", model, str(key))
        return {intent.key for intent in sent if intent.key is not None}

    def delete(self, model: str, rows: Mapping[Key, Values]) -> None:
        """Take rows out; of each its fields are given that the connector changes before it does so."""
        self._deliver([Intent("delete", model, str(key), {}, was, key=key) for key, was in rows.items()])
        for key in rows:
            self._answer("delete", model, str(key))

    def _answer(self, action: Action, model: str, name: str) -> Intent:
        intent = self.intents.get(action, model, name)
        assert intent is not None  # noqa: S101  (it has just been delivered)
        if intent.refusal is not None:
            raise RowRefusedError(intent.refusal)
        return intent

    def _deliver(self, wanted: list[Intent]) -> list[Intent]:
        """Send what has no answer yet, call by call, and return it."""
        todo = []
        for intent in wanted:
            known = self.intents.get(intent.action, intent.model, intent.name)
            if known is None or (known.action, known.state) == ("delete", "sent"):
                todo.append(known or intent)
            elif intent.action == "update" and known.values != intent.values:
                todo.append(replace(intent, was={**intent.was, **known.was}))
        if todo:
            mark = self.connector.mark(todo[0].model) if todo[0].action == "create" else ""
            for part in within([replace(intent, mark=mark) for intent in todo], self.limits.bytes):
                in_calls(part, self.limits.rows, self._call, self._refuse)
        return todo

    def _refuse(self, intent: Intent, refusal: Refusal) -> None:
        if intent.action != "delete" and not refusal.column:
            values = intent.values
            if intent.action == "create":
                values = {
                    **dict.fromkeys(self.connector.describe([intent.model]).tables[intent.model].columns),
                    **values,
                }
            refusal = self.connector.blame(intent.model, values, refusal)
            blank = [name for name in self.demanded.get(intent.model, ()) if name in values and values[name] is None]
            refusal = Refusal("not-null", blank[0]) if blank and not refusal.column else refusal
        self.intents.answer([replace(intent, state="refused", refusal=refusal)])

    # ------------------------------------------------------------------------------------------------ one call

    def _call(self, part: Sequence[Intent]) -> None:
        """Make one call for rows of one model; where its answer is lost, see what became of it, and only then make it again.

        Raises:
            CallRefusedError: the system refused it, and nothing was done.
        """
        known = (self.intents.get(intent.action, intent.model, intent.name) for intent in part)
        left = [intent for intent, is_done in zip(part, map(_is_answered, known), strict=True) if not is_done]
        for attempt in range(TRIES):
            if not left:
                return
            left = self.intents.send(left)
            try:
                answers = self._sent(left)
            except CallRefusedError:
                if attempt and len(rest := self._made_after_all(left)) < len(left):
                    left = rest
                    continue
                self._not_done(left)
                raise
            except AnswerLostError as lost:
                left = self._looked_up(left, time.time() + (0 if lost.ended else self.limits.answer_seconds))
                if left and lost.ended:  # one of them makes the system fail: it is to blame
                    self._not_done(left)
                    raise CallRefusedError(Refusal("other")) from lost
            else:
                self.intents.answer(answers)
                if attempt:
                    self._made_after_all([intent for intent in answers if intent.state == "refused"])
                return
        raise LocationError(
            "target.no-answer", Message("the system takes calls and does not answer, {count} times in a row", count=TRIES),
            self.connector.place, Message("look at its log, or ask who runs it"),
        )  # fmt: skip

    def _made_after_all(self, refused: list[Intent]) -> list[Intent]:
        """Return rows refused at a second sending but for those that the first one has made meanwhile, so that their key is taken."""
        return self._looked_up(refused, 0) if refused and refused[0].action == "create" else refused

    def _not_done(self, part: Sequence[Intent]) -> None:
        """Take intents back; those of deletions stay, because their rows may have been touched."""
        self.intents.forget([intent for intent in part if intent.action != "delete"])

    def _sent(self, part: Sequence[Intent]) -> list[Intent]:
        """Make the call and return the intents with their answers."""
        model, action = part[0].model, part[0].action
        if action == "create":
            made = self.connector.create(model, {intent.name: intent.values for intent in part})
            return [self._answered(intent, made.get(intent.name), "create") for intent in part]
        keys: dict[Key, Intent] = {intent.key: intent for intent in part if intent.key is not None}
        done: Mapping[Key, Refusal | None] = (
            self.connector.update(model, {key: intent.values for key, intent in keys.items()})
            if action == "update"
            else self.connector.delete(model, list(keys))
        )
        return [self._answered(intent, done.get(key, key), action) for key, intent in keys.items()]

    def _answered(self, intent: Intent, answer: Key | Refusal | None, action: Action) -> Intent:
        if isinstance(answer, Refusal):
            return replace(intent, state="refused", refusal=answer)
        if action == "create" and answer is None:
            raise LocationError(
                "target.answer-incomplete", Message("the system does not say what became of a row that it was sent"), f"{self.connector.place}#{intent.model}",
                Message("run the command again: the row is looked for before it is sent again"),
            )  # fmt: skip
        return replace(intent, state="done", key=answer if action == "create" else intent.key)

    # ------------------------------------------------------------------------------------------------ lost answers

    def recover(self) -> None:
        """Find out what became of the rows that a process sent before it died.

        What was not done is forgotten; but for deletions, whose rows may have been touched already.
        """
        open_ones = [intent for intent in self.intents.all() if intent.state == "sent"]
        for _, part in _alike(open_ones):
            sent = max(intent.sent for intent in part)
            self._not_done(self._looked_up(part, sent + self.limits.answer_seconds))

    def _looked_up(self, part: list[Intent], until: float) -> list[Intent]:
        """Note which rows have been done and return those that certainly have not, because the system has ended by `until` what it had begun."""
        left = part
        while True:
            done = self._done(left)
            self.intents.answer(done.values())
            left = [intent for intent in left if intent.name not in done]
            wait = until - time.time()
            if not left or wait < 0:
                return left
            time.sleep(min(_LOOKS, wait))

    def _done(self, part: list[Intent]) -> dict[str, Intent]:
        """Return name → intent with its answer, of those that the system shows to have been done."""
        if not part:
            return {}
        model, action = part[0].model, part[0].action
        if action == "create":
            keys = self.connector.created(model, {intent.name: intent.values for intent in part}, part[0].mark)
            return {i.name: replace(i, state="done", key=keys[i.name], refusal=None) for i in part if i.name in keys}
        fields = [] if action == "delete" else sorted({name for intent in part for name in intent.was})
        rows = self.read(model, [intent.key for intent in part if intent.key is not None], fields)
        if action == "delete":
            return {i.name: replace(i, state="done") for i in part if i.key not in rows}
        return {
            i.name: replace(i, state="done")
            for i in part if i.key in rows and _is_changed(rows[i.key], i)
        }  # fmt: skip

    def read(self, model: str, keys: Sequence[Key], fields: Sequence[str]) -> dict[Key, Values]:
        """Return key → row of those of `keys` that are there."""
        name = self.key_of(model)
        found: dict[Key, Values] = {}
        for start in range(0, len(keys), self.limits.read_rows):
            wanted = [(key,) for key in keys[start : start + self.limits.read_rows]]
            found |= {row[name]: row for row in self.connector.find(model, (name,), wanted, (name, *fields))}
        return found

    def key_of(self, model: str) -> str:
        """Return the name of a model's key."""
        return self.connector.describe([model]).tables[model].identity

    # ------------------------------------------------------------------------------------------------ taking back

    def take_back(self) -> int:
        """Take back what a batch has done that was never finished, last first, and return how many rows.

        Raises:
            LocationError: `target.unfinished-batch`: the system refuses to.
        """
        self.recover()
        done = [intent for intent in self.intents.all() if intent.state == "done"]
        for (model, action), part in _alike(list(reversed(done))):
            try:
                if action != "delete":
                    in_calls(part, self.limits.rows, self._undone, _insist)
            except RowRefusedError as error:
                raise LocationError(
                    "target.unfinished-batch", Message("an unfinished batch cannot be taken back: the system refuses it"), f"{self.connector.place}#{model}",
                    Message("resume the run that was stopped; then it can be rolled back"),
                ) from error  # fmt: skip
        self.intents.begin()
        return len(done)

    def _undone(self, part: Sequence[Intent]) -> None:
        """Take out rows that were made, or write what rows held that were changed."""
        model, was = part[0].model, {intent.key: intent.was for intent in part if intent.key is not None}
        if part[0].action == "create":
            answers = self._insisting(lambda: self.connector.delete(model, list(was)))
        else:
            answers = self._insisting(lambda: self.connector.update(model, was))
        for answer in answers.values():
            if answer is not None:
                raise RowRefusedError(answer)

    def _insisting(self, call: Callable[[], dict[Key, Refusal | None]]) -> dict[Key, Refusal | None]:
        """Make a call that may be made twice: to take out what is gone, or to write what stands there, changes nothing."""
        for _ in range(TRIES):
            try:
                return call()
            except AnswerLostError:
                time.sleep(_LOOKS)
        return call()


def _is_changed(row: Values, intent: Intent) -> bool:
    """Whether an update has been done, all of it: a system that needs several calls for it may have done some."""
    return all(row[name] != was or row[name] == intent.values.get(name) for name, was in intent.was.items())


def _is_answered(intent: Intent | None) -> bool:
    return intent is not None and intent.state == "done" and intent.action != "update"


def _insist(intent: Intent, refusal: Refusal) -> None:
    del intent
    raise RowRefusedError(refusal)


def _alike(intents: list[Intent]) -> Iterator[tuple[tuple[str, Action], list[Intent]]]:
    """Yield runs of intents about the same model and action, of one mark."""
    start = 0
    for place in range(1, len(intents) + 1):
        first = intents[start]
        if place == len(intents) or (intents[place].model, intents[place].action, intents[place].mark) != (
            first.model, first.action, first.mark,
        ):  # fmt: skip
            yield (first.model, first.action), intents[start:place]
            start = place


def within(items: Sequence[Intent], most: int) -> Iterator[Sequence[Intent]]:
    """Yield runs of rows that have at most so many bytes together, or are one row; all together where `most` is 0."""
    start = size = 0
    for place, item in enumerate(items if most else ()):
        more = len(text_of(item.values).encode())
        if size and size + more > most:
            yield items[start:place]
            start, size = place, 0
        size += more
    yield items[start:]


def in_calls(
    items: Sequence[Intent], most: int, call: Callable[[Sequence[Intent]], None], refuse: Callable[[Intent, Refusal], None]
) -> None:  # fmt: skip
    """Make calls of at most `most` rows; where one is refused, find the first row to blame by halving, and go on behind it.

    Rows before it are done by the calls that look for it. That takes log₂(most) calls for each row to blame; where these are many,
    calls have as many rows as there were to each of them so far.

    Args:
        items: rows.
        most: of one call.
        call: does some of them, all or, where it raises `CallRefusedError`, none.
        refuse: is told of each row to blame.
    """
    at, width, blamed = 0, most, 0
    while at < len(items):
        good, bad = at, min(at + width, len(items))
        try:
            call(items[good:bad])
        except CallRefusedError as error:
            refusal = error.refusal
        else:
            at, width = bad, min(most, width * 2)
            continue
        while bad - good > 1:
            middle = (good + bad) // 2
            try:
                call(items[good:middle])
            except CallRefusedError as error:
                bad, refusal = middle, error.refusal
            else:
                good = middle
        refuse(items[good], refusal)
        at, blamed = bad, blamed + 1
        width = max(1, min(most, 2 * at // blamed))
