"""Further processes are begun only where they leave the script that is run alone."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from crmmigrate.model.processes import may_begin


@pytest.mark.parametrize(
    ("name", "text", "may"),
    [
        ("script.py", "import crmmigrate\nprint('again')\n", False),
        ("script.py", "def main(): ...\n\nif __name__ == '__main__':\n    main()\n", True),
        ("script.py", "import sys\nif '__main__' == __name__:\n    sys.exit()\n", True),
        ("script.py", "print(__name__)\n", False),
        ("gone.exe", None, False),
        (None, None, True),
    ],
)
def test_a_script_without_a_guard_gets_no_other_processes(tmp_path, monkeypatch, name, text, may):
    script = ModuleType("__main__")
    if name:
        script.__file__ = str(tmp_path / name)
    if text:
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "__main__", script)
    assert may_begin() is may
