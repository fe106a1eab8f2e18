"""Whether the process that wrote a lease still lives, although its number may have been given to another since."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path


def own_signature() -> str:
    """Return what tells this process from all others on this and other machines; empty where the system does not say.

    `<where>:<start>`: a digest of the boot and of the space of process numbers (each container has its own), and the
    clock tick at which the process began (proc(5), field 22 of /proc/<pid>/stat).
    """
    started = _started(os.getpid())
    return f"{_where()}:{started}" if started and _where() else ""


def lives(pid: int, signature: str) -> bool | None:
    """Whether the process `pid` that left `signature` lives; None where that can't be known from here."""
    where, _, started = signature.partition(":")
    if started:
        return _started(pid) == started if where == _where() else None
    return None if pid == os.getpid() else _number_is_used(pid)


def _where() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return hashlib.sha256(f"{boot} {Path('/proc/self/ns/pid').readlink()}".encode()).hexdigest()[:16]
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Return when a process began; empty where there is none, or only one that was killed and waits for its parent to notice."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *fields = text.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]


def _number_is_used(pid: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
