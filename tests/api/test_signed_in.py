"""Who a request comes from, and what of it is noted, around routes of every kind."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from api import signed_in
from api.asking import viewer_of
from api.bearer import BadToken, Tokens
from api.ogc.properties import PROPERTIES
from api.signed_in import SignedIn
from clusters.readers import Claims
from clusters.sign_in import SignIn, sign_in
from data import columns as c
from data.audit import notes
from data.settings import settings
from tests.aside import run_aside
from tests.identity_provider import COOKIE_SECRET, IdentityProvider

PATHS = ("/tiles/a", "/ogc/collections/firms/items", "/ogc/collections/parks/items", "/layers/atlas.js", "/other")


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture
def configured(provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SignIn]:
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    for name, value in provider.settings(public_url="http://testserver").items():
        monkeypatch.setenv(f"JIQUN_{name}".upper(), value)
    settings.cache_clear()
    how = sign_in()
    assert how is not None
    yield how
    monkeypatch.undo()
    settings.cache_clear()


def _plain_cookie(cookies: Mapping[str, str], how: SignIn) -> dict[str, Any] | None:
    """A stand-in for the signed cookie, whose own tests are elsewhere."""
    return json.loads(cookies["who"]) if "who" in cookies else None


def _seal(cookies: Mapping[str, str], how: SignIn) -> str:
    return "whole" if "inv" in cookies.get("who", "") else ""


def client_of(how: SignIn, **others: Any) -> TestClient:
    async def who(request: Request) -> Response:
        return PlainTextResponse(str(viewer_of(request)))

    async def back(request: Request) -> Response:
        answer = RedirectResponse("/", 302)
        if "who" in request.query_params:
            answer.set_cookie("who", request.query_params["who"])
        return answer

    async def page(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json(socket.cookies)
        await socket.close()

    routes = [
        WebSocketRoute("/page", page),
        *(Route(path, who) for path in PATHS),
        Route("/oauth2callback", back),
        Route("/auth/logout", back),
    ]
    around = [
        Middleware(
            SignedIn, **{"how": how, "read_cookie": _plain_cookie, "cookie": "who", "seal": ("seal", _seal)} | others
        )
    ]
    return TestClient(Starlette(routes=routes, middleware=around), follow_redirects=False)


@pytest.fixture
def client(configured: SignIn) -> TestClient:
    return client_of(configured)


def cookie(provider: IdentityProvider, who: str, **claims: Any) -> dict[str, str]:
    return {"Cookie": "who=" + json.dumps(provider.claims(who, **claims))}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


ROLES = {"gov": "government", "nanshan": "government:440305", "inv": "investor", "pub": "public", "lost": "public"}


@pytest.mark.parametrize(("who", "role"), ROLES.items())
def test_a_token_makes_its_bearer_the_same_on_every_route(
    provider: IdentityProvider, client: TestClient, who: str, role: str
) -> None:
    assert {client.get(path, headers=bearer(provider.token(who))).text for path in PATHS} == {role}
    assert {client.get(path).text for path in PATHS} == {"public"}


def test_a_bad_token_ends_the_request_and_says_why(provider: IdentityProvider, client: TestClient) -> None:
    for path in PATHS:
        answer = client.get(path, headers=bearer(provider.token("gov", aud="another")))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Bearer realm="jiqun", error="invalid_token"')
        assert answer.headers["cache-control"] == "no-store"
    noted = list(notes(settings().home))
    assert [(one["what"], one["who"], one["path"]) for one in noted] == [("refused", "anonymous", PATHS[0])]  # a minute


@pytest.mark.parametrize("is_good", [True, False])
def test_a_cookie_that_says_nothing_here_is_kept_from_the_pages(configured: SignIn, is_good: bool) -> None:
    client = client_of(configured, read_cookie=lambda cookies, how: {"sub": "u"} if is_good else None)
    held = {"_xsrf": "x", "who": "a", "who_1": "b"}
    header = "; ".join(f"{name}={value}" for name, value in held.items())
    with client.websocket_connect("/page", headers={"Cookie": header}) as socket:
        assert socket.receive_json() == (held if is_good else {"_xsrf": "x"})


def test_a_good_cookie_does_not_help_a_bad_token(provider: IdentityProvider, client: TestClient) -> None:
    both = cookie(provider, "gov") | bearer("x.y.z")
    assert client.get("/other", headers=both).status_code == 401
    assert client.get("/other", headers=cookie(provider, "gov")).text == "government"


def test_another_scheme_is_none_of_ours(provider: IdentityProvider, client: TestClient) -> None:
    assert client.get("/other", headers={"Authorization": "Basic eDp5"}).text == "public"
    assert client.get("/other", headers={"Authorization": "bearer " + provider.token("inv")}).text == "investor"
    assert client.get("/other", headers={"Authorization": "Bearer"}).status_code == 401


def test_an_expired_cookie_is_anybodys(provider: IdentityProvider, client: TestClient) -> None:
    assert client.get("/tiles/a", headers=cookie(provider, "gov", ttl=-1)).text == "public"


def test_signing_out_ends_the_cookie_for_whoever_copied_it(provider: IdentityProvider, client: TestClient) -> None:
    held = cookie(provider, "gov", nonce="a")
    assert client.get("/other", headers=held).text == "government"
    client.get("/auth/logout", headers=held)
    assert client.get("/other", headers=held).text == "public"
    assert client.get("/other", headers=cookie(provider, "gov", nonce="b")).text == "government"
    assert [one["what"] for one in notes(settings().home)] == ["sign_out"]


def test_a_token_of_an_ended_sign_in_is_refused(provider: IdentityProvider, client: TestClient) -> None:
    now = int(time.time())
    same = {"iat": now, "exp": now + 500, "nonce": "n"}
    client.get("/auth/logout", headers=cookie(provider, "gov", **same))
    assert client.get("/other", headers=bearer(provider.token("gov", **same))).status_code == 401


def test_the_way_back_from_the_provider_is_noted_whichever_way_it_ends(
    provider: IdentityProvider, client: TestClient
) -> None:
    client.get("/oauth2callback", params={"who": json.dumps(provider.claims("inv", name=None))})
    client.cookies.clear()
    client.get("/oauth2callback")
    noted = [(one["what"], one["who"], one["role"]) for one in notes(settings().home)]
    assert noted == [("sign_in", "inv", "investor"), ("sign_in_refused", "anonymous", "public")]


def test_the_way_back_gives_the_seal_beside_the_cookie(provider: IdentityProvider, client: TestClient) -> None:
    for who, sealed in (("inv", ["who", "seal"]), ("gov", ["who"])):
        answer = client.get("/oauth2callback", params={"who": json.dumps(provider.claims(who, name=None))})
        assert [line.partition("=")[0] for line in answer.headers.get_list("set-cookie")] == sealed


def test_what_a_government_reads_of_firms_is_noted_each_time_and_tiles_once_an_hour(
    provider: IdentityProvider, client: TestClient
) -> None:
    for who in ("gov", "nanshan", "inv", "pub"):
        held = bearer(provider.token(who))
        for path in PATHS * 2:
            client.get(f"{path}?revenue_cny=123456", headers=held)
    noted = [(one["who"], one["path"]) for one in notes(settings().home)]
    assert sorted(noted) == sorted((who, path) for who in ("gov", "nanshan") for path in (PATHS[0], PATHS[1], PATHS[1]))


def test_every_collection_with_figures_of_firms_is_noted(provider: IdentityProvider, client: TestClient) -> None:
    for name in PROPERTIES:
        client.get(f"/ogc/collections/{name}/items", headers=bearer(provider.token("gov")))
    noted = {one["path"].split("/")[3] for one in notes(settings().home)}
    assert noted == {
        name for name, each in PROPERTIES.items() if {c.REVENUE_CNY, c.TOTAL_CNY} & {p.column for p in each}
    }
    assert noted == PROPERTIES.keys() - {"parks"}


def test_a_government_that_cannot_be_noted_is_not_answered(provider: IdentityProvider, client: TestClient) -> None:
    settings().home.mkdir(exist_ok=True)
    (settings().home / "audit").write_text("a file, no folder")
    for path in PATHS[:2]:
        answer = client.get(path, headers=bearer(provider.token("gov")))
        assert (answer.status_code, "audit log" in answer.text) == (503, True)
        assert client.get(path, headers=bearer(provider.token("inv"))).text == "investor"


def test_answers_that_are_a_readers_own_depend_on_the_cookie(client: TestClient) -> None:
    depending = {path: client.get(path).headers.get("vary") for path in PATHS}
    assert depending.pop("/other") is None
    assert set(depending.values()) == {"Cookie, Authorization"}


def test_where_everybody_signs_in_nobody_else_is_answered(
    provider: IdentityProvider, configured: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIQUN_REQUIRE_SIGN_IN", "true")
    settings.cache_clear()
    how = sign_in()
    assert how is not None
    client = client_of(how)
    for path in PATHS:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="jiqun"')
        assert client.get(path, headers=cookie(provider, "gov", ttl=-1)).status_code == 401
        assert client.get(path, headers=bearer(provider.token("pub"))).text == "public"


def test_a_token_that_nobody_looked_at_is_refused(provider: IdentityProvider, configured: SignIn) -> None:
    """Routes without what stands around them in the app."""

    async def who(request: Request) -> Response:
        return PlainTextResponse(str(viewer_of(request)))

    bare = TestClient(Starlette(routes=[Route("/", who)]))
    assert bare.get("/").text == "public"
    assert bare.get("/", headers=bearer(provider.token("gov"))).status_code == 401


@pytest.mark.parametrize("origin", ["https://jiqun.example.cn", "http://testserver"])
def test_cookies_are_for_https_alone_where_readers_come_by_it(configured: SignIn, origin: str) -> None:
    client = client_of(replace(configured, origin=origin))
    for path in ("/oauth2callback?who=null", "/auth/logout?who=null"):
        (line,) = client.get(path).headers.get_list("set-cookie")
        assert line.endswith("; Secure") is origin.startswith("https")


def test_tokens_that_wait_for_the_provider_keep_no_thread_from_others(
    provider: IdentityProvider, configured: SignIn
) -> None:
    """Anybody can send tokens while the provider does not answer; more of them than there are threads."""
    answered = threading.Event()

    class Waiting(Tokens):
        def claims_of(self, token: str) -> Claims:
            answered.wait(60)
            raise BadToken("the provider's keys cannot be had")

    app = client_of(configured, tokens=Waiting(configured)).app

    async def main() -> list[int]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver") as client:
            waiting = [asyncio.create_task(client.get("/other", headers=bearer("x.y.z"))) for _ in range(60)]
            await asyncio.sleep(0)
            try:
                async with asyncio.timeout(30):
                    reading = await client.get(PATHS[1], headers=cookie(provider, "gov"))
            finally:
                answered.set()
            return [reading.status_code, *{answer.status_code for answer in await asyncio.gather(*waiting)}]

    assert run_aside(main()) == [200, 401]


def test_refusals_of_many_addresses_do_not_fill_the_log(
    configured: SignIn, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setattr(signed_in, "REFUSALS_AT_ONCE", 3.0)
    app = client_of(configured).app
    for host in ("2001:db8::1", "2001:db8::2", *(f"198.51.100.{n}" for n in range(20))):
        answer = TestClient(app, client=(host, 1)).get("/other", headers=bearer("x.y.z"))
        assert answer.status_code == 401
    assert [one["client"] for one in notes(settings().home)][:2] == ["2001:db8::1", "198.51.100.0"]
    assert len(list(notes(settings().home))) in (3, 4)  # one more is allowed each second


def test_secrets_stand_in_no_answer(provider: IdentityProvider, client: TestClient) -> None:
    for token in (provider.token("gov", signature="shared"), "x", provider.token("gov", aud="other")):
        answer = client.get("/other", headers=bearer(token))
        assert COOKIE_SECRET not in answer.text + str(answer.headers)
        assert token == "x" or token not in answer.text + str(answer.headers)  # noqa: S105
