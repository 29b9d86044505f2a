"""What clients of the standard rely on: links, pages, filters, tags, and refusals that say why."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
import shapely
from starlette.requests import Request
from starlette.routing import BaseRoute

from api.ogc import routes
from api.ogc.asked import flat
from api.ogc.failing import refused
from api.ogc.properties import PROPERTIES, TRACE, filters_of
from api.ogc.records import Provenance
from api.ogc.routes import ogc_routes
from clusters.goals import Board
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset
from data.settings import settings
from data.store import use_version
from data.synthetic import synthesize, write_register
from tests.api.conftest import Answer, ask
from tests.api.ogc.conftest import pages, routes_of, told
from tests.aside import run_aside
from tests.conftest import TRICKY
from tests.register_files import import_register
from views.feature_words import feature_labels, feature_words

CITY = "113.7,22.3,114.7,22.9"


@pytest.fixture(scope="module")
def of_sample(dataset: Dataset) -> list[BaseRoute]:
    return routes_of(dataset)


def links(answer: Answer, rel: str) -> list[str]:
    return [link["href"] for link in json.loads(answer.body)["links"] if link["rel"] == rel]


# ---------------------------------------------------------------- the way in


def test_a_client_finds_everything_from_the_landing_page(of_sample: list[BaseRoute]) -> None:
    def follow(address: str) -> Answer:
        return ask(of_sample, address.removeprefix("http://localhost"))

    landing = ask(of_sample, "/ogc/")
    (api,), (conformance,), (data,) = (links(landing, rel) for rel in ("service-desc", "conformance", "data"))
    assert follow(api).headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert [one.rsplit("/", 1)[1] for one in told(follow(conformance))["conformsTo"]] == ["core", "oas30", "geojson"]
    listed = told(follow(data))["collections"]
    assert [one["id"] for one in listed] == list(PROPERTIES)
    for one in listed:
        alone = told(follow(f"{data}/{one['id']}"))
        assert {k: v for k, v in alone.items() if k != "links"} == {k: v for k, v in one.items() if k != "links"}
        rel = {link["rel"]: link["href"] for link in alone["links"]}
        assert rel["self"] == f"{data}/{one['id']}"
        members = told(follow(rel["describedby"]))["properties"]["properties"]["properties"]
        page = told(follow(rel["items"]))
        assert list(page["features"][0]["properties"]) == list(members)
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert 113 < west < east < 116
        assert 22 < south < north < 24
    assert ask(of_sample, "/ogc").headers["location"] == "http://localhost/ogc/"


def test_titles_are_in_both_languages(of_sample: list[BaseRoute]) -> None:
    collection = told(ask(of_sample, "/ogc/collections/firms"))
    assert collection["title"] == "企业 · Firms"
    assert collection["extent"]["temporal"]["interval"] == [["2019-01-01T00:00:00Z", "2024-12-31T23:59:59Z"]]
    assert "temporal" not in told(ask(of_sample, "/ogc/collections/parks"))["extent"]


# ---------------------------------------------------------------- features


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_feature_says_where_it_comes_from(name: str, of_sample: list[BaseRoute], dataset: Dataset) -> None:
    page = told(ask(of_sample, f"/ogc/collections/{name}/items?limit=1000"))
    declared = [str(each.column) for each in (*PROPERTIES[name], *TRACE)]
    provenance = page["provenance"]
    assert provenance["data_version"] == f"{dataset.version} ({dataset.digest})"
    assert (provenance["basis"], provenance["synthetic"]) == ("listed_sample", False)
    assert provenance.get("year") == (None if name == "parks" else dataset.default_year)
    for one in page["features"]:
        assert list(one["properties"]) == declared
        assert {key: one["properties"][key] for key in provenance} == provenance
        assert "审图号" in one["properties"]["notice_zh"]
    assert page["numberMatched"] == page["numberReturned"] == len(page["features"]) > 10


def test_the_trace_of_a_feature_is_the_provenance_of_its_page() -> None:
    assert [str(each.column) for each in TRACE] == list(Provenance.model_fields)


def test_a_made_up_register_says_so_in_every_feature(many_firms: Dataset) -> None:
    made_up = routes_of(many_firms)
    for name in PROPERTIES:
        page = told(ask(made_up, f"/ogc/collections/{name}/items?limit=50"))
        assert page["features"]
        assert {one["properties"]["synthetic"] for one in page["features"]} == {True}
        assert all("合成数据" in one["properties"]["notice_zh"] for one in page["features"])


def test_firms_are_those_of_the_data(of_sample: list[BaseRoute], dataset: Dataset) -> None:
    features = told(ask(of_sample, "/ogc/collections/firms/items?limit=1000&datetime=2021-12-31"))["features"]
    seen = dataset.usable[dataset.usable[c.YEAR] == 2021].set_index(c.FIRM_ID)[c.REVENUE_CNY]
    assert {one["id"] for one in features} >= set(seen.index)
    for one in features:
        firm, told_of_it = dataset.firms.loc[one["id"]], one["properties"]
        assert told_of_it["revenue_cny"] == (seen[one["id"]] if one["id"] in seen.index else None)
        place = None if np.isnan(firm[c.LON]) else [firm[c.LON], firm[c.LAT]]
        assert (one["geometry"] or {}).get("coordinates") == place
        assert (told_of_it["name"], told_of_it["subsector_id"]) == (firm[c.NAME], firm[c.SUBSECTOR_ID])
    nanshan = next(one for one in features if one["properties"]["registered_district_id"] == "440305")
    assert (nanshan["properties"]["district_name"], nanshan["properties"]["district_name_en"]) == (
        *("南山区", "Nanshan District"),
    )


def test_amounts_have_a_decimal_point_so_that_clients_take_them_for_numbers(of_sample: list[BaseRoute]) -> None:
    body = ask(of_sample, "/ogc/collections/clusters/items").body
    assert b'"total_cny":8660700000.0,' in body
    assert b'"year":2021,' in body


def test_totals_are_those_of_the_board(of_sample: list[BaseRoute], board: Board) -> None:
    clusters = told(ask(of_sample, "/ogc/collections/clusters/items?datetime=2021-05-05"))["features"]
    assert [one["id"] for one in clusters] == list(board.clusters.index)
    for one in clusters:
        row, said = board.clusters.loc[one["id"]], one["properties"]
        assert one["geometry"] is None
        assert (said["total_cny"], said["firms"]) == (
            *(None if pd.isna(row[c.TOTAL_CNY]) else row[c.TOTAL_CNY], row[c.FIRMS]),
        )
        assert said["tier"] == (None if pd.isna(row[c.TIER]) else row[c.TIER].value)
    parts = told(ask(of_sample, "/ogc/collections/district-clusters/items?limit=1000"))["features"]
    assert len(parts) == len(board.districts)
    for one in parts:
        said = one["properties"]
        assert said["derived_zh"] == "参考分解，非官方指标"
        assert said["total_cny"] == board.districts.loc[(said["subsector_id"], said["district_id"]), c.TOTAL_CNY]
        assert one["geometry"] is not None
    districts = told(ask(of_sample, "/ogc/collections/districts/items"))["features"]
    assert sum(one["properties"]["total_cny"] or 0 for one in districts) == board.clusters[c.TOTAL_CNY].sum()


def test_a_district_is_its_outline(of_sample: list[BaseRoute], dataset: Dataset) -> None:
    one = told(ask(of_sample, "/ogc/collections/districts/items/440307-DP"))
    assert shapely.equals(shapely.from_geojson(json.dumps(one["geometry"])), dataset.districts.geometry["440307-DP"])
    assert [link["rel"] for link in one["links"]] == ["self", "collection"]


def test_an_id_with_a_slash_leads_to_its_firm(of_sample: list[BaseRoute]) -> None:
    one = told(ask(of_sample, "/ogc/collections/firms/items/01698.HK/TME"))
    assert one["links"][0]["href"] == f"http://localhost/ogc/collections/firms/items/{quote('01698.HK/TME', safe='')}"


def test_a_name_is_data(dataset: Dataset) -> None:
    names = [*TRICKY, "</script><script>alert(1)</script>", "{{7*7}}", "\t\x1b", None]
    odd = pd.concat([dataset.firms] * 2).iloc[: len(names)].assign(**{c.NAME: names})
    ids = [f"{number}/<&?#%" for number in range(len(names))]
    hostile = replace(dataset, firms=odd.assign(**{c.FIRM_ID: ids}).set_axis(ids))
    of = routes_of(hostile)
    features = told(ask(of, "/ogc/collections/firms/items?limit=1000"))["features"]
    assert [one["properties"]["name"] for one in features] == names
    assert [one["id"] for one in features] == ids
    one = told(ask(of, "/ogc/collections/firms/items?limit=1000&name=" + quote("=1+1")))
    assert [each["properties"]["name"] for each in one["features"]] == ["=1+1"]
    at = "/ogc/collections/firms/items/"
    href = told(ask(of, at, path=f"{at}{ids[3]}"))["links"][0]["href"]  # as a server decodes it
    assert href.endswith("/items/3%2F%3C%26%3F%23%25")


# ---------------------------------------------------------------- what is selected


def test_pages_are_disjoint_and_complete(of_sample: list[BaseRoute], dataset: Dataset) -> None:
    found = list(pages(of_sample, "/ogc/collections/firms/items?limit=9"))
    assert {page["numberMatched"] for page in found} == {70}
    assert [page["numberReturned"] for page in found] == [9] * 7 + [7]
    ids = [one["id"] for page in found for one in page["features"]]
    assert ids == list(dataset.firms.index)
    back = [link["href"] for link in found[3]["links"] if link["rel"] == "prev"]
    assert told(ask(of_sample, back[0].removeprefix("http://localhost")))["features"] == found[2]["features"]
    beyond = told(ask(of_sample, "/ogc/collections/firms/items?offset=1000"))
    assert (beyond["features"], beyond["numberMatched"]) == ([], 70)


@pytest.mark.parametrize("box", ["113.9,22.5,113.95,22.55", "113.9,22.5,0,113.95,22.55,100", "113.9,-90,-179,90"])
def test_a_box_selects_what_it_meets_and_what_has_no_place(
    box: str, of_sample: list[BaseRoute], dataset: Dataset
) -> None:
    west, south, east, north = flat([float(one) for one in box.split(",")])
    lon, lat = dataset.firms[c.LON], dataset.firms[c.LAT]
    across = west > east
    met = lat.between(south, north) & (((lon >= west) | (lon <= east)) if across else lon.between(west, east))
    features = told(ask(of_sample, f"/ogc/collections/firms/items?limit=1000&bbox={box}"))["features"]
    nowhere = [one["id"] for one in features if one["geometry"] is None]
    assert [one["id"] for one in features] == [*dataset.firms.index[met], *dataset.firms.index[lon.isna()]]
    assert nowhere == list(dataset.firms.index[lon.isna()])
    assert met.any()


def test_a_box_selects_outlines_that_touch_it(of_sample: list[BaseRoute], dataset: Dataset) -> None:
    features = told(ask(of_sample, "/ogc/collections/districts/items?bbox=113.9,22.5,113.95,22.55"))["features"]
    met = dataset.districts.geometry.intersects(shapely.box(113.9, 22.5, 113.95, 22.55))
    assert [one["id"] for one in features] == list(dataset.districts.index[met])
    assert 0 < len(features) < 11


@pytest.mark.parametrize("name", PROPERTIES)
def test_each_declared_filter_selects_by_equality(name: str, of_sample: list[BaseRoute]) -> None:
    everything = told(ask(of_sample, f"/ogc/collections/{name}/items?limit=1000"))["features"]
    for each in filters_of(name):
        key = str(each.column)
        values = sorted({one["properties"][key] for one in everything if one["properties"][key]})[:3]
        for value in values:
            address = f"/ogc/collections/{name}/items?limit=1000&{key}={quote(value)}"
            found = told(ask(of_sample, address))["features"]
            assert found == [one for one in everything if one["properties"][key] == value]
        assert told(ask(of_sample, f"/ogc/collections/{name}/items?{key}=nobody"))["numberMatched"] == 0


def test_a_year_is_chosen_by_time(of_sample: list[BaseRoute], dataset: Dataset) -> None:
    def page(name: str, when: str) -> dict:  # type: ignore[type-arg]
        return told(ask(of_sample, f"/ogc/collections/{name}/items?limit=1000&datetime={when}"))  # type: ignore[no-any-return]

    assert page("clusters", "2019-01-01/2020-06-01")["provenance"]["year"] == 2020
    assert page("clusters", "1990-01-01/1991-01-01")["numberMatched"] == 0
    assert page("districts", "1990-01-01")["features"][0]["properties"]["total_cny"] is None
    assert page("parks", "1990-01-01")["numberMatched"] == 66  # a park has no year
    ids = {one["id"] for one in page("firms", "2019-01-01")["features"]}
    seen = dataset.usable.groupby(c.FIRM_ID)[c.YEAR].agg(set)
    of_2019 = {firm for firm in dataset.firms.index if firm not in seen.index or 2019 in seen[firm]}
    assert ids == of_2019
    assert len(ids) < 70


def test_many_firms_answer_like_few(many_firms: Dataset) -> None:
    made_up, firms = routes_of(many_firms), many_firms.firms
    met = firms[c.LON].between(113.95, 114.0) & firms[c.LAT].between(22.5, 22.55)
    chosen = firms.index[(met & (firms[c.SUBSECTOR_ID] == "S05")).to_numpy(bool)]
    address = "/ogc/collections/firms/items?limit=30&subsector_id=S05&bbox=113.95,22.5,114,22.55"
    found = [one for page in pages(made_up, address) for one in page["features"]]
    placed = [one["id"] for one in found if one["geometry"]]
    assert placed == list(chosen)
    assert len(placed) > 30
    assert {one["id"] for one in found[len(placed) :]} <= set(firms.index[firms[c.LON].isna()])
    year = many_firms.default_year
    page = told(ask(made_up, f"/ogc/collections/firms/items?limit=20&offset=10000&datetime={year}-01-01"))
    seen = many_firms.usable[(many_firms.usable[c.YEAR] == year).to_numpy(bool)]
    revenue = dict(zip(seen[c.FIRM_ID].astype(str), seen[c.REVENUE_CNY], strict=True))
    assert {one["id"]: one["properties"]["revenue_cny"] for one in page["features"]} == {
        one["id"]: revenue[one["id"]] for one in page["features"]
    }
    last = str(firms.index[-1])
    assert told(ask(made_up, f"/ogc/collections/firms/items/{last}"))["id"] == last


def test_tables_that_lack_columns_and_rows_are_answered(four_towns: Dataset) -> None:
    towns = routes_of(four_towns)
    assert told(ask(towns, "/ogc/collections"))["collections"]
    counts = {name: told(ask(towns, f"/ogc/collections/{name}/items"))["numberMatched"] for name in PROPERTIES}
    assert counts == {"districts": 4, "parks": 0, "firms": 7, "clusters": 12, "district-clusters": 5}
    assert told(ask(towns, f"/ogc/collections/firms/items?bbox={CITY}"))["numberMatched"] == 7  # none has a place


# ---------------------------------------------------------------- who may keep it


def test_a_client_that_holds_the_answer_is_told_so(of_sample: list[BaseRoute]) -> None:
    at = "/ogc/collections"
    firms = [f"{at}/firms", f"{at}/firms/items", f"{at}/firms/items?limit=5", f"{at}/firms/items/000004"]
    addresses = ["/ogc/", "/ogc/api", at, *firms, f"{at}/parks/items"]
    tags = []
    for address in addresses:
        first = ask(of_sample, address)
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["vary"] == "Accept, Authorization, Cookie"
        again = ask(of_sample, address, known=first.headers["etag"])
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert again.headers["vary"] == first.headers["vary"]
        tags.append(first.headers["etag"])
    assert len(set(tags)) == len(tags)


def test_another_reader_and_another_version_have_another_tag(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    address, tags = "/ogc/collections/districts/items", []
    for one in (dataset, replace(dataset, digest="ffffffff"), replace(dataset, synthetic=True)):
        for viewer in (Viewer(), Viewer(Role.PUBLIC), Viewer(Role.GOVERNMENT, "440305")):
            monkeypatch.setattr(routes, "viewer_of", lambda _, viewer=viewer: viewer)
            tags.append(ask(routes_of(one), address).headers["etag"])
    assert len(set(tags)) == 9


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/ogc/collections/firms/items?limit=0", 400, "limit"),
        ("/ogc/collections/firms/items?colour=red", 400, "unknown parameter 'colour'"),
        ("/ogc/collections/parks/items?subsector_id=S01", 400, "unknown parameter"),
        ("/ogc/?x=1", 400, "unknown parameter 'x'; expected one of: f"),
        ("/ogc/collections/x", 404, "no collection 'x'; there are districts, parks"),
        ("/ogc/collections/x/items", 404, "no collection"),
        ("/ogc/collections/firms/items/nobody", 404, "no feature 'nobody'"),
        ("/ogc/collections/firms/items/", 404, ""),
        ("/ogc/api.html", 404, "begin at the landing page"),
        ("/ogc/collections/firms/items?data=7", 410, "version 0 is current"),
        ("/ogc/collections/firms/items?data=0.00000000", 410, "begin again"),
        ("/ogc/collections/firms/items?f=html", 400, "'json'"),
        ("/ogc/collections?f=xml", 400, "'json'"),
    ],
)
def test_a_refusal_is_json_with_one_sentence(address: str, status: int, said: str, of_sample: list[BaseRoute]) -> None:
    answer = ask(of_sample, address)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    refusal = json.loads(answer.body)
    assert set(refusal) == {"code", "description"}
    assert said in refusal["description"]
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-store"


def test_reading_is_all_that_is_allowed(of_sample: list[BaseRoute]) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = ask(of_sample, "/ogc/collections/firms/items", method=method)
        assert (answer.status, json.loads(answer.body)["code"]) == (405, "MethodNotAllowed")
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}
    head = ask(of_sample, "/ogc/collections/firms/items", method="HEAD")
    assert (head.status, head.headers["content-type"]) == (200, "application/geo+json")


@pytest.mark.parametrize(
    ("address", "accept", "kind"),
    [
        ("/ogc/", "text/html,*/*;q=0.1", "application/json"),
        ("/ogc/collections/firms/items", "application/json", "application/json"),
        ("/ogc/collections/firms/items", "application/geo+json, application/json", "application/geo+json"),
        ("/ogc/collections/firms/items?f=json", "text/html", "application/geo+json"),
        ("/ogc/api", "application/json", "application/json"),
        ("/ogc/collections/firms/items", "text/html", None),
        ("/ogc/conformance", "application/xml", None),
    ],
)
def test_the_media_type_is_agreed_upon(address: str, accept: str, kind: str | None, of_sample: list[BaseRoute]) -> None:
    answer = ask(of_sample, address, headers={"accept": accept})
    if kind is None:
        assert (answer.status, json.loads(answer.body)["code"]) == (406, "NotAcceptable")
    else:
        assert (answer.status, answer.headers["content-type"]) == (200, kind)


def test_what_nobody_foresaw_is_told_without_a_word_of_it() -> None:
    def broken(viewer: Viewer, version: str) -> Dataset:
        raise RuntimeError("secret detail")

    with pytest.raises(RuntimeError, match="secret detail"):  # for the log of the server
        ask(ogc_routes(feature_words(), feature_labels, broken), "/ogc/collections")
    answer = run_aside(refused(Request({"type": "http"}), RuntimeError("secret detail")))
    assert (answer.status_code, json.loads(bytes(answer.body))["code"]) == (500, "InternalError")
    assert b"secret" not in answer.body


def test_data_that_cannot_be_opened_are_said_in_a_sentence() -> None:
    def gone(viewer: Viewer, version: str) -> Dataset:
        raise ValueError("version 7 cannot be read")

    answer = ask(ogc_routes(feature_words(), feature_labels, gone), "/ogc/collections/firms/items")
    assert (answer.status, json.loads(answer.body)["description"]) == (503, "version 7 cannot be read")


# ---------------------------------------------------------------- where links lead


@pytest.mark.parametrize(
    ("scope", "base"),
    [
        ({"headers": {"host": "jiqun.example.cn"}, "scheme": "https"}, "https://jiqun.example.cn/ogc"),
        ({"headers": {"host": "a.cn:8080"}, "root_path": "/jiqun"}, "http://a.cn:8080/jiqun/ogc"),
        ({"headers": {"host": "[2001:db8::1]:81"}}, "http://[2001:db8::1]:81/ogc"),
        ({"headers": {"host": 'a.cn"><script>'}, "server": ("10.0.0.1", 80)}, "http://10.0.0.1:80/ogc"),
        ({"headers": {"host": "["}, "server": ("10.0.0.1", 80)}, "http://10.0.0.1:80/ogc"),
    ],
)
def test_links_lead_where_the_reader_came_from(scope: dict, base: str, of_sample: list[BaseRoute]) -> None:  # type: ignore[type-arg]
    root = scope.get("root_path", "")
    answer = ask(of_sample, f"{root}/ogc/collections/firms/items?limit=1&name=a%26b", **scope)
    assert links(answer, "self") == [f"{base}/collections/firms/items?limit=1&name=a%26b"]
    assert links(answer, "collection") == [f"{base}/collections/firms"]


def test_the_public_address_goes_before_the_one_that_was_asked(
    of_sample: list[BaseRoute], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIQUN_PUBLIC_URL", "https://jiqun.example.cn/app/")
    settings.cache_clear()
    try:
        landing = ask(of_sample, "/ogc/")
        assert links(landing, "self") == ["https://jiqun.example.cn/app/ogc/"]
        assert links(landing, "related")[0] == "https://jiqun.example.cn/app/tiles/firms/{z}/{x}/{y}.png"
        assert told(ask(of_sample, "/ogc/api"))["servers"] == [{"url": "https://jiqun.example.cn/app/ogc"}]
    finally:
        monkeypatch.undo()
        settings.cache_clear()


# ---------------------------------------------------------------- a new version between two pages


def test_pages_are_never_of_two_versions(tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIQUN_HOME", str(tmp_path))
    settings.cache_clear()
    here = ogc_routes(feature_words(), feature_labels)
    (onward,) = links(ask(here, "/ogc/collections/firms/items?limit=60"), "next")
    onward = onward.removeprefix("http://localhost")
    before = told(ask(here, onward))["features"]
    try:
        write_register(synthesize(500, 1, dataset), tmp_path / "made.parquet")
        import_register(tmp_path / "made.parquet", tmp_path, dataset)
        assert told(ask(here, "/ogc/collections/firms/items"))["numberMatched"] == 500
        assert told(ask(here, onward))["features"] == before  # the government reads on in the version it began with
        monkeypatch.setattr(routes, "viewer_of", lambda _: Viewer(Role.PUBLIC))
        answer = ask(here, onward)
        assert (answer.status, json.loads(answer.body)["code"]) == (410, "VersionChanged")
        assert ask(here, "/ogc/collections/firms/items?data=0").status == 410
        assert ask(here, "/ogc/collections/firms/items?data=1").status == 200
        use_version(tmp_path, "0")
        assert told(ask(here, onward))["features"] == before
    finally:
        monkeypatch.undo()
        settings.cache_clear()
