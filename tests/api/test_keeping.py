"""An answer that is held is the answer that was made, whatever lies around its route, and room has an end."""

import gzip

import pytest
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.keeping import AROUND_BYTES, HeldAnswers, answer_kept
from tests.api.conftest import ask

LONG = b"abc" * 5_000
MADE: list[str] = []


async def shown(request: Request) -> Response:
    """A long text, held after it was made once."""
    if again := HELD.again(request, request.url.path):
        return again
    MADE.append(request.url.path)
    made = answer_kept(request, "tag", True, lambda: Response(LONG, media_type="text/plain"))
    HELD.hold(request.url.path, made)
    return made


HELD = HeldAnswers(10**6)


@pytest.fixture(autouse=True)
def empty() -> None:
    global HELD
    HELD = HeldAnswers(10**6)
    MADE.clear()


def test_an_answer_is_made_once_and_is_the_same_each_time() -> None:
    routes = [Route("/a", shown)]
    first, second = ask(routes, "/a"), ask(routes, "/a")
    assert first == second
    assert first.body == LONG
    assert MADE == ["/a"]
    held = ask(routes, "/a", known=first.headers["etag"])
    assert (held.status, held.body, held.headers["etag"]) == (304, b"", first.headers["etag"])


def test_what_packs_an_answer_does_not_change_the_held_one() -> None:
    packed = [Route("/a", shown, middleware=[Middleware(GZipMiddleware)])]
    for _ in range(3):
        answer = ask(packed, "/a", accepts="gzip")
        assert gzip.decompress(answer.body) == LONG
        assert ask([Route("/a", shown)], "/a").body == LONG


def test_the_least_used_goes_when_there_is_no_room() -> None:
    held = HeldAnswers(2 * (len(LONG) + 2 * AROUND_BYTES))
    request = Request({"type": "http", "headers": []})
    for key in ("a", "b"):
        held.hold(key, Response(LONG, headers={"ETag": key, "Cache-Control": "x"}))
    assert held.again(request, "a") is not None
    held.hold("c", Response(LONG, headers={"ETag": "c", "Cache-Control": "x"}))
    assert [key for key in "abc" if held.again(request, key)] == ["a", "c"]


def test_an_empty_answer_and_a_long_address_take_room_too() -> None:
    """Else whoever made up addresses of empty tiles would fill the memory."""
    held = HeldAnswers(40 * 10_000)
    addresses = [f"{number:03d}".ljust(10_000, "x") for number in range(100)]
    for address in addresses:
        held.hold(address, Response(status_code=204, headers={"ETag": address[:3], "Cache-Control": "x"}))
    request = Request({"type": "http", "headers": []})
    there = [address[:3] for address in addresses if held.again(request, address)]
    assert 0 < len(there) < 40
    assert there[-1] == "099"


def test_what_has_no_tag_is_not_held() -> None:
    held = HeldAnswers(10**6)
    held.hold("a", Response("no such tile", 404))
    held.hold("b", Response(status_code=304, headers={"ETag": "b", "Cache-Control": "x"}))
    request = Request({"type": "http", "headers": []})
    assert held.again(request, "a") is None
    assert held.again(request, "b") is None
