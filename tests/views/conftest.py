"""One server and one browser for all page tests; every page is cut off from everything but the server it visits.

``visit`` opens a page as a reader would and gives a ``Reader``: the page, its map, and what both show. Readers wait for
the address, a locator or a state of the map, never for time. A request that leaves the machine, a script error, what
the content policy of a page forbids or a dialog fails the test that caused it, when the test ends.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Frame,
    FrameLocator,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)
from streamlit.components.v2 import manifest_scanner

from data import columns as c
from data.dataset import Dataset
from data.reference import load_reference
from data.store import open_version
from tests.secret_register import write_secret_register
from views.words import Language, Words, words

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-server=http://127.0.0.1:9",  # nobody listens: what is not of this machine stays out of reach
    "--process-per-site",  # all pages in one process: it compiles Streamlit's scripts once instead of for every visit
    "--js-flags=--no-flush-bytecode",
]
# the first is the same engine without windows, menus and their processes
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_S = 60
PATIENCE_MS = (
    90_000  # the first reader of a version waits for what a page computes once, on a machine that others use too
)
WIDE, PHONE = (1440, 900), (390, 844)
FORBIDDEN = "Content Security Policy"
MAP_TITLE = "streamlit_folium.st_folium"
STORED = "local_storage,indexeddb,cache_storage"  # what a page may keep in a browser, beside cookies
# the layers of Leaflet that stand for a thing of ours, and a pixel of one where nothing lies above it
FEATURES = """() => {
  const found = [];
  map_div.eachLayer(l => { if (l.feature && l.feature.properties && l.feature.properties.kind) { found.push(l); } });
  return found;
}"""
SPOT = """(asked) => {
  for (const layer of FEATURES()) {
    const p = layer.feature.properties;
    if (p.kind + ':' + p.id !== asked || !layer._path) { continue; }
    const r = layer._path.getBoundingClientRect(), steps = 24;
    const order = [...Array(steps).keys()].sort((a, b) => Math.abs(a - steps / 2) - Math.abs(b - steps / 2));
    for (const i of order) { for (const j of order) {
      const x = r.left + r.width * (i + .5) / steps, y = r.top + r.height * (j + .5) / steps;
      if (document.elementFromPoint(x, y) === layer._path) { return { x, y }; }
    } }
  }
  return null;
}""".replace("FEATURES", f"({FEATURES})")
DRAWN = """() => {
  const kinds = {};
  for (const l of FEATURES()) {
    const kind = l.feature.properties.kind;
    if (l._path && l._path.isConnected) { kinds[kind] = (kinds[kind] || 0) + 1; }
  }
  return kinds;
}""".replace("FEATURES", f"({FEATURES})")
# tooltip and popup of each; the events are those of a mouse, so that the map opens them in its own way
CARDS = """() => {
  const map = window.map_div || Object.values(window).find(v => v instanceof L.Map), read = {};
  const last = name => { const all = document.querySelectorAll(name); return all.length ? all[all.length - 1] : null; };
  const text = name => { const element = last(name); return element ? element.innerText : ''; };
  map.eachLayer(layer => {
    const p = layer.feature && layer.feature.properties;
    if (!p || !p.kind) { return; }
    const latlng = layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter();
    layer.fire('mouseover', { latlng }, true);
    const tip = text('.leaflet-tooltip');
    layer.fire('mouseout', { latlng }, true);
    layer.fire('click', { latlng }, true);
    read[p.kind + ':' + p.id] = [tip, text('.leaflet-popup')];
  });
  return read;
}"""
# nothing has changed for a while: what a browser reports late (a table, a map) may start the script once more
QUIET = """() => {
  const now = performance.now();
  if (!window.__changed) {
    window.__changed = { at: now };
    new MutationObserver(() => { window.__changed.at = performance.now(); }).observe(
      document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }
  return now - window.__changed.at > 800;
}"""
VIEW = "() => { const c = map_div.getCenter(); return [c.lat, c.lng, map_div.getZoom()]; }"


def read_cards(map_: Frame | Page) -> dict[str, list[str]]:
    """Tooltip and popup of every thing on a map, runs of blanks as one; a page hears of these clicks, so go last."""
    return {thing: [" ".join(text.split()) for text in texts] for thing, texts in map_.evaluate(CARDS).items()}


class Reader:
    """Somebody at a page."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    # going about -----------------------------------------------------------------------------------------------------

    def open(self, path: str, **query: str) -> "Reader":
        """Go to a page with a drawn map."""
        asked = "&".join(f"{key}={quote(value, safe=',:')}" for key, value in query.items())
        self.page.goto(f"{self.base}/{path}" + (f"?{asked}" if asked else ""))
        return self.settled()

    def settled(self) -> "Reader":
        """The map is drawn and the script rests."""
        expect(self.map.locator(".jq-legend").first).to_be_visible()
        expect(self.map.locator(".leaflet-control-layers")).to_be_attached()  # drawn last
        self.rested().still()
        return self

    def rested(self) -> "Reader":
        """The script rests."""
        expect(self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_attached()
        return self

    def quiet(self) -> "Reader":
        """The script rests, and nothing that was reported late has started it again."""
        self.rested().page.wait_for_function(QUIET)
        return self.rested()

    def at(self, **expected: str | None) -> "Reader":
        """The address carries these parameters; ``None`` says that one is absent."""

        def there(address: str) -> bool:
            held = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
            return all(held.get(key) == value for key, value in expected.items())

        if not there(self.page.url):
            self.page.wait_for_url(there)
        return self.rested()

    @property
    def query(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(urlsplit(self.page.url).query).items()}

    # the map ---------------------------------------------------------------------------------------------------------

    @property
    def map(self) -> FrameLocator:
        return self.page.frame_locator(f'iframe[title="{MAP_TITLE}"]')

    @property
    def frame(self) -> Frame:
        """The map's frame as it is now; another one after a remount."""
        frame = self.page.locator(f'iframe[title="{MAP_TITLE}"]').element_handle().content_frame()
        assert frame is not None
        return frame

    def view(self) -> list[float]:
        """Latitude and longitude of the centre, zoom."""
        return self.frame.evaluate(VIEW)

    def map_until(self, condition: str, argument: Any = None) -> None:
        """Wait until something is true in the map's frame."""
        self.frame.wait_for_function(condition, arg=argument)

    def view_until(self, changed_from: list[float]) -> list[float]:
        """The view once it is another one."""
        self.map_until(
            f"before => ({VIEW})().some((v, i) => Math.abs(v - before[i]) > 1e-3)",
            changed_from,
        )
        return self.view()

    def still(self) -> list[float]:
        """The view once two looks at it agree."""
        self.frame.evaluate("() => { window.__seen = null; }")
        self.frame.wait_for_function(
            f"() => {{ const now = ({VIEW})().join(); const same = window.__seen === now; window.__seen = now; "
            "return same && !document.querySelector('.leaflet-zoom-anim, .leaflet-pan-anim'); }",
            polling=150,
        )
        return self.view()

    def view_at_rest(self, changed_from: list[float]) -> list[float]:
        """The view once it is another one and nothing moves any more."""
        self.view_until(changed_from)
        return self.still()

    def view_is(self, expected: list[float]) -> None:
        """The view comes to be this one, to a pixel."""
        self._view_near(expected, 1e-4, 1e-3)

    def home_again(self, home: list[float]) -> None:
        """The view comes to be about the one that the map first rested on."""
        self._view_near(home, 0.05, 0.3)

    def _view_near(self, goal: list[float], degrees: float, zoom: float) -> None:
        self.map_until(
            f"([goal, near]) => ({VIEW})().every((v, i) => Math.abs(v - goal[i]) <= near[i])",
            [goal, [degrees, degrees, zoom]],
        )

    def drawn(self) -> dict[str, int]:
        """Number of shapes on the map by kind."""
        return self.frame.evaluate(DRAWN)

    def drawn_until(self, kind: str, number: int) -> None:
        """Wait until this many shapes of a kind are drawn."""
        self.map_until(f"([kind, number]) => ((({DRAWN})())[kind] || 0) === number", [kind, number])

    def marks_until(self, number: int) -> None:
        """Wait until this many marks of firms are drawn, alone or as stacks."""
        self.map_until(
            f"number => {{ const d = ({DRAWN})(); return (d.firm || 0) + (d.stack || 0) === number; }}", number
        )

    def spot(self, thing: str) -> tuple[float, float]:
        """A pixel of the window where a thing (kind:id) lies on top of the map."""
        iframe = self.page.locator(f'iframe[title="{MAP_TITLE}"]')
        iframe.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
        within = self.frame.wait_for_function(SPOT, arg=thing).json_value()
        box = iframe.bounding_box()
        assert box is not None
        return box["x"] + within["x"], box["y"] + within["y"]

    def point_at(self, thing: str) -> None:
        """Move the mouse over a thing on the map."""
        self.page.mouse.move(*self.spot(thing))

    def click_on(self, thing: str) -> None:
        """Click a thing on the map."""
        self.page.mouse.click(*self.spot(thing))

    @property
    def popup(self) -> Locator:
        return self.map.locator(".leaflet-popup")

    def card_says(self, *texts: str) -> None:
        """One card is open, visible, and says all this."""
        expect(self.popup).to_have_count(1)  # the card that a redraw closes fades while its successor is there
        expect(self.popup).to_be_visible()
        for text in texts:
            expect(self.popup).to_contain_text(text)

    @property
    def tooltip(self) -> Locator:
        return self.map.locator(".leaflet-tooltip")

    def mark_frame(self) -> None:
        """Leave a mark that a remount would wipe out."""
        self.frame.evaluate("() => { window.__mark = 1; }")

    def same_frame(self) -> bool:
        return self.frame.evaluate("() => window.__mark === 1")

    # widgets ---------------------------------------------------------------------------------------------------------

    def key(self, key: str) -> Locator:
        """A keyed element."""
        return self.page.locator(f".st-key-{key}")

    def choice(self, key: str, label: str) -> Locator:
        """An option of a segmented control."""
        return self.key(key).locator("button").filter(has_text=re.compile(f"^{re.escape(label)}$"))

    def chosen(self, key: str) -> list[str]:
        """What a segmented control shows as chosen."""
        pressed = '[aria-checked="true"], [aria-pressed="true"], [aria-selected="true"]'
        return self.key(key).locator("button").and_(self.page.locator(pressed)).all_inner_texts()

    def open_filters(self, t: Words) -> None:
        """Open the filters, if they are closed."""
        if not self.key("tier").is_visible():
            self.page.get_by_test_id("stPopover").filter(has_text=t("filter.title")).get_by_role("button").click()
        expect(self.key("tier")).to_be_visible()

    def search(self, text: str, option: str) -> None:
        """Type into the search box and take the option that starts so."""
        self.find(text, option).click()

    def find(self, text: str, option: str) -> Locator:
        """Type into the search box; the option that starts so."""
        box = self.key("search").locator("input")
        box.click()
        box.fill(text)
        return self.page.get_by_role("option").filter(has_text=re.compile("^" + re.escape(option))).first

    # tables ----------------------------------------------------------------------------------------------------------

    def cells(self, key: str) -> list[list[str]]:
        """Rows of a grid, its head first, as assistive technology reads them; images are left out."""
        grid = self.key(key).locator('table[role="grid"]')
        expect(grid.locator("tbody tr").first).to_be_attached()
        return grid.evaluate(
            "g => [...g.querySelectorAll('tr')].map(r => [...r.children].map(c => c.innerText || c.textContent)"
            ".map(s => s.startsWith('data:') ? '' : s))"
        )

    def rows(self, key: str) -> Locator:
        """Rows of a grid."""
        return self.key(key).locator('table[role="grid"] tbody tr')

    def click_row(self, key: str, row: int) -> None:
        """Click the marker of a row (0 is the first); all rows of our grids are of one height, the head too."""
        grid = self.key(key).locator(".dvn-scroller")
        grid.scroll_into_view_if_needed()
        grid.click(position={"x": 15, "y": 33 * (row + 1) + 16})

    def click_last_column(self, key: str) -> None:
        """Click the head of the last column, left of its menu."""
        grid = self.key(key).locator(".dvn-scroller")
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        assert box is not None
        grid.click(position={"x": box["width"] - 46, "y": 16})

    def selected_rows(self, key: str) -> Locator:
        """Rows of a grid that are marked as selected."""
        return self.key(key).locator('tbody tr[aria-selected="true"]')


class Server:
    """A process that serves pages, with its log.

    ``settings`` are those of the app, such as ``role="public"``; ``{port}`` in one is the port.
    """

    def __init__(self, command: list[str], log: Path, home: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = log
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("JIQUN_", "STREAMLIT_"))}
        with log.open("w") as sink:
            self.process = subprocess.Popen(
                [sys.executable, *command, str(self.port)],
                cwd=ROOT,
                env=clean
                | {"JIQUN_HOME": str(home)}
                | {f"JIQUN_{k.upper()}": v.replace("{port}", str(self.port)) for k, v in settings.items()},
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.base}/_stcore/health", timeout=2):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        pytest.fail(f"the server did not start in {START_S} s:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def tracebacks(self) -> list[str]:
        """Unhandled errors in the log."""
        return re.findall(r"Traceback[\s\S]*?\n(?=\S)[^\n]*", self.log.read_text())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with the bundled data."""
    folder = tmp_path_factory.mktemp("server")
    server = Server(["-m", "cli", "serve", "--port"], folder / "log.txt", folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with names that try to run."""
    folder = tmp_path_factory.mktemp("hostile")
    server = Server(["-m", "tests.views.serve_hostile"], folder / "log.txt", folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def secret_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a register of which a few firms are of public record."""
    home = tmp_path_factory.mktemp("secret")
    write_secret_register(home, load_reference())
    return home


@pytest.fixture(scope="session")
def secret_dataset(secret_home: Path) -> Dataset:
    """All of that register."""
    return open_version(secret_home, "1", load_reference())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: ``$CHROMIUM``, or the first that is installed."""
    asked = os.environ.get("CHROMIUM")
    found = shutil.which(asked) if asked else next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail("the page tests need Chromium: run 'make browser', or set CHROMIUM to its path")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Guarded:
    """Pages that reach one server and nothing else, and what they did against the rules.

    They are tabs of one context, which a test leaves empty. A request that is not for a server of the test is noted;
    it reaches nobody, since the browser sends what is not of this machine to a proxy that does not exist.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self.forbidden: list[str] = []
        self._context, self._first = context, context.pages[0]
        self._own: set[str] = set()
        context.on("request", self._note)
        context.on("requestfailed", self._take_back)

    def _note(self, request: Request) -> None:
        own = [f"{base}/" if base else "file:///" for base in self._own]
        if not request.url.startswith((*own, "data:", "blob:")):
            self.outside.append(request.url)

    def _take_back(self, request: Request) -> None:
        """What the policy of a page forbids is a request to the browser's tools, and never made."""
        if request.failure == "csp" and request.url in self.outside:
            self.outside.remove(request.url)

    def reaches(self, base: str) -> None:
        """Let the pages of this test reach one more server of the test."""
        self._own.add(base)

    def page(self, base: str = "", viewport: tuple[int, int] = WIDE) -> Page:
        """A new page; without ``base`` it may open only documents from disk."""
        self._own.add(base)
        if base and self._first.url == "about:blank":  # stays there, and with it the process of the servers' pages
            self._first.goto(f"{base}/_stcore/health")
        page = self._context.new_page()
        page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        if base:
            page.on("console", lambda said: self.forbidden.append(said.text) if FORBIDDEN in said.text else None)
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("websocket", lambda ws: None if _same_host(ws.url, base) else self.outside.append(ws.url))
        return page

    def close(self) -> None:
        for page in self._context.pages[1:]:
            page.close()
        self._context.remove_listener("request", self._note)
        self._context.remove_listener("requestfailed", self._take_back)
        self._context.clear_cookies()
        forget = self._context.new_cdp_session(self._first)
        for base in self._own:
            forget.send("Storage.clearDataForOrigin", {"origin": base or "file://", "storageTypes": STORED})
        forget.detach()


def _same_host(address: str, base: str) -> bool:
    return bool(base) and urlsplit(address).netloc == urlsplit(base).netloc


@pytest.fixture(scope="session")
def context(browser: Browser) -> BrowserContext:
    """The one context of all pages, with a cache of the files that are the same for all."""
    context = browser.new_context(locale="zh-CN", service_workers="block")
    context.set_default_timeout(PATIENCE_MS)
    context.new_page()
    return context


@pytest.fixture
def guarded(context: BrowserContext) -> Iterator[Guarded]:
    """Pages of one test, closed at its end; whatever they did against the rules fails it."""
    pages = Guarded(context)
    yield pages
    pages.close()
    assert pages.outside == [], "requests left the machine"
    assert pages.errors == [], "scripts failed in the browser"
    assert pages.forbidden == [], "the content policy forbade something"
    assert pages.dialogs == [], "a dialog opened"


@pytest.fixture
def visit(guarded: Guarded, server: Server) -> Callable[..., Reader]:
    """Open a page: ``visit("overview", lang="en")``."""

    def one(path: str, viewport: tuple[int, int] = WIDE, **query: str) -> Reader:
        return Reader(guarded.page(server.base, viewport), server.base).open(path, **query)

    return one


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> Iterator[None]:
    """Each page without a browser searches all installed packages for components anew; they stay the same meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return load_reference()


@pytest.fixture(scope="session")
def half_statistical(dataset: Dataset) -> Dataset:
    """The sample as if every second firm were statistical."""
    level = np.where(np.arange(len(dataset.firms)) % 2 == 0, "public_record", "statistical")
    return replace(dataset, firms=dataset.firms.assign(**{c.CONFIDENTIALITY: level}), digest="half")


@pytest.fixture
def t() -> Words:
    """Chinese words."""
    return words("zh")


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Language:
    return request.param


def component_arguments(proto: Any) -> dict[str, Any]:
    """Arguments that a page hands to a component, such as the map's scripts."""
    return json.loads(proto.json_args)
