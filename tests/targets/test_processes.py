from __future__ import annotations

import os
import subprocess
import sys

import pytest

from crmmigrate.targets.processes import lives, own_signature

linux = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")  # noqa: PTH110


def test_this_process_lives_and_one_that_never_was_does_not() -> None:
    if own_signature():
        assert lives(os.getpid(), own_signature()) is True
    assert lives(2147483646, "") is False


@linux
def test_a_number_given_to_another_process_is_not_the_same_process() -> None:
    where = own_signature().partition(":")[0]
    assert lives(os.getpid(), f"{where}:1") is False
    assert lives(1, own_signature()) is False


@linux
def test_a_process_of_another_container_can_not_be_seen() -> None:
    assert lives(os.getpid(), "0123456789abcdef:1") is None
    assert lives(os.getpid(), "") is None


@linux
def test_a_killed_process_that_nobody_has_noticed_is_dead() -> None:
    code = "from crmmigrate.targets.processes import own_signature; print(own_signature(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        signature = child.stdout.readline().strip()
        assert lives(child.pid, signature) is True
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert lives(child.pid, signature) is False
