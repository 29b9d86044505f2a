"""Every answer says what may run in it and who may frame it; wider only where a map must run what Folium wrote."""

import base64
import hashlib
from typing import Any

import pytest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.headers import SecurityHeaders, content_policy, inline_scripts
from app import app
from clusters.roles import serve_to_others
from data.settings import Settings
from tests.api.conftest import Answer, ask

serve_to_others(False)  # to have imported the app makes the other tests of this process nobody else's server
SCRIPT = "document.title = 'ours'"


async def plain(request: Request) -> Response:
    return PlainTextResponse("here")


async def own(request: Request) -> Response:
    return PlainTextResponse("here", headers={"Content-Security-Policy": "default-src 'none'"})


ROUTES = [Route("/a", plain), Route("/own", own), Route("/component/map/index.html", plain)]


def answer(path: str, ancestors: str = "'self'") -> Answer:
    return ask(ROUTES, path, middleware=[Middleware(SecurityHeaders, [SCRIPT], ancestors)])


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("path", ["/a", "/component/map/index.html", "/own", "/nowhere"])
def test_every_answer_carries_the_headers_a_missing_page_too(path: str) -> None:
    headers = answer(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert "camera=()" in headers["permissions-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


def test_a_page_runs_files_of_ours_and_the_scripts_that_are_named() -> None:
    policy = directives(answer("/a").headers["content-security-policy"])
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert policy["script-src"] == ["'self'", f"'sha256-{digest}'"]
    assert policy["object-src"] == policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == policy["connect-src"] == ["'self'"]


def test_only_the_frame_of_a_map_runs_what_was_written_for_it() -> None:
    policy = directives(answer("/component/map/index.html").headers["content-security-policy"])
    assert policy["script-src"] == ["'self'", "'unsafe-inline'", "'unsafe-eval'"]


def test_an_answer_keeps_a_policy_of_its_own() -> None:
    assert answer("/own").headers["content-security-policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    ("ancestors", "older"),
    [("'self'", "SAMEORIGIN"), ("'none'", "DENY"), ("'self' https://portal.example.cn", None)],
)
def test_who_may_frame_is_a_setting_and_the_older_header_agrees(ancestors: str, older: str | None) -> None:
    headers = answer("/a", ancestors).headers
    assert headers["content-security-policy"].endswith(f"frame-ancestors {ancestors}")
    assert headers.get("x-frame-options") == older


@pytest.mark.parametrize("asked", ["*", "'self'; script-src *", "https://a.cn, https://b.cn", "", "javascript:x"])
def test_a_setting_that_is_no_list_of_origins_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match="frame_ancestors"):
        Settings(frame_ancestors=asked)


def test_the_scripts_of_a_page_are_read_as_they_stand() -> None:
    page = "<script>\n a = 1 \n</script><script src='x.js'></script><script>b</script>"
    assert inline_scripts(page) == ["\n a = 1 \n", "b"]


def test_the_app_names_the_scripts_of_its_pages() -> None:
    held: list[Any] = [m for m in app._user_middleware if m.cls is SecurityHeaders]
    scripts = held[0].args[0]
    assert sum("prerenderReady" in script for script in scripts) == 1
    assert sum("documentElement.lang" in script for script in scripts) == 2
    assert content_policy(scripts).count("'sha256-") == 3
