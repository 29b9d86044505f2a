"""Tiles over HTTP: what is drawn, who may keep it, and what is refused with one sentence."""

import gc
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest

from api import tiles
from api.tiles import tile_routes, warm, warm_lifespan
from clusters.goals import tally_goals
from clusters.plan import Plan
from data import columns as c
from data.dataset import Dataset, firm_districts
from data.density import density_ramp
from data.errors import SourceMismatch
from data.firm_points import FirmPoints, firm_points
from data.settings import settings
from data.store import use_version
from data.synthetic import synthesize, write_register
from geo.mercator import steps, tile_of
from geo.tiles import empty_grid_tile, grid_tile
from tests.api.conftest import Answer, ask
from tests.aside import run_aside
from tests.register_files import import_register

CITY = "/tiles/firms/8/209/111"  # one tile over Shenzhen


def get(address: str, *, known: str = "", method: str = "GET", current: Callable[[], Dataset] | None = None) -> Answer:
    return ask(tile_routes(lambda _, __: current()) if current else tile_routes(), address, known=known, method=method)


@pytest.fixture(scope="module")
def points(dataset: Dataset) -> FirmPoints:
    return firm_points(dataset)


def firms_in(tile: Answer, points: FirmPoints, folder: Path) -> dict[str, str]:
    """Subsector of each firm in a vector tile, as GDAL reads it; nothing but id and category travels."""
    if tile.status == 204:
        assert tile.body == b""
        return {}
    assert (tile.status, tile.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    file = folder / "tile.pbf"
    file.write_bytes(tile.body)
    table = pyogrio.read_dataframe(file, layer="firms", CLIP="NO")
    assert list(table.columns) == ["mvt_id", "c", "geometry"]
    return dict(zip(points.firm_ids[table["mvt_id"]], table["c"], strict=True))


# ---------------------------------------------------------------- what is drawn


def test_the_world_holds_every_firm_with_a_place(points: FirmPoints, dataset: Dataset, tmp_path: Path) -> None:
    placed = dataset.firms[dataset.firms[c.LON].notna()]
    assert firms_in(get("/tiles/firms/0/0/0.pbf"), points, tmp_path) == placed[c.SUBSECTOR_ID].to_dict()


@pytest.mark.parametrize(
    "query",
    [
        "subsectors=S05",
        "subsectors=S09,S10&year=2021",
        "year=2019",
        "tier=CNY_1E11",
        "tier=CNY_1E10&subsectors=S05,S08,S09",
        "tier=BELOW&year=2020&place=operating",
        "precisions=park,street",
        "place=operating",
        "place=operating&district=440305",
        "district=440304&year=2021&subsectors=S10&tier=all&precisions=district,street",
        "subsectors=S03",
        "subsectors=&year=&tier=&district=&precisions=",
    ],
)
def test_a_filter_holds_inside_the_tile(
    query: str, points: FirmPoints, dataset: Dataset, plan: Plan, tmp_path: Path
) -> None:
    asked = {k: v for k, v in (pair.split("=") for pair in query.split("&")) if v}
    year, place = int(asked.get("year", dataset.default_year)), asked.get("place", "registered")
    firms = dataset.firms[dataset.firms[c.LON].notna()]
    where = firm_districts(firms, place)
    if place == "operating":
        firms = firms[where != c.OUTSIDE]
    if "subsectors" in asked:
        firms = firms[firms[c.SUBSECTOR_ID].isin(asked["subsectors"].split(","))]
    if "precisions" in asked:
        firms = firms[firms[c.LOCATION_PRECISION].isin(asked["precisions"].split(","))]
    if "district" in asked:
        firms = firms[where[firms.index] == asked["district"]]
    if "year" in asked:
        firms = firms[firms.index.isin(dataset.usable[dataset.usable[c.YEAR] == year][c.FIRM_ID])]
    if asked.get("tier", "all") != "all":
        tiers = tally_goals(plan, dataset, year=year, place=place).clusters[c.TIER]
        firms = firms[firms[c.SUBSECTOR_ID].map(tiers) == asked["tier"]]
    found = firms_in(get(f"/tiles/firms/0/0/0.pbf?{query}"), points, tmp_path)
    assert found == firms[c.SUBSECTOR_ID].to_dict()


def test_the_tiers_of_a_year_share_its_firms_out(points: FirmPoints, tmp_path: Path) -> None:
    def of(query: str) -> dict[str, str]:
        return firms_in(get(f"/tiles/firms/0/0/0.pbf?year=2021{query}"), points, tmp_path)

    parts = [of(f"&tier={tier}") for tier in ("CNY_1E11", "CNY_1E10", "BELOW")]
    assert all(parts)
    assert sum(map(len, parts)) == len(of(""))
    assert parts[0] | parts[1] | parts[2] == of("")


def test_neighbouring_grid_tiles_give_one_count_one_colour(dataset: Dataset) -> None:
    zoom = 7
    firms = dataset.firms[dataset.firms[c.LON].notna()]
    columns, rows = (v >> 28 - zoom - 6 for v in steps(firms[c.LON], firms[c.LAT]))
    cells, counts = np.unique(np.stack([columns, rows], 1), axis=0, return_counts=True)
    colours: dict[int, set[tuple[int, ...]]] = {}
    legend = json.loads(get(f"/tiles/firms/{zoom}/scale.json").body)
    for (column, row), count in zip(cells.tolist(), counts.tolist(), strict=True):
        picture = get(f"/tiles/firms/{zoom}/{column >> 6}/{row >> 6}.png").pixels
        colours.setdefault(count, set()).add(tuple(picture[(row & 63) * 4, (column & 63) * 4].tolist()))
    for count, found in colours.items():
        expected = next(k["colour"] for k in legend["classes"] if k["from"] <= count <= k["to"])
        assert found == {(*bytes.fromhex(expected[1:]), 217)}
    assert legend["classes"][-1]["to"] == max(colours)


def test_a_grid_tile_is_the_one_that_geo_draws(points: FirmPoints) -> None:
    chosen = points.choose(subsectors=["S05"], year=2021)
    expected = grid_tile(points.pyramid, 8, 209, 111, chosen, palette=density_ramp("dark"), measure="sum")
    assert get(f"{CITY}.png?subsectors=S05&year=2021&measure=revenue&theme=dark").body == expected


def test_a_grid_tile_without_a_firm_is_a_clear_picture() -> None:
    assert get("/tiles/firms/8/0/0.png").body == empty_grid_tile()


def test_a_legend_says_what_a_cell_means() -> None:
    found = json.loads(get("/tiles/firms/8/scale.json?measure=revenue&year=2021").body)
    assert (found["zoom"], found["measure"]) == (8, "revenue")
    assert found["cell_m"] == pytest.approx(40_075_017 * 0.9237 / 2**14, rel=1e-3)
    assert [k["colour"] for k in found["classes"]] == list(density_ramp("light"))[: len(found["classes"])]
    uppers, lowers = ([k[end] for k in found["classes"]] for end in ("to", "from"))
    assert [upper + 1 for upper in uppers[:-1]] == lowers[1:]
    nothing = json.loads(get("/tiles/firms/8/scale.json?subsectors=S03").body)
    assert (nothing["classes"], nothing["cell_m"]) == ([], None)


# ---------------------------------------------------------------- who may keep it


@pytest.mark.parametrize("tile", [f"{CITY}.png", f"{CITY}.pbf", "/tiles/firms/8/0/0.pbf", "/tiles/firms/8/scale.json"])
def test_a_browser_that_holds_the_answer_is_told_so(tile: str) -> None:
    first = get(tile)
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = get(tile, known=known)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert get(tile, known='W/"other"').status == first.status


def test_answers_that_may_differ_have_different_tags(dataset: Dataset) -> None:
    addresses = [f"{CITY}.png", f"{CITY}.pbf", "/tiles/firms/8/209/112.png", "/tiles/firms/9/209/111.png"]
    for query in ("year=2021", "year=2020", "subsectors=S01", "theme=dark", "district=440305", "place=operating"):
        addresses.append(f"{CITY}.png?{query}")
    addresses.append(f"{CITY}.png?year=2021&measure=revenue")
    tags = [get(address).headers["etag"] for address in addresses]
    other = replace(dataset, digest="ffffffff")
    tags.append(get(f"{CITY}.png", current=lambda: other).headers["etag"])
    assert len(set(tags)) == len(tags)


def test_filters_that_mean_the_same_have_the_same_tag() -> None:
    same = ("", "tier=all", "subsectors=", "place=registered")
    assert len({get(f"{CITY}.png?{query}").headers["etag"] for query in same}) == 1
    same = ("subsectors=S01,S02&year=2021", "year=2021&subsectors=S02,S01,S01")
    assert len({get(f"{CITY}.pbf?{query}").headers["etag"] for query in same}) == 1


def test_only_a_stamped_tile_is_kept_for_good(points: FirmPoints) -> None:
    assert get(f"{CITY}.png?v={points.stamp}").headers["cache-control"] == "private, max-age=31536000, immutable"
    for query in ("", "?v=", "?v=00000000.1"):
        assert get(f"{CITY}.png{query}").headers["cache-control"] == "private, no-cache"


def test_the_address_that_pages_use_leads_to_the_tile(points: FirmPoints, tmp_path: Path) -> None:
    address = points.address("pbf", subsectors=("S05", "S09"), year=2021, tier="all", district="", precisions=())
    assert address == f"/tiles/firms/{{z}}/{{x}}/{{y}}.pbf?subsectors=S05,S09&tier=all&year=2021&v={points.stamp}"
    tile = get(address.format(z=0, x=0, y=0))
    assert set(firms_in(tile, points, tmp_path).values()) == {"S05", "S09"}
    assert "immutable" in tile.headers["cache-control"]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/parks/0/0/0.png",
        "/tiles/firms/23/0/0.png",
        "/tiles/firms/3/8/0.png",
        "/tiles/firms/3/0/8.pbf",
        "/tiles/firms/99999999999999999999/0/0.png",
        "/tiles/firms/23/scale.json",
        "/tiles/firms/-1/0/0.png",
        "/tiles/firms/3/0/0.jpg",
        "/tiles/firms/3/0/0",
        "/tiles/firms/a/0/0.png",
        "/tiles/",
    ],
)
def test_what_is_no_tile_is_not_found(path: str) -> None:
    answer = get(path)
    assert (answer.status, answer.body) == (404, b"no such tile")  # by the route itself: pages answer what no route has


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("subsectors=S99", "unknown subsector 'S99'; expected one of: S01, S02"),
        ("subsectors=S01,", "unknown subsector ''"),
        ("tier=CNY_1E11&subsectors=S99", "unknown subsector 'S99'"),
        ("year=1999", "unknown year '1999'; expected one of: 2019, 2020"),
        ("year=2021.5", "unknown year"),
        ("year=%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%91", "unknown year '２０２１'"),
        ("tier=1", "unknown tier"),
        ("place=here", "unknown place"),
        ("district=440399", "unknown district"),
        ("precisions=near", "unknown precision"),
        ("measure=heat", "unknown measure"),
        ("measure=revenue", "measure=revenue needs a year"),
        ("theme=blue", "unknown theme"),
        ("colour=red", "unknown filter 'colour'; expected one of: subsectors, year"),
        ("year=2021&year=2020", "filter year stands twice"),
        ("subsectors=" + "x" * 5000, "unknown subsector 'xxx"),
        ("subsectors=a%0A%0Db", "unknown subsector 'a\\n\\rb'"),
    ],
)
@pytest.mark.parametrize("tile", [f"{CITY}.png", f"{CITY}.pbf", "/tiles/firms/8/scale.json"])
def test_a_bad_filter_is_refused_with_one_sentence(tile: str, query: str, said: str) -> None:
    answer = get(f"{tile}?{query}")
    assert said in answer.sentence
    assert len(answer.sentence) < 400
    assert "etag" not in answer.headers


def test_a_tile_cannot_be_written() -> None:
    assert get(f"{CITY}.png", method="PUT").status == 405


# ---------------------------------------------------------------- start


def test_an_app_starts_with_its_points_ready(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    monkeypatch.setattr(tiles, "firm_points", lambda d: built.append(d.version) or firm_points(d))

    usual = gc.get_threshold(), sys.getswitchinterval()

    async def start() -> dict[str, Any]:
        async with warm_lifespan(object()) as state:
            assert (gc.get_threshold(), sys.getswitchinterval()) != usual
            return state

    assert run_aside(start()) == {}
    assert built == ["0"]
    assert (gc.get_threshold(), sys.getswitchinterval()) == usual
    gc.freeze()  # as the suite had it: an app that ends unfreezes all


def test_bad_data_do_not_stop_the_start(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Dataset:
        raise SourceMismatch("firms.csv has another checksum")

    with caplog.at_level(logging.WARNING):
        warm(broken)
    assert "firms.csv has another checksum" in caplog.text


def test_tile_of_the_city_is_the_one_asked_for() -> None:
    assert tile_of(114.0, 22.6, 8) == (209, 111)


# ---------------------------------------------------------------- versions


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace of one's own."""
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    settings.cache_clear()


def test_tiles_are_those_of_the_current_version(home: Path, dataset: Dataset) -> None:
    address = f"{CITY}.png?v={firm_points(dataset).stamp}"
    before = get(address)
    assert "immutable" in before.headers["cache-control"]
    write_register(synthesize(500, 1, dataset), home / "made.parquet")
    import_register(home / "made.parquet", home, dataset)
    after = get(address)
    assert after.headers["cache-control"] == "private, no-cache"
    assert after.headers["etag"] != before.headers["etag"]
    use_version(home, "0")
    assert get(address, known=before.headers["etag"]).status == 304


def test_a_version_that_is_gone_is_said_in_a_sentence(home: Path) -> None:
    (home / "versions").mkdir()
    (home / "versions" / "current").write_text("7")
    answer = get(f"{CITY}.png")
    assert (answer.status, answer.body.decode()) == (503, "unknown version '7'; expected one of: 0")
