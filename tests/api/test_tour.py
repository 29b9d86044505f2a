"""The picture by which a browser remembers the tour: it names nobody, and no script can read it."""

from api.tour import tour_route
from tests.api.conftest import ask

ADDRESS, COOKIE = "/tour/seen", "tour_of_a_test"


def test_the_picture_sets_a_cookie_that_outlives_the_window() -> None:
    answer = ask([tour_route(ADDRESS, COOKIE)], ADDRESS)
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body.startswith(b"<svg ")
    name, *parts = answer.headers["set-cookie"].split("; ")
    assert name == f"{COOKIE}=seen"
    assert {part.split("=")[0].lower() for part in parts} == {"httponly", "max-age", "path", "samesite"}
    assert "Path=/" in parts


def test_nothing_else_is_answered() -> None:
    assert ask([tour_route(ADDRESS, COOKIE)], ADDRESS, method="POST").status == 405
    assert ask([tour_route(ADDRESS, COOKIE)], ADDRESS + "/more").status == 404
