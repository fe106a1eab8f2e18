"""A load stops itself when its window ends, between two batches, and goes on in the next one or when it is told to."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tests.command_line import answered, called
from tests.runner.small_migration import Silent, lay_out, opened

from crmmigrate.errors import LimitReached
from crmmigrate.model.load_window import DAYS
from crmmigrate.model.schema import read_target_schema
from crmmigrate.runner.execute import execute
from crmmigrate.stages import load_stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crmmigrate.messages import Message

_OPEN = 3.0
"""Seconds for which the window is open yet: enough for a first batch, however busy the machine is."""


class Slow(Silent):
    """Takes its time over a batch, until the window has ended."""

    def __init__(self, ends: float) -> None:
        self.ends = ends

    def begin(self, title: Message, total: int | None) -> Callable[[int], None]:
        del title, total
        return lambda rows: time.sleep(max(0.0, self.ends - time.time()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay_out(tmp_path)
    path = tmp_path / "migration.yaml"
    path.write_text(
        path.read_text("utf-8").replace("schema: schema.yaml}", "schema: schema.yaml, batch_rows: 2}"), "utf-8"
    )
    with opened(tmp_path).open_target(to_create=True) as target:
        target.create(read_target_schema(tmp_path / "schema.yaml"))
    return tmp_path


def closed_window(folder: Path) -> None:
    """Give the project a window on another day than today."""
    day = DAYS[(datetime.now() + timedelta(days=3)).weekday()]  # noqa: DTZ005  # the window is local time
    with (folder / "migration.yaml").open("a", encoding="utf-8") as file:
        file.write(f'window: {{days: [{day}], from: "01:00", to: "02:00"}}\n')


def test_a_window_that_ends_in_the_middle_stops_the_load_between_two_batches(folder: Path) -> None:
    way = opened(folder)
    way.run("", "validate")
    ends = time.time() + _OPEN
    context = replace(way.context, watcher=Slow(ends), accounted=None, parent=way.steps[-1].manifest.run)
    options = replace(way.options("load"), closes=ends)
    with way.open_target() as target:
        with pytest.raises(LimitReached) as caught:
            execute(load_stage("load"), way.inputs("load"), options, context, target=target)
        assert (caught.value.code, caught.value.exit_code) == ("load.window-ended", 4)
        run = target.runs()[-1]
        assert run.state == "stopped"
        assert 0 < run.changes < 42, "some batches went in, and not all"
    closed_window(folder)
    assert answered("load", folder / "migration.yaml", "--resume", code=(4,))["code"] == "load.window"
    done = called("load", folder / "migration.yaml", "--resume", "--ignore-window")
    assert done.returncode == 1, done.stderr
    with opened(folder).open_target() as target:
        assert [one.state for one in target.runs()] == ["done"]
        assert target.runs()[-1].changes == 42


def test_a_load_begun_outside_its_window_writes_nothing(folder: Path) -> None:
    closed_window(folder)
    way = opened(folder)
    with pytest.raises(LimitReached) as caught:
        way.run("", "load")
    assert caught.value.code == "load.window-ended"
    way = opened(folder)
    way.ignore_window = True
    assert way.run("", "load")[-1].manifest.facts["objects"]["account"]["inserted"] == 20
