"""One visit to a page with a map in a headless browser: when it was there, what it took, what it held."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Frame, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL without a graphics card
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
MAP = 'iframe[title="streamlit_folium.st_folium"]'
# files that are the same for every register and that a browser keeps
STATIC = ("/static/", "/vendor/", "/npm/", "/folium/", "/component/", "/_stcore/", "/favicon")
# runs in every frame: notes when the map is there, two animation frames after its script and its last tile
WATCH = """
(() => {
  const grids = () => {
    const all = [];
    map.eachLayer(l => { if (l instanceof L.GridLayer) { all.push(l); } });
    return all;
  };
  window.__state = () => grids().map(l => l._url).sort().join() ||
    (document.querySelector('.jq-legend') || {}).innerText || '';
  const loaded = () => !grids().some(l => l.isLoading());
  const tiled = () => grids().some(l => Object.keys(l._tiles).length);
  const shown = () => { window.__shown = performance.timeOrigin + performance.now(); };
  window.__watch = there => {
    window.__shown = null;
    const look = () => {
      let now = false;
      try { now = there(); } catch (e) { now = false; }
      if (!now) { setTimeout(look, 5); return; }
      requestAnimationFrame(() => requestAnimationFrame(shown));
    };
    look();
  };
  window.__changed = before => window.__watch(() => loaded() && window.__state() !== before);
  if (window !== window.top) { window.__watch(() => READY); }
})();
"""
READY = {
    "empty": "window.map",
    "jiqun": "window.map && document.querySelector('.leaflet-control-layers') "
    "&& document.querySelector('.jq-legend') && loaded()",
    "jiqun, tiles": "window.map && document.querySelector('.leaflet-control-layers') && loaded() && tiled()",
    "folium": "window.map && (document.querySelector('.marker-cluster, canvas.leaflet-heatmap-layer') "
    "|| Object.keys(map._layers).length > 1000)",
}


@dataclass
class Traffic:
    """Bytes that came for this register alone."""

    socket: int = 0
    http: int = 0
    tiles: int = 0
    counted: set[str] = field(default_factory=set)

    @property
    def whole(self) -> int:
        """All of them."""
        return self.socket + self.http


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium; ``CHROMIUM`` may name it."""
    found = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if found is None:
        raise RuntimeError("no Chromium; install it, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


class Visit:
    """A page in a context of its own, with an empty cache."""

    def __init__(self, page: Page, ready: str) -> None:
        self.page, self.traffic = page, Traffic()
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("Network.enable")
        self.cdp.on("Network.responseReceived", self._responded)
        self.cdp.on("Network.loadingFinished", self._finished)
        page.on("websocket", lambda ws: ws.on("framereceived", self._framed))
        if ready in READY:
            page.add_init_script(WATCH.replace("READY", READY[ready]))

    def open(self, address: str, patience_s: float) -> float | None:
        """Go to a page; seconds until the map was there, or ``None`` when it did not come in time."""
        self.page.goto(address, wait_until="commit")
        start = self.page.evaluate("performance.timeOrigin")
        try:
            return (self._shown(patience_s) - start) / 1000
        except TooLate:
            return None

    def open_canvas(self, address: str, patience_s: float) -> float | None:
        """The same for a chart that draws on a canvas of the page: looked at until it shows red dots."""
        self.page.goto(address, wait_until="commit")
        start, until = self.page.evaluate("performance.timeOrigin"), time.monotonic() + patience_s
        canvas = self.page.locator('[data-testid="stDeckGlJsonChart"] canvas').first
        try:
            canvas.wait_for(state="attached", timeout=patience_s * 1000)
            while time.monotonic() < until:
                picture = np.asarray(Image.open(BytesIO(canvas.screenshot())).convert("RGB")).astype(int)
                if ((picture[..., 0] > 180) & (picture[..., 1] < 90)).sum() > 50:
                    return time.time() - start / 1000
        except TooLate:
            return None
        return None

    def heap_mb(self) -> float:
        """JavaScript memory of the page and its frames after a collection."""
        self.cdp.send("HeapProfiler.collectGarbage")
        self.cdp.send("Performance.enable")
        metrics = {m["name"]: m["value"] for m in self.cdp.send("Performance.getMetrics")["metrics"]}
        return metrics["JSHeapUsedSize"] / 2**20

    def reveal(self, widget: str, opener: str) -> None:
        """Open the popover whose button has this text, unless the widget in it is there."""
        if not self.page.locator(widget).first.is_visible():
            self.page.locator('[data-testid="stPopoverButton"]', has_text=opener).click()
            self.page.locator(widget).first.wait_for()

    def change(self, click: str, patience_s: float) -> dict[str, Any]:
        """Click a widget that changes what the map draws.

        Returns
        -------
        dict
            seconds until the new map was there, socket_kb and tiles_kb that came, kept (whether the frame stayed).
        """
        frame = self._frame()
        frame.evaluate("() => { window.__mark = 1; window.__changed(window.__state()); }")
        before = Traffic(self.traffic.socket, self.traffic.http, self.traffic.tiles)
        start = self.page.evaluate(
            "css => { const now = performance.timeOrigin + performance.now(); document.querySelector(css).click(); "
            "return now; }",
            click,
        )
        shown = self._shown(patience_s, after=start)
        self.rested()
        return {
            "seconds": (shown - start) / 1000,
            "socket_kb": (self.traffic.socket - before.socket) / 1024,
            "tiles_kb": (self.traffic.tiles - before.tiles) / 1024,
            "kept": self._frame().evaluate("() => window.__mark === 1"),
        }

    def rested(self) -> None:
        """Wait until the script of the page rests."""
        self.page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached", timeout=60_000
        )
        self.page.wait_for_timeout(300)

    def _frame(self) -> Frame:
        frame = self.page.wait_for_selector(MAP, state="attached").content_frame()
        if frame is None:
            raise RuntimeError("the map has no frame")
        return frame

    def _shown(self, patience_s: float, after: float = 0.0) -> float:
        """When the map was there, in milliseconds since the epoch; its frame may be another one meanwhile."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            try:
                frame = self.page.wait_for_selector(MAP, state="attached", timeout=1000).content_frame()
                shown = frame.evaluate("() => window.__shown") if frame else None
            except TooLate:
                continue
            except Exception as gone:  # the frame was taken away between the two calls
                if "detached" not in str(gone) and "destroyed" not in str(gone):
                    raise
                continue
            if shown and shown > after:
                return float(shown)
            self.page.wait_for_timeout(25)
        raise TooLate(f"no map after {patience_s:.0f} s")

    def _framed(self, payload: str | bytes) -> None:
        self.traffic.socket += len(payload)

    def _responded(self, event: dict[str, Any]) -> None:
        path = urlsplit(event["response"]["url"]).path
        if event["type"] in ("Image", "XHR", "Fetch", "Other") and not path.startswith(STATIC):
            self.traffic.counted.add(event["requestId"] + (" tile" if path.startswith("/tiles/") else ""))

    def _finished(self, event: dict[str, Any]) -> None:
        came, request = int(event["encodedDataLength"]), event["requestId"]
        if request + " tile" in self.traffic.counted:
            self.traffic.tiles += came
            self.traffic.http += came
        elif request in self.traffic.counted:
            self.traffic.http += came
