"""What stands in the YAML file that describes a REST API to `rest.py`; docs/targets.md explains it by an example."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from crmmigrate.model.connector import Limits, Reason
from crmmigrate.model.schema import TargetTable


@dataclass(frozen=True)
class CallSpec:
    """One call; `{model}`, `{key}`, `{rows}` and the like stand for what is sent.

    Args:
        at: the path behind the URL; `query` its parameters; `body` what is sent as JSON. A text that is one blank alone (`"{rows}"`)
            becomes the very thing, lists included.
        headers: what is sent beside the proof of who we are, as `If-Match: "{revision}"`.
        answer: JMESPath from the body to what is asked: rows, or a list of {record or key, key, error, column}.
        next: JMESPath to what stands for `{next}` in the following call; nothing where there is none.
    """

    at: str = field(metadata={"name": "path"})
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    answer: str = "@"
    next: str = ""


@dataclass(frozen=True)
class Auth:
    """How we prove who we are: a header (`value: Bearer ${env:TOKEN}`), or a token that a call of login answers.

    Args:
        header: its name; `value` holds the secret as `${env:NAME}` or `${keyring:SERVICE/USER}`, or the blank `{token}`.
        login: the call that answers the token; made again when the token does not count any more.
    """

    value: str
    header: str = "Authorization"
    login: CallSpec | None = None


@dataclass(frozen=True)
class CallSpecs:
    """What the system can be asked: `scan`, `find`, `create`, `update`, `delete` and, where it tells, `describe` and `count` (`{where}`: field → value)."""

    scan: CallSpec
    find: CallSpec
    create: CallSpec
    update: CallSpec
    delete: CallSpec
    describe: CallSpec | None = None
    count: CallSpec | None = None


@dataclass(frozen=True)
class RestSpec:
    """A description of a REST API.

    Args:
        url: of the system; `auth` and `limits` as it wants them.
        external_id: the field, unique in every model, that takes the record: rows are found again by it.
        atomic: whether one row to blame refuses its whole call.
        error: JMESPath from the body of a refused call to its code; `column` likewise to the field to blame.
        errors: code → reason; a code that is not listed is `other`.
        revision: the field of each row that changes whenever the row does. It is sent along with changes and deletions, in the rows and as `{revision}`, so
            that the system refuses them where somebody has changed the row since it was looked at (HTTP 412, or a code whose reason is `edited`).
        busy: codes that mean too many calls, where the HTTP status does not say so.
        tables: the models with their fields, as in schema.yaml. Where the system describes itself, `describe` answers these.
        links: model → fields of other models whose rows would go with it (`contacts.account_id`).
        names: model → fields by which people name its rows.
        before_delete: model → fields to be set before a row may be deleted.
        archived: model → the fields that say that a row is archived, as they are then (`active: false`).
    """

    version: int
    url: str
    external_id: str
    calls: CallSpecs
    auth: Auth | None = None
    limits: Limits = field(default_factory=Limits)
    atomic: bool = False
    error: str = ""
    column: str = ""
    errors: dict[str, Reason] = field(default_factory=dict)
    revision: str = ""
    busy: tuple[str, ...] = ()
    tables: dict[str, TargetTable] = field(default_factory=dict)
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    before_delete: dict[str, dict[str, Any]] = field(default_factory=dict)
    archived: dict[str, dict[str, Any]] = field(default_factory=dict)
