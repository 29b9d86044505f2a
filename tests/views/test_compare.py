"""对比: the pair that is proposed, what is said of it, maps that move together, and everything in the address."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
import streamlit as st
from playwright.sync_api import Frame, Page, expect
from streamlit.testing.v1 import AppTest

from clusters.comparison import propose_peers
from clusters.duplication import Verdict
from clusters.goals import Board, tally_goals
from clusters.plan import open_plan
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset
from tests.secret_register import Secrets
from tests.views.conftest import MAP_TITLE, PHONE, WIDE, Guarded, Reader, Server
from tests.views.opened import app_page
from tests.views.paper import written_in
from tests.views.test_languages import left_in_chinese, left_in_english, sent
from views import loaded
from views.compare_charts import dumbbell, figure_of, parts_chart
from views.compare_document import compare_document
from views.compare_tables import headline_table, markup, pairs_table, parts_table, quotient_table
from views.compare_words import duplication, how_tested, p_text, peer_reason, shares_sentence, summary
from views.comparison import Comparison, compared
from views.document import Figure, Table
from views.document_html import document_html
from views.document_xlsx import document_xlsx
from views.linked_maps import equal_bounds
from views.selection import VERSIONS, Selection
from views.small_multiples import gallery, panels
from views.tokens import tokens
from views.words import Language, Words, words

NANSHAN, FUTIAN, LONGHUA, LONGGANG, BAOAN, YANTIAN = "440305", "440304", "440309", "440307", "440306", "440308"
FOUR = (NANSHAN, FUTIAN, LONGHUA, LONGGANG)


def board_of(dataset: Dataset, **choices: int) -> Board:
    return tally_goals(open_plan(loaded.PLAN_ID), dataset, **choices)


@pytest.fixture(scope="module")
def board(dataset: Dataset) -> Board:
    return board_of(dataset)


def of(board: Board, *districts: str, **choices: object) -> Comparison:
    return compared(board, Selection().on("compare", districts=districts, **choices))


def compare(lang: Language = "zh", **query: str) -> AppTest:
    return app_page("compare", **({"lang": lang} | query)).run()


def said(page: AppTest) -> str:
    texts = [each.value for each in (*page.markdown, *page.caption, *page.info)]
    return re.sub(r"\\(.)", r"\1", "\n".join(texts)) + "\n".join(
        e.proto.body for e in page.get("html") if not e.proto.body.startswith(("<style", "<script"))
    )


# ---------------------------------------------------------------- what is compared


def test_the_proposal_is_the_largest_district_and_its_nearest_peer(board: Board) -> None:
    found = of(board)
    assert found.is_proposal
    assert found.districts[0] == found.facts[c.TOTAL_CNY].idxmax() == NANSHAN
    assert found.districts[1] == propose_peers(found.structure, NANSHAN).index[0] == FUTIAN
    assert not set(found.peers.index) & set(found.districts)
    assert compared(board, Selection(district=LONGHUA)).districts[0] == LONGHUA, "the one looked at elsewhere"
    empty = compared(board, Selection(district=YANTIAN)).districts
    assert empty == (YANTIAN, NANSHAN), "without a firm there is no peer, and the largest stands beside it"


def test_change_counts_from_the_plans_base_year_or_the_nearest_before(dataset: Dataset, board: Board) -> None:
    assert of(board).since == 2020
    assert of(board, since=2019).since == 2019
    assert of(board, since=2022).since == 2020, "a later year is none to begin with"
    assert of(board_of(dataset, year=2020)).since == 2019
    assert of(board_of(dataset, year=2019)).since is None
    assert not of(board_of(dataset, year=2019)).has_change


def test_the_sentence_holds_the_numbers_of_the_table(board: Board, language: Language) -> None:
    """南山 901.59 bn over 36.75 bn is 24.5; 38 firms over 12 is 3.2; 48.09 over 4.67 亿元/km² is 10.3."""
    t = words(language)
    found = of(board, NANSHAN, FUTIAN)
    first = summary(found, t)[0]
    for ratio in ("24.5", "3.2", "10.3", "7.7"):
        assert t("compare.times", n=ratio) in first
    table = headline_table(found, t)
    assert [row[3].text for row in table.rows if row[3].text != "—"][:4] == [
        t("compare.times", n=n) for n in ("24.5", "3.2", "10.3", "1.3")
    ]
    assert any("28.0%" in line for line in summary(found, t)), "the common part of both mixes of revenue"
    assert len(headline_table(of(board, *FOUR), t).columns) == 5, "of four districts there is no ratio"


def test_a_peer_comes_with_its_reason(board: Board, language: Language) -> None:
    t, found = words(language), of(board, NANSHAN)
    assert peer_reason(found.peers.loc[FUTIAN], t).startswith(
        t("compare.peer_reason.both", similarity="0.28", structure=1, ratio="4.1%", size=1)
    )


# ---------------------------------------------------------------- who duplicates whom


def test_of_few_firms_nobody_is_said_to_duplicate_anybody(board: Board, t: Words) -> None:
    """龙岗 and 龙华 lean to the same subsectors, with 2 and 4 firms: no finding."""
    found = of(board, LONGGANG, LONGHUA)
    (row,) = found.chosen_pairs.to_dict("records")
    assert row[c.P] < 0.05 < row[c.P_ADJUSTED]
    assert row[c.VERDICT] == Verdict.FEW
    lines = duplication(found, t)
    assert "不能说谁重复了谁" in lines[0]
    assert "14 对（共 15 对）" in lines[1]
    note = how_tested(found, t)
    for part in ("9,999", str(found.pairs.attrs["seed"]), "Benjamini–Hochberg", "15 对"):
        assert part in note
    assert pairs_table(found, t).rows[0][-1].text == t("compare.verdict.few", fewest=5)


def test_a_found_duplication_names_both_with_n_and_p(board: Board, language: Language) -> None:
    t, found = words(language), of(board, NANSHAN, FUTIAN)
    row = {c.DISTRICT_A: FUTIAN, c.DISTRICT_B: NANSHAN, c.FIRMS_A: 12, c.FIRMS_B: 38, c.P_ADJUSTED: 0.004,
           c.COMMON_SUBSECTOR: "S10", c.VERDICT: Verdict.DUPLICATES}  # fmt: skip
    vars(found)["pairs"] = found.pairs.head(1).assign(**row)
    names = {"a": found.name(FUTIAN, language), "b": found.name(NANSHAN, language), "na": "12", "nb": "38"}
    assert duplication(found, t) == [t("compare.duplicates", **names, subsector=t("subsector.S10"), p="0.0040")]


@pytest.mark.parametrize(("p", "text"), [(0.00012, "0.0001"), (0.0234, "0.023"), (0.5, "0.50"), (float("nan"), "—")])
def test_p_values_have_the_digits_they_deserve(p: float, text: str) -> None:
    assert p_text(p) == text


# ---------------------------------------------------------------- tables, charts, document


def test_every_quotient_stands_with_its_interval_and_n(board: Board, t: Words) -> None:
    found = of(board, NANSHAN, FUTIAN, by="firms")
    row = next(row for row in quotient_table(found, t).rows if row[0].text == t("subsector.S10"))
    assert [cell.text for cell in row[1:4]] == ["0.85", "0.50 – 1.44", "5"]
    assert {row[0].text for row in quotient_table(found, t).rows} == {
        t(f"subsector.{s}") for s in found.profiles[NANSHAN].of_firms.index
    }


def test_marks_lie_at_the_values_and_numbers_stand_beside(board: Board, t: Words) -> None:
    found, look = of(board, NANSHAN, FUTIAN), tokens("light")
    chart = dumbbell(found, look, t)
    rows = found.subsectors
    assert chart["yAxis"][0]["data"] == [t(f"subsector.{s}") for s in rows]
    one = chart["series"][1]["data"][0]
    assert one[0] == pytest.approx(found.structure[rows[0]][NANSHAN] / 1e8)
    assert (
        chart["yAxis"][1]["data"][0]
        == f"{figure_of(found, rows[0], NANSHAN, t)} / {figure_of(found, rows[0], FUTIAN, t)}"
    )
    assert chart["xAxis"]["min"] < one[0] < chart["xAxis"]["max"]
    assert sum(value is not None for value in chart["yAxis"][1]["data"]) == len(rows)
    by_firms = dumbbell(of(board, NANSHAN, FUTIAN, by="firms"), look, t)
    assert all("label" not in line for line in by_firms["series"][0]["markLine"]["data"]), "tiers are of money"


def test_parts_of_growth_add_up_to_the_change(board: Board, t: Words) -> None:
    found = of(board, NANSHAN, FUTIAN)
    chart = parts_chart(found, tokens("dark"), t)
    for n, (_, row) in enumerate(found.summed_parts.iterrows()):
        stacked = sum(series["data"][n] for series in chart["series"])
        assert stacked == pytest.approx(100 * row[c.CHANGE] / row[c.BASE_CNY], abs=0.01)
    assert "12 家可比企业合计变化 +21.9%" in shares_sentence(found, t)[1]
    assert parts_table(found, t).rows[1][1].value == 12


def test_small_charts_share_their_axes_and_say_what_they_draw(board: Board, language: Language) -> None:
    t, found = words(language), of(board, *FOUR)
    drawn = panels(found, tokens("light"), t)
    assert [each.subsector_id for each in drawn] == found.subsectors
    scales = set()
    for each in drawn:
        texts = [e.text for e in ET.fromstring(each.svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
        scales.add(tuple(texts))
        assert "nan" not in each.svg
        assert "http" not in each.svg.replace("http://www.w3.org/2000/svg", "")
    assert len(scales) == 1
    internet = next(each for each in drawn if each.subsector_id == "S02")
    assert f"2021 {figure_of(found, 'S02', NANSHAN, t)}" in internet.alt
    page = gallery(drawn, dict.fromkeys(found.subsectors, "<b>"))
    assert page.count("<img") == len(drawn)
    assert "&lt;b&gt;" in page


def test_markup_is_text(board: Board, t: Words) -> None:
    table = headline_table(of(board, NANSHAN, FUTIAN), t)
    hostile = Table(table.sheet, table.columns, (tuple(cell.__class__("<script>") for cell in table.rows[0]),))
    assert "<script>" not in markup(hostile)


def test_the_document_holds_every_part_in_one_language(dataset: Dataset, board: Board, language: Language) -> None:
    t = words(language)
    made = compare_document(of(board, NANSHAN, FUTIAN, LONGHUA), t, link="/compare")
    assert made.language == language
    tables = [block for section in made.sections for block in section.blocks if isinstance(block, Table)]
    assert len({table.sheet for table in tables}) == len(tables) == 6
    for table in tables:
        assert len(table.sheet) <= 31
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert sum(isinstance(block, Figure) for section in made.sections for block in section.blocks) == 1
    assert {section.label for section in made.sections[1:]} == {t("word.derived")}
    texts = "\n".join(cell.text for table in tables for row in table.rows for cell in row)
    assert "nan" not in texts
    left = left_in_english if language == "en" else left_in_chinese
    assert left("\n".join([made.title, made.subtitle, *(s.title for s in made.sections), texts]), dataset) <= {"LQ"}


def test_of_two_districts_the_document_draws_the_structure_too(board: Board, t: Words) -> None:
    found = of(board, NANSHAN, FUTIAN)
    structure = compare_document(found, t).sections[2]
    drawing, table = structure.blocks
    assert isinstance(drawing, Figure)
    assert isinstance(table, Table)
    said = written_in(drawing.svg)
    assert {found.name(district, t.language) for district in found.districts} <= set(said)
    assert f"{figure_of(found, 'S02', NANSHAN, t)} / {figure_of(found, 'S02', FUTIAN, t)}" in said


def test_maps_of_districts_have_one_scale() -> None:
    one, other = equal_bounds([((22.5, 113.8), (22.7, 114.0)), ((22.6, 114.2), (22.65, 114.6))])
    assert one[1][1] - one[0][1] == pytest.approx(0.4)
    assert other[1][1] - other[0][1] == pytest.approx(0.4)
    assert other[1][0] - other[0][0] == pytest.approx(0.2, rel=1e-2)


# ---------------------------------------------------------------- the page


def test_the_page_says_all_of_it_in_one_language(dataset: Dataset, language: Language) -> None:
    t, page = words(language), compare(language)
    assert not page.exception
    assert not page.error
    assert page.multiselect(key="districts").value == [NANSHAN, FUTIAN]
    text = said(page)
    for part in ("structure", "maps", "specialization", "similarity", "years", "moved"):
        assert t(f"compare.part.{part}") in text
    assert t("compare.proposed") in text
    assert text.count(t("word.derived")) >= 5
    assert len(page.get("component_instance")) == 2
    if language == "en":
        assert left_in_english(sent(page), dataset) == set()
    else:
        seen = re.sub(r"<[^>]+>|&\w+;|\]\([^)]*\)|:[a-z-]+\[|:material/\w+:", " ", text)
        assert left_in_chinese(seen, dataset) == set()


def test_whatever_is_chosen_stands_in_the_address() -> None:
    page = compare()
    assert "districts" not in page.query_params, "the proposal needs no word in the address"
    page.button(key=f"add_{LONGHUA}").click().run()
    assert page.multiselect(key="districts").value == [NANSHAN, FUTIAN, LONGHUA]
    page.selectbox(key="since").set_value(2019).run()
    page.button_group(key="by").set_value("firms").run()
    page.button_group(key="year").set_value(2020).run()
    page.button_group(key="place").set_value("operating").run()
    assert not page.exception
    query = {key: value[0] if isinstance(value, list) else value for key, value in page.query_params.items()}
    districts = f"{NANSHAN},{FUTIAN},{LONGHUA}"
    chosen = {"districts": districts, "since": "2019", "by": "firms", "year": "2020", "place": "operating"}
    assert {key: query[key] for key in query if key not in VERSIONS} == chosen
    assert set(VERSIONS) <= set(query)
    again = compare(**query)
    assert again.session_state["selection"] == page.session_state["selection"]
    again.multiselect(key="districts").set_value([]).run()
    assert again.multiselect(key="districts").value[0] == NANSHAN


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"districts": NANSHAN}, {"compare.one_chosen": {}}),
        (
            {"districts": f"{BAOAN},{YANTIAN}"},
            {
                "compare.no_subsector": {"year": 2021},
                "compare.no_chosen_pairs": {},
                "compare.none_matched": {"since": 2020, "year": 2021},
            },
        ),
        ({"year": "2019"}, {"compare.no_earlier": {"year": 2019}}),
    ],
)
def test_what_cannot_be_compared_is_said_with_the_way_out(
    query: dict[str, str], expected: dict[str, dict[str, int]], language: Language
) -> None:
    page = compare(language, **query)
    assert not page.exception
    text = said(page)
    for key, named in expected.items():
        assert words(language)(key, **named) in text


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    st.cache_resource.clear()
    yield monkeypatch
    st.cache_resource.clear()


def test_what_is_withheld_is_said_and_structure_falls_back_to_firms(
    shown: pytest.MonkeyPatch, half_statistical: Dataset, language: Language
) -> None:
    seen = release(half_statistical, Viewer(Role.PUBLIC))
    shown.setattr(loaded, "dataset", lambda: seen)
    t, page = words(language), compare(language, districts=f"{NANSHAN},{FUTIAN},{LONGHUA}")
    assert not page.exception
    assert not page.error
    text = said(page)
    assert t("word.withheld") in text
    assert t("compare.by_firms_instead") in text
    assert not re.search(r"\bnan\b", re.sub(r"data:image\S+", "", text))
    made = compare_document(of(board_of(seen), NANSHAN, FUTIAN), t)
    assert "nan" not in str(
        [block for section in made.sections for block in section.blocks if isinstance(block, Table)]
    )


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.GOVERNMENT])
def test_neither_page_nor_document_holds_what_is_hidden(
    shown: pytest.MonkeyPatch, secret_dataset: Dataset, role: Role
) -> None:
    """All that a reader is sent; whoever may see everything shows that what is looked for would have been found."""
    seen = release(secret_dataset, Viewer(role))
    secrets = Secrets(secret_dataset, Viewer(Role.PUBLIC))
    shown.setattr(loaded, "dataset", lambda: seen)
    blobs = []
    for query in ({}, {"districts": ",".join(FOUR), "place": "operating", "by": "firms"}):
        page = compare(**query)
        assert not page.exception
        blobs.append(sent(page).encode())
    made = compare_document(of(board_of(seen), *FOUR), words("zh"))
    blobs += [document_html(made).encode(), document_xlsx(made), str(made).encode()]
    found = [sum(secrets.found_in(blob).values()) + secrets.names_in(blob) for blob in blobs]
    assert sum(found) > 0 if role is Role.GOVERNMENT else found == [0] * len(blobs)


def test_many_firms_are_compared_without_a_walk(shown: pytest.MonkeyPatch, sealed: Dataset, t: Words) -> None:
    shown.setattr(loaded, "dataset", lambda: sealed)
    for query in ({}, {"districts": ",".join(FOUR), "by": "firms", "place": "operating"}):
        page = compare(**query)
        assert not page.exception
        assert not page.error
        assert t("compare.no_pairs", year=sealed.default_year) not in said(page)


# ---------------------------------------------------------------- in a browser

# centre as pixels from the rest, at the zoom of the rest; and what is above it
VIEW = "() => [map_div.getCenter().lat, map_div.getCenter().lng, map_div.getZoom()]"
MOVED = """([lat, lng, zoom]) => {
  const by = map_div.project(map_div.getCenter(), zoom).subtract(map_div.project([lat, lng], zoom));
  return [by.x, by.y, map_div.getZoom() - zoom];
}"""
DRAWN = "() => window.map_div && document.querySelectorAll('.jq-linked .leaflet-interactive').length > 3"
NO_WIDER = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def frames(page: Page, number: int) -> list[Frame]:
    maps = page.locator(f'iframe[title="{MAP_TITLE}"]')
    expect(maps).to_have_count(number)
    found = [maps.nth(n).element_handle().content_frame() for n in range(number)]
    for frame in found:
        assert frame is not None
        frame.wait_for_function(DRAWN)
    return [frame for frame in found if frame is not None]


def rests(maps: list[Frame]) -> list[list[float]]:
    """Views once they rest."""
    for frame in maps:
        frame.wait_for_function(
            f"() => {{ const now = ({VIEW})().join(), old = window.__seen; window.__seen = now; return now === old; }}",
            polling=200,
        )
    return [frame.evaluate(VIEW) for frame in maps]


def moved_alike(maps: list[Frame], begin: list[list[float]], leader: int) -> list[float]:
    """How far the leader was moved, once all others were moved as far."""
    led = maps[leader].evaluate(MOVED, begin[leader])
    for frame, at in zip(maps, begin, strict=True):
        frame.wait_for_function(
            f"([at, led]) => ({MOVED})(at).every((v, i) => Math.abs(v - led[i]) < 2)", arg=[at, led]
        )
    return led


def test_moving_one_map_moves_the_others(guarded: Guarded, server: Server, t: Words) -> None:
    page = guarded.page(server.base, WIDE)
    page.goto(f"{server.base}/compare?districts={NANSHAN},{FUTIAN},{LONGHUA}")
    page.locator(".st-key-parts").wait_for(state="attached")
    reader = Reader(page, server.base).rested()
    maps = frames(page, 3)
    begin = rests(maps)
    assert len({round(zoom, 6) for *_, zoom in begin}) == 1, "one scale"
    assert len({tuple(view[:2]) for view in begin}) == 3, "each on its own district"

    box = page.locator(f'iframe[title="{MAP_TITLE}"]').first
    box.scroll_into_view_if_needed()
    at = box.bounding_box()
    assert at is not None
    x, y = at["x"] + at["width"] * 0.8, at["y"] + at["height"] * 0.35
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 25, steps=6)
    page.mouse.up()
    maps[0].wait_for_function(f"at => Math.abs(({MOVED})(at)[0]) > 30", arg=begin[0])
    rests(maps)
    led = moved_alike(maps, begin, 0)
    assert led[0] == pytest.approx(60, abs=12)
    maps[2].locator(".leaflet-control-zoom-in").click()
    maps[2].wait_for_function(f"at => ({MOVED})(at)[2] > 0.4", arg=begin[2])
    rests(maps)
    assert moved_alike(maps, begin, 2)[2] == pytest.approx(0.5)
    maps[1].locator(".jq-home").click()
    for frame, at_rest in zip(maps, begin, strict=True):
        frame.wait_for_function(f"at => ({MOVED})(at).every(v => Math.abs(v) < 2)", arg=at_rest)
    page.mouse.move(x, y)
    page.mouse.wheel(0, 240)
    assert rests(maps)[0][2] == pytest.approx(begin[0][2]), "the wheel scrolls the page"

    reader.key(f"add_{LONGGANG}").get_by_role("button").click()
    reader.at(districts=",".join(FOUR))
    frames(page, 4)
    expect(page.locator("h4").filter(has_text=t("compare.part.moved"))).to_be_attached()
    page.wait_for_function(NO_WIDER)


def test_on_a_phone_everything_stands_in_one_column(guarded: Guarded, server: Server) -> None:
    t = words("en")
    page = guarded.page(server.base, PHONE)
    page.goto(f"{server.base}/compare?lang=en&districts={','.join(FOUR)}")
    page.locator(".st-key-parts").wait_for(state="attached")
    Reader(page, server.base).rested()
    maps = page.locator(f'iframe[title="{MAP_TITLE}"]')
    frames(page, 4)
    boxes = [maps.nth(n).bounding_box() for n in range(4)]
    assert len({round(box["x"]) for box in boxes if box}) == 1
    page.wait_for_function(NO_WIDER)
    expect(page.locator(".jq-gallery img").first).to_be_visible()
    assert page.evaluate("() => [...document.querySelectorAll('.jq-gallery img')].every(i => i.naturalWidth > 0)")
    help_ = page.locator(".st-key-read_compare_similarity button")
    help_.click()
    expect(page.get_by_text(t("read.compare_similarity")[:60])).to_be_visible()
