"""The atlas is served as a script that a browser may keep, and an address that nobody knows is not found."""

from collections.abc import Mapping

import pytest
from starlette.routing import Route

from api.atlas import atlas_route
from clusters.roles import Viewer
from data.dataset import Dataset
from geo.atlas import Atlas
from tests.api.conftest import ask
from views.map_atlas import ADDRESS, asked_atlas, map_atlas


@pytest.fixture(scope="module")
def route(dataset: Dataset) -> Route:
    def build(_: Viewer, query: Mapping[str, str]) -> Atlas | None:
        return asked_atlas(lambda _: dataset, query)

    return atlas_route(ADDRESS, build)


def test_the_address_of_a_map_gives_its_script_for_good(route: Route, dataset: Dataset) -> None:
    atlas = map_atlas(dataset, "zh", "light")
    answer = ask([route], atlas.address)
    assert answer.body.decode() == atlas.script
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    again = ask([route], atlas.address, known=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_an_old_address_gives_what_is_now_and_is_asked_again(route: Route, dataset: Dataset) -> None:
    answer = ask([route], f"{ADDRESS}?lang=zh&theme=light&v=old")
    assert answer.body.decode() == map_atlas(dataset, "zh", "light").script
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("query", ["", "lang=fr&theme=light", "lang=zh&theme=blue", "lang=zh"])
def test_an_unknown_language_or_theme_is_not_found(route: Route, query: str) -> None:
    assert ask([route], f"{ADDRESS}?{query}").status == 404


def test_languages_and_themes_differ_and_are_made_once(dataset: Dataset) -> None:
    made = {map_atlas(dataset, lang, theme).stamp for lang in ("zh", "en") for theme in ("light", "dark")}  # type: ignore[arg-type]
    assert len(made) == 4
    assert map_atlas(dataset, "en", "dark") is map_atlas(dataset, "en", "dark")


def test_every_area_and_every_park_with_a_point_is_in_it(dataset: Dataset) -> None:
    script = map_atlas(dataset, "zh", "light").script
    assert all(f'"district:{d}":' in script for d in dataset.districts.index)
    assert [p for p in dataset.parks.index if f'"park:{p}":' in script] == list(
        dataset.parks.index[dataset.parks["lon"].notna()]
    )
