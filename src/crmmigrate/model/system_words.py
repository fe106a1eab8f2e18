"""What the system and the YAML parser say of a failure, as sentences of ours: known ones are told in the reader's language."""

from __future__ import annotations

import errno
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    import yaml


_SHARING = (32, 33)
"""ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION of Windows, whose errno is that of a permission denied."""


@cache
def _by_errno() -> dict[int, Message]:
    """Return errno → the words of POSIX (`strerror`); some numbers are not on every system."""
    named = {
        "ENOENT": Message("No such file or directory"),
        "EACCES": Message("Permission denied"),
        "EPERM": Message("Operation not permitted"),
        "EISDIR": Message("Is a directory"),
        "ENOTDIR": Message("Not a directory"),
        "EEXIST": Message("File exists"),
        "ENOTEMPTY": Message("Directory not empty"),
        "ENOSPC": Message("No space left on device"),
        "EDQUOT": Message("Disk quota exceeded"),
        "EFBIG": Message("File too large"),
        "EROFS": Message("Read-only file system"),
        "EIO": Message("Input/output error"),
        "EBUSY": Message("Device or resource busy"),
        "ETXTBSY": Message("Text file busy"),
        "EMFILE": Message("Too many open files"),
        "ENFILE": Message("Too many open files in system"),
        "ENAMETOOLONG": Message("File name too long"),
        "ELOOP": Message("Too many levels of symbolic links"),
        "EINVAL": Message("Invalid argument"),
        "ESTALE": Message("Stale file handle"),
        "ETIMEDOUT": Message("Connection timed out"),
        "ECONNREFUSED": Message("Connection refused"),
        "ECONNRESET": Message("Connection reset by peer"),
        "EHOSTUNREACH": Message("No route to host"),
        "ENETUNREACH": Message("Network is unreachable"),
        "EPIPE": Message("Broken pipe"),
    }
    return {getattr(errno, name): words for name, words in named.items() if hasattr(errno, name)}


def os_reason(error: OSError) -> Message | str:
    """Return why the system refused, without the path; of a number not known here the system's own words."""
    if getattr(error, "winerror", None) in _SHARING:
        return Message("used by another program")
    return _by_errno().get(error.errno or 0) or error.strerror or type(error).__name__


@cache
def _by_problem() -> dict[str, Message]:
    """Return what libyaml says (scanner.c, parser.c) → the same; PyYAML's own parser words some otherwise."""
    known = (
        Message("mapping values are not allowed in this context"),
        Message("mapping values are not allowed here"),
        Message("mapping keys are not allowed in this context"),
        Message("block sequence entries are not allowed in this context"),
        Message("did not find expected key"),
        Message("did not find expected '-' indicator"),
        Message("did not find expected ',' or ']'"),
        Message("did not find expected ',' or '{brace}'", brace="}"),
        Message("did not find expected node content"),
        Message("did not find expected <document start>"),
        Message("did not find expected comment or line break"),
        Message("did not find expected whitespace or line break"),
        Message("did not find expected hexdecimal number"),
        Message("did not find expected alphabetic or numeric character"),
        Message("did not find the expected '>'"),
        Message("could not find expected ':'"),
        Message("found character that cannot start any token"),
        Message("found a tab character that violates indentation"),
        Message("found a tab character where an indentation space is expected"),
        Message("found unexpected end of stream"),
        Message("found unexpected document indicator"),
        Message("found unexpected ':'"),
        Message("found unknown escape character"),
        Message("found undefined alias"),
        Message("found undefined tag handle"),
        Message("found an indentation indicator equal to 0"),
        Message("second occurrence"),
        Message("control characters are not allowed"),
    )
    return {words.text("en"): words for words in known}


def yaml_reason(error: yaml.YAMLError) -> Message | str:
    """Return what a parser found wrong; what is not known here in the parser's own words."""
    problem = str(getattr(error, "problem", None) or "?")
    return _by_problem().get(problem, problem)
