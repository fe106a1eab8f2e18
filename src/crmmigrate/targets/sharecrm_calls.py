"""Calls to ShareCRM (纷享销客): HTTP 200 always, `errorCode` decides, and its words change.

The codes are those of 全局返回码 (developer.fxiaoke.com/openapi_v2, as described in public on 2026-09-11); which of them a live system gives for what
was not seen.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, CallRefusedError, Limits, Refusal
from crmmigrate.targets.calls import JSON, Calls, Meaning, Reply, Verdict, by_status

if TYPE_CHECKING:
    from collections.abc import Mapping

_DENIED = (
    10001, 10002, 10006, 10012, 10013, 10014, 11001, 11002, 11003, 11013, 11015, 15003, 20006, 20012, 20014, 20015, 20017, 20020, 20021, 20022, 20023, 30003,
)  # fmt: skip
"""Codes about the app, its rights or its quota; 10006 and 20017 are given for other things than the table says, but never for a row."""

_MEANINGS: dict[int, Meaning] = {
    14001: "busy", 30004: "busy", 30002: "spent", 20016: "no-session", 20005: "no-session", 11014: "no-session", -1: "open", 50009: "open",
    **dict.fromkeys(_DENIED, "denied"),
}  # fmt: skip
_FAILED = -2


class ShareCrmCalls:
    """Makes calls in the name of one person.

    Args:
        url: of the cloud in which the company is.
        place: the same for people.
        app: `appId`, `appSecret` and `permanentCode`.
        user: the open id of the person.
        limits: quota and patience.
    """

    def __init__(self, url: str, place: str, app: Mapping[str, str], user: str, limits: Limits) -> None:
        self._place, self._app, self._user = place, dict(app), user
        self._calls = Calls(url, place, limits, self._login, _judged, replace(JSON, proof="body", stamp=_trace))

    def close(self) -> None:
        """Close the connections; a token ends by itself."""
        self._calls.close()

    def read(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a call that changes nothing.

        Raises:
            LocationError: `target.failed`, or what `Calls.read` raises.
        """
        reply = self._calls.read("POST", path, body=body)
        if _code(reply) != 0:
            raise LocationError(
                "target.failed", Message("the system refuses: {why}", why=_judged(reply).code), f"{self._place}{path}", Message("look into its log")
            )  # fmt: skip
        told: dict[str, Any] = reply.data
        return told

    def write(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a call that changes one row.

        Raises:
            CallRefusedError: ShareCRM says no.
            AnswerLostError: no answer; or an error that says nothing about the row.
        """
        reply = self._calls.write("POST", path, body=body)
        code = _code(reply)
        if code is None or code == _FAILED:
            raise AnswerLostError(ended=code == _FAILED)
        if code != 0:
            raise CallRefusedError(Refusal("other"))
        told: dict[str, Any] = reply.data
        return told

    def _login(self, calls: Calls) -> dict[str, str]:
        try:
            reply = calls.plain("POST", "/cgi/corpAccessToken/get/V2", body=self._app)
        except AnswerLostError as error:
            raise LocationError(
                "target.unreachable", Message("the system does not answer: {why}", why=Message("no answer")), self._place,
                Message("check the address, the network and whether the system runs"),
            ) from error  # fmt: skip
        if _code(reply) != 0:
            raise calls.denied(_judged(reply).code)
        token, company = str(reply.data["corpAccessToken"]), str(reply.data["corpId"])
        return {"corpAccessToken": token, "corpId": company, "currentOpenUserId": self._user}


def _code(reply: Reply) -> int | None:
    """Return the code of an answer; None where it is no answer of ShareCRM's."""
    code = reply.data.get("errorCode") if isinstance(reply.data, dict) else None
    return code if isinstance(code, int) else None


def _judged(reply: Reply) -> Verdict:
    code = _code(reply)
    return by_status(reply) if code is None else Verdict(_MEANINGS.get(code, "answer"), f"errorCode {code}")


def _trace() -> dict[str, str]:
    """Name a call; no name may come twice, so that it is no key by which a call could be made again."""
    return {"thirdTraceId": str(uuid.uuid4())}
