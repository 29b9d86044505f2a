"""A session uploads while it has room, and nothing is read for which there is none."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from api.uploads import UploadLimits, UploadQuota
from tests.aside import run_aside

LIMITS = UploadLimits(files=2, session_bytes=300_000, total_bytes=500_000, seconds=5)


class Streamlit:
    """Holds what comes, as Streamlit does, and notes whether it read anything."""

    def __init__(self, **held: dict[str, int]) -> None:
        self.files: dict[str, dict[str, int]] = held
        self.read = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        *_, session, file = scope["path"].split("/")
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message["body"]), message["more_body"]
            self.read += len(message["body"])
        self.files.setdefault(session, {})[file] = size
        await PlainTextResponse("", 204)(scope, receive, send)


def put(
    inner: Streamlit, session: str = "s", file: str = "f", *, told: int | str | None = None,
    parts: Iterable[int] = (10,), limits: UploadLimits = LIMITS,
) -> tuple[int, str]:  # fmt: skip
    """Status and text of one upload of parts of these sizes; an endless pause follows them when the last is 0."""
    quota = UploadQuota(inner, limits, {"s", "t"}.__contains__, lambda: inner.files)
    return run_aside(_put(quota, session, file, told, list(parts)))


async def _put(
    quota: UploadQuota, session: str, file: str, told: int | str | None, parts: list[int]
) -> tuple[int, str]:
    scope: dict[str, Any] = {
        "type": "http", "method": "PUT", "path": f"/_stcore/upload_file/{session}/{file}",
        "headers": [] if told is None else [(b"content-length", str(told).encode())],
    }  # fmt: skip
    sent: list[Message] = []
    left = iter(parts)

    async def receive() -> Message:
        size = next(left, 0)
        if size == 0:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"x" * size, "more_body": parts[-1] == 0 or size != parts[-1]}

    async def send(message: Message) -> None:
        sent.append(message)

    await quota(scope, receive, send)
    assert quota._coming == {}
    return sent[0]["status"], sent[1]["body"].decode()


def test_a_file_within_the_limits_arrives() -> None:
    inner = Streamlit()
    assert put(inner, told=1_000, parts=[1_000])[0] == 204
    assert inner.files == {"s": {"f": 1_000}}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"session": "made-up"}, 404),
        ({"told": 400_000}, 413),
        ({"told": "many"}, 400),
        ({"told": "-1"}, 400),
        ({"told": "²"}, 400),
        ({"session": "t", "told": 300_000}, 413),  # the others hold so much that all together have no room
        ({"session": "t", "file": "third"}, 413),
    ],
)
def test_what_has_no_room_is_refused_before_it_is_read(asked: dict[str, Any], status: int) -> None:
    inner = Streamlit(s={"a": 100_000}, t={"b": 50_000, "c": 50_000}, u={"d": 150_000})
    if asked.get("session") == "t" and "file" not in asked:
        asked |= {"file": "b"}
    assert put(inner, **asked)[0] == status
    assert inner.read == 0


def test_a_body_that_states_no_length_is_cut_where_its_room_ends() -> None:
    inner = Streamlit()
    status, said = put(inner, parts=[150_000] * 50 + [1])
    assert status == 413
    assert "room" in said
    assert inner.read <= LIMITS.session_bytes + 100_000
    assert inner.files == {}


def test_a_body_that_is_longer_than_it_said_is_cut_too() -> None:
    assert put(Streamlit(), told=10, parts=[150_000] * 5 + [1])[0] == 413


def test_an_upload_that_never_ends_is_ended() -> None:
    short = UploadLimits(files=2, session_bytes=300_000, total_bytes=500_000, seconds=0.05)
    status, said = put(Streamlit(), parts=[10, 0], limits=short)
    assert (status, said) == (408, "an upload may take 0.05 s")


def test_a_file_that_is_sent_again_takes_its_own_place() -> None:
    inner = Streamlit(s={"a": 200_000, "b": 50_000})
    assert put(inner, file="a", told=240_000, parts=[240_000])[0] == 204


def test_uploads_on_their_way_count_as_held() -> None:
    async def story() -> list[int]:
        inner = Streamlit()
        quota = UploadQuota(inner, LIMITS, {"s"}.__contains__, lambda: inner.files)
        going = [asyncio.create_task(quota(_scope(f"{n}"), _silent, _unheard)) for n in range(LIMITS.files)]
        await asyncio.sleep(0)
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await quota(_scope("one-more"), _silent, send)
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)
        assert quota._coming == {}
        return [sent[0]["status"]]

    assert run_aside(story()) == [413]


def _scope(file: str) -> dict[str, Any]:
    return {"type": "http", "method": "PUT", "path": f"/_stcore/upload_file/s/{file}", "headers": []}


async def _silent() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def _unheard(message: Message) -> None:
    raise AssertionError(message)
