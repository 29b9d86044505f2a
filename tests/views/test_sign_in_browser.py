"""A real browser signs in at a real provider: in, out in one of two tabs, and an open page whose time is over."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import BrowserContext, Page, expect

from tests.identity_provider import COOKIE_SECRET, PASSWORD, IdentityProvider
from tests.views.conftest import Guarded, Server
from views.sign_in_cookie import COOKIE
from views.words import words

T = words("en")


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def signing(provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    home = tmp_path_factory.mktemp("signing")
    server = Server(["-m", "cli", "serve", "--port"], home / "log.txt", home, **provider.settings())
    yield server, home
    server.stop()
    log = server.log.read_text()
    assert not [one for one in server.tracebacks() if "joserfc" not in one]  # a refused token is told to the operator
    assert not [secret for secret in (COOKIE_SECRET, PASSWORD) if secret in log]


@pytest.fixture
def context(guarded: Guarded, signing: tuple[Server, Path], provider: IdentityProvider) -> BrowserContext:
    """A browser that reaches the app and the provider and nothing else."""
    page = guarded.page(signing[0].base)
    guarded.reaches(provider.issuer)
    page.context.add_cookies([{"name": "jiqun_tour", "value": "seen", "url": signing[0].base}])
    page.close()
    return page.context


def opened(context: BrowserContext, base: str, path: str = "data") -> Page:
    page = context.new_page()
    page.goto(f"{base}/{path}?lang=en")
    expect(page.locator(".st-key-to_terms")).to_be_visible()
    return page


def sign_in(page: Page) -> None:
    page.locator(".st-key-sign_in button").click()
    expect(page.locator(".st-key-account")).to_be_visible()


def events(home: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for path in (home / "audit").glob("*.jsonl") for line in path.read_text().splitlines()]
    return [(one["what"], one["who"]) for one in lines if one["what"].startswith("sign")]


@pytest.mark.parametrize(("who", "role"), [("gov", "city government"), ("inv", "investor")])
def test_somebody_signs_in_and_out_in_one_of_two_tabs(
    context: BrowserContext, signing: tuple[Server, Path], provider: IdentityProvider, who: str, role: str
) -> None:
    server, home = signing
    before = len(events(home))
    provider.signs_in(who)
    one = opened(context, server.base)
    expect(one.get_by_role("heading", name=T("data.title_read"))).to_be_visible()
    sign_in(one)
    (held,) = [each for each in context.cookies() if each["name"] == COOKIE]
    assert (held["httpOnly"], held["sameSite"]) == (True, "Lax")
    two = opened(context, server.base)
    title = T("data.title" if who == "gov" else "data.title_read")
    expect(two.get_by_role("heading", name=title, exact=True)).to_be_visible()
    two.locator(".st-key-account button").first.click()
    expect(two.get_by_test_id("stPopoverBody")).to_contain_text(role)
    two.locator(".st-key-sign_out button").click()
    expect(two.locator(".st-key-sign_in")).to_be_visible()
    assert not [each for each in context.cookies() if each["name"].startswith(COOKIE)]
    expect(one.locator(".st-key-account")).to_be_visible()  # nothing has told this tab yet
    one.locator(".st-key-to_terms button").click()
    expect(one.locator(".st-key-sign_in")).to_be_visible()
    assert events(home)[before:] == [("sign_in", who), ("sign_out", who)]


WRONG: list[dict[str, Any]] = [
    *({"signature": each} for each in ("foreign", "unknown", "none", "shared", "public")),
    {"aud": "another"}, {"iss": "http://elsewhere.cn"}, {"nonce": "old"}, {"exp": 1}, {"exp": None},
]  # fmt: skip


@pytest.mark.parametrize("said", [{}, *WRONG], ids=str)
def test_only_what_the_provider_signed_for_us_now_signs_anybody_in(
    signing: tuple[Server, Path], provider: IdentityProvider, said: dict[str, Any]
) -> None:
    """The same way as a browser goes, step by step."""
    (server, home), before = signing, len(events(signing[1]))
    claims = {"provider": "default", "exp": int(time.time()) + 60}
    asked = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(COOKIE_SECRET))
    provider.signs_in("gov", **said)
    with httpx2.Client(timeout=60) as client:
        there = client.get(f"{server.base}/auth/login", params={"provider": asked}).headers["location"]
        back = client.get(there).headers["location"]
        done = client.get(back)
        assert (done.status_code, done.headers["location"]) == (302, "/")
        assert any(name.startswith(COOKIE) for name in client.cookies) is (not said)
    assert (("sign_in", "gov") in events(home)[before:]) is (not said)


def test_a_part_of_an_open_page_turns_public_when_the_time_is_over(
    context: BrowserContext, signing: tuple[Server, Path], provider: IdentityProvider
) -> None:
    """A filter runs a part of the overview alone; the whole page has to follow."""
    server, _ = signing
    ends = int(time.time()) + 15
    provider.signs_in("gov", exp=ends)
    page = opened(context, server.base, "methods")
    sign_in(page)
    page.goto(f"{server.base}/overview?lang=en")
    expect(page.locator(".st-key-account")).to_be_visible()
    expect(page.locator(".st-key-to_terms")).to_be_visible()
    page.wait_for_function(f"() => Date.now() > {ends * 1000 + 100}", timeout=30_000)
    page.locator(".st-key-measure button").nth(1).click()
    expect(page.locator(".st-key-expired")).to_be_visible()
    expect(page.locator(".st-key-account")).to_have_count(0)
    expect(page.get_by_text(T("sign_in.expired"))).to_be_visible()
