"""The panel of squares: choices in the address, the mask, what a square says, what is taken away."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from clusters.site_records import CRITERIA, SiteRequest
from clusters.suitability import suitability
from clusters.suitable_areas import best_by_district, cell_at
from data import columns as c
from data.dataset import Dataset
from data.masks import Mask, keep_mask
from data.settings import settings
from views.loaded import PLAN_ID
from views.map_suitability import RULED_OUT, UNKNOWN, SquaresOnMap, classes_of, squares_picture, suitability_map
from views.selection import Selection, read_selection
from views.suitability_choices import read_suitability
from views.suitability_page import squares_stamp, squares_table, suitability_page
from views.tokens import tokens
from views.words import Language, words

REQUEST = SiteRequest("S01")
EAST = Mask("东部红线.geojson", "wgs84", np.array([shapely.box(114.25, 22.3, 115.6, 23.2)]), 1)


def page() -> None:
    import streamlit as st

    from clusters.site_records import SiteRequest
    from views import links, loaded, state
    from views.suitability_panel import show_suitability

    chosen = state.selection("sites")
    t = loaded.words_of(chosen)
    weights = st.session_state.get("weights", ())
    show_suitability(SiteRequest("S01", weights=weights), loaded.board_of(chosen), chosen, t)
    links.write_address()


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def said(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "warning", "error")
    return "\n".join(str(one.value) for kind in kinds for one in getattr(app, kind)).replace("\\", "")


def told(app: AppTest) -> Any:
    return app.session_state["selection"].sites


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of its own."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture(scope="module")
def city(dataset: Dataset) -> Board:
    return tally_goals(open_plan(PLAN_ID), dataset)


# ---------------------------------------------------------------- choices


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ({}, (1_000, "", "banned", "")),
        (
            {"cell": "500", "mask": "0123456789abcdef", "mask_means": "allowed", "square": "E497000N2492000"},
            (500, "0123456789abcdef", "allowed", "E497000N2492000"),
        ),
        ({"cell": "7", "mask": "../x", "mask_means": "x", "square": "<b>"}, (1_000, "", "banned", "")),
    ],
)
def test_every_choice_stands_in_the_address_and_is_checked(
    query: dict[str, str], read: tuple[Any, ...], dataset: Dataset
) -> None:
    assert tuple(read_suitability(query).values()) == read
    chosen = read_selection(query, dataset, (), page="sites")
    again = read_selection(chosen.query("sites"), dataset, (), page="sites")
    assert again.sites == chosen.sites


# ---------------------------------------------------------------- the panel


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_a_mask_it_is_called_indicative(language: Language, home: Path) -> None:
    app = opened(lang=language)
    t = words(language)
    assert t("suitability.badge") in said(app)
    assert t("suitability.indicative") in said(app)
    assert t("suitability.choose_square") in said(app)


def test_a_square_of_the_address_tells_what_each_criterion_counts(home: Path, dataset: Dataset) -> None:
    found = suitability(dataset, REQUEST)
    best = str(best_by_district(found).index[0])
    app = opened(square=best)
    t = words("zh")
    for reason in found.reasons(best):
        assert t(f"site.criterion.{reason.criterion}") in said(app)
    assert t("suitability.score", score=f"{found.cells[c.SCORE][best]:.2f}") in said(app)
    app.button(key="clear_square").click().run()
    assert told(app).square == ""


def test_a_square_that_is_none_of_this_grid_is_let_go(home: Path) -> None:
    assert words("zh")("suitability.choose_square") in said(opened(square="E1N1"))


def test_another_size_of_squares_is_chosen(home: Path) -> None:
    app = opened()
    app.button_group(key="cell").set_value(500).run()
    assert told(app).cell == 500
    assert app.query_params["cell"] in ("500", ["500"])


def test_weights_of_nothing_are_told_in_one_sentence(home: Path) -> None:
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["weights"] = tuple((name, 0.0) for name in CRITERIA)
    app.run()
    assert not app.exception
    assert len(app.info) == 1


# ---------------------------------------------------------------- the mask


def bring(app: AppTest, *, datum: str | None = "wgs84", shapes: tuple[Any, ...] = tuple(EAST.polygons)) -> AppTest:
    features = [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(one)} for one in shapes]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    app.selectbox(key="mask_datum").set_value(datum)
    app.file_uploader(key="mask_file").set_value(("红线.geojson", content, "application/geo+json")).run()
    app.button(key="mask_use").click().run()
    assert not app.exception, app.exception
    return app


def test_a_mask_is_kept_for_whoever_keeps_the_data_and_a_link_opens_it(home: Path) -> None:
    app = bring(opened())
    digest = told(app).mask
    assert digest == EAST.digest
    assert [path.stem for path in (home / "masks").iterdir()] == [digest]
    assert words("zh")("suitability.indicative") not in said(app)
    again = opened(mask=digest, mask_means="allowed")
    assert "红线.geojson" in said(again)
    assert words("zh")("suitability.mask_allowed", name="红线.geojson", n="1") in said(again)
    again.button(key="mask_remove").click().run()
    assert (told(again).mask, told(again).mask_means) == ("", "banned")


def test_a_reader_who_may_be_anybody_fills_no_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIQUN_ROLE", "public")
    settings.cache_clear()
    app = bring(opened())
    assert told(app).mask == EAST.digest
    assert not (home / "masks").exists()
    assert words("zh")("suitability.mask_in_session") in said(app)
    assert words("zh")("suitability.mask_gone") in said(opened(mask=EAST.digest))


def test_a_link_of_a_mask_that_is_gone_says_so(home: Path) -> None:
    app = opened(mask="0123456789abcdef")
    assert words("zh")("suitability.mask_gone") in said(app)
    assert words("zh")("suitability.indicative") in said(app)
    assert words("zh")("suitability.mask_gone") in said(opened(mask=EAST.digest))
    keep_mask(EAST, home)
    assert words("zh")("suitability.mask_gone") not in said(opened(mask=EAST.digest)), "brought since"


@pytest.mark.parametrize(
    ("shapes", "datum", "reason"),
    [
        ((shapely.Point(114, 22.5),), "wgs84", "no_polygons"),
        ((shapely.box(116, 39, 117, 40),), "wgs84", "elsewhere"),
        ((shapely.box(114.0, 22.6, 114.01, 22.61),), None, "datum"),
    ],
)
def test_a_file_that_is_no_mask_is_told_in_one_sentence(
    shapes: tuple[Any, ...], datum: str | None, reason: str, home: Path
) -> None:
    app = bring(opened(), shapes=shapes, datum=datum)
    (error,) = app.error
    assert error.value.replace("\\", "") == words("zh")(f"error.UnusableMask.{reason}", file="红线.geojson")
    assert told(app).mask == ""


# ---------------------------------------------------------------- the map, and what is taken away


def test_a_mask_hatches_what_it_holds_and_the_page_of_the_map_names_it(city: Board, dataset: Dataset) -> None:
    found = suitability(dataset, REQUEST, constraints=EAST.areas)
    shown = SquaresOnMap(found, EAST)
    classes = classes_of(found)
    assert ((classes == RULED_OUT) == found.cells[c.RULED_OUT]).all()
    assert 0 < (classes == RULED_OUT).sum() < len(classes)
    document = suitability_page(city, Selection(), words("zh"), shown, REQUEST)
    assert "东部红线.geojson" in document
    assert "data:image/png;base64," in document
    assert '"asks":false' in document


def test_squares_of_which_too_little_is_known_have_a_class_of_their_own(dataset: Dataset) -> None:
    found = suitability(dataset, SiteRequest("S01", min_coverage=1.0))
    classes = classes_of(found)
    assert ((classes == UNKNOWN) == (found.cells[c.SCORE].isna() & ~found.cells[c.RULED_OUT])).all()
    assert (classes == UNKNOWN).any()


@pytest.mark.parametrize("cell", [1_000, 500])
def test_the_picture_of_a_city_is_light(cell: int, dataset: Dataset) -> None:
    png, ((south, west), (north, east)) = squares_picture(suitability(dataset, REQUEST, cell_m=cell), tokens("dark"))
    assert len(png) < 20_000
    bounds = dataset.districts.total_bounds
    assert np.allclose((west, south, east, north), bounds, atol=0.05)


def test_a_click_finds_the_square_that_holds_it(dataset: Dataset) -> None:
    found = suitability(dataset, REQUEST)
    centers = found.cells.geometry.centroid.to_crs("EPSG:4326")
    for cell_id, point in centers.sample(30, random_state=1).items():
        assert cell_at(found, point.x, point.y) == cell_id
    assert cell_at(found, 116.0, 39.0) is None


def test_the_squares_are_taken_away_with_their_stamp(city: Board, dataset: Dataset) -> None:
    found = suitability(dataset, REQUEST, constraints=EAST.areas)
    shown, t = SquaresOnMap(found, EAST, "banned"), words("zh")
    table = squares_table(found)
    assert (table.crs, len(table)) == ("EPSG:4326", len(found.cells))
    totals = table[[name for name in table if name.endswith("_contribution")]].sum(axis=1)
    known = table[c.WEIGHT_COVERAGE] == 1
    np.testing.assert_allclose(totals[known], table[c.SCORE][known])
    told = squares_stamp(city, t, shown)
    assert told["indicative"] is False
    assert str(told["mask"]).startswith(f"banned:{EAST.digest}")
    assert "near_metro:" in str(told["weights"])


def test_names_of_files_are_data_in_the_document(city: Board, dataset: Dataset) -> None:
    hostile = Mask('<img src=x onerror="window.pwned=1">{{7*7}}', "wgs84", EAST.polygons)
    shown = SquaresOnMap(suitability(dataset, REQUEST, constraints=hostile.areas), hostile)
    document = suitability_page(city, Selection(), words("zh"), shown, REQUEST)
    assert "<img src=x" not in document
    assert "49" not in document.split("</header>")[1].split("<footer>")[1][:300]
    parts = suitability_map(city, Selection(), tokens("light"), words("zh"), shown, notice="")
    assert "<img" not in str(
        [getattr(one, "options", "") for group in parts.groups for one in group._children.values()]
    )


def test_a_kept_mask_with_a_hostile_name_is_text_on_the_page(home: Path) -> None:
    mask = Mask("[x](javascript:alert(1)) **b**", "wgs84", EAST.polygons)
    keep_mask(mask, home)
    app = opened(mask=mask.digest)
    assert not any("[x](javascript" in one.value for one in app.markdown)
