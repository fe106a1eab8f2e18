"""The command line: the only room that parses arguments, prints, draws progress bars and exits."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from crmmigrate.errors import INTERRUPTED, CrmMigrateError
from crmmigrate.messages import LANGUAGES, Message, preferred, speak

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAINER = {
    "−": "-",
    "–": "-",
    "→": "->",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "×": "x",
    "·": "-",
    "“": '"',
    "”": '"',
    "’": "'",
}
"""Signs of our sentences that some consoles lack: GBK has no minus sign, Latin-1 no arrow."""

FINDINGS, USAGE, INTERNAL = 1, 2, 70


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code the design gives (see docs/architecture.md)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        from crmmigrate.cli.listening import bear_leaving

        bear_leaving()
    _prepare_streams()
    _choose_language(words)
    # Arrow's own allocator gives memory back to the system and asks for it again: more time in the system, more memory in the end.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if arguments is None:
        from crmmigrate.cli import interrupt

        interrupt.listen()
    try:
        linted = _lint_quickly(words)
        answer = _run(words) if linted is None else linted
    except KeyboardInterrupt:  # in a lint, or while it was still starting
        linted = None
        answer = _interrupted(words)
    if arguments is not None:
        sys.exit(answer)
    if linted is None:
        _leave(answer)
    # Taking the interpreter apart costs a tenth of a lint, and lint runs at every save.
    os._exit(_flushed(answer))


def _leave(answer: int) -> NoReturn:
    """End without taking the interpreter apart, which takes longer than a short command; what is to be done at the end is done."""
    import atexit
    import gc
    import threading

    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        sys.exit(answer)  # only the ordinary end waits for it
    atexit._run_exitfuncs()  # noqa: SLF001  # there is no public way
    gc.collect()  # files and connections that only rings of references still hold are closed
    os._exit(_flushed(answer))


def _flushed(answer: int) -> int:
    """Write what waits to be written, and return the exit code: another one where standard output does not take what belongs to a good answer."""
    error = _stuck()
    return answer if error is None or answer > FINDINGS else _lost(error)


def _stuck() -> OSError | None:
    """Return why standard output does not take what waits to be written, and None where it does, or nobody is there to read it."""
    for stream in (sys.stderr, sys.stdout):
        if getattr(stream, "closed", True):  # None where the process was started without it
            continue
        try:
            stream.flush()
        except BrokenPipeError:  # the reader has left
            continue
        except OSError as error:
            if stream is sys.stdout:
                return error
    return None


def _lost(error: OSError) -> int:
    from crmmigrate.cli.drafts import unwritable

    told = unwritable(Path("-"), error)
    _tell(told.text())
    return told.exit_code


def _lint_quickly(words: list[str]) -> int | None:
    """Lint mapping files without click; None where that is not asked for, or where it takes the whole command line."""
    if words[:2] != ["mapping", "lint"]:
        return None
    import gc

    gc.disable()  # a short life makes no garbage worth the search
    try:
        from crmmigrate.cli.lint import quick

        answer = quick(words)
        sys.stdout.flush()
    except Exception:  # noqa: BLE001  # the ordinary way meets it again, and says what it is
        return None
    else:
        return answer
    finally:
        gc.enable()


def _run(words: list[str]) -> int:
    import logging

    import click

    from crmmigrate.cli.root import root
    from crmmigrate.model.freed import one_arena

    one_arena()

    if "_CRMMIGRATE_COMPLETE" in os.environ:
        import crmmigrate.cli.completion  # noqa: F401  # teaches click PowerShell

    # What a library logs is not for users: a pool whose connection was cut off by Ctrl-C would show a traceback.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        answer = root.main(words, prog_name="crmmigrate", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        _as_json(words, "usage", error.format_message(), "")
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _interrupted(words)
    except Exception as error:  # noqa: BLE001  # the last door: no traceback for users, whatever it was
        return _failed(error, words)
    return answer if isinstance(answer, int) else 0


def _failed(error: Exception, words: list[str]) -> int:
    from crmmigrate.cli import interrupt

    if interrupt.asked():
        return _interrupted(words)
    if not isinstance(error, CrmMigrateError):
        return _lost(error) if isinstance(error, OSError) and _while_echoing(error) else _internal(error, words)
    from crmmigrate.cli.options import explained as explanation

    explained = explanation(error)
    _show_error(explained, words)
    return explained.exit_code


_LOADING = frozenset({"load", "run", "delta"})
"""Commands that may have begun a load."""


def _while_echoing(error: Exception) -> bool:
    """Whether it was met while an answer was written to a standard stream."""
    import click

    innermost = error.__traceback__
    while innermost and innermost.tb_next:
        innermost = innermost.tb_next
    return innermost is not None and innermost.tb_frame.f_code is click.echo.__code__


def _interrupted(words: list[str]) -> int:
    from crmmigrate.cli import interrupt

    interrupt.leave()
    message = Message("interrupted; run the same command again to go on").text()
    project = interrupt.project()
    if project and not _LOADING.isdisjoint(
        words
    ):  # the same command would begin another load, and each is rolled back for itself
        message = Message(
            "interrupted; if rows were being loaded, go on with: crmmigrate load {project} --resume; else run the same command again",
            project=project,
        ).text()
    _as_json(words, "interrupted", message, "")
    _tell(message)
    return INTERRUPTED


def _show_error(error: CrmMigrateError, words: list[str]) -> None:
    hint = error.hint.text() if error.hint else None
    _as_json(words, error.code, error.message.text(), error.place, hint)
    _tell(error.text())


def _as_json(words: list[str], code: str, message: str, place: str, hint: str | None = None) -> None:
    """Write an error to standard output where `--format json` was asked for."""
    if ("--format", "json") not in pairwise(words) and "--format=json" not in words:
        return
    import json

    body: dict[str, object] = {
        "status": "error",
        "code": code,
        "place": place,
        "message": message,
        "hint": hint,
        "counts": {},
        "run": None,
    }
    with suppress(OSError):  # it is told on standard error as well
        print(json.dumps(body, ensure_ascii=False))


def _internal(error: Exception, words: list[str]) -> int:
    if os.environ.get("CRMMIGRATE_DEBUG"):
        raise error
    message = Message(
        "this should not have happened ({kind}, {place}). Nothing was passed on. Set CRMMIGRATE_DEBUG=1 and run the command again "
        "to see more; the text may hold data, so look at it before you send it to anybody [internal]",
        kind=type(error).__name__, place=_where(error),
    ).text()  # fmt: skip
    _as_json(words, "internal", message, "")
    _tell(message)
    return INTERNAL


def _where(error: Exception) -> str:
    """Return the innermost line of ours that an error came through: it holds no data, and may never be met again."""
    import traceback

    home = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  # no module more at start
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(home)] or frames
    return f"{os.path.relpath(ours[-1].filename, home)}:{ours[-1].lineno}" if ours else "?"


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _choose_language(words: list[str]) -> None:
    """Settle the language before any command is built, so that its help can speak it."""
    asked = next((b for a, b in pairwise(words) if a == "--lang"), "")
    asked = asked or next((w.partition("=")[2] for w in words if w.startswith("--lang=")), "")
    language = asked if asked in LANGUAGES else preferred()
    speak(language)
    if language == "zh":
        from crmmigrate.messages import bind_click

        bind_click()


def _prepare_streams() -> None:
    """Let a console that cannot show a character show a substitute for it instead of failing."""
    codecs.register_error("crmmigrate", _substitute)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="crmmigrate")


def _substitute(error: UnicodeError) -> tuple[str, int]:
    """Write what the encoding of the console does not have in the nearest way it has; `?` for all else."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAINER.get(sign, "?") for sign in error.object[error.start : error.end]), error.end
