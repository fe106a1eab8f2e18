"""Sentences for people, written in English and shown in English or Chinese.

A `Message` is made where something happens and rendered where somebody reads it, so the code between
never knows the reader's language. Catalogues are gettext's, in `data/locale/`.
"""

from __future__ import annotations

import os
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gettext
    from collections.abc import Iterable, Mapping, Sequence

LANGUAGES = ("en", "zh")
_LOCALE = Path(__file__).parent / "data" / "locale"
_language = "en"

_SIGNS = frozenset(" \t\n\"'`$!&|;<>()[]{}*?#~^%=")
"""Characters of a word for which a command line needs quotation marks."""
_LIVE = frozenset('"`$!')
"""Those that mean something to a shell between double quotation marks too."""


class _Lenient(string.Formatter):
    """Formats a template without failing on a missing name: a broken translation must not hide an error."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), "{" + str(key) + "}")


class Message:
    """A sentence with named blanks, translated when it is read.

    Args:
        template: the English sentence; `{name}` marks a blank. It is the key of the catalogue.
        **params: what fills the blanks; a `Message` among them is translated too.
    """

    __slots__ = ("params", "template")

    def __init__(self, template: str, /, **params: Any) -> None:
        self.template = template
        self.params = params

    @classmethod
    def again(cls, template: str, blanks: Mapping[str, Any]) -> Message:
        """Return a sentence that was written down as its template and blanks, to be told once more."""
        return cls(template, **blanks)

    def filled(self, **params: Any) -> Message:
        """Return the sentence with other fillings for those of its blanks that are named, also in sentences that fill blanks."""
        inner = {
            name: value.filled(**params) if isinstance(value, Message) else value for name, value in self.params.items()
        }
        inner |= {name: value for name, value in params.items() if name in inner}
        return Message.again(self.template, inner) if inner != self.params else self

    def text(self, language: str | None = None) -> str:
        """Return the sentence in `language` (`en` or `zh`; by default the one the program speaks)."""
        language = language or _language
        template = translation(language).gettext(self.template) if self.template else ""
        if not self.params:
            return template
        params = {
            name: value.text(language) if isinstance(value, Message) else value for name, value in self.params.items()
        }
        return _Lenient().vformat(template, (), params)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Message({self.template!r}, **{self.params!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.template, self.params) == (other.template, other.params)

    def __hash__(self) -> int:
        return hash(self.template)


def clauses(parts: Iterable[Message | str], language: str | None = None) -> str:
    """Return parts of a sentence in one line, parted as `language` (by default the one the program speaks) parts them."""
    language = language or _language
    return ("；" if language == "zh" else "; ").join(
        part.text(language) if isinstance(part, Message) else part for part in parts
    )


def labelled(name: str, told: str) -> str:
    """Return what is told of something behind its name, with the colon of the language that the program speaks."""
    return Message("{object}: {figures}", object=name, figures=told).text()


def joined(parts: Sequence[Message | str]) -> Message | str:
    """Return parts of a sentence that is told later, in whatever language; see `clauses`."""
    found: Message | str = parts[0] if parts else ""
    for part in parts[1:]:
        found = Message("{items}; {item}", items=found, item=part)
    return found


def shell_line(*words: object) -> str:
    """Return words as a command line that can be copied: what a shell would cut or take for signs is quoted.

    Double quotes are understood by sh, PowerShell and cmd alike; single ones, where these would not do, by the first two.
    """
    import shlex

    def quoted(word: str) -> str:
        if word and not _SIGNS & set(word):
            return word
        return shlex.quote(word) if _LIVE & set(word) else f'"{word}"'

    return " ".join(quoted(str(word)) for word in words)


@cache
def translation(language: str) -> gettext.NullTranslations:
    """Return the catalogue of `language`; English, or a missing catalogue, translates nothing."""
    import gettext

    if language == "zh":
        return gettext.translation("crmmigrate", _LOCALE, ["zh_CN"], fallback=True)
    return gettext.NullTranslations()


def speak(language: str) -> None:
    """Make `language` the one in which the program speaks from now on."""
    global _language
    _language = language


def spoken() -> str:
    """Return the language in which the program speaks: `en` or `zh`."""
    return _language


def preferred() -> str:
    """Return the language the environment asks for: CRMMIGRATE_LANG, then the locale, then English."""
    asked = os.environ.get("CRMMIGRATE_LANG") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    if not asked and os.name == "nt":
        import locale

        asked = locale.getlocale()[0] or ""
    return "zh" if asked.lower().startswith(("zh", "chinese")) else "en"


def bind_click() -> None:
    """Let click's own words ("Usage", "Options", …) come from our catalogue: it asks gettext's default domain."""
    import gettext

    os.environ["LANGUAGE"] = "zh_CN"
    gettext.bindtextdomain("crmmigrate", str(_LOCALE))
    gettext.textdomain("crmmigrate")
