"""No answer of any collection holds a figure or a name that its reader may not see; the government's hold them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import BaseRoute

from api.ogc.properties import CLUSTERS, DISTRICTS, FIRMS, PARTS, PROPERTIES
from clusters.release import release
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset
from data.reference import load_reference
from data.settings import settings
from data.store import open_version
from tests.api.conftest import ask
from tests.api.ogc.conftest import pages, routes_of, told
from tests.secret_register import FIRMS as ALL
from tests.secret_register import FREE, YEAR, Secrets

ROLES = ("public", "investor", "government:440305", "government")


@pytest.fixture(scope="module")
def secret_dataset(secret_home: Path) -> Iterator[Dataset]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIQUN_HOME", str(secret_home))
        settings.cache_clear()
        yield open_version(secret_home, "1", load_reference())
    settings.cache_clear()


def answers(of: list[BaseRoute]) -> Iterator[tuple[str, bytes]]:
    """All that can be asked: every page, year, box and feature, and what stands around them."""
    whole = ["/ogc/", "/ogc/api", "/ogc/collections"]
    for name in PROPERTIES:
        at = f"/ogc/collections/{name}"
        outlined = "limit=4" if name in (DISTRICTS, PARTS) else "limit=1000"  # an outline is thousands of numbers
        whole += [at, f"{at}/schema", f"{at}/items?{outlined}&datetime={YEAR - 1}-01-01",
                  f"{at}/items?{outlined}&datetime=../..", f"{at}/items?{outlined}&bbox=113,22,115,23"]  # fmt: skip
        for number, page in enumerate(pages(of, f"{at}/items?limit=120")):
            whole += [f"{at}/items/{one['id']}" for one in page["features"][:: 40 if name in (FIRMS, PARTS) else 7]]
            yield f"{at}, page {number}", str(page).encode()
    for address in whole:
        answer = ask(of, address)
        assert answer.status == 200, address
        yield address, answer.body


@pytest.mark.parametrize("role", ROLES, indirect=True)
def test_no_answer_holds_what_is_hidden(role: Viewer, secret_dataset: Dataset) -> None:
    seen = answers(routes_of(secret_dataset))
    secrets = Secrets(secret_dataset, Viewer(Role.PUBLIC) if role.keeps_data else role)
    found = {name: (secrets.found_in(body), 0 if role.sees_names else secrets.names_in(body)) for name, body in seen}
    leaks = {name: told_ for name, told_ in found.items() if any(told_[0].values()) or told_[1]}
    if role.keeps_data:
        total = sum(counts["digits"] for counts, _ in found.values())
        assert total > 300
        for name in (FIRMS, CLUSTERS, PARTS, DISTRICTS):
            assert any(f"/{name}" in address for address in leaks), name
    else:
        assert leaks == {}


def test_the_search_would_find_a_name(secret_dataset: Dataset, role: Viewer) -> None:
    secrets = Secrets(secret_dataset, Viewer(Role.PUBLIC))
    body = ask(routes_of(secret_dataset), "/ogc/collections/firms/items?limit=1000").body
    assert secrets.names_in(body) > 200


@pytest.mark.parametrize("role", ["public"], indirect=True)
def test_what_is_withheld_says_so(role: Viewer, secret_dataset: Dataset) -> None:
    of, seen = routes_of(secret_dataset), release(secret_dataset, role)
    firms = told(ask(of, "/ogc/collections/firms/items?limit=1000"))["features"]
    marks = [one["properties"] for one in firms if one["properties"]["withheld"]]
    assert (len(firms), len(marks)) == (ALL, ALL - FREE)
    assert {one["name"] for one in marks} == {one["revenue_cny"] for one in marks} == {None}
    assert all(one["properties"]["revenue_cny"] for one in firms if not one["properties"]["withheld"])
    parts = [
        one["properties"] for one in told(ask(of, "/ogc/collections/district-clusters/items?limit=1000"))["features"]
    ]
    assert {one["total_cny"] is None for one in parts if one["withheld"]} == {True}
    assert any(one["withheld"] for one in parts)
    assert not all(one["withheld"] for one in parts)
    assert seen.release is not None
    told_to = parts[0]
    assert "公众版" in told_to["release_zh"]
    assert f"{seen.release.firms:,}" in told_to["release_en"]
    assert secret_dataset.firms[c.NAME].iloc[-1] not in str(firms)
    named = ask(of, f"/ogc/collections/firms/items?name={secret_dataset.firms[c.NAME].iloc[-1]}")
    assert told(named)["numberMatched"] == 0
