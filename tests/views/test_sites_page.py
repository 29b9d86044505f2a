"""选址 as its reader walks it: from a firm to ranked parks with reasons, a map, a shortlist and papers."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from openpyxl import load_workbook
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from clusters.release import release
from clusters.roles import read_viewer
from clusters.site_records import CRITERIA
from data import columns as c
from data.dataset import Dataset
from tests.views.conftest import PHONE, Reader
from tests.views.opened import app_page
from views import loaded, sites
from views.selection import Selection
from views.sites_choices import Named
from views.words import Language, Words, words

HAN = re.compile(r"[\u3400-\u9fff]+")
NO_WEIGHT = ",".join(f"{name}:0" for name in CRITERIA)


def opened(lang: Language = "zh", **query: str) -> AppTest:
    page = app_page("sites", **({"lang": lang} | query)).run()
    assert not page.exception
    assert not page.error
    return page


def said(page: AppTest) -> str:
    shown = (*page.markdown, *page.caption, *page.info, *page.warning)
    return re.sub(r"\\(.)", r"\1", "\n".join(each.value for each in shown))


def chosen(page: AppTest) -> Selection:
    return page.session_state["selection"]


def test_without_a_firm_the_page_asks_for_it_and_one_click_answers(language: Language) -> None:
    t, page = words(language), opened(language)
    assert t("sites.ask") in said(page)
    offered = [b for b in page.button if (b.key or "").startswith("offer_")]
    assert len(offered) == 6
    page = offered[0].click().run()
    assert chosen(page).sites.subsector == offered[0].key.removeprefix("offer_")
    assert page.query_params["subsector"] == chosen(page).sites.subsector
    for key in ("site_1", "site_2", "site_3"):
        assert t("sites.points", points="").strip() in said(page), key
    for name in ("floor_area", "vacant_area", "rent"):
        line = t("sites.off", criterion=t(f"site.criterion.{name}"), why=t("site.missing.no_figure"))
        assert line in said(page), "a criterion without data says that it is off"
    assert not [s for s in page.slider if s.key in ("weight_rent", "weight_vacant_area", "weight_floor_area")]


def test_weights_move_the_ranks_and_stand_in_the_address(t: Words) -> None:
    page = opened(subsector="S01")
    before = page.dataframe[0].value["name"].tolist()
    page.slider(key="weight_near_port").set_value(5.0).run()
    assert page.query_params["weights"] == "near_port:5"
    assert page.dataframe[0].value["name"].tolist() != before
    page.button(key="preset_metro").click().run()
    assert page.slider(key="weight_near_metro").value == 5.0
    assert page.slider(key="weight_near_port").value == 0.5
    page.button(key="reset_weights").click().run()
    assert "weights" not in page.query_params
    assert page.dataframe[0].value["name"].tolist() == before


def test_judgments_two_by_two_say_whether_they_agree(t: Words) -> None:
    page = opened(subsector="S01", weighting="pairs")
    assert t("sites.ratio", ratio="0.00", most="0.10") in said(page)
    page.select_slider(key="judged_0").set_value(9).run()
    assert page.query_params["judged"] == "9,1,1,1,1,1"
    inconsistent = t("sites.inconsistent", first=t("site.criterion.near_metro"),
                     second=t("site.criterion.chain_firms"), judged="9", implied="")  # fmt: skip
    assert inconsistent.split("推出")[0] in said(page)
    page.multiselect(key="compared").set_value(["near_metro"]).run()
    assert t("sites.too_few_compared", least=2) in said(page)
    assert len(chosen(page).sites.compared) == 4, "one criterion alone is no comparison"
    page.multiselect(key="compared").set_value(["near_metro", "momentum"]).run()
    assert [s.key for s in page.select_slider] == ["judged_0"]


def test_conditions_leave_parks_out_and_say_what_is_not_known(dataset: Dataset, t: Words) -> None:
    page = opened(subsector="S01")
    page.number_input(key="site_floor").set_value(2000).run()
    page.number_input(key="reach_metro").set_value(1000).run()
    page.selectbox(key="site_area").set_value("440305").run()
    mine = chosen(page).sites
    assert (mine.floor, mine.reach, mine.area) == (2000, (Named("metro", 1000.0),), "440305")
    assert t("sites.unchecked", conditions=t("site.condition.area")) in said(page)
    why = page.dataframe[-1].value["why"]
    assert why.str.startswith(t("sites.why_excluded", condition="")).any()
    page.number_input(key="reach_airport").set_value(1).run()
    assert t("sites.nothing_tells") in said(page), "only parks without a point are left"
    assert t("sites.no_points") in said(page)
    placed = dataset.parks[c.LON].notna().groupby(dataset.parks[c.DISTRICT_ID]).all()
    page.selectbox(key="site_area").set_value(placed.index[placed][0]).run()
    assert t("sites.none_fits") in said(page)


def test_no_weight_at_all_is_said_and_left_by_one_button(t: Words) -> None:
    page = opened(subsector="S01", weights=NO_WEIGHT)
    assert t("sites.no_weights") in said(page)
    page.button(key="reset_weights").click().run()
    assert t("sites.no_weights") not in said(page)


def test_the_shortlist_grows_moves_and_comes_back(t: Words) -> None:
    page = opened(subsector="S06")
    assert t("sites.shortlist_empty") in said(page)
    for park in ("P26", "P22", "P25"):
        page.button(key=f"add_{park}").click().run()
    assert page.query_params["shortlist"] == "P26,P22,P25"
    page.button(key="left_2").click().run()
    assert chosen(page).sites.shortlist == ("P22", "P26", "P25")
    table = page.dataframe[1].value
    assert table.columns.tolist() == ["criterion", "park_0", "park_1", "park_2"]
    assert table.set_index("criterion").loc[t("site.criterion.rent")].tolist() == [t("word.no_data")] * 3
    page.button(key="off_1").click().run()
    assert chosen(page).sites.shortlist == ("P26", "P25")
    page.button(key="undo").click().run()
    assert chosen(page).sites.shortlist == ("P22", "P26", "P25")
    full = opened(subsector="S06", shortlist="P01,P02,P03,P04,P05")
    assert full.button(key="add_P26").disabled
    assert full.button(key="right_5").disabled


def test_a_park_in_focus_has_its_card_its_reasons_and_its_neighbors(dataset: Dataset, language: Language) -> None:
    t, page = words(language), opened(language, subsector="S06", focus="park:P22")
    tables = [table.value for table in page.table]
    bands = next(v for v in tables if t("sites.distance") in v.columns)
    assert bands[t("field.firms")].tolist() == [t.firms(n) for n in (1, 1, 1)]
    reasons = next(v for v in reversed(tables) if t("sites.says") in v.columns)
    assert len(reasons) == 9, "every criterion that is on"
    assert t("sites.precise", n="2", of="5") in said(page)
    nowhere = dataset.parks.index[dataset.parks[c.LON].isna()][0]
    no_point = opened(language, subsector="S06", focus=f"park:{nowhere}")
    assert t("sites.no_neighbors") in said(no_point)
    page.button(key="close_park").click().run()
    assert chosen(page).focus is None


def test_both_methods_stand_beside_each_other(t: Words) -> None:
    page = opened(subsector="S02", order="topsis")
    assert "weighted_sum" not in page.query_params
    assert t("sites.of_the_sum") in said(page)
    assert page.dataframe[0].value["rank"].tolist() == [4, 5, 6, 7, 8, 9, 10]
    assert page.dataframe[0].value["points"].is_monotonic_decreasing


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Dataset], None]]:
    """Put another dataset under the page."""
    st.cache_resource.clear()
    yield lambda dataset: monkeypatch.setattr(loaded, "dataset", lambda: dataset)
    st.cache_resource.clear()


def test_with_many_firms_the_page_answers(many_firms: Dataset, shown: Callable[[Dataset], None], t: Words) -> None:
    shown(many_firms)
    park = str(many_firms.parks.index[many_firms.parks[c.LON].notna()][0])
    page = opened(subsector="S01", focus=f"park:{park}")
    near = page.dataframe[1].value
    assert len(near) == 20
    assert near["distance"].max() <= 5_000
    assert t("sites.first_level", n=2)[:1] in said(page)


def test_the_public_sees_no_withheld_figure(
    secret_dataset: Dataset, shown: Callable[[Dataset], None], language: Language
) -> None:
    public = release(secret_dataset, read_viewer("public"))
    shown(public)
    for query in ({}, {"subsector": "S01"}, {"subsector": "S05", "focus": "park:P01", "shortlist": "P01,P02"}):
        everything = said(opened(language, **query))
        assert "nan" not in everything.lower().replace("nanshan", "")


def test_a_view_beside_the_parks_gets_what_is_looked_for(monkeypatch: pytest.MonkeyPatch, t: Words) -> None:
    got = []
    monkeypatch.setitem(sites.OTHER_VIEWS, "grid", lambda request, board, chosen, t: got.append(request))
    page = opened(subsector="S01", view="grid", area="440305")
    assert got[0].district_id == "440305"
    page.button_group(key="site_view").set_value("parks").run()
    assert page.dataframe
    assert "view" not in page.query_params


# in the browser ------------------------------------------------------------------------------------------------------


def fits(reader: Reader, width: int) -> None:
    main = "() => document.querySelector('[data-testid=stMain]').scrollWidth"
    assert reader.page.evaluate(main) <= width


def test_an_investor_walks_from_the_firm_to_the_papers(
    visit: Callable[..., Reader], t: Words, tmp_path: Path
) -> None:  # fmt: skip
    reader = visit("sites")
    fits(reader, 1440)
    assert reader.drawn()["district"] == 11
    reader.key("offer_S09").get_by_role("button").click()
    reader.at(subsector="S09").settled()
    reader.open("sites", subsector="S06")
    marks = reader.map.locator(".jq-rank")
    expect(marks).to_have_count(10)
    assert sorted(marks.all_inner_texts(), key=int) == [str(n) for n in range(1, 11)]
    home = reader.view()
    reader.mark_frame()

    reader.click_on("park:P25")  # the third: a click on the map brings it into focus
    reader.at(focus="park:P25")
    expect(reader.key("park")).to_contain_text("深圳市文化创意园")
    expect(reader.map.locator(".jq-ring")).to_have_count(3)
    reader.view_at_rest(home)
    assert reader.same_frame()
    reader.key("add_focus").get_by_role("button").click()
    reader.at(shortlist="P25")
    reader.key("add_P26").get_by_role("button").click()
    reader.at(shortlist="P25,P26")
    reader.click_row("ranked", 0)
    reader.at(focus="park:P12")

    again = reader.page.url
    reader.page.goto(again)
    reader.settled()
    expect(reader.key("shortlisted_2")).to_contain_text("车公庙泰然科技园")
    expect(reader.key("park")).to_contain_text("南山智园")

    papers = reader.key("site_papers")
    papers.get_by_role("button", name=t("document.download")).click()
    with reader.page.expect_download() as waited:
        reader.key("sites_paper_xlsx").get_by_role("button").click()
    waited.value.save_as(tmp_path / "sites.xlsx")
    book = load_workbook(tmp_path / "sites.xlsx")
    assert t("sites.parks") in book.sheetnames
    text = "".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value)
    assert "127.0.0.1" in "".join(str(cell.value) for s in book for row in s.iter_rows() for cell in row), text
    reader.page.keyboard.press("Escape")
    reader.key("park").get_by_role("button", name=t("document.download")).click()
    with reader.page.expect_download() as waited:
        reader.key("enquiry_html").get_by_role("button").click()
    waited.value.save_as(tmp_path / "sheet.html")
    sheet = (tmp_path / "sheet.html").read_text("utf-8")
    assert t("sites.question.rent") in sheet
    assert "南山智园" in sheet


def test_on_a_phone_in_english_everything_fits_and_weights_go_by_the_keyboard(visit: Callable[..., Reader]) -> None:
    t = words("en")
    reader = visit("sites", viewport=PHONE, lang="en", subsector="S06", shortlist="P22,P25", focus="park:P25")
    fits(reader, PHONE[0])
    for key in ("needs", "site_1", "park", "shortlisted_1", "compared_sites"):
        part = reader.key(key).first
        part.scroll_into_view_if_needed()
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE[0] + 1, key
    thumb = reader.key("weight_near_metro").get_by_role("slider")
    thumb.focus()
    thumb.press("ArrowRight")
    reader.at(weights="near_metro:2.5").settled()
    reader.choice("weighting", t("sites.by_pairs")).click()
    reader.at(weighting="pairs")
    expect(reader.key("needs")).to_contain_text(t("sites.ratio", ratio="0.00", most="0.10"))
    body = reader.page.locator('[data-testid="stMain"]').inner_text()
    known = [option for option in HAN.findall(body) if len(option) > 12]
    assert known == [], "no sentence is left in the other language"
    fits(reader, PHONE[0])
