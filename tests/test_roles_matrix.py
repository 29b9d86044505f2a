"""Who sees what: every reader × every route, page, file and verb, as one table.

``-`` refused · ``open`` neither names nor figures of statistical firms · ``names`` names and places, no figures ·
``own`` and the figures of one's own district · ``all`` everything. What is seen is searched for in a register whose
figures and names are known (tests/secret_register.py). A route, page, file or verb that is in no table fails.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from unittest.mock import MagicMock

import httpx2
import pytest
import streamlit as st
from streamlit.web.server.starlette.starlette_app import create_streamlit_routes

import cli
from clusters.errors import NotReleased
from clusters.release import visible_dataset
from clusters.roles import read_viewer, serve_to_others
from data.dataset import Dataset
from data.settings import settings
from tests.identity_provider import IdentityProvider
from tests.secret_register import Secrets
from tests.signed_in_clients import Served
from tests.views import conftest as of_pages
from tests.views.conftest import Server
from views.export_tables import EXPORTS
from views.verbs.asked import board_of
from views.verbs.options import DEFAULT_PLAN
from views.words import words

ROOT = Path(__file__).parents[1]
DISTRICT = "government:440305"

READERS = {
    "anonymous": "public",
    "tampered": "public",
    "expired": "public",
    "cookie pub": "public",
    "cookie lost": "public",
    "cookie inv": "investor",
    "cookie nanshan": DISTRICT,
    "cookie gov": "government",
    "token pub": "public",
    "token inv": "investor",
    "token nanshan": DISTRICT,
    "token gov": "government",
}
"""What a request brings, and what its sender then is."""
ROLES = ("public", "investor", DISTRICT, "government")

# route: {an address of it: what the public, an investor, a district's and the city's government see}
ROUTES: dict[str, dict[str, str]] = {
    "/tiles/{layer}/{z:int}/{x:int}/{y:int}.png": {
        "/tiles/firms/10/835/445.png": "open open open open",
        "/tiles/firms/10/835/445.png?measure=revenue&year=2023": "- - - open",
    },
    "/tiles/{layer}/{z:int}/{x:int}/{y:int}.pbf": {
        "/tiles/firms/8/208/111.pbf": "open open open open",
        "/tiles/firms/10/835/445.pbf": "open open open open",
    },
    "/tiles/{layer}/{z:int}/scale.json": {
        "/tiles/firms/14/scale.json": "open open open open",
        "/tiles/firms/14/scale.json?measure=revenue&year=2023": "- - - all",
    },
    "/layers/atlas.js": {"/layers/atlas.js?lang=zh&theme=light": "open open open open"},
    "/vendor/": {},
    "/tour/seen": {"/tour/seen": "open open open open"},
    "/tiles/{anything:path}": {},
    "/healthz": {"/healthz": "open open open open"},
    "/readyz": {"/readyz": "open open open open"},
    "/ogc": {
        "/ogc": "open open open open",
        "/ogc/api": "open open open open",
        "/ogc/collections": "open open open open",
        "/ogc/collections/districts/items": "open open open all",
        "/ogc/collections/parks/items": "open open open open",
        "/ogc/collections/firms/items?limit=1000": "open names own all",
        "/ogc/collections/clusters/items": "open open open all",
        "/ogc/collections/district-clusters/items": "open open own all",
    },
}
OF_STREAMLIT = {
    "/_stcore/health", "/_stcore/metrics", "/_stcore/host-config", "/media/{file_id:path}",
    "/_stcore/upload_file/{session_id}/{file_id}", "/component/{path:path}", "/_stcore/bidi-components/{path:path}",
    "/_stcore/stream", "/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/agent/interact",
    "/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "",
}  # fmt: skip
"""Of these ``/_stcore/stream`` gives pages, ``/media/`` files by an address that only a page tells; the rest is the
same for everybody."""

# page: (its query, what the four see)
PAGES = {
    "start": ({}, "open open names names"),
    "overview": ({"focus": "district:440305"}, "open names own all"),
    "district": ({"district": "440305"}, "open names own all"),
    "compare": ({"districts": "440305,440304"}, "open names own all"),
    "sites": ({"subsector": "S01", "focus": "park:P01"}, "open names names names"),
    "gaps": ({"subsector": "S01"}, "open open names all"),
    "data": ({}, "open open names names"),
    "methods": ({}, "open open names names"),
    "units": ({"unit": "南山区政府"}, "open open names names"),
}

secret_home, secret_dataset = of_pages.secret_home, of_pages.secret_dataset


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def served(
    provider: IdentityProvider,
    secret_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("matrix") / "log.txt"
    server = Server(["-m", "cli", "serve", "--port"], log, secret_home, **provider.settings())
    yield Served(server.base, provider)
    server.stop()
    assert server.tracebacks() == []


class Sight:
    """Tells what some bytes give away."""

    def __init__(self, dataset: Dataset) -> None:
        self._public, self._district = (Secrets(dataset, read_viewer(role)) for role in ("public", DISTRICT))

    def of(self, blobs: Iterable[bytes]) -> str:
        blob = b"\x00".join(blobs)
        if any(self._district.found_in(blob).values()):
            return "all"
        if any(self._public.found_in(blob).values()):
            return "own"
        return "names" if self._public.names_in(blob) else "open"


@pytest.fixture(scope="module")
def sight(secret_dataset: Dataset) -> Sight:
    return Sight(secret_dataset)


def expected(row: str, role: str) -> str:
    return dict(zip(ROLES, row.split(), strict=True))[role]


# ---------------------------------------------------------------- routes


def test_every_route_has_its_row() -> None:
    import app

    serve_to_others(False)  # nobody serves here
    routes = [*app.app._user_routes, *create_streamlit_routes(MagicMock())]
    found = {"/vendor/" if route.path.startswith("/vendor/") else route.path for route in routes}
    assert found == ROUTES.keys() | OF_STREAMLIT


@pytest.mark.parametrize("reader", READERS)
def test_each_route_gives_each_reader_what_is_theirs(served: Served, sight: Sight, reader: str) -> None:
    seen, wanted = {}, {}
    for address, row in ((address, row) for rows in ROUTES.values() for address, row in rows.items()):
        answer = served.get(reader, address)
        seen[address] = "-" if answer.status_code >= 400 else sight.of([answer.content])
        wanted[address] = expected(row, READERS[reader])
    assert seen == wanted


def test_a_bad_token_is_refused_on_every_route(served: Served) -> None:
    addresses = [address for rows in ROUTES.values() for address in rows]
    for address in (*addresses, "/", "/overview", "/_stcore/health"):
        answer = served.get("anonymous", address, Authorization="Bearer nonsense")
        assert (address, answer.status_code) == (address, 401)


def test_no_route_of_ours_is_written_to(served: Served) -> None:
    held, asked = served.headers("cookie gov"), [address for rows in ROUTES.values() for address in rows]
    pairs = product(asked, ("POST", "PUT", "DELETE", "PATCH"))
    with httpx2.Client(base_url=served.base, headers=held, timeout=60) as client:
        assert {client.request(method, address).status_code for address, method in pairs} == {405}


# ---------------------------------------------------------------- what browsers and we keep


def test_no_answer_that_is_kept_is_given_to_another_reader(served: Served) -> None:
    """The tag of a government's tile is none of the public's, and an address with its stamp is not kept for others."""
    for address in ("/tiles/firms/10/835/445.png", "/tiles/firms/10/835/445.pbf", "/tiles/firms/14/scale.json"):
        tags = {}
        for reader in ("anonymous", "cookie inv", "cookie nanshan", "cookie gov") * 2:  # again: from what is held
            answer = served.get(reader, address)
            assert answer.headers["vary"] == "Cookie, Authorization"
            assert answer.headers["cache-control"].startswith("private")
            assert tags.setdefault(reader, answer.headers["etag"]) == answer.headers["etag"]
        assert len(set(tags.values())) == 4
        for reader, tag in tags.items():
            for other in tags:
                status = served.get(other, address, **{"If-None-Match": tag}).status_code
                assert status == (304 if other == reader else 200)


# ---------------------------------------------------------------- pages


def test_every_page_has_its_row() -> None:
    tree = ast.parse((ROOT / "views" / "main.py").read_text("utf-8"))
    (pages,) = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PAGES"
    ]
    named = {"FIRST": "start", "state.DATA_PAGE": "data", "state.METHODS_PAGE": "methods"}
    assert isinstance(pages, ast.Dict)
    assert {named.get(ast.unparse(key), ast.unparse(key).strip("'")) for key in pages.keys if key} == PAGES.keys()


Visited = Callable[[str, str], list[bytes]]


@pytest.fixture(scope="module")
def visited(served: Served) -> Visited:
    """What a page gives a reader, who goes there once."""
    return cache(lambda reader, name: served.page(reader, name, lang="zh", **PAGES[name][0]))


VISITORS = ("tampered", "cookie inv", "cookie nanshan", "cookie gov")


@pytest.mark.parametrize("reader", VISITORS)
def test_each_page_shows_each_reader_what_is_theirs(visited: Visited, sight: Sight, reader: str) -> None:
    seen = {name: sight.of(visited(reader, name)) for name in PAGES}
    assert seen == {name: expected(row, READERS[reader]) for name, (_, row) in PAGES.items()}


@pytest.mark.parametrize("reader", [one for one in READERS if not one.startswith("token") and one not in VISITORS])
def test_whoever_is_the_public_in_another_way_sees_no_more(visited: Visited, sight: Sight, reader: str) -> None:
    assert sight.of(visited(reader, "district")) == expected(PAGES["district"][1], "public")


@pytest.mark.parametrize("reader", VISITORS)
def test_the_page_of_the_data_is_the_keepers(visited: Visited, reader: str) -> None:
    frames = b"".join(visited(reader, "data"))
    assert (b"start_check" in frames) is (READERS[reader] == "government")
    assert (b"register.parquet" in frames) is (READERS[reader] == "government")


# ---------------------------------------------------------------- files and verbs

TABLES = {
    "firms": "open names own all",
    "observations": "open open own all",
    "indicators": "open open open open",
    "parks": "open open open open",
    "hubs": "open open open open",
    "districts": "open open open open",
    "clusters": "open open own all",
    "ground-clusters": "- - - all",
}
VERBS = {
    ("goals", "--json"): "open open own all",
    ("gaps", "--subsector", "S01", "--json"): "open open open all",
    ("sites", "--subsector", "S01", "--json"): "open open open open",
    ("versions",): "open open open open",
    ("versions", "--diff", "0..1", "--json"): "- - - all",
    ("audit", "--json"): "- - - open",
}
ELSEWHERE = {
    "export": "TABLES",
    "map": "tests/views/test_leaks.py", "report": "tests/views/test_leaks.py",
    "synthesize": "made up", "locate": "the caller's own file", "serve": "ROUTES and PAGES",
    "check": "the keeper of the workspace", "import": "the keeper of the workspace",
    "backup": "the keeper of the workspace", "restore": "the keeper of the workspace",
    "migrate": "the keeper of the workspace", "totals": "the caller's own file",
    "use": "the keeper of the workspace", "undo": "the keeper of the workspace",
}  # fmt: skip
FILES = {
    "overview.py": "map", "district.py": "map", "origin.py": "rows", "suitability_panel.py": "squares",
    "document_downloads.py": "documents", "data_report.py": "keepers", "data_sources.py": "templates",
}  # fmt: skip
"""Modules with a button that hands out a file; test_leaks walks through maps, rows and documents of every role."""


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest, secret_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("JIQUN_HOME", str(secret_home))
    monkeypatch.setenv("JIQUN_ROLE", request.param)
    settings.cache_clear()
    st.cache_resource.clear()
    yield request.param
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


def test_every_table_verb_and_file_has_its_row() -> None:
    assert EXPORTS.keys() == TABLES.keys()
    verbs = {one.name or one.callback.__name__ for one in cli.app.registered_commands if one.callback}
    assert verbs == {verb for verb, *_ in VERBS} | ELSEWHERE.keys()
    offering = {path.name for path in (ROOT / "views").glob("*.py") if "offer_file(" in path.read_text("utf-8")}
    assert offering - {"downloads.py"} == FILES.keys()


def test_each_table_holds_what_is_its_readers(role: str, sight: Sight, tmp_path: Path) -> None:
    board = board_of(None, DEFAULT_PLAN, None, "registered", words("zh"))
    assert board.dataset is visible_dataset()
    seen = {}
    for what, table in EXPORTS.items():
        try:
            seen[what] = sight.of([table(board).to_csv(sep=";").encode()])
        except NotReleased:
            seen[what] = "-"
    assert seen == {what: expected(row, role) for what, row in TABLES.items()}


def test_each_verb_says_what_is_its_readers(role: str, sight: Sight, capsys: pytest.CaptureFixture[str]) -> None:
    seen = {}
    for verb in VERBS:
        capsys.readouterr()
        try:
            cli.app(list(verb), standalone_mode=False)
        except SystemExit:
            seen[verb] = "-"
        else:
            seen[verb] = sight.of([capsys.readouterr().out.encode()])
    assert seen == {verb: expected(row, role) for verb, row in VERBS.items()}
