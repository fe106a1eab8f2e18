"""Secrets by name, in the place of what they stand for: `${env:NAME}` of the environment, `${keyring:SERVICE/USER}` of the system's keyring."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMED = r"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^{}/]+/[^{}]+)\}"
"""What names a secret, as a regular expression."""

_NAMED = re.compile(NAMED)


def names_secret(text: str) -> bool:
    """Whether a secret is named in a text."""
    return _NAMED.search(text) is not None


def with_secrets(
    text: str, place: str, environ: Mapping[str, str] | None = None, write: Callable[[str], str] = str
) -> str:
    """Return a text with the secrets themselves in it.

    Args:
        text: that names them.
        place: where it stands, for errors.
        environ: the environment; by default that of the process.
        write: how a secret is written there.

    Raises:
        ConfigurationError: `location.secret-missing`: it is not set, or not in the keyring; `location.no-keyring`: the keyring cannot be asked.
    """
    values = os.environ if environ is None else environ

    def secret(found: re.Match[str]) -> str:
        kind, _, name = found.group()[2:-1].partition(":")
        if kind == "keyring":
            service, _, user = name.partition("/")
            return write(_from_keyring(service, user, place))
        if name not in values:
            raise ConfigurationError(
                "location.secret-missing", Message("the environment variable {name} is not set", name=name), place,
                Message("set {name} in the environment, then run the command again", name=name),
            )  # fmt: skip
        return write(values[name])

    return _NAMED.sub(secret, text)


def _from_keyring(service: str, user: str, place: str) -> str:
    try:
        import keyring
        import keyring.errors
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "location.no-keyring", Message("the library '{name}' is not installed", name="keyring"), place,
            Message("install it: pip install 'crmmigrate[{extra}]'", extra="keyring"),
        ) from error  # fmt: skip
    try:
        kept = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise ConfigurationError(
            "location.no-keyring", Message("the keyring cannot be read ({why})", why=type(error).__name__), place,
            Message("unlock it, or see what 'keyring diagnose' says"),
        ) from error  # fmt: skip
    if kept is None:
        raise ConfigurationError(
            "location.secret-missing", Message("the keyring has no secret of '{user}' for '{service}'", user=user, service=service), place,
            Message('put it there: keyring set "{service}" "{user}"', service=service, user=user),
        )  # fmt: skip
    return kept
