"""The map draws without a network: areas, parks, firms, words, switches, and not one request that leaves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from data import columns as c
from data.dataset import Dataset
from tests.views.conftest import Guarded, Reader, Server
from views.words import Words

Visit = Callable[..., Reader]


def lone_firm(dataset: Dataset, district_id: str) -> str:
    """A firm that counts in the district and shares its place with no other, the largest in revenue."""
    firms = dataset.firms[dataset.firms[c.LON].notna()]
    alone = firms[~firms[c.PLACE_ID].duplicated(keep=False) & (firms[c.REGISTERED_DISTRICT_ID] == district_id)]
    year = dataset.usable[dataset.usable[c.YEAR] == dataset.default_year].set_index(c.FIRM_ID)[c.REVENUE_CNY]
    return str(year.reindex(alone.index).idxmax())


@pytest.mark.parametrize("path", ["overview", "district"])
def test_areas_parks_and_firms_are_drawn_without_a_network(
    visit: Visit, guarded: Guarded, dataset: Dataset, t: Words, path: str
) -> None:
    district = "440304"
    reader = visit(path, **({"district": district} if path == "district" else {}))
    firms = dataset.firms[dataset.firms[c.LON].notna()]
    parks = dataset.parks[dataset.parks[c.LON].notna()]
    if path == "district":
        firms = firms[firms[c.REGISTERED_DISTRICT_ID] == district]
        parks = parks[parks[c.DISTRICT_ID] == district]
    reader.drawn_until("district", len(dataset.districts))
    drawn = reader.drawn()
    assert drawn["district"] == 11
    assert drawn["park"] == len(parks) > 0
    assert drawn["firm"] + drawn["stack"] == firms[c.PLACE_ID].nunique() > 0

    expect(reader.map.locator(".jq-legend")).to_contain_text(t("map.firm_legend"))
    expect(reader.map.locator(".jq-legend")).to_be_visible()
    expect(reader.map.locator(".leaflet-control-scale")).to_be_visible()
    expect(reader.map.locator(".leaflet-control-scale")).to_contain_text("km")
    notice = reader.map.locator(".leaflet-control-attribution")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text(t("notice.sketch"))
    expect(notice).to_contain_text(t("notice.approval", number=t("notice.not_configured")))
    expect(reader.page.get_by_text(t("notice.sketch")).last).to_be_visible()
    labels = reader.map.locator(".jq-label b")
    assert set(labels.all_inner_texts()) == set(dataset.districts[c.LABEL_ZH])

    firm = lone_firm(dataset, district)
    name = dataset.firms[c.SHORT_NAME][firm]
    reader.point_at(f"firm:{firm}")
    expect(reader.tooltip).to_be_visible()
    expect(reader.tooltip).to_contain_text(name)
    reader.click_on(f"firm:{firm}")
    reader.at(focus=f"firm:{firm}")
    reader.card_says(f"{name} {firm}", t("field.revenue", year=dataset.default_year))
    revenue = dataset.usable[(dataset.usable[c.FIRM_ID] == firm) & (dataset.usable[c.YEAR] == dataset.default_year)]
    for source in (dataset.firms[c.SOURCE][firm], revenue[c.SOURCE].item()):
        reader.card_says(t("map.source", source=source))
    assert guarded.outside == []


def test_layers_switch_off_and_stay_off_in_the_link(visit: Visit, t: Words) -> None:
    reader = visit("overview")
    parks = reader.drawn()["park"]

    def switches() -> list[str]:
        reader.map.locator(".leaflet-control-layers").hover(force=True)
        return reader.map.locator(".leaflet-control-layers-overlays label").all_inner_texts()

    layers = [t(f"layer.{layer}") for layer in ("districts", "parks", "firms", "hubs", "ground")]
    assert [label.strip() for label in switches()] == layers
    switch = reader.map.locator(".leaflet-control-layers-overlays label").filter(has_text=t("layer.parks"))
    switch.click()
    reader.at(hide="parks")
    reader.drawn_until("park", 0)
    assert reader.drawn()["district"] == 11

    reader.page.reload()
    reader.settled().at(hide="parks")
    reader.drawn_until("park", 0)
    assert reader.drawn()["firm"] > 0
    switches()
    expect(switch.locator("input")).not_to_be_checked()
    switch.click()
    reader.at(hide=None)
    reader.drawn_until("park", parks)


def test_the_guard_sees_a_request_that_leaves(guarded: Guarded, server: Server) -> None:
    page = guarded.page(server.base)  # an empty page, which no policy holds back
    for address in ("http://127.0.0.1:9/beacon", "https://unpkg.com/leaflet.js"):
        page.evaluate("address => fetch(address, { mode: 'no-cors' }).catch(() => null)", address)
    page.set_content('<img src="http://127.0.0.1:9/pixel">')
    page.evaluate("() => { setTimeout(() => { throw new Error('seen'); }, 0); }")
    page.wait_for_event("pageerror") if not guarded.errors else None
    assert guarded.outside == ["http://127.0.0.1:9/beacon", "https://unpkg.com/leaflet.js", "http://127.0.0.1:9/pixel"]
    assert guarded.errors == ["seen"]
    guarded.outside.clear()
    guarded.errors.clear()


def test_a_page_runs_no_script_that_came_in_and_loads_nothing_foreign(guarded: Guarded, server: Server) -> None:
    """The control of what every visit asserts: what the policy forbids is not done, and it is noticed."""
    page = guarded.page(server.base)
    page.goto(server.base + "/_stcore/health")
    page.set_content(
        "<script>window.ran = 'script'</script><img src=x onerror=\"window.ran = 'handler'\">"
        '<img src="http://127.0.0.1:9/pixel"><iframe src="http://127.0.0.1:9/frame"></iframe>'
    )
    page.evaluate("address => fetch(address, { mode: 'no-cors' }).catch(() => null)", "http://127.0.0.1:9/beacon")
    assert page.evaluate("() => window.ran || 'nothing'") == "nothing"
    for directive in ("script-src", "img-src", "frame-src", "connect-src"):
        assert any(directive in told for told in guarded.forbidden), guarded.forbidden
    assert guarded.outside == []
    guarded.forbidden.clear()
