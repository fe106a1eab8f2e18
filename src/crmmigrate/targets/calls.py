"""HTTP calls to one system: paced to its quota, made again where nothing can have been done, and honest about lost answers."""

from __future__ import annotations

import json
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    import tenacity

TRIES = 8
"""How often a call is made that the system was too busy for, or did not take at all: two minutes with the pauses between."""

LONGEST_PAUSE = 30.0
_TIMEOUT = 60.0

Meaning = Literal["answer", "busy", "no-session", "denied", "spent", "open"]
"""What an answer says about the call itself: nothing; too many calls for now; we have to log in (again); we may not; too many calls for
today; or it leaves open whether the call was done."""

_MEANINGS: dict[int, Meaning] = {429: "busy", 401: "no-session", 403: "denied", 502: "open", 503: "open", 504: "open"}
"""Those of 50x are a gateway's: the system behind it may have done the call all the same."""


@dataclass(frozen=True)
class Wire:
    """How calls travel.

    Args:
        kind: the media type of their bodies.
        written: makes bytes of what is sent.
        read: makes data of bytes, or raises ValueError.
        proof: whether the proof of who we are travels as headers, or as fields of the body.
        stamp: makes what is added to the query of each call.
    """

    kind: str
    written: Callable[[Any], bytes]
    read: Callable[[bytes], Any]
    proof: Literal["headers", "body"] = "headers"
    stamp: Callable[[], dict[str, str]] | None = None


JSON = Wire("application/json", lambda body: json.dumps(body, ensure_ascii=False).encode(), json.loads)


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, and the data of the body (None where it holds none)."""

    status: int
    data: Any


@dataclass(frozen=True)
class Verdict:
    """What an answer means, and by which code it says so."""

    meaning: Meaning
    code: str = ""


def by_status(reply: Reply) -> Verdict:
    """Judge an answer by its HTTP status."""
    return Verdict(_MEANINGS.get(reply.status, "answer"), f"HTTP {reply.status}")


class _NotDoneError(Exception):
    """The call was certainly not done; after `pause` seconds it can be made again."""

    def __init__(self, error: LocationError, pause: float = 0.0) -> None:
        super().__init__()
        self.error = error
        self.pause = pause


class Calls:
    """Makes calls.

    Args:
        url: of the system; paths follow it.
        place: the same for people.
        limits: quota and patience.
        login: returns what proves who we are; asked anew where it does not count any more.
        judge: what an answer means for the call.
        wire: how calls travel.
    """

    def __init__(
        self, url: str, place: str, limits: Limits, login: Callable[[Calls], dict[str, str]],
        judge: Callable[[Reply], Verdict] = by_status, wire: Wire = JSON,
    ) -> None:  # fmt: skip
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise LocationError(
                "target.driver-missing", Message("the driver '{name}' is not installed", name=error.name), place,
                Message("install it: pip install 'crmmigrate[{extra}]'", extra="api"),
            ) from error  # fmt: skip
        try:
            self._client = httpx.Client(base_url=url, timeout=_TIMEOUT, follow_redirects=False)
        except httpx.InvalidURL as error:
            raise ConfigurationError("target.url", Message("this is no address of a system"), place) from error
        self.place = place
        self._limits = limits
        self._login = login
        self._judge = judge
        self._wire = wire
        self._proof: dict[str, str] | None = None
        self._made: dict[str, deque[float]] = {}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None) -> Reply:
        """Make a call that changes nothing; whatever goes wrong on the way, it is made again.

        Raises:
            LocationError: `target.unreachable`, `target.busy-calls`, `target.denied`.
            LimitReached: `target.calls-spent`.
        """

        def once() -> Reply:
            try:
                return self._made_once(method, path, query, body)
            except AnswerLostError as error:
                raise _NotDoneError(self._unreachable(Message("no answer"))) from error

        return self._tried(once)

    def write(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:  # fmt: skip
        """Make a call that changes something; it is made again only where it was certainly not done.

        Raises:
            AnswerLostError: it was sent and no answer came.
            LocationError, LimitReached: as for `read`.
        """
        return self._tried(lambda: self._made_once(method, path, query, body, headers))

    def last(self, method: str, path: str, *, body: Any = None) -> None:
        """Make a last call where there is a session to be ended, whatever becomes of it; the next call logs in anew."""
        if self._proof:
            with suppress(AnswerLostError, _NotDoneError):
                self._proven(method, path, None, body)
            self._proof = None

    def _tried(self, once: Callable[[], Reply]) -> Reply:
        import tenacity

        grows = tenacity.wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE)

        def pause(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            return max(getattr(error, "pause", 0.0), 0.0) or float(grows(state))

        try:
            reply: Reply = tenacity.Retrying(
                stop=tenacity.stop_after_attempt(TRIES), wait=pause, retry=tenacity.retry_if_exception_type(_NotDoneError), reraise=True
            )(once)  # fmt: skip
        except _NotDoneError as error:
            raise error.error from error
        return reply

    def _made_once(
        self, method: str, path: str, query: dict[str, str] | None, body: Any, headers: dict[str, str] | None = None
    ) -> Reply:  # fmt: skip
        new = self._proof is None
        reply = self._answered(method, path, query, body, headers)
        if self._judge(reply).meaning == "no-session" and not new:  # the session has ended
            self._proof = None
            reply = self._answered(method, path, query, body, headers)
        verdict = self._judge(reply)
        if verdict.meaning in ("no-session", "denied"):
            raise self.denied(verdict.code)
        if verdict.meaning == "spent":
            raise LimitReached(
                "target.calls-spent", Message("the system takes no more calls today ({code})", code=verdict.code), self.place,
                Message("go on when it counts anew, with --resume"),
            )  # fmt: skip
        if verdict.meaning == "open":
            raise AnswerLostError
        return reply

    def denied(self, code: str) -> LocationError:
        """Return the error that the system refuses us, with the code by which it says so."""
        return LocationError(
            "target.denied", Message("the system refuses the user ({code})", code=code), self.place,
            Message("check user, password or token, and the rights on this model"),
        )  # fmt: skip

    def _answered(
        self, method: str, path: str, query: dict[str, str] | None, body: Any, headers: dict[str, str] | None
    ) -> Reply:  # fmt: skip
        if self._proof is None:
            self._proof = {}  # the login is a call itself
            try:
                self._proof = self._login(self)
            except AnswerLostError as error:  # to log in twice does no harm
                self._proof = None
                raise _NotDoneError(self._unreachable(Message("no answer"))) from error
            except BaseException:
                self._proof = None
                raise
        return self._proven(method, path, query, body, headers)

    def _proven(
        self, method: str, path: str, query: dict[str, str] | None, body: Any, headers: dict[str, str] | None = None
    ) -> Reply:  # fmt: skip
        if self._wire.proof == "body":
            return self.plain(method, path, query=query, body={**(self._proof or {}), **(body or {})}, headers=headers)
        return self.plain(method, path, query=query, body=body, headers={**(self._proof or {}), **(headers or {})})

    def plain(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:  # fmt: skip
        """Make one call, once, as it is.

        Raises:
            AnswerLostError: no answer came.
        """
        import httpx

        self._wait(path)
        content = None if body is None else self._wire.written(body)
        sent = {"Content-Type": self._wire.kind, **(headers or {})}
        try:
            asked = {**(query or {}), **self._wire.stamp()} if self._wire.stamp else query
            answer = self._client.request(method, path, params=asked, content=content, headers=sent)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise _NotDoneError(self._unreachable(Message("no connection"))) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise AnswerLostError from error
        reply = Reply(answer.status_code, self._opened(answer.content))
        if self._judge(reply).meaning == "busy":
            busy = LocationError(
                "target.busy-calls", Message("the system takes no more calls for now"), self.place,
                Message("resume later, or lower 'calls' under limits"),
            )  # fmt: skip
            raise _NotDoneError(busy, _retry_after(answer.headers.get("Retry-After", "")))
        return reply

    def _opened(self, content: bytes) -> Any:
        try:
            return self._wire.read(content)
        except ValueError:
            return None

    def _wait(self, path: str) -> None:
        """Keep to the quota: the call that would be one too many waits until the window has moved on."""
        if not self._limits.calls:
            return
        made = self._made.setdefault(path if self._limits.each else "", deque())
        while len(made) >= self._limits.calls:
            left = made[0] + self._limits.seconds - time.monotonic()
            if left > 0:
                time.sleep(left)
            made.popleft()
        made.append(time.monotonic())

    def _unreachable(self, why: Message) -> LocationError:
        return LocationError(
            "target.unreachable", Message("the system does not answer: {why}", why=why), self.place,
            Message("check the address, the network and whether the system runs"),
        )  # fmt: skip


def _retry_after(text: str) -> float:
    """Return the seconds that the system asks for; the form with a date is not heeded."""
    return min(float(text), LONGEST_PAUSE) if text.isdigit() else 0.0
