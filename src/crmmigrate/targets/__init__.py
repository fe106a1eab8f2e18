"""Where the data goes: one file per kind of target, found by the scheme of its URL."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.location import Location

if TYPE_CHECKING:
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.target import Target

DATABASES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
"""Scheme → the file in this folder."""


def open_target(location: Location | str, *, schema: TargetSchema | None = None) -> Target:
    """Open the target at `location`; nothing is asked of it yet.

    Args:
        location: a database URL.
        schema: what the target should look like, for better hints where something is missing.

    Raises:
        ConfigurationError: `target.unknown`: no target has this scheme; a secret is not set.
        LocationError: `target.driver-missing`; the folder of a SQLite file does not exist.
    """
    place = Location.parse(location) if isinstance(location, str) else location
    if place.scheme not in DATABASES:
        raise ConfigurationError(
            "target.unknown", Message("there is no such kind of target: '{scheme}'", scheme=place.scheme or place.address), place.shown,
            Message("targets are {names}", names=", ".join(f"{name}://" for name in sorted(DATABASES))),
        )  # fmt: skip
    try:
        module = importlib.import_module(f"crmmigrate.targets.{DATABASES[place.scheme]}")
        from crmmigrate.targets.database import DatabaseTarget

        return DatabaseTarget(module.DIALECT(), place.url(), Location(place.address).shown, schema)
    except ModuleNotFoundError as error:
        raise LocationError(
            "target.driver-missing", Message("the driver '{name}' is not installed", name=error.name), place.shown,
            Message("install it: pip install 'crmmigrate[{extra}]'", extra=DATABASES[place.scheme]),
        ) from error  # fmt: skip
