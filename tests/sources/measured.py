"""What it takes to read a file, measured by a process that reads nothing else: a copy of one that has loaded the program and waits for files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SECONDS, MEGABYTES = 5, 300
_READER = """
import json, os, resource, sys
import pandas, pyarrow.compute, pyarrow.parquet
from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.location import Location
from crmmigrate.sources import csv, dbf, html, json as _, ods, parquet, read_location, vcard, xls, xlsb, xlsx, xml2003

def measure(path):
    used = resource.getrusage(resource.RUSAGE_SELF)
    begun = used.ru_utime + used.ru_stime
    try:
        said = "read %d" % sum(len(frame) for table in read_location(Location(path)) for frame in table.batches())
    except CrmMigrateError as error:
        said = error.code
    used = resource.getrusage(resource.RUSAGE_SELF)
    # Not ru_maxrss: that of a child begins with the most that the process which started it ever had.
    kilobytes = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(json.dumps([said, used.ru_utime + used.ru_stime - begun, kilobytes / 1024]), flush=True)

print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        measure(json.loads(line))
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(json.dumps(["died", 0, 0]), flush=True)
"""


class Reading(NamedTuple):
    """How a file was read.

    Args:
        said: `read` with the number of rows, the code of the error, or `died`.
        seconds: of the processor, which other programs do not lengthen.
        megabytes: the most that were in memory.
    """

    said: str
    seconds: float
    megabytes: float


class Reader:
    """Reads files one after the other, each in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def read(self, path: Path) -> Reading:
        """Read a file and forget it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(str(path)) + "\n")
        self._process.stdin.flush()
        return Reading(*json.loads(self._process.stdout.readline()))


@contextmanager
def reading() -> Iterator[Reader]:
    """Yield a reader that has loaded what it reads with."""
    with subprocess.Popen(
        [sys.executable, "-c", _READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Reader(process)
        process.kill()
