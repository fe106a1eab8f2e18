"""The address of a system behind an API, as Tryton and Odoo write it: `SYSTEM+https://USER:SECRET@HOST:PORT/DATABASE?rows=100`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import Limits

if TYPE_CHECKING:
    from crmmigrate.model.location import Location


@dataclass(frozen=True)
class Address:
    """What an address says.

    Args:
        url: of the server.
        database: its name.
        user: may be empty.
        secret: password or key; may be empty.
        limits: `rows`, `bytes` and `answer_seconds` behind the database, the others as always.
        asked: what else is asked for there.
    """

    url: str
    database: str
    user: str
    secret: str
    limits: Limits
    asked: dict[str, str]


def read_address(location: Location, example: str, answer_seconds: float) -> Address:
    """Read the address of `location`.

    Args:
        location: with its secrets as references.
        example: a right address, for the hint.
        answer_seconds: where it says nothing else.

    Raises:
        ConfigurationError: `target.url`; a secret is not set.
    """
    parts = urlsplit(location.url())
    scheme = parts.scheme.partition("+")[2] or "https"
    database = parts.path.strip("/")
    if scheme not in ("http", "https") or not parts.hostname or not database or "/" in database:
        raise wrong_address(location, example)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    try:
        rows, size = int(asked.pop("rows", 100)), int(asked.pop("bytes", 0))
        seconds = float(asked.pop("answer_seconds", answer_seconds))
    except ValueError as error:
        raise ConfigurationError(
            "target.url", Message("'{value}' is not a number", value=parts.query), location.shown
        ) from error
    port = f":{parts.port}" if parts.port else ""
    return Address(
        f"{scheme}://{parts.hostname}{port}", database, unquote(parts.username or ""), unquote(parts.password or ""),
        Limits(rows=rows, bytes=size, answer_seconds=seconds), asked,
    )  # fmt: skip


def wrong_address(location: Location, example: str) -> ConfigurationError:
    """Return what is to be said of an address that is none."""
    return ConfigurationError(
        "target.url", Message("this is no address of a system"), location.shown,
        Message("for example: {names}", names=example),
    )  # fmt: skip
