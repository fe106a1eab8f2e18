"""Where the data goes: one file per kind of target, found by the scheme of its URL."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.location import Location

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmmigrate.model.connector import Connector
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

APIS = ("odoo", "rest", "sharecrm", "tryton")
"""Schemes of systems behind an API; each is the name of a file in this folder with a function `connect`."""


def open_target(location: Location | str, *, schema: TargetSchema | None = None, journal: Path | None = None) -> Target:
    """Open the target at `location`; of a database nothing is asked yet.

    Args:
        location: the URL of a database or of a system behind an API.
        schema: what the target should look like, for better hints where something is missing.
        journal: the folder in which the journal of a system behind an API lies; made where it is missing.

    Raises:
        ConfigurationError: `target.unknown`: no target has this scheme; a secret is not set.
        LocationError: `target.driver-missing`; the folder of a SQLite file does not exist.
    """
    place = Location.parse(location) if isinstance(location, str) else location
    if place.scheme in APIS:
        from crmmigrate.targets.api import ApiTarget

        if journal is None:
            raise ConfigurationError(
                "target.no-journal-folder", Message("a system behind an API is loaded from a project, in whose workspace its journal lies"), place.shown,
                Message("name it as target in a migration.yaml"),
            )  # fmt: skip
        return ApiTarget(open_connector(place), journal, schema)
    if place.scheme not in DATABASES:
        raise _unknown(place)
    try:
        module = importlib.import_module(f"crmmigrate.targets.{DATABASES[place.scheme]}")
        from crmmigrate.targets.database import DatabaseTarget

        return DatabaseTarget(module.DIALECT(), place.url(), Location(place.address).shown, schema, place.address)
    except ModuleNotFoundError as error:
        raise LocationError(
            "target.driver-missing", Message("the driver '{name}' is not installed", name=error.name), place.shown,
            Message("install it: pip install 'crmmigrate[{extra}]'", extra=DATABASES[place.scheme]),
        ) from error  # fmt: skip


def open_connector(location: Location) -> Connector:
    """Return what speaks to the system behind an API at `location`.

    Raises:
        ConfigurationError: `target.unknown`; what the connector says of its address.
    """
    if location.scheme not in APIS:
        raise _unknown(location)
    connector: Connector = importlib.import_module(f"crmmigrate.targets.{location.scheme}").connect(location)
    return connector


def described(location: Location, models: Sequence[str]) -> TargetSchema:
    """Return what the system behind an API at `location` says of some of its models; references to others are left out.

    Raises:
        ConfigurationError: none is named; one is not there.
        LocationError: it cannot be reached.
    """
    if not models:
        raise ConfigurationError(
            "schema.no-models", Message("a system behind an API has too many models to describe them all"), location.shown,
            Message("name those that are to be loaded: --table MODEL, several times"),
        )  # fmt: skip
    connector = open_connector(location)
    try:
        schema = connector.describe(models)
    finally:
        connector.close()
    for model in models:
        if model not in schema.tables:
            raise ConfigurationError(
                "schema.unknown-table", Message("no table is called '{name}'", name=model), location.shown,
                Message("name one of its models in the mapping file, or give the user the right to read it"),
            )  # fmt: skip
    tables = {
        name: replace(spec, columns={
            title: replace(column, references=column.references if column.references in schema.tables else "")
            for title, column in spec.columns.items()
        }) for name, spec in schema.tables.items()
    }  # fmt: skip
    return replace(schema, tables=tables)


def _unknown(place: Location) -> ConfigurationError:
    return ConfigurationError(
        "target.unknown", Message("there is no such kind of target: '{scheme}'", scheme=place.scheme or place.address), place.shown,
        Message("targets are {names}", names=", ".join(f"{name}://" for name in sorted((*DATABASES, *APIS)))),
    )  # fmt: skip
