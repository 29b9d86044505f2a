"""The door as it stands: one running server, its headers, its places and its room for files."""

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from bench.server import served
from bench.sessions import joined
from geo.web_assets import library_address

MOST, MIB = 2, 1 << 20


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with little room."""
    home = str(tmp_path_factory.mktemp("door"))
    little = {
        "JIQUN_MOST_SESSIONS": str(MOST),
        "JIQUN_MOST_UPLOADS": "2",
        "JIQUN_UPLOAD_MB": "1",
        "JIQUN_UPLOAD_S": "1",
    }
    with served(["cli.py", "serve", "--port", "{port}"], JIQUN_HOME=home, JIQUN_ROLE="", **little) as (address, _):
        yield address


def ask(base: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)) as connection:
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.mark.parametrize(
    "path",
    ["/", "/overview", "/_stcore/health", "/_stcore/host-config", "/favicon.png", library_address("leaflet"),
     "/tiles/firms/9/418/223.png", "/tiles/firms/99/0/0.png", "/media/none", "/component/none/index.html"],
)  # fmt: skip
def test_every_answer_says_what_may_run_and_who_may_frame_it(base: str, path: str) -> None:
    headers = ask(base, path).headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert ("unsafe-eval" in headers["content-security-policy"]) == path.startswith("/component/")


def test_who_comes_too_late_waits_until_somebody_leaves(base: str) -> None:
    with ExitStack() as readers:
        first, *_ = [readers.enter_context(joined(base)) for _ in range(MOST)]
        with pytest.raises(InvalidStatus, match="403"):
            joined(base)
        page = ask(base, "/overview?year=2021", Accept_Language="en")
        assert page.status == 503
        assert b"The server is full" in page.body
        assert ask(base, "/_stcore/health").status == 200
        assert ask(base, "/tiles/firms/9/418/223.png").status == 200
        first.close()
        assert _comes_true(lambda: ask(base, "/overview").status == 200)
        readers.enter_context(joined(base))
        with pytest.raises(InvalidStatus, match="403"):
            joined(base)


def test_files_without_room_are_refused_and_removed_ones_make_room(base: str) -> None:
    with joined(base) as reader:
        session, signed = _session(reader), _signed(base)
        uploads = f"/_stcore/upload_file/{session}/"
        assert ask(base, uploads + "a", "PUT", _form(1_000), **signed).status == 204
        large = ask(base, uploads + "b", "PUT", _form(3 * MIB), **signed)
        assert (large.status, b"larger than the room" in large.body) == (413, True)
        assert ask(base, uploads + "b", "PUT", _form(2_000), **signed).status == 204
        assert ask(base, uploads + "c", "PUT", _form(10), **signed).status == 413
        assert ask(base, uploads + "a", "DELETE", **signed).status == 204
        assert ask(base, uploads + "c", "PUT", _form(10), **signed).status == 204
        assert ask(base, "/_stcore/upload_file/made-up/a", "PUT", _form(10), **signed).status == 404


def test_a_body_without_length_and_one_without_end_are_cut(base: str) -> None:
    with joined(base) as reader:
        uploads, signed = f"/_stcore/upload_file/{_session(reader)}/", _signed(base)
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in signed.items())
        for file, parts, status in (("a", [b"x" * 65536] * 20, b"413"), ("b", [b"x" * 10], b"408")):
            host, port = urlsplit(base).netloc.split(":")
            with socket.create_connection((host, int(port)), timeout=30) as line:
                line.sendall(
                    f"PUT {uploads}{file} HTTP/1.1\r\nHost: {host}:{port}\r\n{head}"
                    "Transfer-Encoding: chunked\r\n\r\n".encode()
                )
                for part in (FORM.encode(), *parts):
                    line.sendall(b"%x\r\n%s\r\n" % (len(part), part))
                assert line.recv(65536).split(b" ")[1] == status


FORM = '--B\r\nContent-Disposition: form-data; name="f"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\n'


def _form(size: int) -> bytes:
    return FORM.encode() + b"x" * size + b"\r\n--B--\r\n"


def _signed(base: str) -> dict[str, str]:
    """Headers of an upload from a page of the app."""
    token = ask(base, "/_stcore/health").headers["set-cookie"].split(";")[0].partition("=")[2].strip('"')
    form = "multipart/form-data; boundary=B"
    return {"X_Xsrftoken": token, "Cookie": f"_streamlit_xsrf={token}", "Content_Type": form}


def _session(reader: ClientConnection) -> str:
    """Id of a session, which its first message tells."""
    message = BackMsg()
    message.rerun_script.page_name = "units"
    reader.send(message.SerializeToString())
    while True:
        told = ForwardMsg.FromString(reader.recv(timeout=60))
        if told.WhichOneof("type") == "new_session":
            return str(told.new_session.initialize.session_id)


def _comes_true(look: Callable[[], bool]) -> bool:
    return any(look() for _ in range(200))
