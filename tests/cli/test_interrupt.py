"""Ctrl-C, once, twice and in several processes: the command says so with its exit code, whole batches stay, and it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from tests.cli.slow_load import SLOW, write_project
from tests.command_line import answered as crmmigrate

HEARING = [
    sys.executable, "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from crmmigrate.cli import main; main()",
]  # fmt: skip
"""A shell that starts the tests in the background makes them and their children deaf to Ctrl-C; this hears it all the same."""
ROWS = 400


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.database("postgresql")
def test_ctrl_c_once_and_twice(postgresql_url: str, tmp_path: Path) -> None:
    write_project(tmp_path, postgresql_url, ROWS, batch=10)
    migration = tmp_path / "migration.yaml"
    crmmigrate("target", "create", postgresql_url, "--schema", tmp_path / "schema.yaml")
    crmmigrate("run", migration, "--to", "validate")
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute(SLOW.format(seconds=0.1).encode())

        def count(table: str) -> int:
            known = connection.execute("SELECT to_regclass(%s)", (table,)).fetchone()
            return connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0] if known != (None,) else 0

        for times, words in ((1, ()), (2, ("--resume",))):
            done = count("crmm_batch")
            process = subprocess.Popen(
                [*HEARING, "load", str(migration), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            wanted = time.monotonic() + 120
            while count("crmm_batch") < done + 3 and process.poll() is None and time.monotonic() < wanted:
                time.sleep(0.01)
            for _ in range(times):
                process.send_signal(signal.SIGINT)
                time.sleep(0.02)
            _, err = process.communicate(timeout=120)
            assert process.returncode == 130, (process.returncode, err.decode())
            assert b"Traceback" not in err
            if times == 1:  # the second one ends the process at once, maybe before it has said anything
                again = f"crmmigrate load {migration} --resume"
                assert again in err.decode(), "the same command would begin another load, and so would another project"
            assert count("accounts") == 10 * count("crmm_batch") < ROWS
            assert count("crmm_crosswalk") == count("accounts")
        connection.execute("DROP TRIGGER slow ON accounts")
        crmmigrate("load", migration, "--resume", code=(0,))
        assert count("accounts") == ROWS


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at the children of a process")
def test_ctrl_c_of_a_terminal_reaches_all_processes_and_one_answers(tmp_path: Path) -> None:
    cells = "".join(f"杭州华创{n}科技有限公司\n" for n in range(400_000))
    (tmp_path / "big.csv").write_text(f"名称\n{cells}", encoding="utf-8")
    words = ["standardise", "big.csv", "--column", "名称=company_name", "-o", "out.csv"]
    process = subprocess.Popen(
        [*HEARING, *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    wanted = time.monotonic() + 120
    # The first child is Python's own watcher of resources.
    while process.poll() is None and len(children.read_text().split()) < 2 and time.monotonic() < wanted:
        time.sleep(0.01)
    time.sleep(1)  # by now they hear signals; while they are still beginning the test asks less
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err.decode().strip()) == (130, "interrupted; run the same command again to go on")
    assert [path.name for path in tmp_path.iterdir()] == ["big.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_while_it_starts() -> None:
    script = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

class Met:
    def find_spec(self, name, *_):
        if name == "crmmigrate.cli.root":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Met())
from crmmigrate.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script, "--lang", "en", "status"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"interrupted; run the same command again to go on\n")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_in_a_lint() -> None:
    script = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

class Met:
    def find_spec(self, name, *_):
        if name == "crmmigrate.cli.lint":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Met())
from crmmigrate.cli import main
main()
"""
    words = [sys.executable, "-c", script, "mapping", "lint", "mappings", "--lang", "en"]
    done = subprocess.run(words, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (130, b"interrupted; run the same command again to go on\n")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_that_meets_a_finaliser_is_heard_after_it_and_nothing_else_of_finalisers() -> None:
    script = """
import os, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from crmmigrate.cli import interrupt
interrupt.listen()

class Damaged:
    def __del__(self):
        raise ValueError("I/O operation on closed file")

class Met:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0)

Damaged()
os.environ["CRMMIGRATE_DEBUG"] = "1"
Damaged()
del os.environ["CRMMIGRATE_DEBUG"]
try:
    Met()
    time.sleep(60)
except KeyboardInterrupt:
    print("heard")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, timeout=50)
    assert done.stdout == b"heard\n"
    assert done.stderr.count(b"I/O operation on closed file") == 1, "told to who looks for defects"


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_a_second_ctrl_c_while_the_first_is_being_heard_again_ends_at_once() -> None:
    script = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from crmmigrate.cli import interrupt
interrupt.listen()

class Slow(threading.Thread):
    def start(self):
        super().start()
        os.kill(os.getpid(), signal.SIGINT)  # while a busy machine takes its time to start the thread
        time.sleep(0.1)
threading.Thread = Slow

class Met:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)

met = Met()
try:
    del met
    time.sleep(20)
    print("not heard")
except KeyboardInterrupt:
    print("heard once")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
