"""The cookie of `st.login`: what it needs to know, and what a cookie says, by Streamlit's own functions.

Pages are told by Streamlit who signed in; the HTTP routes beside them are not, so they read the same cookie here.

A large cookie comes in pieces, each signed for itself, and Streamlit joins whatever pieces come. Pieces of two sign-ins
could say what neither said: the role of the one, which is over, and the end of the other. So pieces count only with a
seal of the whole, which is given beside them, and what counts for nothing here is kept from the pages too
(``api.signed_in``).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from clusters.sign_in import SignIn

COOKIE = USER_COOKIE_NAME
PROVIDER = "default"
"""What Streamlit calls the one provider."""
SEAL = f"{COOKIE}_seal"


def secrets_of(how: SignIn | None) -> dict[str, Any] | None:
    """What Streamlit is told of a sign-in, as the secrets of the app; nothing of it comes from a file."""
    if how is None:
        return None
    return {
        "auth": {
            "redirect_uri": how.callback,
            "cookie_secret": how.cookie_secret,
            "client_id": how.client_id,
            "client_secret": how.client_secret,
            "server_metadata_url": how.metadata_url,
        }
    }


def cookie_claims(cookies: Mapping[str, str], how: SignIn) -> dict[str, Any] | None:
    """What the cookie of a request says of its sender.

    Parameters
    ----------
    cookies : mapping of str to str
    how : SignIn

    Returns
    -------
    dict or None
        Nothing for no cookie, and for one that is tampered with, put together from several or made for another address.
    """
    kept = _joined(cookies, how)
    if kept and _is_in_pieces(cookies, kept, how) and _said(cookies, SEAL, how) != _digest(kept):
        return None
    try:
        claims = json.loads(kept) if kept else None
    except ValueError:
        return None
    if not isinstance(claims, dict) or claims.get("is_logged_in") is not True or claims.get("origin") != how.origin:
        return None
    return claims


def seal_of(cookies: Mapping[str, str], how: SignIn) -> str:
    """What the cookie ``SEAL`` must hold beside a cookie in pieces that was just made; empty beside any other."""
    kept = _joined(cookies, how)
    if not kept or not _is_in_pieces(cookies, kept, how):
        return ""
    return create_signed_value(how.cookie_secret, SEAL, _digest(kept)).decode()


def _joined(cookies: Mapping[str, str], how: SignIn) -> bytes | None:
    return get_cookie_with_chunks(lambda name: _said(cookies, name, how), COOKIE)


def _is_in_pieces(cookies: Mapping[str, str], joined: bytes, how: SignIn) -> bool:
    return _said(cookies, COOKIE, how) != joined


def _said(cookies: Mapping[str, str], name: str, how: SignIn) -> bytes | None:
    value = cookies.get(name)
    try:
        return None if value is None else decode_signed_value(how.cookie_secret, name, value.encode("latin-1"))
    except UnicodeEncodeError:
        return None


def _digest(joined: bytes) -> bytes:
    return hashlib.sha256(joined).hexdigest().encode()
