"""A register most of which is nobody's business, and the features of it for one kind of reader."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute

from api.ogc import routes
from api.ogc.routes import ogc_routes
from clusters.release import release
from clusters.roles import Viewer, read_viewer
from data.dataset import Dataset
from data.reference import load_reference
from tests.api.conftest import Answer, ask
from tests.secret_register import write_secret_register
from views.feature_words import feature_labels, feature_words


@pytest.fixture(scope="session")
def secret_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose current version is that register."""
    home = tmp_path_factory.mktemp("secret")
    write_secret_register(home, load_reference())
    return home


def routes_of(dataset: Dataset) -> list[BaseRoute]:
    """Routes that show one dataset, to each reader as they may see it."""
    return ogc_routes(feature_words(), feature_labels, lambda viewer, _: release(dataset, viewer))


@pytest.fixture
def role(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """Who asks; the government unless a test names somebody else."""
    viewer = read_viewer(getattr(request, "param", "government"))
    monkeypatch.setattr(routes, "viewer_of", lambda _: viewer)
    return viewer


def told(answer: Answer) -> Any:
    """What an answer says, when it is one."""
    assert answer.status == 200, answer.body[:500]
    return json.loads(answer.body)


def pages(of: list[BaseRoute], address: str) -> Iterator[Any]:
    """A page of features and those that its next links lead to."""
    while address:
        page = told(ask(of, address))
        yield page
        onward = [link["href"] for link in page["links"] if link["rel"] == "next"]
        address = onward[0].removeprefix("http://localhost") if onward else ""
