"""An OpenID Connect provider on this machine, for tests: authorization code, one client, keys and claims as told.

It signs whoever it was told to sign in (``signs_in``), as the next browser that asks, without a password; so a login of
a real browser is one click. ``token`` gives what it would sign, and what it never would: a foreign key, ``none``.
Left out: PKCE, refresh and consent. Never to be used for anything but tests: there is no password.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, PASSWORD = "jiqun", "the secret of the client"
PEOPLE: dict[str, dict[str, Any]] = {
    "gov": {"name": "王市", "roles": ["staff", "city-gov"]},
    "nanshan": {"name": "李南山", "roles": ["nanshan"]},
    "inv": {"name": "Ann Investor", "roles": ["firms"]},
    "pub": {"name": "路人", "roles": []},
    "lost": {"name": "Nowhere", "roles": ["atlantis"]},
}
ROLE_MAP = "city-gov=government; nanshan=government:440305; atlantis=government:999999; firms=investor"


class IdentityProvider:
    """The provider, serving until ``stop``.

    Attributes
    ----------
    issuer : str
        Its address.
    asked : list of str
        Paths that were asked for.
    """

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
        self.asked: list[str] = []
        self._codes: dict[str, tuple[str, dict[str, Any], str]] = {}
        self._next: tuple[str, dict[str, Any], str] = ("pub", {}, "good")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def metadata_url(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **others: str) -> dict[str, str]:
        """What an app is told to sign in here; ``{port}`` is its own."""
        return {
            "oidc_metadata_url": self.metadata_url,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": PASSWORD,
            "cookie_secret": COOKIE_SECRET,
            "public_url": "http://127.0.0.1:{port}",
            "role_map": ROLE_MAP,
        } | others

    def signs_in(self, who: str, *, signature: str = "good", **claims: Any) -> None:
        """From now on whoever comes is this person; ``signature`` as of ``token``."""
        self._next = (who, claims, signature)

    def new_key(self, kid: str) -> None:
        """Sign with another key from now on; the old one is not good any more."""
        self.key = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})

    def claims(self, who: str, *, ttl: float = 600, **others: Any) -> dict[str, Any]:
        """What is said of a person; ``None`` leaves a claim out."""
        now = int(time.time())
        said = {"iss": self.issuer, "sub": who, "aud": CLIENT, "iat": now, "exp": now + int(ttl)} | PEOPLE[who] | others
        return {name: value for name, value in said.items() if value is not None}

    def token(self, who: str, *, signature: str = "good", **claims: Any) -> str:
        """A token.

        Parameters
        ----------
        who : str
        signature : str
            ``good``, ``foreign`` (another key under the same id), ``unknown`` (another key, another id), ``none``,
            ``shared`` (HMAC with the client's secret) or ``public`` (HMAC with the provider's public key).
        **claims
            As of ``claims``.
        """
        said = self.claims(who, **claims)
        if signature in ("good", "foreign", "unknown"):
            key = self.key if signature == "good" else _other_key()
            kid = "nobody's" if signature == "unknown" else self.key.kid
            return jwt.encode({"alg": "RS256", "kid": kid}, said, key)
        if signature == "none":
            return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(said)}."
        secret = PASSWORD.encode() if signature == "shared" else self.key.as_pem(private=False)
        whole = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': self.key.kid})}.{_part(said)}"
        return f"{whole}.{_text(hmac.new(secret, whole.encode(), hashlib.sha256).digest())}"

    # what the server asks of it ---------------------------------------------------------------------------------------

    def documents(self) -> dict[str, Any]:
        """What lies at fixed addresses."""
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }

    def code(self, nonce: str) -> str:
        """A code for whoever signs in now."""
        code, (who, claims, signature) = secrets.token_hex(16), self._next
        self._codes[code] = (who, {"nonce": nonce} | claims, signature)
        return code

    def redeem(self, code: str) -> dict[str, Any] | None:
        """What a code is worth, once."""
        found = self._codes.pop(code, None)
        if found is None:
            return None
        who, claims, signature = found
        token = self.token(who, signature=signature, **claims)
        return {"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 600, "id_token": token}


COOKIE_SECRET = "for the cookies of the tests, and long enough"  # noqa: S105


@lru_cache(maxsize=1)
def _other_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"})


def _part(said: Mapping[str, Any]) -> str:
    return _text(json.dumps(said).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _handler(provider: IdentityProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *said: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            provider.asked.append(url.path)
            query = dict(parse_qsl(url.query))
            if url.path == "/auth":
                back = {"code": provider.code(query.get("nonce", "")), "state": query.get("state", "")}
                self.send_response(302)
                self.send_header("Location", f"{query['redirect_uri']}?{urlencode(back)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._say(provider.documents().get(url.path))

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
            basic = base64.b64encode(f"{CLIENT}:{PASSWORD}".encode()).decode()
            known = self.headers.get("Authorization") == f"Basic {basic}"
            self._say(provider.redeem(form.get("code", "")) if known else None, 400)

        def _say(self, document: Any, otherwise: int = 404) -> None:
            body = json.dumps({"error": "invalid"} if document is None else document).encode()
            self.send_response(otherwise if document is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
