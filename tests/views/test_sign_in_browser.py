"""A real browser signs in at a real provider: in, out in one of two tabs, and an open page whose time is over."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
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
    log = server.log.read_text()
    assert server.tracebacks() == []
    assert not [secret for secret in (COOKIE_SECRET, PASSWORD) if secret in log]
    server.stop()


@pytest.fixture
def context(guarded: Guarded, signing: tuple[Server, Path], provider: IdentityProvider) -> BrowserContext:
    """A browser that reaches the app and the provider and nothing else."""
    page = guarded.page(signing[0].base)
    page.context.route(f"{provider.issuer}/**", lambda route: route.continue_())
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
    expect(two.get_by_text(role, exact=True)).to_be_visible()
    two.locator(".st-key-sign_out button").click()
    expect(two.locator(".st-key-sign_in")).to_be_visible()
    assert not [each for each in context.cookies() if each["name"].startswith(COOKIE)]
    expect(one.locator(".st-key-account")).to_be_visible()  # nothing has told this tab yet
    one.locator(".st-key-to_terms button").click()
    expect(one.locator(".st-key-sign_in")).to_be_visible()
    assert events(home)[before:] == [("sign_in", who), ("sign_out", who)]


@pytest.mark.parametrize(
    "wrong", [{"signature": "foreign"}, {"signature": "none"}, {"aud": "another"}, {"nonce": "old"}]
)
def test_what_the_provider_did_not_sign_for_us_signs_nobody_in(
    context: BrowserContext, signing: tuple[Server, Path], provider: IdentityProvider, wrong: dict[str, Any]
) -> None:
    provider.signs_in("gov", **wrong)
    page = context.new_page()
    page.goto(f"{signing[0].base}/data?lang=en")
    with page.expect_response(re.compile("/oauth2callback")) as answered:
        page.locator(".st-key-sign_in button").click()
    assert COOKIE not in (answered.value.all_headers().get("set-cookie") or "").replace(f'{COOKIE}=""', "")
    assert not [each for each in context.cookies() if each["name"].startswith(COOKIE)]


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
