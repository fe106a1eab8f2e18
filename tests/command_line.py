"""The command line as its users call it, in the process of the tests: a start of the program costs more than most commands."""

from __future__ import annotations

import io
import json
import sys
from contextlib import chdir, nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from crmmigrate.cli import main
from crmmigrate.messages import speak

PROCESS = [sys.executable, "-c", "from crmmigrate.cli import main; main()"]
"""The same in a process of its own, for what kills, interrupts or limits one."""


def called(*words: object, stdin: str = "", cwd: Path | None = None) -> CompletedProcess[str]:
    """Run a command to its end and return its exit code and what it wrote."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    code = 0
    keyboard, sys.stdin = sys.stdin, typed
    try:
        with redirect_stdout(streams[0]), redirect_stderr(streams[1]), chdir(cwd) if cwd else nullcontext():
            main([str(word) for word in words])
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdin = keyboard
        speak("en")
    out, err = (stream.buffer.getvalue().decode() for stream in streams)  # type: ignore[attr-defined]
    return CompletedProcess(words, code, out, err)


def answered(*words: object, code: tuple[int, ...] = (0, 1), **more: Any) -> dict[str, Any]:
    """Run a command that ends with one of `code`, and return its answer as scripts get it, with `stderr` and `exit_code`."""
    done = called(*words, "--format", "json", **more)
    assert done.returncode in code, (done.returncode, done.stderr)
    return {**json.loads(done.stdout or "{}"), "stderr": done.stderr, "exit_code": done.returncode}
