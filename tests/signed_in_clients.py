"""Readers of a served app with sign-in, by what they bring, and what they are given over HTTP and websocket."""

import json
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, generate_xsrf_token_string
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from tests.identity_provider import COOKIE_SECRET, IdentityProvider
from views.sign_in_cookie import COOKIE

XSRF, DONE = "_streamlit_xsrf", ForwardMsg.FINISHED_SUCCESSFULLY
PATIENCE_S = 90
PLAIN = ssl.create_default_context()  # made once: httpx2 would read all certificates for every request without TLS


@dataclass(frozen=True)
class Served:
    """A server and the provider at which one signs in."""

    base: str
    provider: IdentityProvider

    def cookie(self, who: str, **claims: Any) -> str:
        """The cookie that a sign-in leaves."""
        said = self.provider.claims(who, **claims) | {"origin": self.base, "is_logged_in": True, "provider": "default"}
        return create_signed_value(COOKIE_SECRET, COOKIE, json.dumps(said)).decode()

    def tampered(self) -> str:
        """The cookie of the public with the claims of a government."""
        head, *rest = self.cookie("pub").rsplit(".", 2)
        other = self.cookie("gov").rsplit(".", 2)[0]
        assert head != other
        return ".".join((other, *rest))

    def headers(self, reader: str) -> dict[str, str]:
        """What a reader brings: a cookie, a token, or nothing."""
        kind, _, who = reader.partition(" ")
        if kind == "token":
            return {"Authorization": f"Bearer {self.provider.token(who)}"}
        cookies = {
            "anonymous": None,
            "tampered": self.tampered(),
            "expired": self.cookie("gov", ttl=-1),
            "cookie": self.cookie(who) if who else None,
        }
        return {} if cookies[kind] is None else {"Cookie": f"{COOKIE}={cookies[kind]}"}

    def get(self, reader: str, path: str, **headers: str) -> httpx2.Response:
        """One answer."""
        return httpx2.get(self.base + path, headers=self.headers(reader) | headers, timeout=60, verify=PLAIN)

    def page(self, reader: str, name: str, **query: str) -> list[bytes]:
        """All that the websocket gives for one run of a page, until it is done."""
        token, held = generate_xsrf_token_string(), self.headers(reader).get("Cookie", "")
        cookies = "; ".join(filter(None, (f"{XSRF}={token}", "jiqun_tour=seen", held)))
        asked, frames = BackMsg(), []
        asked.rerun_script.page_script_hash = calc_hash(name)
        asked.rerun_script.query_string = urlencode(query)
        deadline = time.monotonic() + PATIENCE_S
        with connect(
            self.base.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=[Subprotocol("streamlit"), Subprotocol(token)],
            additional_headers={"Cookie": cookies},
            origin=Origin(self.base),
            max_size=None,
            proxy=None,
        ) as socket:
            socket.send(asked.SerializeToString())
            while True:
                frame = socket.recv(timeout=deadline - time.monotonic())
                assert isinstance(frame, bytes)
                frames.append(frame)
                said = ForwardMsg.FromString(frame)
                if said.WhichOneof("type") == "script_finished" and said.script_finished == DONE:
                    return frames
