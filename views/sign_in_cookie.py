"""The cookie of `st.login`: what it needs to know, and what a cookie says, by Streamlit's own functions.

Pages are told by Streamlit who signed in; the HTTP routes beside them are not, so they read the same cookie here.
"""

import json
from collections.abc import Mapping
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from clusters.sign_in import SignIn

COOKIE = USER_COOKIE_NAME
PROVIDER = "default"
"""What Streamlit calls the one provider."""


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
        Nothing for no cookie, and for one that is tampered with or was made for another address.
    """

    def one(name: str) -> bytes | None:
        value = cookies.get(name)
        try:
            return None if value is None else decode_signed_value(how.cookie_secret, name, value.encode("latin-1"))
        except UnicodeEncodeError:
            return None

    kept = get_cookie_with_chunks(one, COOKIE)
    try:
        claims = json.loads(kept) if kept else None
    except ValueError:
        return None
    if not isinstance(claims, dict) or claims.get("is_logged_in") is not True or claims.get("origin") != how.origin:
        return None
    return claims
