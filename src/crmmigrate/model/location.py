"""Where a table lies: a file, a folder, a database, or standard input and output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.secret import NAMED, with_secrets

_URL = re.compile(r"^([a-z][a-z0-9+]*)://", re.IGNORECASE)
# A password written out may hold ':', '/' and '@' itself: everything from the user's colon to the last '@' is taken for it.
_PASSWORD = re.compile(r"(://[^:@/?#]*:)(.*)(?=@)")
_PARAMETER = re.compile(r"([?&](?:password|passwd|pwd|permanent_code)=)([^&#]*)", re.IGNORECASE)
_SECRET_ALONE = re.compile(
    rf"(://[^:@/?#]*:|[?&](?:password|passwd|pwd|permanent_code)=){NAMED}(?=[@&#]|$)", re.IGNORECASE
)
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql",
            "mariadb": "mariadb+pymysql", "mssql": "mssql+pyodbc", "oracle": "oracle+oracledb"}  # fmt: skip


@dataclass(frozen=True)
class Location:
    """A place that holds one table or several.

    Args:
        address: a path, a database URL, or `-`; secrets only as `${env:NAME}` or `${keyring:SERVICE/USER}`.
        table: the sheet or table behind `#`, or empty for all of them.
    """

    address: str
    table: str = ""

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read `address#table`. A `#` inside an existing file's name is part of the name.

        Raises:
            ConfigurationError: the text is empty.
        """
        if not text:
            raise ConfigurationError("location.empty", Message("a location is empty"))
        if not _URL.match(text) and Path(text).exists():
            return cls(text)
        address, _, table = text.partition("#")
        return cls(address, table)

    @property
    def is_stream(self) -> bool:
        """Whether this is `-`: CSV on standard input or output."""
        return self.address == "-"

    @property
    def scheme(self) -> str:
        """The database scheme (`sqlite`, `postgresql`, `mysql`, …), or empty for a path."""
        found = _URL.match(self.address)
        return found.group(1).lower().partition("+")[0] if found else ""

    @property
    def is_database(self) -> bool:
        """Whether this is a database URL."""
        return bool(self.scheme)

    @property
    def path(self) -> Path:
        """The file or folder (only for paths)."""
        return Path(self.address)

    @property
    def file(self) -> Path | None:
        """The file or folder behind the location, a SQLite database's too; None for a server or a stream."""
        if self.scheme == "sqlite":
            return Path(self.address.partition(":///")[2])
        return None if self.is_database or self.is_stream else self.path

    @property
    def name(self) -> str:
        """A short name for messages and record ids: file name, database name, or `stdin`."""
        if self.is_stream:
            return "stdin"
        if self.is_database:
            place = _hidden(self.address).partition("?")[0].rpartition("/")[2].rpartition("@")[2]
            return PurePath(place or self.scheme).stem
        return self.path.name

    @property
    def shown(self) -> str:
        """The location without its password, for messages, manifests and logs."""
        shown = _hidden(self.address) if self.is_database else self.address
        return f"{shown}#{self.table}" if self.table else shown

    @property
    def has_password(self) -> bool:
        """Whether a password is written out in the URL instead of being named."""
        rest = _SECRET_ALONE.sub("", self.address)
        return self.is_database and any(found.group(2) for p in (_PASSWORD, _PARAMETER) for found in p.finditer(rest))

    def url(self, environ: dict[str, str] | None = None) -> str:
        """Return the database URL with its driver and its secrets from `environ` (by default the process's).

        Raises:
            ConfigurationError: `location.secret-missing`, `location.no-keyring`.
        """
        from urllib.parse import quote

        scheme, rest = self.address.split("://", 1)
        filled = with_secrets(rest, self.shown, environ, lambda secret: quote(secret, safe=""))
        return f"{_DRIVERS.get(scheme.lower(), scheme)}://{filled}"

    def __str__(self) -> str:
        return self.shown


def _hidden(address: str) -> str:
    return _PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1***", address))
