"""HTTP calls to one system: paced to its quota, made again where nothing can have been done, and honest about lost answers."""

from __future__ import annotations

import json
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    import tenacity

TRIES = 8
"""How often a call is made that the system was too busy for, or did not take at all: two minutes with the pauses between."""

LONGEST_PAUSE = 30.0
_TIMEOUT = 60.0
_BUSY = 429
_WHO, _DENIED = 401, 403
_NO_ANSWER = (502, 503, 504)  # of a gateway: the system behind it may have done the call all the same


@dataclass(frozen=True)
class Reply:
    """What came back: the HTTP status, and the JSON of the body (None where it holds none)."""

    status: int
    data: Any


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
        login: returns the headers that prove who we are; asked anew where they do not count any more.
        is_busy: whether an answer of whatever status means that there were too many calls.
    """

    def __init__(
        self, url: str, place: str, limits: Limits, login: Callable[[Calls], dict[str, str]], is_busy: Callable[[Reply], bool] = lambda _: False
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
        self._is_busy = is_busy
        self._headers: dict[str, str] | None = None
        self._made: deque[float] = deque()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None) -> Reply:
        """Make a call that changes nothing; whatever goes wrong on the way, it is made again.

        Raises:
            LocationError: `target.unreachable`, `target.busy-calls`, `target.denied`.
        """

        def once() -> Reply:
            try:
                return self._made_once(method, path, query, body)
            except AnswerLostError as error:
                raise _NotDoneError(self._unreachable(Message("no answer"))) from error

        return self._tried(once)

    def write(self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None) -> Reply:
        """Make a call that changes something; it is made again only where it was certainly not done.

        Raises:
            AnswerLostError: it was sent and no answer came.
            LocationError: as for `read`.
        """
        return self._tried(lambda: self._made_once(method, path, query, body))

    def last(self, method: str, path: str, *, body: Any = None) -> None:
        """Make a last call where there is a session to be ended, whatever becomes of it; the next call logs in anew."""
        if self._headers:
            with suppress(AnswerLostError, _NotDoneError):
                self.plain(method, path, body=body, headers=self._headers)
            self._headers = None

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

    def _made_once(self, method: str, path: str, query: dict[str, str] | None, body: Any) -> Reply:
        new = self._headers is None
        reply = self._answered(method, path, query, body)
        if reply.status == _WHO and not new:  # the session has ended
            self._headers = None
            reply = self._answered(method, path, query, body)
        if reply.status in (_WHO, _DENIED):
            raise LocationError(
                "target.denied", Message("the system refuses the user (HTTP {status})", status=reply.status), self.place,
                Message("check user, password or token, and the rights on this model"),
            )  # fmt: skip
        if reply.status in _NO_ANSWER:
            raise AnswerLostError
        return reply

    def _answered(self, method: str, path: str, query: dict[str, str] | None, body: Any) -> Reply:
        if self._headers is None:
            self._headers = {}  # the login is a call itself
            try:
                self._headers = self._login(self)
            except AnswerLostError as error:  # to log in twice does no harm
                self._headers = None
                raise _NotDoneError(self._unreachable(Message("no answer"))) from error
            except BaseException:
                self._headers = None
                raise
        return self.plain(method, path, query=query, body=body, headers=self._headers)

    def plain(
        self, method: str, path: str, *, query: dict[str, str] | None = None, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:  # fmt: skip
        """Make one call, once, as it is.

        Raises:
            AnswerLostError: no answer came.
        """
        import httpx

        self._wait()
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        try:
            answer = self._client.request(method, path, params=query, content=content, headers=sent)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise _NotDoneError(self._unreachable(Message("no connection"))) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise AnswerLostError from error
        reply = Reply(answer.status_code, _json(answer))
        if answer.status_code == _BUSY or self._is_busy(reply):
            busy = LocationError(
                "target.busy-calls", Message("the system takes no more calls for now"), self.place,
                Message("resume later, or lower 'calls' under limits"),
            )  # fmt: skip
            raise _NotDoneError(busy, _retry_after(answer.headers.get("Retry-After", "")))
        return reply

    def _wait(self) -> None:
        """Keep to the quota: the call that would be one too many waits until the window has moved on."""
        if not self._limits.calls:
            return
        while len(self._made) >= self._limits.calls:
            left = self._made[0] + self._limits.seconds - time.monotonic()
            if left > 0:
                time.sleep(left)
            self._made.popleft()
        self._made.append(time.monotonic())

    def _unreachable(self, why: Message) -> LocationError:
        return LocationError(
            "target.unreachable", Message("the system does not answer: {why}", why=why), self.place,
            Message("check the address, the network and whether the system runs"),
        )  # fmt: skip


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _retry_after(text: str) -> float:
    """Return the seconds that the system asks for; the form with a date is not heeded."""
    return min(float(text), LONGEST_PAUSE) if text.isdigit() else 0.0
