"""A file of one's own in a real browser: dropped, checked, confirmed, seen at its place, taken back.

No click, closed tab or other page stops the work.
"""

import csv
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from data import columns as c
from data.dataset import Dataset
from data.jobs import cancel_job, jobs
from data.store import current_version, open_version
from geo.crs import metric_crs, to_metric
from geo.datum import wgs84_to_gcj02
from tests.views.conftest import PHONE, WIDE, Guarded, Reader, Server
from views.words import Words

FIRMS = 300
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
WHERE = """id => {
  let found = null;
  map_div.eachLayer(l => { const p = l.feature && l.feature.properties;
    if (p && p.kind + ':' + p.id === id) { const at = l.getLatLng(); found = [at.lng, at.lat]; } });
  return found;
}"""

Served = tuple[Server, Path]


def served(home: Path, *command: str) -> Iterator[Served]:
    """A server over a workspace of its own; it stops at the end, and left no traceback in its log."""
    server = Server(list(command), home / "log.txt", home)
    yield server, home
    server.stop()
    assert server.tracebacks() == []


@pytest.fixture(scope="module")
def stand_in_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app with the stand-in of the pipeline."""
    home = tmp_path_factory.mktemp("stand-in")
    if os.name == "posix":
        os.mkfifo(home / "gate")
    yield from served(home, "-m", "tests.views.serve_stand_in")


@pytest.fixture
def stand_in(stand_in_server: Served) -> Iterator[Served]:
    """The same for one test, which leaves no job at work behind."""
    yield stand_in_server
    for left in jobs(stand_in_server[1]):
        cancel_job(stand_in_server[1], left.id)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Served]:
    """The app as it is."""
    yield from served(tmp_path, "-m", "cli", "serve", "--port")


def door(page: Page, server: Server, lang: str = "zh", **query: str) -> Reader:
    asked = "&".join(f"{key}={value}" for key, value in ({"lang": lang} | query).items())
    page.goto(f"{server.base}/data?{asked}")
    return Reader(page, server.base).rested()


def drop(reader: Reader, name: str, given: bytes) -> str:
    """Drop a file and have it checked; the id of its job."""
    field = reader.key("upload").locator('input[type="file"]')
    field.set_input_files({"name": name, "mimeType": "text/csv", "buffer": given})
    press(reader, "start_check")
    reader.page.wait_for_url(re.compile(r"[?&]job=[0-9a-f]{16}"))
    return reader.query["job"]


def press(reader: Reader, key: str) -> None:
    button = reader.key(key).get_by_role("button")
    expect(button).to_be_enabled()
    button.click()


def no_wider_than_the_window(reader: Reader) -> bool:
    return reader.page.evaluate(
        "() => { const m = document.querySelector('[data-testid=\"stMain\"]'); return m.scrollWidth <= m.clientWidth; }"
    )


# ---------------------------------------------------------------- with the stand-in, which waits at a gate


def open_gate(home: Path) -> None:
    (home / "gate").write_text("go")


@pytest.mark.skipif(os.name != "posix", reason="the gate of the stand-in is a FIFO")
def test_clicking_around_and_closing_the_tab_stop_nothing(stand_in: Served, guarded: Guarded, t: Words) -> None:
    server, home = stand_in
    reader = door(guarded.page(server.base), server)
    job_id = drop(reader, "名录 <b>&*1*.csv", "hold\n企业名称,所在区\n甲,南山区\n".encode("gb18030"))
    expect(reader.page.get_by_text(t("data.goes_on"))).to_be_visible()

    reader.page.get_by_role("link", name=t("page.overview")).click()
    reader.settled()
    assert "job" not in reader.query, "the address of another page is not that of the job"
    reader.page.get_by_role("link", name=t("page.district")).click()
    reader.settled()
    open_gate(home)
    reader.page.get_by_role("link", name=t("page.data")).click()
    reader.at(job=job_id)
    expect(reader.key("confirm").get_by_role("button")).to_be_enabled()
    expect(reader.page.get_by_text("名录 <b>&*1*.csv").first).to_be_visible()

    press(reader, "confirm")
    expect(reader.page.get_by_text(t("data.goes_on"))).to_be_visible()
    reader.page.close()
    open_gate(home)
    again = door(guarded.page(server.base), server, job=job_id)
    expect(again.page.get_by_text(t("data.live", id="1"))).to_be_visible()
    assert current_version(home) == "1"


@pytest.mark.skipif(os.name != "posix", reason="the gate of the stand-in is a FIFO")
def test_a_second_file_waits_and_says_so_and_the_first_can_be_cancelled(
    stand_in: Served, guarded: Guarded, t: Words
) -> None:
    server, _ = stand_in
    one, two = (door(guarded.page(server.base), server) for _ in "12")
    drop(one, "one.csv", b"hold\na,b\n1,2\n")
    expect(one.page.get_by_text(t("data.rows_of", n="3", of="10"))).to_be_visible()
    drop(two, "two.csv", "企业名称\n甲\n".encode())
    expect(two.page.get_by_text(t("data.ahead", n=1))).to_be_visible()
    press(one, "cancel")
    expect(one.page.get_by_text(t("data.cancelled"))).to_be_visible()
    expect(two.key("confirm").get_by_role("button")).to_be_enabled()


def test_the_page_fits_its_window_and_works_by_keyboard(stand_in: Served, guarded: Guarded, dataset: Dataset) -> None:
    """A register is brought on a wide screen in Chinese; its check is read on a phone in English too."""
    server, _ = stand_in
    reader = door(guarded.page(server.base, PHONE), server, "en")
    assert no_wider_than_the_window(reader)
    resize(reader, WIDE)
    reader = door(reader.page, server, "zh")
    assert no_wider_than_the_window(reader)
    field = reader.key("upload").locator('input[type="file"]')
    field.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": gcj_register(*places(dataset, FIRMS))})
    button = reader.key("start_check").get_by_role("button")
    expect(button).to_be_enabled()
    button.focus()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile("job="))
    check_fits(reader)
    with reader.page.expect_download() as mapping:
        reader.key("mapping_toml").get_by_role("button").click()
    assert mapping.value.suggested_filename == "a-mapping.toml"
    resize(reader, PHONE)
    check_fits(door(reader.page, server, "en", job=reader.query["job"]))


def resize(reader: Reader, viewport: tuple[int, int]) -> None:
    reader.page.set_viewport_size({"width": viewport[0], "height": viewport[1]})


def check_fits(reader: Reader) -> None:
    """What was found is there with its map, and lies within the window."""
    expect(reader.key("confirm")).to_be_visible()
    expect(reader.map.locator(".jq-legend")).to_be_visible()
    reader.rested()
    assert no_wider_than_the_window(reader)


# ---------------------------------------------------------------- with the real pipeline


def places(dataset: Dataset, number: int) -> tuple[np.ndarray, list[str]]:
    """Points all over the city, longitude and latitude in WGS84, and the district that each lies in."""
    rng = np.random.default_rng(5)
    west, south, east, north = dataset.districts.total_bounds
    at = np.column_stack([rng.uniform(west, east, 10 * number), rng.uniform(south, north, 10 * number)])
    within = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*at.T), crs=4326).sjoin(
        dataset.districts[[c.NAME, "geometry"]], predicate="within"
    )
    within = within[~within.index.duplicated()].iloc[:number]
    return at[within.index], list(within[c.NAME])


def credit_code(number: int) -> str:
    """A unified social credit code that holds (GB 32100-2015)."""
    body = f"91440300MA5{number:06d}"
    rest = -sum(CODE.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True)) % 31
    return body + CODE[rest]


def gcj_register(at: np.ndarray, districts: list[str]) -> bytes:
    """A register as offices keep it: GB18030, coordinates of a Chinese map, one year in 万元 and one in 亿元."""
    lon, lat = wgs84_to_gcj02(at[:, 0], at[:, 1])
    sink = io.StringIO(newline="")
    table = csv.writer(sink)
    known = ["企业名称", "统一社会信用代码", "所在区", "所属领域", "经度", "纬度"]
    table.writerow([*known, "2021年营业收入（万元）", "2022年营业收入（亿元）"])
    for n in range(len(at)):
        firm = [f"测试企业{n + 1}有限公司", credit_code(n + 1), districts[n], "人工智能"]
        money = [f"{10_000 * (n + 1):,}", f"{1.5 * (n + 1):.2f}"]
        table.writerow([*firm, f"{lon[n]:.6f}", f"{lat[n]:.6f}", *money])
    return sink.getvalue().encode("gb18030")


def metres(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distances of points (lon, lat), row by row."""
    crs = metric_crs(float(one[0, 0]))
    ends = [np.column_stack(to_metric(at[:, 0], at[:, 1], crs=crs)) for at in (one, other)]
    return np.hypot(*(ends[0] - ends[1]).T)


def test_a_register_in_a_chinese_datum_is_seen_at_its_place_and_taken_back(
    real: Served, guarded: Guarded, dataset: Dataset, t: Words
) -> None:
    server, home = real
    truth, districts = places(dataset, FIRMS)
    ids = [credit_code(n + 1) for n in range(FIRMS)]
    reader = door(guarded.page(server.base), server)
    job_id = drop(reader, "企业名录 2022.csv", gcj_register(truth, districts))
    expect(reader.key("confirm")).to_be_visible()
    expect(reader.page.get_by_text("GB18030")).to_be_visible()
    expect(reader.page.get_by_text("GCJ-02").filter(visible=True).first).to_be_visible()
    reader.rested()
    moved = reader.page.get_by_text(re.compile("典型位移"))
    expect(moved).to_be_visible()

    press(reader, "confirm")
    expect(reader.page.get_by_text(t("data.live", id="1"))).to_be_visible()
    version = open_version(home, current_version(home), dataset)
    kept = version.firms.set_index(c.FIRM_ID, drop=False).loc[ids]
    assert metres(kept[[c.LON, c.LAT]].to_numpy(float), truth).max() < 1.0
    seen = version.observations.set_index([c.FIRM_ID, c.YEAR])[c.REVENUE_CNY]
    assert seen[ids[0], 2021] == 100_000_000, "10,000 万元"
    assert seen[ids[0], 2022] == 150_000_000, "1.50 亿元"

    press(reader, "to_overview")
    reader.settled().at(job=None)
    reader.open("overview", lang="zh", focus=f"firm:{ids[0]}")
    on_map = reader.frame.evaluate(WHERE, f"firm:{ids[0]}")
    assert metres(np.array([on_map], float), truth[:1]).max() < 1.0

    door(reader.page, server, job=job_id)
    press(reader, "undo_import")
    expect(reader.key("use_again")).to_be_visible()
    assert current_version(home) == "0"
    reader.open("overview", lang="zh")
    assert reader.frame.evaluate(WHERE, f"firm:{ids[0]}") is None
    reader.drawn_until("district", len(dataset.districts))
