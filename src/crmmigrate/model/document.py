"""Read the YAML files people write: strict, every mistake at once, each with file, line and column.

YAML 1.2 meanings: `on`, `yes`, `no` are words, not booleans; a key given twice is an error. Files are described by
dataclasses whose field types say what is allowed; `Document.read` builds them. PyYAML's C parser gives the places;
no validation library is imported, because `mapping lint` has to start as fast as a bare command-line program.
"""

from __future__ import annotations

import re
import types
import typing
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import yaml

from crmmigrate.errors import ConfigurationError, Findings, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.system_words import os_reason, yaml_reason
from crmmigrate.model.yaml_tree import DEEPEST, TooDeep, compose, place_in, scalar

T = TypeVar("T")
Path_ = tuple[str | int, ...]
_MOST_NODES = 200_000
"""Aliases can name each other until a short file fills the memory, or never ends."""

_BETWEEN = re.compile(r"[\W_]+")
"""What stands between the parts of a name."""

_LISTED, _TRIED = 20, 10
_VALUE = re.compile(
    r"\d(?:[ ()-]{0,2}\d){6}|\w[@＠]\w|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|[路街道巷弄]\w{0,6}\d+[号弄幢栋]"
)
"""Numbers of seven digits and more, mail addresses, dates and house numbers: hardly anybody calls a column so."""
_NUMBER = re.compile(r"(?!(?:19|20)\d\d\Z)\d{3,}")
"""A key; years are headers of many tables."""
"""Names that a hint lists, and names that are looked at part by part."""

MADE_BY_READING = ("path", "folder", "places")
VERSION = 1
"""Of the formats; each file says which one it is written in (`version: 1`)."""


@dataclass
class Document:
    """A YAML file as plain values plus the place of each.

    Args:
        name: the file's name as the user gave it, for messages.
        value: dicts, lists, str, int, float, bool and None; `str` of a number is what was written.
        marks: line and column (from 1) of each value by its path, e.g. `("fields", "name", "do", 1)`; of a mapping's
            key by the path ending in `"@key"` behind the key.
        errors: what was found so far; `check` raises them together.
        text: of the file.
    """

    name: str
    value: Any = None
    marks: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    errors: list[ConfigurationError] = field(default_factory=list)
    text: str = ""

    @classmethod
    def load(cls, path: str | Path) -> Document:
        """Read the file at `path`.

        Raises:
            LocationError: it is there and cannot be read.
            ConfigurationError: `file.missing`: it is not there, or is a folder; it is not YAML in UTF-8, or empty.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            from crmmigrate.model.missing import missing

            raise missing(path) from error
        except UnicodeDecodeError as error:
            hint = Message("save it as UTF-8 in your editor")
            if error.object.startswith(b"PK"):
                hint = Message("this is a workbook; a YAML file has to be named here, such as the migration.yaml")
            raise ConfigurationError("yaml.encoding", Message("the file is not UTF-8 text"), str(path), hint) from error
        except OSError as error:
            raise LocationError(
                "file.unreadable", Message("the file cannot be read: {why}", why=os_reason(error)), str(path)
            ) from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str = "<text>") -> Document:
        """Read YAML from `text`; mistakes of syntax are raised, doubled keys are collected."""
        document = cls(name, text=text)
        try:
            node = compose(text)
        except TooDeep as error:
            raise ConfigurationError(
                "yaml.too-large", Message("the file is too large or too deep"),
                f"{name}:{error.mark.line + 1}:{error.mark.column + 1}",
            ) from error  # fmt: skip
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
            raise ConfigurationError(
                "yaml.syntax", Message("this is not valid YAML: {why}", why=yaml_reason(error)), place
            ) from error
        if node is None:
            raise ConfigurationError("yaml.empty", Message("the file is empty"), name)
        document.value = document._build(node, ())
        return document

    def _build(self, node: yaml.Node, path: Path_) -> Any:
        self.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if len(path) > DEEPEST or len(self.marks) > _MOST_NODES:
            raise ConfigurationError("yaml.too-large", Message("the file is too large or too deep"), self.place(path))
        if isinstance(node, yaml.ScalarNode):
            return scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, index)) for index, child in enumerate(node.value)]
        result: dict[str, Any] = {}
        for key_node, child in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            here = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in result:
                self.errors.append(ConfigurationError(
                    "yaml.duplicate-key", Message("the key '{key}' stands here twice", key=key),
                    f"{self.name}:{here[0]}:{here[1]}",
                ))  # fmt: skip
            self.marks[(*path, key, "@key")] = here
            result[key] = self._build(child, (*path, key))
        return result

    def place(self, path: Path_, within: tuple[str, int] = ("", 0)) -> str:
        """Return `file:line:column` of the value at `path`, or of its nearest parent.

        Args:
            path: of the value.
            within: a text that stands there, and how far into it is meant.
        """
        while path not in self.marks and path:
            path = path[:-1]
        line, column = place_in(self.text, self.marks.get(path, (1, 1)), *within)
        return f"{self.name}:{line}:{column}"

    def key_place(self, path: Path_) -> str:
        """Return `file:line:column` of the key that ends `path`."""
        mark = self.marks.get((*path, "@key"))
        return f"{self.name}:{mark[0]}:{mark[1]}" if mark else self.place(path)

    def report(
        self, code: str, message: Message, path: Path_, hint: Message | None = None, *, key: bool = False
    ) -> None:
        """Collect an error at the value at `path` (or at its key)."""
        place = self.key_place(path) if key else self.place(path)
        self.errors.append(ConfigurationError(code, message, place, hint))

    def check(self) -> None:
        """Raise everything collected.

        Raises:
            Findings: there was something.
        """
        if self.errors:
            raise Findings(sorted(self.errors, key=lambda error: self._order(error.place)))

    @staticmethod
    def _order(place: str) -> tuple[int, int]:
        parts = place.rsplit(":", 2)
        return (
            (int(parts[1]), int(parts[2])) if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit() else (0, 0)
        )

    def read(self, kind: type[T], value: Any = None, path: Path_ = ()) -> T:
        """Build a `kind` (a dataclass) from the document or a part of it, collecting what does not fit.

        A field's `metadata["name"]` gives its name in the file; `metadata["short"]` names the field that takes the value
        when the file gives a scalar or a list in place of a mapping; `metadata["read"]` is given the value and returns what it
        means, or a sentence about what is wrong with it. A field `path` gets the value's path, a field `folder` the folder of the file, where relative paths start.
        """
        whole = not path and value is None
        if whole:
            self.check_version()
        return typing.cast("T", self._dataclass(kind, self.value if whole else value, path))

    def check_version(self) -> None:
        """Collect an error where the file says that it is written in a version of its format that this program does not read."""
        version = self.value.get("version") if isinstance(self.value, dict) else None
        if isinstance(version, int) and not isinstance(version, bool) and version != VERSION:
            self.report(
                "yaml.version", Message("this program reads version 1"), ("version",), Message("write version: 1")
            )

    def _convert(self, kind: Any, value: Any, path: Path_) -> Any:
        origin = get_origin(kind)
        if kind is Any:
            return value
        if origin in (Union, types.UnionType):
            return self._union(get_args(kind), value, path)
        if origin is Literal:
            return self._one_of(get_args(kind), value, path)
        if origin in (list, tuple):
            return self._many(kind, value, path)
        if origin is dict:
            return self._mapping(get_args(kind)[1], value, path)
        if is_dataclass(kind):
            return self._dataclass(typing.cast("type", kind), value, path)
        return self._plain(kind, value, path)

    def _union(self, kinds: tuple[Any, ...], value: Any, path: Path_) -> Any:
        if value is None and type(None) in kinds:
            return None
        kinds = tuple(kind for kind in kinds if kind is not type(None))
        for kind in kinds[:-1]:
            if _could_be(kind, value):
                return self._convert(kind, value, path)
        return self._convert(kinds[-1], value, path)

    def _one_of(self, allowed: tuple[Any, ...], value: Any, path: Path_) -> Any:
        if value not in allowed:
            words = ", ".join(map(str, allowed))
            self.report("yaml.not-allowed", Message("'{value}' is not allowed here", value=value), path,
                        nearest(str(value), map(str, allowed)) or Message("one of: {words}", words=words))  # fmt: skip
            return allowed[0]
        return value

    def _many(self, kind: Any, value: Any, path: Path_) -> Any:
        arguments = get_args(kind)
        if not isinstance(value, list):
            value = [] if value is None else [value]
            if value and isinstance(value[0], dict) and not _could_be(arguments[0], value[0]):
                self.report("yaml.type", Message("a list is expected here"), path)
                return get_origin(kind)()
            depth = len(path)
            places = (
                list(self.marks.items())
                if value and isinstance(value[0], dict)
                else [(path, self.marks.get(path, (1, 1)))]
            )
            for at, mark in (place for place in places if place[0][:depth] == path):
                self.marks.setdefault((*path, 0, *at[depth:]), mark)
        items = [self._convert(arguments[0], item, (*path, index)) for index, item in enumerate(value)]
        return tuple(items) if get_origin(kind) is tuple else items

    def _mapping(self, kind: Any, value: Any, path: Path_) -> Any:
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.report("yaml.type", Message("names and values are expected here"), path)
            return {}
        return {key: self._convert(kind, child, (*path, key)) for key, child in value.items()}

    def _plain(self, kind: Any, value: Any, path: Path_) -> Any:
        if kind is str and isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(value, bool) is not (kind is bool) or not isinstance(value, kind):
            names = {str: Message("text"), int: Message("a whole number"), float: Message("a number"),
                     bool: Message("true or false")}  # fmt: skip
            self.report("yaml.type", Message("{what} is expected here", what=names.get(kind, str(kind))), path)
            return kind()
        return value

    def _field(self, target: Field[Any], kind: Any, value: Any, path: Path_) -> dict[str, Any]:
        """Return the field with what the file gives for it; nothing where that is refused."""
        read = target.metadata.get("read")
        given = read(value) if read else value
        if isinstance(given, Message):
            self.report("yaml.not-allowed", given, path)
            return {}
        return {target.name: self._convert(kind, given, path)}

    def _dataclass(self, kind: Any, value: Any, path: Path_) -> Any:
        names = {f.metadata.get("name", f.name): f for f in fields(kind) if f.init and f.name not in MADE_BY_READING}
        if value is None:
            value = {}
        if not isinstance(value, dict):
            short = next((name for name, f in names.items() if f.metadata.get("short")), None)
            if short is None:
                self.report("yaml.type", Message("names and values are expected here"), path)
                value = {}
            else:
                self.marks[(*path, short)] = self.marks.get(path, (1, 1))
                value = {short: value}
        hints = _hints(kind)
        built: dict[str, Any] = {}
        for key, child in value.items():
            if key not in names:
                self.report("yaml.unknown-key", Message("no key is called '{key}' here", key=key), (*path, key),
                            nearest(key, names) or Message("known are: {words}", words=", ".join(names)),
                            key=True)  # fmt: skip
                continue
            target = names[key]
            if child is None and target.default is not MISSING:
                continue
            built |= self._field(target, hints[target.name], child, (*path, key))
        for key, f in names.items():
            if f.name not in built and f.default is MISSING and f.default_factory is MISSING:
                self.report("yaml.missing-key", Message("the key '{key}' is missing", key=key), path)
                built[f.name] = _nothing(hints[f.name])
        if "path" in hints:
            built["path"] = path
        if "folder" in hints:
            built["folder"] = Path(self.name).parent
        return kind(**built)


def _nothing(kind: Any) -> Any:
    """Return an empty value of `kind`, so that the checks behind a missing key can go on."""
    origin = get_origin(kind) or kind
    return origin() if origin in (dict, list, tuple, str) else None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _could_be(kind: Any, value: Any) -> bool:
    origin = get_origin(kind) or kind
    if is_dataclass(origin):
        return isinstance(value, dict)
    if origin is Literal:
        return value in get_args(kind)
    if origin in (tuple, list):
        return isinstance(value, list)
    if isinstance(value, bool):
        return origin is bool
    return isinstance(value, origin if origin is not float else (int, float))


def nearest(word: str, known: Any) -> Message | None:
    """Return "did you mean …?" with the most alike of `known`, or None where nothing is alike."""
    found = closest(word, known)
    return Message("did you mean '{name}'?", name=found) if found else None


def nearest_or_all(word: str, known: Any) -> Message | None:
    """Return "did you mean …?" or, where nothing is alike, what there is, the first of it where it is much.

    None where there is nothing. Names of ours (`_record`) are offered, but not listed.
    """
    there = listed(sorted(known) if isinstance(known, set | frozenset) else known)
    return nearest(word, known) or (Message("there are: {names}", names=there) if there else None)


def nearest_header(word: str, headers: Any, otherwise: Message | None = None) -> Message | None:
    """Return `nearest_or_all` of the columns of people's data, which are not shown where they are data themselves.

    Where the header row is decided wrongly, its "columns" are the first customer with name, number and address.

    Args:
        word: what is not there.
        headers: the columns that are.
        otherwise: what is said instead where nothing is alike and they are headers.
    """
    found = closest(word, headers)
    if any(map(_like_data, headers)) and (not found or _like_data(found)):
        return Message(
            "its header row looks like a row of data, so it is not shown; 'layout' in migration.yaml says which row is the header"
        )
    return nearest(word, headers) or otherwise or nearest_or_all(word, headers)


def _like_data(header: object) -> bool:
    return _VALUE.search(str(header)) is not None or _NUMBER.fullmatch(str(header)) is not None


def listed(names: Any) -> str:
    """Return names in a line, the first of them where they are many; without those of ours."""
    shown = [str(name) for name in names if not str(name).startswith("_")]
    return ", ".join(shown[:_LISTED]) + (" …" if len(shown) > _LISTED else "")


def closest(word: str, known: Any, least: float = 0.6) -> str:
    """Return the most alike of `known`, or an empty text where nothing is `least` alike (0 to 1); case alone makes no difference.

    Names of as many parts (`crm.客户`, `owner_id`) are alike only where each part is: tables of one source, or the runs of one day,
    have most of their letters in common and mean other things.
    """
    import difflib

    names = {str(name).casefold(): str(name) for name in known}
    asked = word.casefold()
    found = difflib.get_close_matches(asked, names, n=_TRIED, cutoff=least)
    return next((names[name] for name in found if _part_by_part(asked, name, least)), "")


def _part_by_part(word: str, name: str, least: float) -> bool:
    """Whether each part of one name is like that of the other; of two characters one is enough: Chinese names are short."""
    import difflib

    pairs = list(zip(_BETWEEN.split(word), _BETWEEN.split(name), strict=False))
    if len(pairs) < 2 or len(_BETWEEN.split(word)) != len(_BETWEEN.split(name)):
        return True
    return all(
        difflib.SequenceMatcher(None, one, other).ratio() >= (0.5 if len(other) <= 2 else least) for one, other in pairs
    )
