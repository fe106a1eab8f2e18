"""What a file in `transforms/` declares: one step of a field's `do:` list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.messages import Message

Shape = Literal["text", "list"]


class Transform(NamedTuple):
    """One step between a source value and a target value.

    Args:
        name: its name in YAML and in the docs: the module's name.
        make: called with the step's options, returns a pure function. Where `takes` is `text` it is called with one
            value that is not missing (for each one where the field reads several columns); where `list`, with the
            list of all values, missing ones as None. It answers with text, a list, None, or a `Cleaned` with flags.
        title: for people.
        options: the option names that `make` takes; `{name: value}` in YAML fills the first.
        required: the options that must be given.
        takes: what it reads.
        gives: what it answers.
        codes: the issue codes it may use, with their titles.
        whole: called with the step's options, returns a function from an Arrow array of text to one of the answers, for
            those values about which the step has nothing to say; missing where a value has to be looked at by itself.

        merged: of a transform that takes a list: called with the step's options, returns a function from several Arrow arrays
            of text, one per column, to one array: what the transform answers row by row, for it says nothing else.

    Raises:
        ValueError: `make` raises it for an option whose value it cannot use; the text says why.
    """

    name: str
    make: Callable[..., Callable[[Any], Any]]
    title: Message
    options: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    takes: Shape = "text"
    gives: Shape = "text"
    codes: tuple[tuple[str, Message], ...] = ()
    whole: Callable[..., Callable[[Any], Any]] | None = None
    merged: Callable[..., Callable[[list[Any]], Any]] | None = None
