"""The OpenAPI document is valid, is what requests are checked by, and is what QGIS and GDAL look for in it."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.routing import BaseRoute

from api.ogc.asked import DEFAULT_LIMIT, MOST, Items, items_model
from api.ogc.properties import PROPERTIES, filters_of
from api.tiles import NAMES, tile_routes
from data.dataset import Dataset
from tests.api.conftest import ask
from tests.api.ogc.conftest import routes_of, told

ONE_OF = {
    "firms": "000004",
    "parks": "P01",
    "clusters": "S01",
    "districts": "440305",
    "district-clusters": "S05.440305",
}


@pytest.fixture(scope="module")
def of_sample(dataset: Dataset) -> list[BaseRoute]:
    return routes_of(dataset)


@pytest.fixture(scope="module")
def document(of_sample: list[BaseRoute]) -> dict[str, Any]:
    return told(ask(of_sample, "/ogc/api"))  # type: ignore[no-any-return]


def resolved(document: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in one:
        parts, one = one["$ref"].removeprefix("#/").split("/"), document
        for part in parts:
            one = one[part]
    return one


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.0.")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found: list[str] = []

    def walk(one: Any) -> None:
        for value in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
            walk(value)
        if isinstance(one, dict) and "$ref" in one:
            found.append(one["$ref"])
            assert resolved(document, one)

    walk(document)
    assert len(found) > 100


@pytest.mark.parametrize("name", PROPERTIES)
def test_what_is_described_is_what_is_checked(name: str, document: dict[str, Any]) -> None:
    described = [
        resolved(document, one) for one in document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
    ]
    assert [one["name"] for one in described] == list(items_model(name).model_fields)
    assert all((one["in"], one["style"], one["explode"]) == ("query", "form", False) for one in described)


@pytest.mark.parametrize("name", PROPERTIES)
def test_qgis_finds_the_filters_and_the_largest_page(name: str, document: dict[str, Any]) -> None:
    """QGIS takes the texts among the parameters of a collection's items for filters, but those of the standard."""
    limit = document["components"]["parameters"]["limit"]["schema"]
    assert (limit["maximum"], limit["default"], limit["minimum"]) == (MOST, DEFAULT_LIMIT, 1)
    parameters = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
    inline = {one["name"]: one["schema"]["type"] for one in parameters if "$ref" not in one}
    assert inline == {str(each.column): "string" for each in filters_of(name)}
    assert not set(inline) & set(Items.model_fields)


def test_paths_are_those_of_the_routes(document: dict[str, Any], of_sample: list[BaseRoute]) -> None:
    filled = {"{layer}": "firms", "{z}": "0", "{x}": "0", "{y}": "0"}
    for path, of in document["paths"].items():
        servers, at = of.get("servers", document["servers"]), path
        one = ONE_OF.get(path.split("/")[2], "") if "featureId" in path else ""
        for name, value in {**filled, "{featureId}": one}.items():
            at = at.replace(name, value)
        address = servers[0]["url"].removeprefix("http://localhost") + at
        answer = ask([*of_sample, *tile_routes()], address)
        assert answer.status == 200, address
        assert answer.headers["content-type"] in of["get"]["responses"]["200"]["content"], address


def test_the_filters_of_tiles_are_those_that_are_checked(document: dict[str, Any]) -> None:
    for path, of in document["paths"].items():
        if path.startswith("/tiles/"):
            asked = [one["name"] for one in of["get"]["parameters"] if one["in"] == "query"]
            assert asked == list(NAMES)
            assert of["servers"] == [{"url": "http://localhost"}]


def test_every_property_has_a_meaning(document: dict[str, Any]) -> None:
    for name in PROPERTIES:
        properties = document["components"]["schemas"][f"Feature.{name}"]["properties"]["properties"]["properties"]
        assert all(one["description"] and one["nullable"] for one in properties.values())


def test_nothing_in_it_leads_out_of_the_house(document: dict[str, Any]) -> None:
    schemas = {
        key: one for key, one in document["components"]["schemas"].items() if key.startswith(("Spatial", "Temp"))
    }
    text = json.dumps({**document, "components": {**document["components"], "schemas": {}}})
    assert "://" not in text.replace("http://localhost", "")
    assert "opengis.net" in json.dumps(schemas)  # names of coordinate systems, which nobody fetches
