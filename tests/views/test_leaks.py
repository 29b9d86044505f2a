"""Nothing that leaves the house holds a figure that its reader may not see: no frame, page, tile, map or file.

A real browser walks through the pages of a real server, and everything that it is sent is kept: frames of the
websocket (the browser hands them over inflated), bodies of answers, downloads. The same walk for the government shows
that what is looked for would have been found. Documents, and the pages for other roles, are made without a browser.
"""

import base64
import json
import struct
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import pytest
import streamlit as st
from playwright.sync_api import Error, Page, Response, WebSocket, expect

import cli
from clusters.errors import NotReleased
from clusters.goals import tally_goals
from clusters.plan import Plan
from clusters.release import visible_dataset
from clusters.roles import read_viewer
from data.dataset import Dataset
from data.exporting import SUFFIXES, write_table
from data.settings import settings
from tests.secret_register import YEAR, Secrets, text_of
from tests.views.conftest import Guarded, Reader, Server
from tests.views.opened import app_page, keep_documents, messages
from tests.views.paper import texts as texts_of_pdf
from views.export_tables import EXPORTS
from views.provenance import stamp
from views.words import LANGUAGES, Language, words

PUBLIC, EVERYTHING = "public", "government"
OF_THE_HOUSE = ("/static/", "/vendor/")  # files that are the same for every reader
TILES = [(zoom, *at) for zoom, at in ((8, (208, 111)), (10, (835, 445)), (12, (3343, 1785)), (14, (13374, 7140)))]


class Kept:
    """All that a page was sent."""

    def __init__(self, page: Page) -> None:
        self.frames: list[tuple[str, bytes]] = []
        self.at = ""  # what was opened when a frame came
        self.responses: list[Response] = []
        page.on("websocket", self._listen)
        page.on("response", lambda response: self.responses.append(response))

    def _listen(self, socket: WebSocket) -> None:
        socket.on(
            "framereceived",
            lambda frame: self.frames.append((self.at, frame.encode() if isinstance(frame, str) else frame)),
        )

    def blobs(self) -> Iterator[tuple[str, bytes]]:
        yield from ((f"{at}: frame {number}", frame) for number, (at, frame) in enumerate(self.frames))
        for response in self.responses:
            if not any(part in response.url for part in OF_THE_HOUSE):
                try:
                    yield response.url, response.body()
                except Error:  # a redirect has no body
                    continue


@pytest.fixture(scope="module")
def secrets(secret_dataset: Dataset) -> Secrets:
    return Secrets(secret_dataset, read_viewer(PUBLIC))


@pytest.fixture(scope="module", params=[PUBLIC, EVERYTHING])
def served(
    request: pytest.FixtureRequest, secret_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Server]]:
    log = tmp_path_factory.mktemp("leaks") / "log.txt"
    server = Server(["-m", "cli", "serve", "--port"], log, secret_home, role=request.param)
    yield request.param, server
    assert server.tracebacks() == []
    server.stop()


def found(secrets: Secrets, blobs: Iterator[tuple[str, bytes]]) -> tuple[dict[str, int], list[str]]:
    """How many secrets, by form, and where."""
    total, where = dict.fromkeys(("digits", "shown", "bytes", "names"), 0), []
    for name, blob in blobs:
        counts = secrets.found_in(blob) | {"names": secrets.names_in(blob)}
        total = {form: number + counts[form] for form, number in total.items()}
        where += [f"{name}: {counts}"] if any(counts.values()) else []
    return total, where


# a firm of public record moves; YEAR is the only one with figures
SCENARIO = f"{YEAR}-{YEAR + 2};registered;move:SYN-000000:440304;grow:0.05:S01:;attract:440306:S01:3000000000:1"
MAPPED: dict[Language, dict[str, dict[str, str]]] = {
    "zh": {
        "overview": {"focus": "district:440305"},
        "district": {"district": "440305", "place": "operating"},
        "sites": {"subsector": "S01", "chain": "S05", "shortlist": "P01,P02", "focus": "park:P01"},
    },
    "en": {
        "overview": {"measure": "density", "tier": "CNY_1E11", "focus": "district:440304"},
        "district": {"district": "440306", "subsectors": "S01,S05", "focus": "cluster:S01"},
    },
}
OTHERS = {
    "start": {"district": "440305"},
    "compare": {"districts": "440305,440304,440306"},
    "sites, squares": {"subsector": "S01", "view": "grid"},
    "gaps": {"subsector": "S01", "scenario": SCENARIO},
    "units": {"unit": "南山区政府"},
}
TELLING = ("overview", "origin", "district", "gaps")
"""Where the government surely gets some figure or name in the frames of a websocket: its walk goes no further."""


def _of(pages: dict[str, dict[str, str]], role: str) -> dict[str, dict[str, str]]:
    return {name: query for name, query in pages.items() if role == PUBLIC or name in TELLING}


def walk(reader: Reader, kept: Kept, language: Language, role: str) -> Iterator[tuple[str, bytes]]:
    """Maps with filters and focus, each also as a file, and where a figure is from; then the pages without a map."""
    for path, query in _of(MAPPED[language], role).items():
        kept.at = path
        reader.open(path, lang=language, **query)
        if path != "sites":
            yield f"map of {path}", _download(reader, "download_map")
        if language == "zh" and path != "sites":
            kept.at = "origin"
            reader.key(f"origin-{path}").get_by_role("button").click()
            expect(reader.page.get_by_role("dialog").get_by_test_id("stMetricValue")).to_be_visible()
            yield "rows of an origin", _download(reader, "origin_xlsx")
    for name, query in _of(OTHERS, role).items() if language == "zh" else ():
        kept.at = name
        reader.page.goto(f"{reader.base}/{name.partition(',')[0]}?{urlencode(query)}")
        expect(reader.key("to_terms")).to_be_visible()  # the foot is drawn last
        reader.rested()
    kept.at = ""


def _download(reader: Reader, key: str) -> bytes:
    with reader.page.expect_download() as download:
        reader.key(key).locator("button").click()
    return Path(download.value.path()).read_bytes()


def test_no_page_holds_what_is_hidden(served: tuple[str, Server], guarded: Guarded, secrets: Secrets) -> None:
    role, server = served
    page = guarded.page(server.base)
    kept = Kept(page)
    files = [
        file
        for language in (LANGUAGES if role == PUBLIC else LANGUAGES[:1])
        for file in walk(Reader(page, server.base), kept, language, role)
    ]
    page.goto(f"{server.base}/data?job=0123456789abcdef")
    title = words("zh")("data.title_read" if role == PUBLIC else "data.title")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert len(kept.frames) > 50
    total, where = found(secrets, (*kept.blobs(), *files))
    if role == PUBLIC:
        assert where == []
    else:
        assert min(total[form] for form in ("shown", "bytes", "names")) > 50, total  # whole digits stand in files alone
        assert {name for name in TELLING if not any(line.startswith(f"{name}: frame") for line in where)} == set()


def test_no_tile_holds_what_is_hidden(served: tuple[str, Server], secrets: Secrets) -> None:
    """Tiles count firms, whoever asks; squares of revenue are not for the public."""
    role, server = served
    paths = [f"/tiles/firms/{z}/{x}/{y}.{kind}" for (z, x, y), kind in product(TILES, ("png", "pbf"))]
    paths += [f"/tiles/firms/{z}/scale.json" for z in (8, 14)]
    measured = [f"/tiles/firms/{z}/scale.json?measure=revenue&year=2023" for z in range(8, 15)]
    total, where = found(secrets, ((path, _body(server, path)) for path in (*paths, *measured)))
    assert [_status(server, path) for path in measured] == [400 if role == PUBLIC else 200] * len(measured)
    assert where == [] if role == PUBLIC else total["digits"] > 0


def _status(server: Server, path: str) -> int:
    try:
        with urllib.request.urlopen(server.base + path, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _body(server: Server, path: str) -> bytes:
    try:
        with urllib.request.urlopen(server.base + path, timeout=20) as answer:  # noqa: S310
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return bytes(error.read())


@pytest.fixture(params=[PUBLIC, EVERYTHING])
def role(request: pytest.FixtureRequest, secret_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A terminal of somebody in that workspace."""
    monkeypatch.setenv("JIQUN_HOME", str(secret_home))
    monkeypatch.setenv("JIQUN_ROLE", request.param)
    settings.cache_clear()
    st.cache_resource.clear()
    yield request.param
    monkeypatch.undo()
    settings.cache_clear()
    st.cache_resource.clear()


def test_no_file_and_no_document_holds_what_is_hidden(
    role: str, secrets: Secrets, plan: Plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*verb: str) -> str:
        capsys.readouterr()
        cli.app(list(verb), standalone_mode=False)
        return capsys.readouterr().out

    t, board, blobs = words("zh"), tally_goals(plan, visible_dataset()), []
    if role == PUBLIC:
        with pytest.raises(NotReleased):
            EXPORTS["ground-clusters"](board)
    for what, suffix in product([name for name in EXPORTS if name != "ground-clusters" or role != PUBLIC], SUFFIXES):
        path = tmp_path / f"{what}{suffix}"
        write_table(EXPORTS[what](board), path, stamp(board, t))  # as the verb does, on one board for all formats
        blobs += [(path.name, path.read_bytes()), (path.name, text_of(path))]
    said("export", "clusters", "-o", str(tmp_path / "again.csv"))
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "clusters.csv").read_bytes()
    documents = [said("goals", "--json")]
    texts = [said("goals", "--district", "440306", "--lang", "en")]
    if role == PUBLIC:
        with pytest.raises(SystemExit):
            said("versions", "--diff", "0..1")
    else:
        documents.append(said("versions", "--diff", "0..1", "--json"))
        texts.append(said("versions", "--diff", "0..1"))
    for document in documents:
        json.loads(document, parse_constant=pytest.fail)
    blobs += [(text[:30], text.encode()) for text in (*documents, *texts)]
    said("map", "-o", str(tmp_path / "map.html"), "--district", "440305")
    blobs.append(("map", (tmp_path / "map.html").read_bytes()))
    for suffix in (".pdf", ".html", ".xlsx"):
        path = tmp_path / f"report{suffix}"
        said("report", "440305", "-o", str(path))
        blobs.append((path.name, path.read_bytes()))
    pages = texts_of_pdf((tmp_path / "report.pdf").read_bytes())
    blobs += [("report.pdf, a page", page.encode()) for page in pages]
    total, where = found(secrets, iter(blobs))
    if role == PUBLIC:
        assert where == []
    else:
        assert total["digits"] > 1000
        for name in ("report.pdf, a page", "report.html", "report.xlsx"):
            assert any(line.startswith(name) for line in where), name
        assert min(total["shown"], total["bytes"]) > 20


DOCUMENTED = ("district", "compare", "sites", "gaps")
ROLES = (PUBLIC, "investor", "government:440305", EVERYTHING)


@pytest.mark.parametrize("role", ROLES, indirect=True)
def test_no_page_and_no_document_of_any_role_holds_what_is_hidden(
    role: str, secret_dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An investor and a district's government see names, so that figures alone are looked for."""
    kept = keep_documents(monkeypatch, *(("pdf", "xlsx", "html") if role == PUBLIC else ("xlsx", "html")))
    secrets, blobs = Secrets(secret_dataset, read_viewer(PUBLIC if role == EVERYTHING else role)), []
    for name, query in (MAPPED["zh"] | OTHERS).items():
        if role in (PUBLIC, EVERYTHING) and name not in DOCUMENTED:
            continue  # a browser walks through it
        page = app_page(name.partition(",")[0], timeout=120, lang="zh", **query).run()
        assert not page.exception, name
        blobs += [(f"{name}: {kind}", blob) for kind, blob in messages(page)]
    for name, _, files in kept:
        blobs += [(f"{name}.{kind}", blob) for kind, blob in files.items()]
        blobs += (
            [(f"{name}.pdf, a page", text.encode()) for text in texts_of_pdf(files["pdf"])] if "pdf" in files else []
        )
    assert len(kept) == 5, [name for name, *_ in kept]
    totals = {name: secrets.found_in(blob) for name, blob in blobs}
    if role == EVERYTHING or not read_viewer(role).sees_names:
        totals |= {f"{name}, names": {"names": secrets.names_in(blob)} for name, blob in blobs}
    leaks = {name: counts for name, counts in totals.items() if any(counts.values())}
    if role != EVERYTHING:
        assert leaks == {}
    else:
        assert {f"{name}.xlsx" for name, *_ in kept if "sites" not in name and "enquiry" not in name} <= set(leaks)
        assert {name.partition(":")[0] for name in leaks if ": " in name} >= {"district", "compare", "sites"}


def test_the_search_finds_every_form(secrets: Secrets) -> None:
    one = int(secrets.amounts[len(secrets.amounts) // 2])
    for text in (f"{one}", f"{one:,}", f"{one / 10**8!r}", f"{one / 10**9:,.12f}", f"{one:.12e}"):
        assert secrets.found_in(f"x {text} y".encode())["digits"] == 1, text
    assert secrets.found_in(f"{one / 10**8:,.1f}".encode())["shown"] == 1
    assert secrets.found_in(f"{one / 10**9:,.2f}".encode())["shown"] == 1
    for packed in (struct.pack("<q", one), struct.pack("<d", one), struct.pack("<d", one / 10**8)):
        assert secrets.found_in(b"abc" + packed + b"d")["bytes"] == 1
        assert secrets.found_in(b'"' + base64.b64encode(b"x" * 30 + packed + b"x" * 30) + b'"')["bytes"] == 1
