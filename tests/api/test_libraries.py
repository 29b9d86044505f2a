"""The app serves its own browser libraries, and nothing beside them."""

import pytest

from api.libraries import library_route
from geo.web_assets import library_address, web_base
from tests.api.conftest import ask

KEPT = "public, max-age=31536000, immutable"


def get(path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    answer = ask([library_route()], path, method=method)
    return answer.status, answer.headers, answer.body


@pytest.mark.parametrize(
    ("name", "kind", "inside"),
    [
        ("leaflet", "javascript", b"Leaflet 1."),
        ("leaflet_css", "text/css", b".leaflet-container"),
        ("jiqun_map", "javascript", b"window.jiqun"),
        ("jiqun_map_css", "text/css", b".jq-label"),
    ],
)
def test_a_library_has_its_type_and_may_be_kept_for_ever(name: str, kind: str, inside: bytes) -> None:
    status, headers, body = get(library_address(name))
    assert status == 200
    assert kind in headers["content-type"]
    assert headers["cache-control"] == KEPT
    assert inside in body


def test_the_address_of_leaflet_names_its_content() -> None:
    stamp = web_base().strip("/").split("/")[1]
    assert len(stamp) == 10
    assert int(stamp, 16) >= 0
    assert library_address("leaflet") == f"/vendor/{stamp}/leaflet/dist/leaflet.js"


def test_pictures_that_a_library_names_are_there() -> None:
    status, headers, body = get(web_base() + "leaflet/dist/images/layers.png")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert body.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "path", ["leaflet/dist/nothing.js", "own/nothing.js", "leaflet/dist", "own", "", "no\x00thing"]
)
def test_an_unknown_file_is_not_found(path: str) -> None:
    assert get(web_base() + path)[0] == 404


def test_libraries_of_another_version_are_not_found() -> None:
    assert get("/vendor/0000000000/leaflet/dist/leaflet.js")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "../package.json",
        "leaflet/../../package.json",
        "leaflet/dist/../../../../geo/web_assets.py",
        "own/../web_assets.py",
        "own/../../app.py",
        "own//etc/passwd",
        "/etc/passwd",
        "..\\package.json",
        "%2e%2e/package.json",
        "../vendor/../package.json",
    ],
)
def test_a_path_that_climbs_out_is_not_found(path: str) -> None:
    status, _, body = get(web_base() + path)
    assert status == 404
    assert len(body) < 100


def test_a_library_cannot_be_written() -> None:
    assert get(library_address("leaflet"), method="PUT")[0] == 405
