"""What a browser is told about every answer of ours: what may run and load in it, and who may frame it.

Pages run no script but Streamlit's own files and the few inline ones that are named here by their hash; a name of a
firm that became markup would not run. Two things are wider, and only as far as they must be. Streamlit writes its
styles into the page, so inline styles are allowed. The map's component runs the scripts that Folium wrote, as text and
by ``eval``, so both are allowed in its frame and nowhere else; it is of the same origin, which is why names are made
inert before they reach a map (``geo.web_assets``). Nothing may be loaded from another host.

An answer that says more about itself, such as the page of a full server, keeps its own policy. Documents that are
taken away carry theirs inside. Left out: HSTS, which only who terminates TLS can promise.
"""

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "content-security-policy"
FRAMES = "/component/"
"""Where the pages of components lie, which hold the maps."""

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_INLINE_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_PERMISSIONS = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope", "hid"),
    *(
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
        "xr-spatial-tracking",
    ),
)
_FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": ", ".join(f"{name}=()" for name in _PERMISSIONS),
}


def inline_scripts(page: str) -> list[str]:
    """Scripts that stand in a page of HTML."""
    return _INLINE.findall(page)


def content_policy(scripts: Iterable[str] = (), *, frame_ancestors: str = "'self'", in_frame: bool = False) -> str:
    """A Content-Security-Policy.

    Parameters
    ----------
    scripts : iterable of str
        Inline scripts that may run, as they stand between their tags.
    frame_ancestors : str
        Who may frame the page, as the policy writes it.
    in_frame : bool
        Whether it is for the frame of a component.
    """
    inline = "'unsafe-inline' 'unsafe-eval'" if in_frame else " ".join(map(_hash, scripts))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {inline}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "media-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


def standalone_policy(page: str, *, frame_ancestors: str = "'self'") -> str:
    """A policy for a page that brings all it needs: the inline scripts and styles that stand in it, and no others."""
    scripts, styles = (" ".join(map(_hash, found.findall(page))) or "'none'" for found in (_INLINE, _INLINE_STYLE))
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {frame_ancestors}"
    )


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


class SecurityHeaders:
    """Sets the headers on every answer.

    Parameters
    ----------
    app : ASGIApp
    scripts : iterable of str
        Inline scripts of the pages.
    frame_ancestors : str
        Who may frame the app: ``'self'``, ``'none'`` or origins.
    """

    def __init__(self, app: ASGIApp, scripts: Iterable[str] = (), frame_ancestors: str = "'self'") -> None:
        self._app = app
        self._page = content_policy(scripts, frame_ancestors=frame_ancestors)
        self._frame = content_policy(frame_ancestors=frame_ancestors, in_frame=True)
        # the older header knows no origins; where some are named, the policy alone says who may frame
        framing = {"'self'": "SAMEORIGIN", "'none'": "DENY"}.get(frame_ancestors)
        self._fixed = _FIXED | ({"x-frame-options": framing} if framing else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = self._frame if scope["path"].startswith(FRAMES) else self._page

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                headers.setdefault(POLICY, policy)
                for name, value in self._fixed.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)
