"""What tests of the runner share: one migration that went through all its steps, copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.runner.small_migration import migrated, opened

from crmmigrate.runner.trial import rehearse


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small migration, tried, loaded and reconciled. Nobody writes into it: take `folder`."""
    folder = migrated(tmp_path_factory.mktemp("finished"))
    rehearse(opened(folder))
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of the finished migration."""
    return Path(shutil.copytree(finished, tmp_path / "p"))
