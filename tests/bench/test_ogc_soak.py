"""The short form of the campaign against the OpenAPI document, without a server; ``make soak`` runs the long one."""

import warnings

import schemathesis
from starlette.applications import Starlette

from api.ogc.definition import definition
from api.tiles import tile_routes
from bench.ogc_soak import Found, control_finds_errors, documents, explore
from data.dataset import Dataset
from tests.api.ogc.conftest import routes_of
from views.feature_words import feature_words

PATHS = {"/", "/collections", "/collections/firms", "/collections/firms/items", "/collections/firms/items/{featureId}",
         "/collections/district-clusters/items", "/tiles/{layer}/{z}/{x}/{y}.pbf"}  # fmt: skip


def test_no_request_that_is_made_from_the_document_is_an_error(dataset: Dataset) -> None:
    app = Starlette(routes=[*routes_of(dataset), *tile_routes()])
    told = definition("http://localhost", "http://localhost/ogc", feature_words())
    found = Found()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for url, document in documents(told):
            some = {path: of for path, of in document["paths"].items() if path in PATHS}
            schema = schemathesis.openapi.from_dict({**document, "paths": some})
            schema.app = app
            schema.config.update(base_url=url)
            explore(schema, 24 * len(some), 1, found)
        control = control_finds_errors()
    assert found.failures == [], "\n".join(found.failures)
    assert (found.errors, control > 10) == (0, True)
    assert found.cases > 120
    assert {200, 400, 404} <= set(found.statuses)
