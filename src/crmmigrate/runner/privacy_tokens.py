"""Find a personal value again where only its token stands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.privacy import STAGE_SCAN, token
from crmmigrate.reports.privacy import DATA
from crmmigrate.runner.trial import KEY, masking_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.runner.workspace import Workspace


def find_tokens(workspace: Workspace, values: Iterable[str]) -> dict[str, list[str]]:
    """Return token → where scans found its value, `run: file: place`, for each of some values.

    Only who may read the workspace's key (`mask.key`) can do this; the values themselves are written nowhere.

    Raises:
        ConfigurationError: there is no key: nothing was scanned here, or a purge destroyed it.
    """
    if not (workspace.folder / KEY).exists():
        raise workspace.destroyed() or ConfigurationError(
            "pii.no-key", Message("nothing was looked through in this workspace, so there are no tokens"), str(workspace.folder),
            Message("look through what there is now: {scan}", scan="crmmigrate pii scan"),
        )  # fmt: skip
    key = masking_key(workspace)
    wanted: dict[str, list[str]] = {token(key, value): [] for value in values}
    for manifest in workspace.manifests():
        path = workspace.runs_folder / manifest.run / "reports" / DATA
        if manifest.stage == STAGE_SCAN and path.exists():
            for leak in json.loads(path.read_text(encoding="utf-8"))["leaks"]:
                if leak["token"] in wanted:
                    wanted[leak["token"]].append(f"{manifest.run}: {leak['file']}: {leak['place']}")
    return wanted
