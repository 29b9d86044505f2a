"""How long an answer is kept: by a browser for good when its address names its content, here while there is room."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

KEPT, ASKED_AGAIN = "private, max-age=31536000, immutable", "private, no-cache"
AROUND_BYTES = 1024
"""What an answer takes beside its body and its key; even an empty one takes room."""


@dataclass(frozen=True)
class _Held:
    body: bytes
    status: int
    headers: dict[str, str]
    media_type: str | None
    size: int


class HeldAnswers:
    """The last answers, to be sent again without another thread; for the event loop alone.

    Parameters
    ----------
    most_bytes : int
        Of all answers with their keys, which readers choose; the least used are let go beyond that.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._answers: OrderedDict[Hashable, _Held] = OrderedDict()

    def again(self, request: Request, key: Hashable) -> Response | None:
        """The answer of this key, or 304 when the browser holds it; ``None`` when it is not held here."""
        held = self._answers.get(key)
        if held is None:
            return None
        self._answers.move_to_end(key)
        if _is_held(request.headers.get("if-none-match", ""), held.headers["etag"]):
            return Response(status_code=304, headers=held.headers)
        # a new one each time: what lies around the routes writes into the headers of an answer
        return Response(held.body, held.status, held.headers, held.media_type)

    def hold(self, key: Hashable, answer: Response) -> None:
        """Hold an answer that has a tag; others, and a mere 304, are not held."""
        if answer.status_code == 304 or "etag" not in answer.headers or key in self._answers:
            return
        headers = {name: answer.headers[name] for name in ("etag", "cache-control")}
        size = len(answer.body) + len(repr(key)) + AROUND_BYTES
        self._answers[key] = _Held(bytes(answer.body), answer.status_code, headers, answer.media_type, size)
        self._bytes += size
        while self._bytes > self._most_bytes:
            _, gone = self._answers.popitem(last=False)
            self._bytes -= gone.size


def answer_kept(request: Request, tag: str, stamped: bool, make: Callable[[], Response]) -> Response:
    """The answer with its tag, or 304 when the browser holds it.

    Parameters
    ----------
    request : Request
    tag : str
        Names the content; written as a weak ETag.
    stamped : bool
        Whether the address names the content too.
    make : callable
        Makes the answer; called only when it is needed.
    """
    etag = f'W/"{tag}"'
    headers = {"ETag": etag, "Cache-Control": KEPT if stamped else ASKED_AGAIN}
    if _is_held(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    response = make()
    response.headers.update(headers)
    return response


def _is_held(header: str, etag: str) -> bool:
    """Whether the browser holds this very answer: weak comparison, RFC 9110 section 13.1.2."""
    held = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in held or etag.removeprefix("W/") in held
