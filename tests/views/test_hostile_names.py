"""A name is data: each payload is read as the very characters it is made of, everywhere, and nothing runs.

The last tests are the control: the same payloads in a plain Folium map do run, on the server and in the browser.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import streamlit as st
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from data import columns as c
from data.settings import settings
from geo.atlas import make_atlas
from geo.layer_records import Card, Key, Legend, Stack
from geo.layer_records import Frame as MapFrame
from geo.layers import draw_areas, draw_stacks, standalone_page
from tests.views.conftest import ROOT, Guarded, Reader, Server, read_cards
from tests.views.opened import app_page, keep_documents
from tests.views.paper import texts as texts_of_pdf
from tests.views.serve_hostile import DISTRICT, LABELS, PAYLOADS, hostile_dataset, hostile_firms, hostile_parks
from views import loaded
from views.document import Document, Figure
from views.map_page import map_page
from views.selection import Selection
from views.tokens import tokens
from views.words import Words

LOOKED_AT = (1, 5, 9)  # one that would run on the server, one in the browser, and the last
DOCUMENTED = {
    "district": {"district": DISTRICT},
    "compare": {"districts": f"{DISTRICT},{','.join(LABELS)}"},
    "sites": {
        "subsector": "S01",
        "area": DISTRICT,
        "shortlist": ",".join(hostile_parks()[:5]),
        "focus": f"park:{hostile_parks()[2]}",
    },
    "gaps": {
        "subsector": "S01",
        "area": DISTRICT,
        "scenario": f"2021-2023;registered;move:{hostile_firms()[5]}:440304;grow:0.05:S01:",
    },
}
"""Pages that are taken away, each at an address where names of firms or parks are told."""


@pytest.fixture(scope="module")
def board() -> Board:
    return tally_goals(open_plan(loaded.PLAN_ID, *settings().plan_folders), hostile_dataset())


@pytest.fixture
def hostile(guarded: Guarded, hostile_server: Server) -> Iterator[Reader]:
    reader = Reader(guarded.page(hostile_server.base), hostile_server.base)
    yield reader
    assert nothing_ran(reader.page)
    assert hostile_server.tracebacks() == []


def nothing_ran(page: Page) -> bool:
    return all(frame.evaluate("() => typeof window.pwned") == "undefined" for frame in page.frames)


def literal(payload: str) -> str:
    """A payload as a browser lays it out: runs of blanks are one."""
    return " ".join(payload.split())


def check_cards(cards: dict[str, list[str]]) -> None:
    for payload, firm, park in zip(PAYLOADS, hostile_firms(), hostile_parks(), strict=True):
        tip, card = cards[f"firm:{firm}"]
        assert tip.startswith(literal(payload))
        assert card.count(literal(payload)) >= 4, "name, address, source of the firm, source of the revenue"
        tip, card = cards[f"park:{park}"]
        assert tip.startswith(literal(payload))
        assert card.count(literal(payload)) >= 5, "name, operator, area, focus, source"
    streets = hostile_dataset().streets[c.NAME]
    stacked = [thing for thing in cards if thing.startswith("stack:R")]
    assert stacked
    for thing in stacked:
        assert cards[thing][0].startswith(literal(streets[thing.partition(":")[2]]))


def test_the_map_of_the_overview_shows_every_name_as_it_is(hostile: Reader, t: Words) -> None:
    hostile.open("overview")
    for district, label in LABELS.items():
        shown = hostile.map.locator(".jq-label b").filter(has_text=label)
        expect(shown).to_be_visible()
        expect(shown).to_have_text(label)
        assert hostile.drawn()["district"] == 11, district
    assert label in [name.rsplit(" ", 1)[0] for name in hostile.cells("matrix")[0]]

    for at, (payload, firm) in enumerate(zip(PAYLOADS, hostile_firms(), strict=True)):
        option = hostile.find(firm, literal(payload))
        expect(option).to_be_visible()
        expect(option).to_have_text(f"{payload} {firm} · {t('search.firm')}")
        if at in LOOKED_AT:
            option.click()
            hostile.at(focus=f"firm:{firm}")
            hostile.card_says(f"{payload} {firm}")
    hostile.point_at(f"firm:{firm}")
    expect(hostile.tooltip).to_be_visible()
    expect(hostile.tooltip).to_contain_text(payload)
    hostile.key("clear").get_by_role("button").click()
    hostile.at(focus=None)
    check_cards(read_cards(hostile.frame))


def test_the_page_of_a_district_shows_every_name_as_it_is(hostile: Reader) -> None:
    hostile.open("district", district=DISTRICT)
    firms, parks = hostile.cells("firms"), hostile.cells("parks")
    for payload, firm in zip(PAYLOADS[:9], hostile_firms(), strict=False):
        row = next(row for row in firms if firm in row)
        assert payload in row
    seen = {cell for row in parks for cell in row}
    assert set(PAYLOADS[:5]) <= seen
    # the largest firm of the largest subsector stands in a figure of the head; a word joiner keeps it from being a link
    beacon = re.compile(re.escape(PAYLOADS[0]).replace(":", ":\u2060?"))
    expect(hostile.page.get_by_test_id("stMetric").filter(has_text=beacon)).to_be_visible()
    expect(hostile.page.locator('img[alt="x"]')).to_have_count(0)
    hostile.key("origin-district").get_by_role("button").click()
    firms_behind = hostile.page.get_by_role("dialog").get_by_test_id("stDataFrame").last
    firms_behind.scroll_into_view_if_needed()
    for payload in PAYLOADS[:5]:
        expect(firms_behind.locator("td").filter(has_text=payload).first).to_be_attached()
    expect(hostile.page.locator('img[alt="x"]')).to_have_count(0)
    assert nothing_ran(hostile.page)

    hostile.open("district", district=DISTRICT, focus=f"park:{hostile_parks()[1]}")
    hostile.card_says(PAYLOADS[1])
    expect(hostile.popup).not_to_contain_text("49")
    check_cards(read_cards(hostile.frame))


def test_the_other_pages_show_every_name_as_it_is(hostile: Reader) -> None:
    for path, query in {**DOCUMENTED, "units": {}, "start": {"district": DISTRICT}}.items():
        if path in ("district", "sites"):
            continue  # walked by tests of their own
        hostile.page.goto(f"{hostile.base}/{path}?{urlencode(query)}")
        expect(hostile.key("to_terms")).to_be_visible()  # the foot is drawn last
        hostile.rested()
        assert nothing_ran(hostile.page), path
        expect(hostile.page.locator('img[alt="x"]')).to_have_count(0)
        if path == "gaps":
            expect(hostile.key("lab_change_0")).to_contain_text(PAYLOADS[5])


def test_what_is_taken_away_holds_every_name_as_it_is(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loaded, "dataset", hostile_dataset)
    st.cache_resource.clear()
    kept = keep_documents(monkeypatch, "pdf", "xlsx", "html")
    for path, query in DOCUMENTED.items():
        assert not app_page(path, timeout=120, lang="zh", **query).run().exception, path
    st.cache_resource.clear()
    assert len(kept) == 5
    page, met = guarded.page(), set()
    for name, document, files in kept:
        told, drawn = list(words_in(document)), list(drawings_in(document))
        present = [payload for payload in PAYLOADS if any(payload in text for text in told)]
        met |= set(present)
        (tmp_path / f"{name}.html").write_bytes(files["html"])
        page.goto((tmp_path / f"{name}.html").as_uri())
        shown = literal(page.locator("body").inner_text())
        assert nothing_ran(page)
        assert page.locator("script, iframe, img:not([src^='data:']), [onerror], [onload]").count() == 0, name
        book = load_workbook(BytesIO(files["xlsx"]))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert not any(cell.data_type == "f" for cell in cells), name
        printed = "".join("".join(texts_of_pdf(files["pdf"])).split())
        for payload in present:
            assert literal(payload) in shown, (name, payload)
            assert any(payload in str(cell.value) for cell in cells), (name, payload)
            assert "".join(payload.split()) in printed, (name, payload)
        for svg in drawn:
            soup = BeautifulSoup(svg[svg.index("<svg") :], "html.parser")
            assert not soup.find_all(["script", "img", "foreignobject", "a"]), name
            assert not any(key.lower().startswith("on") for tag in soup.find_all(True) for key in tag.attrs), name
    assert len(met) >= len(PAYLOADS) // 2


def words_in(part: Any) -> Iterator[str]:
    """Every text of a document, without its drawings."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from words_in(each)
    elif is_dataclass(part):
        for each in fields(part):
            if each.name != "svg":
                yield from words_in(getattr(part, each.name))


def drawings_in(document: Document) -> Iterator[str]:
    for section in document.sections:
        yield from (block.svg for block in section.blocks if isinstance(block, Figure))


def test_the_exported_page_shows_every_name_as_it_is(board: Board, guarded: Guarded, tmp_path: Path, t: Words) -> None:
    file = tmp_path / "map.html"
    file.write_text(map_page(board, Selection(show=("hubs",)), t), "utf-8")
    page = guarded.page()
    page.goto(file.as_uri())
    for label in LABELS.values():
        expect(page.locator(".jq-label b").filter(has_text=label)).to_be_visible()
    cards = read_cards(page)
    check_cards(cards)
    for payload, hub in zip(PAYLOADS, hostile_dataset().hubs.index, strict=False):
        tip, card = cards[f"hub:{hub}"]
        assert tip.startswith(literal(payload))
        assert card.count(literal(payload)) >= 3, "name, precision, source"
    assert nothing_ran(page)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_word_of_a_map_may_be_hostile(payload: str, guarded: Guarded, tmp_path: Path) -> None:
    look = tokens("light").palette
    words = dict.fromkeys(("map", "zoom_in", "zoom_out", "home", "layers", "close"), payload)
    frame = MapFrame(
        ((22.4, 113.8), (22.8, 114.6)), payload, make_atlas({}, {}, "/layers/atlas.js?lang=zh"), words=words
    )
    legend = Legend(((payload, (Key(payload),)),), payload)
    card = Card(payload, ((payload, payload),), (payload,), payload, "#000000", "#FFFFFF")
    stack = Stack("firm", payload, 114.0, 22.6, 9, "#000000", "#FFFFFF", "park", (payload,), (card,), 1, payload)
    layers = [
        draw_areas([], look, name=payload, legend=legend),
        draw_stacks([stack], look, name=payload + " 2"),
    ]
    page = guarded.page()
    file = tmp_path / "page.html"
    file.write_text(standalone_page(frame, look, layers, title=payload, lead=payload, foot=[payload, payload]), "utf-8")
    page.goto(file.as_uri())
    shown = literal(payload)
    names = page.locator(".leaflet-control-layers-overlays label")
    expect(names).to_have_count(2)
    for at, name in enumerate((shown, shown + " 2")):
        expect(names.nth(at)).to_be_visible()
        expect(names.nth(at)).to_have_text(name)
    assert page.title() == shown
    for place in ("header h1", ".jq-legend h6", ".jq-legend p", ".jq-legend .key"):
        expect(page.locator(place)).to_be_visible()
        expect(page.locator(place)).to_have_text(payload)
    for place in ("header", "footer", ".leaflet-control-attribution"):
        expect(page.locator(place)).to_contain_text(payload)
    ((tip, text),) = read_cards(page).values()
    assert shown in tip
    assert text.count(shown) >= 4
    assert nothing_ran(page)


# the control ---------------------------------------------------------------------------------------------------------

NAIVE = """
import json, sys
sys.path.insert(0, {root!r})
import folium
from geo import web_assets

web_assets.install_render_patch = lambda: None  # the libraries, without the cure
web_assets.use_local_libraries()
made = {{}}
for name in json.loads(sys.stdin.read()):
    drawn = folium.Map((22.6, 114.0), zoom_start=10, tiles=None)
    point = {{"type": "Point", "coordinates": (114.0, 22.6)}}
    feature = {{"type": "Feature", "properties": {{"n": name}}, "geometry": point}}
    try:
        collection = {{"type": "FeatureCollection", "features": [feature]}}
        folium.GeoJson(collection, popup=folium.GeoJsonPopup(["n"], labels=False)).add_to(drawn)
        folium.Marker((22.6, 114.1), icon=folium.DivIcon(html=name)).add_to(drawn)
        folium.CircleMarker((22.6, 114.2), tooltip=name).add_to(drawn)
        made[name] = web_assets.inline_html(drawn.get_root().render())
    except Exception as error:
        made[name] = type(error).__name__
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def naive() -> dict[str, str]:
    """Plain Folium maps by name, made in a process of their own, or the name of the error that stopped one."""
    done = subprocess.run(
        [sys.executable, "-c", NAIVE.format(root=str(ROOT))],
        input=json.dumps(PAYLOADS),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def test_control_the_server_evaluates_a_name_without_the_cure(naive: dict[str, str]) -> None:
    page = naive["{{ 7*7 }}"]
    assert "{{ 7*7 }}" not in page
    assert '"n": "49"' in page
    for payload in ("{% if %}", "{# x"):
        assert naive[payload] == "TemplateSyntaxError", "one name and there is no map for anybody"


@pytest.mark.parametrize(
    "payload", ['<img src=x onerror="window.pwned=1">', "${window.pwned=1}", "</script><script>window.pwned=1</script>"]
)
def test_control_the_browser_runs_a_name_without_the_cure(
    payload: str, naive: dict[str, str], guarded: Guarded
) -> None:
    page = guarded.page()
    page.set_content(naive[payload])
    page.wait_for_function("() => window.pwned === 1")
    guarded.errors.clear()  # a name that ends the script leaves a broken page behind
    guarded.outside.clear()
