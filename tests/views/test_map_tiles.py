"""Many firms on the map: tiles of the app, a card for a click, a filter that keeps the frame, a picture to keep."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from playwright.sync_api import Locator, expect

from clusters.goals import tally_goals
from clusters.plan import Plan
from data import columns as c
from data.dataset import Dataset
from data.firm_points import FirmPoints, firm_points
from data.store import open_version, use_version
from tests.views.conftest import WIDE, Guarded, Reader, Server
from views.map_page import map_page
from views.selection import Selection
from views.words import Words, words

Visit = Callable[..., Reader]
NEAR_ZOOM, NANSHAN = 17, "440305"


@pytest.fixture(scope="module")
def home(many_firms_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one's own whose current version is a made-up register."""
    return Path(shutil.copytree(many_firms_home, tmp_path_factory.mktemp("crowd"), dirs_exist_ok=True))


@pytest.fixture(scope="module")
def crowd(home: Path, dataset: Dataset) -> Dataset:
    return open_version(home, "1", dataset)


@pytest.fixture(scope="module")
def crowd_server(home: Path) -> Iterator[Server]:
    server = Server(["-m", "cli", "serve", "--port"], home / "log.txt", home)
    yield server
    assert server.tracebacks() == []
    server.stop()


@pytest.fixture
def visit(guarded: Guarded, crowd_server: Server) -> Visit:
    def one(path: str, viewport: tuple[int, int] = WIDE, **query: str) -> Reader:
        return Reader(guarded.page(crowd_server.base, viewport), crowd_server.base).open(path, **query)

    return one


@pytest.fixture(scope="module")
def points(crowd: Dataset) -> FirmPoints:
    return firm_points(crowd)


def cells(reader: Reader) -> Locator:
    return reader.map.locator(".jq-cells img.leaflet-tile-loaded")


def dots(reader: Reader) -> Locator:
    return reader.map.locator(
        ".leaflet-tiles-pane canvas.leaflet-tile-loaded, .leaflet-pane canvas.leaflet-tile-loaded"
    )


def key_box(reader: Reader) -> Locator:
    return reader.map.locator(".jq-legend.jq-tiles")


def watermark(reader: Reader) -> Locator:
    return reader.map.locator(".jq-watermark span")


def addresses(reader: Reader) -> set[str]:
    """Queries of the tiles that are drawn."""
    return {src.split("?")[1] for src in cells(reader).evaluate_all("tiles => tiles.map(t => t.src)")}


def look(reader: Reader, lon: float, lat: float, zoom: int) -> None:
    """Go to a place on the map, as by dragging."""
    reader.page.locator("iframe").first.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    reader.frame.evaluate("([at, zoom]) => window.map.setView(at, zoom, { animate: false })", [[lat, lon], zoom])
    reader.still()


def click_middle(reader: Reader) -> None:
    box = reader.page.locator('iframe[title*="st_folium"]').bounding_box()
    assert box is not None
    reader.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def lonely(points: FirmPoints, crowd: Dataset) -> "tuple[str, float, float]":
    """A firm of 南山 with no other within 40 pixels at the near zoom."""
    own = crowd.firms[(crowd.firms[c.REGISTERED_DISTRICT_ID] == NANSHAN).to_numpy()]
    for firm_id, lon, lat in zip(own.index, own[c.LON], own[c.LAT], strict=True):
        x, y = (crowd.firms[c.LON].to_numpy() - lon), (crowd.firms[c.LAT].to_numpy() - lat)
        if np.sort(np.hypot(x, y))[1] > 40 * 360 / 256 / 2**NEAR_ZOOM:
            return str(firm_id), float(lon), float(lat)
    raise AssertionError("no firm stands alone")


def without_a_firm(points: FirmPoints, crowd: Dataset) -> tuple[float, float]:
    """A place in 盐田, which has hills, with no firm within 60 pixels at zoom 14."""
    area = crowd.districts.geometry["440308"]
    west, south, east, north = area.bounds
    grid = [(x, y) for x in np.linspace(west, east, 60) for y in np.linspace(south, north, 60)]
    free = [at for at in grid if shapely.contains_xy(area, *at) and points.pyramid.nearest(*at, 14, pixels=60) is None]
    return free[len(free) // 2]


def test_far_away_firms_are_cells_near_by_dots_and_a_click_opens_the_nearest_or_else_the_district(
    visit: Visit, points: FirmPoints, crowd: Dataset, t: Words
) -> None:
    """And the map says that all of them are made up."""
    reader = visit("overview")
    reader.mark_frame()
    expect(cells(reader).first).to_be_visible()
    assert reader.drawn()["district"] == 11
    assert "firm" not in reader.drawn()
    assert "stack" not in reader.drawn()
    expect(key_box(reader)).to_contain_text("米见方）企业数")
    expect(key_box(reader).locator(".key")).not_to_have_count(0)
    assert set(watermark(reader).all_inner_texts()) == {"合成数据 SYNTHETIC"}
    expect(watermark(reader).first).to_be_visible()
    expect(reader.map.locator(".jq-watermark")).to_have_css("pointer-events", "none")
    expect(reader.map.locator(".leaflet-control-attribution")).to_contain_text(t("synthetic.notice"))
    far = key_box(reader).inner_text()
    look(reader, 113.95, 22.54, 13)
    expect(key_box(reader)).not_to_have_text(far)
    expect(key_box(reader)).to_contain_text("米见方）企业数")
    look(reader, 113.95, 22.54, 18)
    expect(key_box(reader)).to_have_text(t("map.points"))
    expect(dots(reader).first).to_be_visible()
    expect(cells(reader)).to_have_count(0)

    firm_id, lon, lat = lonely(points, crowd)
    look(reader, lon, lat, NEAR_ZOOM)
    before = reader.view()
    click_middle(reader)
    reader.at(focus=f"firm:{firm_id}")
    reader.card_says(firm_id, "synthetic, seed 1", words("zh", "synthetic")("field.registered"))
    assert reader.view()[2] == before[2]
    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    expect(reader.popup).to_have_count(0)

    look(reader, *without_a_firm(points, crowd), 14)
    click_middle(reader)
    reader.at(focus="district:440308")
    reader.card_says("盐田区")
    assert reader.same_frame()


def test_a_filter_changes_the_tiles_in_the_same_frame_and_any_firm_is_found_by_its_code_or_name(visit: Visit) -> None:
    t = words("zh", "synthetic")
    reader = visit("overview")
    expect(cells(reader).first).to_be_visible()
    reader.mark_frame()
    before = addresses(reader)
    assert len(before) == 1
    reader.open_filters(t)
    reader.choice("subsectors", t("subsector.S05")).click()
    reader.at(subsectors="S05")
    tile = reader.map.locator('.jq-cells img.leaflet-tile-loaded[src*="subsectors=S05&"]')
    expect(tile.first).to_be_visible()
    expect(reader.map.locator(f'.jq-cells img[src*="{next(iter(before))[:60]}"]')).to_have_count(0)
    assert reader.same_frame()
    reader.page.keyboard.press("Escape")
    reader.open_filters(t)
    reader.key("clear_filters").get_by_role("button").click()
    reader.at(subsectors=None)
    reader.page.keyboard.press("Escape")

    box = reader.key("search").locator("input")
    box.fill("SYN-012345")
    box.press("Enter")
    reader.at(focus="firm:SYN-012345")
    reader.card_says("SYN-012345")
    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    box.fill("企业 01234")
    box.press("Enter")
    expect(reader.page.get_by_text(t("search.several", n=10))).to_be_visible()
    reader.search("01234", "合成企业 012347")
    reader.at(focus="firm:SYN-012347")


def test_what_a_link_hides_or_filters_away_is_not_drawn_and_a_districts_map_draws_its_own_firms(visit: Visit) -> None:
    t = words("zh", "synthetic")
    reader = visit("overview", hide="firms")
    expect(reader.map.locator(".jq-cells img")).to_have_count(0)
    expect(key_box(reader)).to_have_count(0)
    reader.open("district", district=NANSHAN)
    expect(cells(reader).first).to_be_visible()
    assert all(f"district={NANSHAN}&" in address for address in addresses(reader))
    reader.open("overview", subsectors="S05", tier="BELOW")
    expect(reader.page.get_by_text(t("filter.none_left")).first).to_be_visible()
    expect(reader.map.locator(".jq-cells img")).to_have_count(0)


def test_a_map_wears_its_watermark_until_the_bundled_set_is_back(visit: Visit, home: Path) -> None:
    reader = visit("overview")
    expect(watermark(reader).first).to_be_visible()
    use_version(home, "0")
    try:
        reader.open("overview")
        expect(reader.map.locator(".jq-watermark")).to_have_count(0)
    finally:
        use_version(home, "1")


@pytest.mark.parametrize("district_id", ["", NANSHAN])
def test_a_document_holds_a_picture_and_asks_no_server(
    crowd: Dataset, plan: Plan, guarded: Guarded, tmp_path: Path, district_id: str
) -> None:
    page = map_page(tally_goals(plan, crowd), Selection(), words("zh", "synthetic"), district_id=district_id)
    assert "/tiles/" not in page
    file = tmp_path / "map.html"
    file.write_text(page, "utf-8")
    opened = guarded.page()
    opened.goto(file.as_uri())
    expect(opened.locator("img.jq-cells")).to_be_visible()
    expect(opened.locator(".jq-legend").filter(has_text="米见方）企业数")).to_be_visible()
    assert opened.locator("img.jq-cells").evaluate("image => image.naturalWidth") > 50
