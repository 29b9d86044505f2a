"""The OpenAPI 3.0 document of what machines read, made from the declarations that check requests and write answers.

Parameters come from the models of ``api.ogc.asked``, answers from those of ``api.ogc.records`` and the properties from
``api.ogc.properties``. Each collection has paths of its own, because QGIS and GDAL look there for its filters, and
``limit`` stands under ``components/parameters``, where QGIS looks for the largest page. Tiles are described too; they
are read at the server and not under ``/ogc``.
"""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from api.ogc.addresses import GEOJSON, JSON, OPENAPI, SCHEMA
from api.ogc.asked import Items, OfVersion, Plain, items_model
from api.ogc.properties import PROPERTIES, TRACE, Property
from api.ogc.records import Collection, Collections, Conformance, Failure, Landing, PageHead, Record
from api.ogc.tile_paths import tile_paths

Json = dict[str, Any]
REF = "#/components/schemas/{model}"
RECORDS = (Landing, Conformance, Collections, Collection, PageHead, Failure)
REFUSALS = {
    "400": "A parameter that is not known, or a value that cannot be.",
    "404": "There is nothing at this address.",
    "406": "None of the media types of this address is among those that the request takes.",
    "410": "The version that was asked for is not the current one, and only the current one is for this reader.",
    "414": "The address is too long.",
    "413": "A request with a body; none is read.",
    "429": "Too many requests from one address; Retry-After says in how many seconds there is room again.",
    "503": "The data cannot be opened.",
}


def definition(server: str, base: str, titles: Mapping[str, tuple[str, str]]) -> Json:
    """The document.

    Parameters
    ----------
    server, base : str
        Address of the server, and of the landing page.
    titles : mapping
        ``service`` and ``about_service``, and for each collection its title, Chinese and English.
    """
    return {
        "openapi": "3.0.3",
        "info": {
            "title": " · ".join(titles["service"]),
            "description": "\n\n".join(titles["about_service"]),
            "version": "1.0.0",
        },
        "servers": [{"url": base}],
        "security": [{}, {"bearer": []}],
        "tags": [{"name": "Features"}, {"name": "Tiles"}],
        "paths": {**_paths(titles), **tile_paths(server, _refusals)},
        "components": {
            "parameters": {name: _parameter(Items, name) for name in Items.model_fields},
            "schemas": _schemas(),
            "responses": {
                f"Refused{status}": {"description": about, "content": _refusal(status)}
                for status, about in REFUSALS.items()
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def feature_schema(collection: str) -> Json:
    """JSON schema of the features of a collection, as OpenAPI 3.0 writes it."""
    own = (*PROPERTIES[collection], *TRACE)
    properties = {str(each.column): _property(each) for each in own}
    place = {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}}
    geometry = {"type": "object", "nullable": True, "required": list(place), "properties": place}
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": geometry,
            "properties": {
                "type": "object",
                "required": list(properties),
                "properties": properties,
                "additionalProperties": False,
            },
            "links": {"type": "array", "items": _ref("Link")},
        },
    }


def property_schema(collection: str, title: str) -> Json:
    """JSON schema of one feature by itself, for ``/collections/{id}/schema``.

    It names the type that a value has when there is one; GDAL takes the columns from it and knows no lists of types.
    """
    members = {
        str(each.column): {"type": each.kind, "description": each.about} for each in (*PROPERTIES[collection], *TRACE)
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": {"type": ["object", "null"]},
            "properties": {"type": "object", "properties": members},
        },
    }


def _paths(titles: Mapping[str, tuple[str, str]]) -> Json:
    paths = {
        "/": _get("landing", "Landing page", Plain, {JSON: _ref("Landing")}),
        "/conformance": _get("conformance", "Classes of the standard", Plain, {JSON: _ref("Conformance")}),
        "/api": _get("api", "This document", Plain, {OPENAPI: {"type": "object"}, JSON: {"type": "object"}}),
        "/collections": _get("collections", "All collections", Plain, {JSON: _ref("Collections")}, "503"),
    }
    for name in PROPERTIES:
        title, at = titles[name][1], f"/collections/{name}"
        pages = {
            "allOf": [
                _ref("PageHead"),
                {
                    "type": "object",
                    "required": ["features"],
                    "properties": {"features": {"type": "array", "items": _ref(_feature_name(name))}},
                },
            ]
        }
        one = {kind: _ref(_feature_name(name)) for kind in (GEOJSON, JSON)}
        lacking = ("410", "404", "503")
        paths[at] = _get(f"collection.{name}", title, Plain, {JSON: _ref("Collection")}, "503")
        paths[f"{at}/schema"] = _get(f"schema.{name}", f"{title}: properties", Plain,
                                     {key: {"type": "object"} for key in (SCHEMA, JSON)})  # fmt: skip
        paths[f"{at}/items"] = _get(f"items.{name}", f"{title}: a page", items_model(name),
                                    dict.fromkeys((GEOJSON, JSON), pages), *lacking)  # fmt: skip
        paths[f"{at}/items/{{featureId}}"] = _get(f"item.{name}", f"{title}: one", OfVersion, one, *lacking)
        identity = {"name": "featureId", "in": "path", "required": True, "description": "Id of a feature.",
                    "schema": {"type": "string", "minLength": 1}}  # fmt: skip
        paths[f"{at}/items/{{featureId}}"]["get"]["parameters"].insert(0, identity)
    return paths


def _get(operation: str, summary: str, asked: type[Plain], answers: Mapping[str, Json], *refusals: str) -> Json:
    parameters = [
        {"$ref": f"#/components/parameters/{name}"} if name in Items.model_fields else _parameter(asked, name)
        for name in asked.model_fields
    ]
    content = {kind: {"schema": schema} for kind, schema in answers.items()}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "tags": ["Features"],
            "parameters": parameters,
            "responses": {
                "200": {"description": summary, "content": content},
                "304": {"description": "The answer that the client holds (If-None-Match) is still right."},
                **_refusals("400", "406", "413", "414", "429", *refusals),
            },
        }
    }


def _refusals(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/Refused{status}"} for status in sorted(set(statuses))}


def _refusal(status: str) -> Json:
    """An exception; a path that looks like an attempt on files, or holds a line break, is refused before, as text."""
    before = {"text/plain": {"schema": {"type": "string"}}} if status in ("400", "404") else {}
    return {JSON: {"schema": _ref("Failure")}, **before}


def _parameter(model: type[Plain], name: str) -> Json:
    schema = as_openapi(model.model_json_schema()["properties"][name])
    schema.pop("title", None)
    if schema.get("default") == "":
        schema.pop("default")  # an empty text stands for none
    return {
        "name": name,
        "in": "query",
        "description": schema.pop("description"),
        "required": False,
        "style": "form",
        "explode": False,
        "schema": schema,
    }


def _schemas() -> Json:
    records: list[tuple[type[Record], Any]] = [(record, "serialization") for record in RECORDS]
    _, told = models_json_schema(records, by_alias=True, ref_template=REF)
    schemas = {name: as_openapi(schema) for name, schema in told["$defs"].items()}
    schemas["PageHead"].pop("additionalProperties")  # the features follow
    return schemas | {_feature_name(name): feature_schema(name) for name in PROPERTIES}


def _feature_name(collection: str) -> str:
    return f"Feature.{collection}"


def _property(each: Property) -> Json:
    return {"type": each.kind, "nullable": True, "description": each.about}


def _ref(model: str) -> Json:
    return {"$ref": REF.format(model=model)}


def as_openapi(schema: Any) -> Any:
    """A JSON schema of pydantic as OpenAPI 3.0 writes it: ``nullable`` for null, ``enum`` for a constant.

    Examples
    --------
    >>> as_openapi({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None})
    {'type': 'string', 'nullable': True}
    """
    if isinstance(schema, list):
        return [as_openapi(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: as_openapi(value) for key, value in schema.items()}
    if "anyOf" in found:
        kinds = [one for one in found.pop("anyOf") if one != {"type": "null"}]
        found = {**found, **kinds[0], "nullable": True}
        if found.get("default", 0) is None:
            found.pop("default")
    if "const" in found:
        found["enum"] = [found.pop("const")]
    return found
