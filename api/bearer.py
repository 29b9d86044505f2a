"""Tokens that a program brings instead of a cookie: signed by the identity provider, for this app, now.

The provider's keys are fetched when the first token comes and kept; a token under a key that nobody knows makes them be
fetched again, but not more often than every ``AGAIN_S``, since anybody can send such a token. While the provider cannot
be reached, tokens under known keys are still good and others are not. Only signatures by private keys of the provider
count: with ``none`` or a shared secret anybody, or anybody who knows the app's secret, could sign.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from clusters.readers import Claims
from clusters.sign_in import SignIn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
AGAIN_S = 30.0
OLD_S = 3600.0
PATIENCE_S = 5.0
LEEWAY_S = 10
"""How far the provider's clock may be ahead of ours; an expired token gets nothing of it."""
LONGEST = 16_384

Fetch = Callable[[str], dict[str, Any]]
"""Gives the JSON object at an address."""


class BadToken(Exception):
    """A token that is not good; the message says why, in words that give nothing away."""


def fetch_json(address: str) -> dict[str, Any]:
    """The JSON object at an address.

    Raises
    ------
    httpx2.HTTPError, ValueError
    """
    answer = httpx2.get(address, timeout=PATIENCE_S, follow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


class Tokens:
    """Looks at tokens of one provider.

    Parameters
    ----------
    how : SignIn
    fetch : callable, optional
        See ``Fetch``.
    """

    def __init__(self, how: SignIn, fetch: Fetch = fetch_json) -> None:
        self._how, self._fetch = how, fetch
        self._lock = threading.Lock()
        self._issuer = ""
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")

    def claims_of(self, token: str) -> Claims:
        """What a token says of whoever brings it.

        Raises
        ------
        BadToken
        """
        if len(token) > LONGEST:
            raise BadToken("the token is too long")
        issuer, keys = self._known(time.monotonic() - self._fetched_at > OLD_S)
        try:
            return self._checked(token, issuer, keys)
        except InvalidKeyIdError:
            issuer, keys = self._known(True)
        try:
            return self._checked(token, issuer, keys)
        except InvalidKeyIdError:
            raise BadToken("the token is not signed by the provider") from None

    def _checked(self, token: str, issuer: str, keys: KeySet) -> Claims:
        now = int(time.time())
        wanted = jwt.JWTClaimsRegistry(
            now=now,
            leeway=0,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._how.audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            early = {name: claims[name] - LEEWAY_S for name in ("nbf", "iat") if isinstance(claims.get(name), int)}
            wanted.validate({**claims, **early})
        except InvalidKeyIdError:
            raise
        except (JoseError, ValueError, TypeError) as error:
            raise BadToken(getattr(error, "description", "") or "the token is not good") from None
        if "events" in claims:  # a logout token has our audience too (OpenID Connect Back-Channel Logout, 2.4)
            raise BadToken("the token tells of an event, not of a reader")
        return claims

    def _known(self, ask_again: bool) -> tuple[str, KeySet]:
        """Issuer and keys, fetched when there are none, or again when that is asked and was not just done."""
        with self._lock:
            now = time.monotonic()
            if (self._keys is None or ask_again) and now - self._tried_at > AGAIN_S:
                self._tried_at = now
                try:
                    said = self._fetch(self._how.metadata_url)
                    issuer, keys = str(said["issuer"]), KeySet.import_key_set(self._fetch(str(said["jwks_uri"])))
                    self._issuer, self._keys, self._fetched_at = issuer, keys, now
                except (httpx2.HTTPError, JoseError, ValueError, KeyError, TypeError):
                    pass  # the keys that are known stay good; without any, no token is
            if self._keys is None:
                raise BadToken("the provider's keys cannot be had; try again later")
            return self._issuer, self._keys
