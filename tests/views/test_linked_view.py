"""One selection seen from everywhere: table, map, search and address say the same, and the map never starts anew."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from data import columns as c
from data.dataset import Dataset
from tests.views.conftest import Reader
from views.selection import VERSIONS
from views.words import Words, words

Visit = Callable[..., Reader]
CLOUD = "S05"


def placed(dataset: Dataset) -> tuple[str, str]:
    """In 南山: a firm alone at its place, and a place with several firms; both with the largest revenue."""
    year = dataset.usable[dataset.usable[c.YEAR] == dataset.default_year].set_index(c.FIRM_ID)[c.REVENUE_CNY]
    firms = dataset.firms[dataset.firms[c.LON].notna() & (dataset.firms[c.REGISTERED_DISTRICT_ID] == "440305")]
    firms = firms.assign(revenue=year.reindex(firms.index)).sort_values("revenue", ascending=False)
    shared = dataset.firms[c.PLACE_ID].value_counts()
    mates = firms[c.PLACE_ID].map(shared)
    return str(firms.index[mates == 1][0]), str(firms[c.PLACE_ID][mates > 1].iloc[0])


def test_the_matrix_and_the_map_move_each_other_and_lead_to_the_page_of_a_district(
    visit: Visit, dataset: Dataset, t: Words
) -> None:
    reader = visit("overview")
    reader.mark_frame()
    home = reader.view()
    head, first, *_ = reader.cells("matrix")
    subsector = next(s for s in (f"S{n:02d}" for n in range(1, 13)) if t(f"subsector.{s}") in first)

    reader.click_row("matrix", 0)
    reader.at(focus=f"cluster:{subsector}")
    on_cluster = reader.view_until(changed_from=home)
    expect(reader.selected_rows("matrix")).to_have_count(1)
    expect(reader.map.locator(".jq-legend")).to_contain_text(t(f"subsector.{subsector}"))

    label = head[-1].rsplit(" ", 1)[0]  # beside the name stand the firms
    district = dataset.districts.index[dataset.districts[c.LABEL_ZH] == label].item()
    reader.click_last_column("matrix")
    reader.at(focus=f"district:{district}")
    reader.view_until(changed_from=on_cluster)
    expect(reader.selected_rows("matrix")).to_have_count(0)
    reader.card_says(dataset.districts[c.NAME][district])
    expect(reader.map.locator(".jq-label.focus b")).to_have_text(label)

    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    reader.home_again(home)
    expect(reader.key("clear")).to_have_count(0)
    expect(reader.popup).to_have_count(0)
    assert reader.same_frame()

    home = reader.still()
    names = dataset.districts[c.NAME]
    reader.click_on("district:440306")
    reader.at(focus="district:440306")
    reader.card_says(names["440306"])
    reader.view_until(changed_from=home)
    expect(reader.key("open_district")).to_contain_text(names["440306"])

    reader.map.locator(".jq-home").click()
    reader.at(focus=None)
    reader.home_again(home)

    _, place = placed(dataset)
    reader.click_on(f"stack:{place}")
    reader.at(focus=f"stack:{place}")
    expect(reader.popup).to_have_count(1)
    firms = dataset.firms[(dataset.firms[c.PLACE_ID] == place) & dataset.firms[c.LON].notna()]
    expect(reader.popup.locator("section")).to_have_count(len(firms))
    for name in firms[c.SHORT_NAME]:
        reader.card_says(name)
    expect(reader.key("clear")).to_contain_text(t("map.clear"))
    assert reader.same_frame()

    reader.search(names["440304"], names["440304"])
    reader.at(focus="district:440304")
    reader.key("open_district").get_by_role("button").click()
    reader.at(district="440304", focus=None)
    expect(reader.page.get_by_role("heading", name=names["440304"])).to_be_visible()
    assert "/district" in reader.page.url


def test_a_firm_in_the_table_on_the_map_and_in_the_search_box_is_one_and_may_be_of_another_district(
    visit: Visit, dataset: Dataset
) -> None:
    reader = visit("district", district="440304")
    reader.mark_frame()
    home = reader.view()
    ids = [next(cell for cell in row if cell in dataset.firms.index) for row in reader.cells("firms")[1:]]
    places = dataset.firms[c.PLACE_ID]
    in_stack = next(i for i in ids if (places == places[i]).sum() > 1)
    lone = next(i for i in ids if (places == places[i]).sum() == 1)

    reader.click_row("firms", ids.index(in_stack))
    reader.at(focus=f"firm:{in_stack}")
    reader.card_says(f"{dataset.firms[c.SHORT_NAME][in_stack]} {in_stack}")
    reader.view_until(changed_from=home)
    expect(reader.selected_rows("firms")).to_have_count(1)

    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    reader.home_again(home)
    expect(reader.selected_rows("firms")).to_have_count(0)

    reader.click_on(f"firm:{lone}")
    reader.at(focus=f"firm:{lone}")
    reader.card_says(f"{dataset.firms[c.SHORT_NAME][lone]} {lone}")
    expect(reader.selected_rows("firms")).to_have_count(1)
    expect(reader.selected_rows("firms")).to_contain_text(lone)
    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    reader.home_again(home)

    before = reader.still()
    for firm, district in (("300085", "440304"), ("000034", "440305"), (in_stack, "440304")):
        name = dataset.firms[c.SHORT_NAME][firm]
        reader.search(name, f"{name} {firm}")
        reader.at(focus=f"firm:{firm}", district=district)
        before = reader.view_until(changed_from=before)
        reader.card_says(f"{name} {firm}")
    assert reader.same_frame()


def test_the_search_box_finds_any_thing_and_filters_keep_the_map_where_the_reader_moved_it(
    visit: Visit, dataset: Dataset, t: Words
) -> None:
    reader = visit("overview")
    reader.mark_frame()
    before = home = reader.view()
    firm, _ = placed(dataset)
    park = str(dataset.parks.index[dataset.parks[c.LON].notna() & (dataset.parks[c.DISTRICT_ID] == "440307")][0])
    street = str(dataset.streets.index[dataset.streets[c.DISTRICT_ID] == "440311"][0])
    things = {
        f"firm:{firm}": (dataset.firms[c.SHORT_NAME][firm], "firm"),
        f"park:{park}": (dataset.parks[c.NAME][park], "park"),
        f"street:{street}": (dataset.streets[c.NAME][street], "street"),
        "district:440310": (dataset.districts[c.NAME]["440310"], "district"),
    }
    for thing, (name, kind) in things.items():
        option = reader.find(name, name)
        expect(option).to_contain_text(t(f"search.{kind}"))
        option.click()
        reader.at(focus=thing)
        before = reader.view_until(changed_from=before)
        if kind != "street":  # a street has no mark of its own
            reader.card_says(name)
        expect(reader.key("clear")).to_be_visible()

    reader.page.go_back()
    reader.at(focus=f"street:{street}")
    reader.view_until(changed_from=before)
    expect(reader.key("search").locator("input")).to_have_value(re.compile(re.escape(dataset.streets[c.NAME][street])))
    reader.key("clear").get_by_role("button").click()
    reader.at(focus=None)
    reader.home_again(home)
    assert reader.same_frame()

    home = reader.still()
    reader.map.locator(".leaflet-control-zoom-in").click()
    zoomed = reader.view_at_rest(changed_from=home)
    x, y = reader.spot("district:440308")
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    reader.page.mouse.move(x - 40, y + 20)
    reader.page.mouse.move(x - 80, y + 40)
    reader.page.mouse.up()
    moved = reader.view_at_rest(changed_from=zoomed)
    reader.at(focus=None)
    marks = reader.drawn()["firm"] + reader.drawn()["stack"]

    def kept() -> None:
        assert reader.same_frame()
        reader.view_is(moved)

    reader.choice("measure", t("measure.density")).click()
    reader.at(measure="density")
    expect(reader.map.locator(".jq-legend")).to_contain_text(t("measure.density"))
    kept()
    reader.choice("year", "2022").click()
    reader.at(year="2022")
    expect(reader.map.locator(".jq-legend")).to_contain_text("2022")
    kept()
    reader.open_filters(t)
    reader.choice("place", t("place.operating")).click()
    reader.at(place="operating")
    kept()
    reader.open_filters(t)
    reader.choice("precisions", t("precision.park")).click()
    reader.at(precisions="park")
    in_parks = (dataset.firms[c.LOCATION_PRECISION] == "park") & (dataset.firms[c.OPERATING_DISTRICT_ID] != c.OUTSIDE)
    parks = dataset.firms[in_parks][c.PLACE_ID].nunique()
    assert 0 < parks < marks
    reader.marks_until(parks)
    kept()
    reader.open_filters(t)
    reader.choice("tier", t("tier.CNY_1E11")).click()
    reader.at(tier="CNY_1E11")
    expect(reader.rows("matrix")).to_have_count(1)
    kept()
    reader.open_filters(t)
    reader.choice("subsectors", t(f"subsector.{CLOUD}")).click()
    reader.at(subsectors=CLOUD)
    expect(reader.page.get_by_text(t("filter.none_left")).first).to_be_visible()
    kept()
    reader.page.keyboard.press("Escape")
    reader.open_filters(t)
    reader.key("clear_filters").get_by_role("button").click()
    reader.at(subsectors=None, tier=None, precisions=None, place=None, measure="density", year="2022")
    kept()


LINK = {
    "year": "2022",
    "subsectors": "S07,S12",
    "measure": "share",
    "tier": "CNY_1E11",
    "precisions": "park,district",
    "place": "operating",
    "focus": "firm:00700.HK",
    "hide": "parks",
    "lang": "en",
}


def test_a_link_reopens_the_same_view_and_outlives_a_change_of_page(visit: Visit, dataset: Dataset) -> None:
    en = words("en")
    reader = visit("overview", **LINK)
    reader.at(**LINK)
    assert reader.chosen("year") == ["2022"]
    assert reader.chosen("measure") == [en("measure.share")]
    assert reader.chosen("language") == ["English"]
    expect(reader.map.locator(".jq-legend")).to_contain_text("2022")
    reader.card_says("00700.HK")
    expect(reader.key("search").locator("input")).to_have_value(
        f"{dataset.firms[c.SHORT_NAME]['00700.HK']} 00700.HK · {en('search.firm')}"
    )
    expect(reader.rows("matrix")).to_have_count(1)
    reader.open_filters(en)
    assert reader.chosen("tier") == [en("tier.CNY_1E11")]
    assert reader.chosen("place") == [en("place.operating")]
    assert reader.chosen("precisions") == [en("precision.park"), en("precision.district")]
    assert reader.chosen("subsectors") == [en("subsector.S07"), en("subsector.S12")]
    reader.page.keyboard.press("Escape")

    reader.page.get_by_role("link", name=en("page.district")).click()
    reader.page.wait_for_url("**/district?**")
    reader.settled().at(**LINK)
    assert reader.query["district"] in dataset.districts.index
    reader.card_says("00700.HK")
    district = reader.query["district"]

    reader.page.get_by_role("link", name=en("page.overview")).click()
    reader.page.wait_for_url("**/overview?**")
    reader.settled().at(**LINK, district=None)
    assert reader.chosen("year") == ["2022"]

    reader.open("district", **LINK, district=district).at(**LINK, district=district)
    reader.card_says("00700.HK")
    assert reader.chosen("year") == ["2022"]


def test_a_link_with_unknown_values_opens_with_defaults(visit: Visit) -> None:
    nonsense = dict.fromkeys(LINK, "nonsense") | {"district": "999999", "other": "thing", "year": "1999"}
    reader = visit("overview", **nonsense)
    for path in ("overview", "district"):
        if path not in reader.page.url:
            reader.open(path, **nonsense)
        reader.at(**dict.fromkeys(LINK))
        assert set(reader.query) <= {"district", *VERSIONS}
        assert "999999" not in reader.query.values()
        assert reader.chosen("language") == ["中文"]
        assert reader.drawn()["district"] == 11
        expect(reader.page.get_by_test_id("stException")).to_have_count(0)
        expect(reader.page.get_by_test_id("stAlert")).to_have_count(0)
