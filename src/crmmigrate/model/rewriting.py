"""Change values in a YAML file that people wrote, and leave every other byte as it stands: comments, order, quotes, blanks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from crmmigrate.model.document import Document

if TYPE_CHECKING:
    from crmmigrate.model.lint import Repair

_PLAIN = re.compile(r"[^\W\d][\w .()（）/|+-]*\Z")
_UNPRINTABLE = re.compile("[\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff\ufffe\uffff]")
"""What YAML does not take as it is (YAML 1.2.2, 5.1), and line ends of Unicode."""
_RESERVED = {"", "~", "null", "true", "false"}


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def rewritten(text: str, value: Any) -> str:
    """Return the YAML `text` so that it says `value`.

    What is the same in both is not touched. A changed value is written anew in one line (`{a: 1, b: [x, y]}`), a new key
    behind its brothers, in the form (block or flow) of the mapping it joins; a key that is gone takes its line with it. So it is with
    the items of a block list, unless they change their order.

    Args:
        text: a YAML file whose top is a mapping, without a byte order mark.
        value: dicts, lists, texts, numbers, booleans and None, as `Document.parse` gives them.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    edits: list[_Edit] = []
    if node is not None:
        _differ(text, node, Document.parse(text).value, value, edits)
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def repaired(text: str, repairs: list[Repair]) -> str:
    """Return the YAML `text` with keys and items removed, keys renamed or values set; every other byte stays.

    Repairs that would touch the same bytes are done one at a time: call it again for the others.

    Args:
        text: a YAML file, without a byte order mark.
        repairs: paths as in the file; what they do not find is left.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    edits: list[_Edit] = []
    for repair in repairs:
        edit = _repair(text, node, repair) if node is not None else None
        if edit and all(edit.end <= other.start or other.end <= edit.start for other in edits):
            edits.append(edit)
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _repair(text: str, node: yaml.Node, repair: Repair) -> _Edit | None:
    *way, last = repair.path
    above: list[tuple[yaml.Node, str | int]] = []
    for step in way:
        above.append((node, step))
        found = _child(node, step)
        if found is None:
            return None
        node = found[2]
    found = _child(node, last)
    if found is None:
        return None
    index, key, child = found
    if repair.what == "set":
        start, end = _span(text, child)
        return _Edit(start, end, written(repair.value))
    if repair.what == "rename" and key is not None:
        start, end = _span(text, key)
        return _Edit(start, end, written(repair.value))
    if len(node.value) == 1 and above:  # nothing would be left: the whole goes
        parent, step = above[-1]
        return _repair(text, parent, repair._replace(path=(step,)))
    if isinstance(node, yaml.SequenceNode):
        return _without_item(text, node, index)
    return _without(text, node, index, key, child) if isinstance(node, yaml.MappingNode) and key is not None else None


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node | None, yaml.Node] | None:
    """Return position, key and value of what `step` names; a single value without brackets is its list's only item."""
    if isinstance(node, yaml.MappingNode):
        pairs = enumerate(node.value)
        return next(((n, key, child) for n, (key, child) in pairs if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return step, None, node.value[step]
    return None


def _without_item(text: str, node: yaml.SequenceNode, index: int) -> _Edit:
    """Take an item out: of a flow list with its comma, of a block with its lines."""
    start, end = _span(text, node.value[index])
    if not node.flow_style:
        newline = text.find("\n", end)
        return _Edit(text.rfind("\n", 0, start) + 1, len(text) if newline < 0 else newline + 1, "")
    if index + 1 < len(node.value):
        return _Edit(start, node.value[index + 1].start_mark.index, "")
    return _Edit(_span(text, node.value[index - 1])[1], end, "")


def written(value: Any) -> str:
    """Return a value as YAML in one line, quoted only where it would be read as something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(str(key))}: {written(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return str(value)
    plain = _PLAIN.match(value) and value == value.strip() and value.lower() not in _RESERVED and value.isprintable()
    return (
        value
        if plain
        else _UNPRINTABLE.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))
    )


def _differ(text: str, node: yaml.Node, old: Any, new: Any, edits: list[_Edit]) -> None:
    if isinstance(node, yaml.MappingNode) and isinstance(new, dict) and isinstance(old, dict):
        _differ_mapping(text, node, old, new, edits)
    elif isinstance(node, yaml.SequenceNode) and _is_edited(old, new):
        _differ_sequence(text, node, old, new, edits)
    elif old != new or type(old) is not type(new):
        start, end = _span(text, node)
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        edits.append(_Edit(len(text[:start].rstrip()) if block else start, end, (" " if block else "") + written(new)))


def _differ_mapping(
    text: str, node: yaml.MappingNode, old: dict[str, Any], new: dict[str, Any], edits: list[_Edit]
) -> None:
    pairs = [(str(key.value), key, child) for key, child in node.value]
    kept = [name for name, _, _ in pairs if name in new]
    explicit = any(text[: key.start_mark.index].rstrip().endswith("?") for _, key, _ in pairs)
    if old != new and (explicit or (pairs and not kept)):  # an unusual form, or nothing of it is left
        start, end = _span(text, node)
        start = start if node.flow_style else len(text[:start].rstrip())
        edits.append(_Edit(start, end, ("" if node.flow_style else " ") + written(new)))
        return
    for index, (name, key, child) in enumerate(pairs):
        if name in new:
            _differ(text, child, old[name], new[name], edits)
        else:
            edits.append(_without(text, node, index, key, child))
    added = [f"{written(name)}: {written(child)}" for name, child in new.items() if name not in old]
    if added:
        edits.append(_joined(text, node, pairs[-1] if pairs else None, added))


def _is_edited(old: Any, new: Any) -> bool:
    """Whether a list of scalars lost some of its items, or got some at its end, and nothing else."""
    if not (isinstance(old, list) and isinstance(new, list) and old and new):
        return False
    if any(isinstance(item, dict | list) for item in (*old, *new)) or len(set(map(str, old))) < len(old):
        return False
    kept = [item for item in old if item in new]
    return bool(kept) and new[: len(kept)] == kept


def _differ_sequence(text: str, node: yaml.SequenceNode, old: list[Any], new: list[Any], edits: list[_Edit]) -> None:
    """Take items out with their lines, and put new ones behind the last; in a flow list with commas."""
    gone = [index for index, item in enumerate(old) if item not in new]
    added = [written(item) for item in new if item not in old]
    spans = [_span(text, child) for child in node.value]
    last = max(index for index in range(len(old)) if index not in gone)
    for index in gone:
        start, end = spans[index]
        if not node.flow_style:
            start = text.rfind("\n", 0, start) + 1
            newline = text.find("\n", end)
            edits.append(_Edit(start, len(text) if newline < 0 else newline + 1, ""))
        elif index > last:
            edits.append(_Edit(spans[index - 1][1], end, ""))
        else:
            edits.append(_Edit(start, spans[index + 1][0], ""))
    if not added:
        return
    start, end = spans[last]
    if node.flow_style:
        edits.append(_Edit(end, end, "".join(f", {item}" for item in added)))
        return
    newline = text.find("\n", end)
    at = len(text) if newline < 0 else newline
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    edits.append(_Edit(at, at, "".join(f"\n{indent}{item}" for item in added)))


def _without(text: str, node: yaml.MappingNode, index: int, key: yaml.Node, child: yaml.Node) -> _Edit:
    """Take a key out: in a flow mapping with its comma, in a block with its lines."""
    start, end = key.start_mark.index, _span(text, child)[1]
    if not node.flow_style:
        start = text.rfind("\n", 0, start) + 1
        newline = text.find("\n", end)
        return _Edit(start, len(text) if newline < 0 else newline + 1, "")
    if index + 1 < len(node.value):
        return _Edit(start, node.value[index + 1][0].start_mark.index, "")
    before = _span(text, node.value[index - 1][1])[1]
    return _Edit(before, end, "")


def _joined(
    text: str, node: yaml.MappingNode, last: tuple[str, yaml.Node, yaml.Node] | None, added: list[str]
) -> _Edit:
    """Put new keys behind the last one."""
    if last is None:
        start, end = _span(text, node)
        return _Edit(start, end, "{" + ", ".join(added) + "}")
    end = _span(text, last[2])[1]
    if node.flow_style:
        return _Edit(end, end, "".join(f", {pair}" for pair in added))
    newline = text.find("\n", end)
    at = len(text) if newline < 0 else newline
    indent = " " * last[1].start_mark.column
    return _Edit(at, at, "".join(f"\n{indent}{pair}" for pair in added))


def _span(text: str, node: yaml.Node) -> tuple[int, int]:
    """Return where a node begins and ends; the blank lines and comments behind a block are not its own."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return start, _span(text, last[1] if isinstance(last, tuple) else last)[1]
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end = len(text[:end].rstrip())
    return start, end
