"""A file is put in its place whole, and what the place is stays what it was."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from crmmigrate.model.whole_file import put

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    file, link = tmp_path / "there" / "a.yaml", tmp_path / "link.yaml"
    file.write_bytes(b"old")
    link.symlink_to(file)
    put(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert [one.name for one in file.parent.iterdir()] == ["a.yaml"]


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    put(pipe, b"new")
    reader.join(10)
    assert read == [b"new"]
    assert pipe.is_fifo()


def test_standard_output_may_be_a_pipe(tmp_path: Path) -> None:
    link = tmp_path / "out"
    link.symlink_to("/dev/stdout")  # only this link is at stake where it goes wrong
    code = "import sys; from pathlib import Path; from crmmigrate.model.whole_file import put; put(Path(sys.argv[1]), b'new')"
    done = subprocess.run([sys.executable, "-c", code, link], capture_output=True, check=True)
    assert done.stdout == b"new"
    assert link.is_symlink()


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may write to every folder")
def test_a_file_in_a_folder_that_takes_no_draft_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "a").write_bytes(b"old")
    folder.chmod(0o500)
    put(folder / "a", b"new")
    folder.chmod(0o700)
    assert (folder / "a").read_bytes() == b"new"


def test_what_cannot_take_its_place_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError, match="directory"):
        put(tmp_path / "a", b"new")
    with pytest.raises(TypeError):
        put(tmp_path / "b", "no bytes")  # type: ignore[arg-type]
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
