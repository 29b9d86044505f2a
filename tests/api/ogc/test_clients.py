"""Real clients at a real server: GDAL's driver, and the requests that QGIS sends; none of them goes anywhere else."""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.ogc.properties import PROPERTIES
from bench.reader_soak import listener
from bench.server import served
from clusters.roles import Role, Viewer
from data import columns as c
from data.dataset import Dataset
from data.reference import load_reference
from data.store import open_version
from tests.secret_register import FIRMS, Secrets

READ = """
import json, sys, pyogrio
base = sys.argv[1]
def read(layer, **how):
    table = pyogrio.read_dataframe(f"OAPIF:{base}", layer=layer, PAGE_SIZE="40", **how)
    return {"ids": table["id"].tolist(), "types": {n: str(t) for n, t in table.dtypes.items()}, "csv": table.to_csv()}
layers = [str(name) for name, _ in pyogrio.list_layers(f"OAPIF:{base}")]
print(json.dumps({
    "layers": layers,
    "read": {name: read(name) for name in layers},
    "where": read("firms", where="subsector_id = 'S05' AND listed = 'SZSE'"),
    "one": read("districts", where="id = '440305'"),
    "box": read("firms", bbox=(113.9, 22.5, 114.0, 22.6)),
}))
"""
ELSEWHERE = "import pyogrio, sys; pyogrio.list_layers('OAPIF:http://schemas.example/ogc')"


@pytest.fixture(scope="module")
def home(secret_home: Path) -> Path:
    return secret_home


@pytest.fixture(scope="module")
def base(home: Path) -> Iterator[str]:
    command = ("-m", "cli", "serve", "--port", "{port}")
    with served(command, JIQUN_HOME=str(home), JIQUN_ROLE="public") as (address, _):
        yield address


@pytest.fixture(scope="module")
def dataset(home: Path) -> Dataset:
    return open_version(home, "1", load_reference())


def as_gdal(code: str, address: str, port: int) -> subprocess.CompletedProcess[str]:
    """Run GDAL in a process of its own, where everything but this machine is reached through a listener."""
    proxy = f"http://127.0.0.1:{port}"
    around = {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": "127.0.0.1", "GDAL_HTTP_TIMEOUT": "20"}
    command = [sys.executable, "-c", code, address]
    return subprocess.run(command, env=os.environ | around, capture_output=True, text=True, check=False, timeout=120)


def test_gdal_reads_every_collection_and_goes_nowhere_else(base: str, dataset: Dataset) -> None:
    with listener() as (port, heard):
        done = as_gdal(READ, f"{base}/ogc/", port)
        assert done.returncode == 0, done.stderr[-3000:]
        assert heard == []
        assert as_gdal(ELSEWHERE, "", port).returncode != 0
        assert heard  # whoever went elsewhere would have been heard
    told = json.loads(done.stdout)
    assert told["layers"] == list(PROPERTIES)
    read = told["read"]
    assert len(read["firms"]["ids"]) == len(set(read["firms"]["ids"])) == FIRMS  # eight pages
    assert [len(read[name]["ids"]) for name in ("districts", "parks", "clusters")] == [11, 66, 12]
    kinds = read["firms"]["types"]
    assert (kinds["revenue_cny"], kinds["withheld"], kinds["synthetic"]) == ("float64", "bool", "bool")
    assert read["clusters"]["types"]["total_cny"] == "float64"
    assert told["one"]["ids"] == ["440305"]
    firms = dataset.firms
    met = firms[c.LON].between(113.9, 114.0) & firms[c.LAT].between(22.5, 22.6)
    assert told["box"]["ids"]
    assert abs(len(told["box"]["ids"]) - met.sum()) < met.sum()  # marks stand in the middle of their squares
    free = firms[(firms[c.CONFIDENTIALITY] == "public_record") & (firms[c.SUBSECTOR_ID] == "S05")]
    assert set(told["where"]["ids"]) == set(free.index[free[c.LISTED] == "SZSE"])
    secrets = Secrets(dataset, Viewer(Role.PUBLIC))
    for name, one in read.items():
        assert not any(secrets.found_in(one["csv"].encode()).values()), name
        assert secrets.names_in(one["csv"].encode()) == 0


def asked(address: str, accept: str, **headers: str) -> tuple[int, Any, Any]:
    sent = {"Accept": accept, "User-Agent": "Mozilla/5.0 QGIS/34400", **headers}
    request = urllib.request.Request(address, headers=sent)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


def test_qgis_finds_and_reads_a_layer(base: str) -> None:
    """The requests of its OAPIF provider in their order: landing page, api, collection, conformance, items, pages."""
    items = "application/geo+json, application/json"
    _, landing, _ = asked(f"{base}/ogc/", "application/json")
    href = {link["rel"]: link["href"] for link in landing["links"]}
    openapi = "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json"
    _, api, _ = asked(href["service-desc"], openapi)
    limit = api["components"]["parameters"]["limit"]["schema"]
    size = min(max(1000, limit["default"]), limit["maximum"])
    _, collection, _ = asked(f"{href['data']}/firms", "application/json")
    west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
    assert west < east
    _, conformance, _ = asked(href["conformance"], "application/json")
    assert any(one.endswith("/conf/core") for one in conformance["conformsTo"])
    at = f"{href['data']}/firms/items"
    _, first, _ = asked(f"{at}?limit=10", items)
    assert (first["numberMatched"], first["numberReturned"]) == (FIRMS, 10)
    _, count, _ = asked(f"{at}?limit=1", items)
    assert count["numberMatched"] == FIRMS
    box = f"{west:.17g},{south:.17g},{east:.17g},{north:.17g}"
    address, read = f"{at}?limit={size // 10}&bbox={box}", []
    while address:
        _, page, headers = asked(address, items)
        assert headers["content-type"] == "application/geo+json"
        read += [one["id"] for one in page["features"]]
        onward = [one for one in page["links"] if one["rel"] == "next" and one["type"] == "application/geo+json"]
        address = onward[0]["href"] if onward else ""
    assert len(read) == len(set(read)) == FIRMS


def test_an_address_behind_the_proxy_is_limited(base: str) -> None:
    """On this machine there is no limit; a client whose address the proxy names has one."""
    statuses: list[int] = []

    def ask() -> None:
        for _ in range(25):
            status, _, headers = asked(f"{base}/ogc/conformance", "*/*", **{"X-Forwarded-For": "203.0.113.77"})
            statuses.append(status)
            if status == 429:
                assert int(headers["retry-after"]) >= 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) >= 100
    assert set(statuses) == {200, 429}
    assert asked(f"{base}/ogc/conformance", "*/*")[0] == 200
