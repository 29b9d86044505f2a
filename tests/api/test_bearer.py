"""Tokens of programs: only those that the provider signed, for this app, now; and how often its keys are asked for."""

import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from api import bearer
from api.bearer import AGAIN_S, BadToken, Tokens, fetch_json
from clusters.sign_in import SignIn
from tests.identity_provider import CLIENT, IdentityProvider


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return time.time()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bearer, "time", clock)
    return clock


@pytest.fixture
def tokens(provider: IdentityProvider) -> Tokens:
    return Tokens(_how(provider))


def _how(provider: IdentityProvider) -> SignIn:
    return SignIn(provider.metadata_url, CLIENT, "", "", "", "", CLIENT, "roles", ())


def test_a_good_token_says_who_brings_it(provider: IdentityProvider, tokens: Tokens) -> None:
    claims = tokens.claims_of(provider.token("gov", aud=["other", CLIENT]))
    assert (claims["sub"], claims["roles"]) == ("gov", ["staff", "city-gov"])


NOW, DAY_S = int(time.time()), 86_400


@pytest.mark.parametrize(
    "made",
    [
        *({"signature": each} for each in ("foreign", "unknown", "none", "shared", "public")),
        {"aud": "another-app"}, {"aud": None}, {"iss": "https://elsewhere.cn"}, {"iss": None}, {"sub": None},
        {"exp": None}, {"exp": NOW - 1}, {"exp": "later"}, {"nbf": NOW + DAY_S}, {"iat": NOW + DAY_S},
        {"events": {"backchannel-logout": {}}},
    ],
    ids=lambda made: str(made).replace(str(NOW + DAY_S), "later").replace(str(NOW - 1), "over"),
)  # fmt: skip
def test_any_other_token_is_refused(provider: IdentityProvider, tokens: Tokens, made: dict[str, Any]) -> None:
    assert tokens.claims_of(provider.token("gov"))["sub"] == "gov"
    with pytest.raises(BadToken):
        tokens.claims_of(provider.token("gov", **made))


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "....", "ü.ü.ü", "x" * 20_000, "e30.e30."])
def test_what_is_no_token_is_refused(tokens: Tokens, text: str) -> None:
    with pytest.raises(BadToken):
        tokens.claims_of(text)


def test_a_token_with_a_changed_claim_is_refused(provider: IdentityProvider, tokens: Tokens) -> None:
    head, _, end = provider.token("pub").split(".")
    with pytest.raises(BadToken):
        tokens.claims_of(f"{head}.{provider.token('gov').split('.')[1]}.{end}")


def test_a_clock_that_is_a_little_ahead_is_forgiven(provider: IdentityProvider, tokens: Tokens) -> None:
    ahead = int(time.time()) + 5
    assert tokens.claims_of(provider.token("gov", iat=ahead, nbf=ahead))["sub"] == "gov"


def test_keys_are_fetched_once(provider: IdentityProvider, tokens: Tokens, clock: Clock) -> None:
    provider.asked.clear()
    for _ in range(5):
        tokens.claims_of(provider.token("gov"))
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]


def test_a_new_key_is_found_and_unknown_ones_ask_no_more_than_now_and_then(
    provider: IdentityProvider, tokens: Tokens, clock: Clock
) -> None:
    tokens.claims_of(provider.token("gov"))
    provider.new_key("second")
    with pytest.raises(BadToken):
        tokens.claims_of(provider.token("gov"))  # just asked
    clock.now += AGAIN_S + 1
    assert tokens.claims_of(provider.token("gov"))["sub"] == "gov"
    provider.asked.clear()
    for _ in range(20):
        with pytest.raises(BadToken):
            tokens.claims_of(provider.token("gov", signature="unknown"))
    assert provider.asked == []
    clock.now += AGAIN_S + 1
    for _ in range(20):
        with pytest.raises(BadToken):
            tokens.claims_of(provider.token("gov", signature="unknown"))
    assert provider.asked.count("/keys") == 1


def test_keys_that_are_known_outlast_the_provider(provider: IdentityProvider, clock: Clock) -> None:
    away = False

    def fetch(address: str) -> dict[str, Any]:
        if away:
            raise httpx2.ConnectError("nobody there")
        return fetch_json(address)

    tokens = Tokens(_how(provider), fetch)
    away = True
    with pytest.raises(BadToken, match="cannot be had"):
        tokens.claims_of(provider.token("gov"))
    away = False
    with pytest.raises(BadToken, match="cannot be had"):
        tokens.claims_of(provider.token("gov"))  # not asked again so soon
    clock.now += AGAIN_S + 1
    tokens.claims_of(provider.token("gov"))
    away = True
    clock.now += bearer.OLD_S + 1
    assert tokens.claims_of(provider.token("gov"))["sub"] == "gov"


@pytest.mark.parametrize("said", [{}, {"issuer": "x"}, {"issuer": "x", "jwks_uri": "y", "keys": []}, {"keys": "no"}])
def test_nonsense_from_the_provider_is_no_key(provider: IdentityProvider, said: dict[str, Any]) -> None:
    with pytest.raises(BadToken, match="cannot be had"):
        Tokens(_how(provider), lambda address: said).claims_of(provider.token("gov"))
