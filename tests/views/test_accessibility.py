"""Every page in both themes against the rules of WCAG 2.2 AA that a machine can check (axe), and by keyboard alone.

What axe cannot judge, such as ink on the shapes of a map, is measured by ratio in ``test_tokens``. Only colours differ
between the themes, so that the dark one is asked for contrast alone.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.views.conftest import MAP_TITLE, QUIET, ROOT, WIDE, Guarded, Reader, Server
from views.words import Words

AXE = ROOT / "assets" / "tests" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "dark": ["color-contrast"]}
RUN = """async ([kind, rules]) => (await axe.run(document, {
  runOnly: { type: kind, values: rules }, resultTypes: ['violations'],
})).violations.filter(v => ['serious', 'critical'].includes(v.impact)).flatMap(v => v.nodes.map(
  n => [v.id, n.target.join(' '), n.html.slice(0, 200), n.failureSummary].join(' | ')))"""
AT_REST = """() => document.getAnimations().every(a => a.playState !== 'running')
  && !document.querySelector('[data-stale="true"]')"""  # colours fade in
# how often something has begun to fade since this was first asked
FADED = """() => {
  if (window.__faded === undefined) {
    window.__faded = 0;
    for (const event of ['transitionrun', 'animationstart'])
      document.addEventListener(event, () => { window.__faded++; }, true);
  }
  return window.__faded;
}"""
AT_A_SWITCH = "() => document.activeElement.matches('.leaflet-control-layers-expanded input')"
WHOLE, NARROW = (1440, 7000), (390, 7000)  # so high that nothing is below the edge, where colours cannot be seen
SCENARIO = "2021-2023;registered;move:00700.HK:440304;grow:0.05:S01:"
ADDRESSES = {
    "start and tour": "",
    "overview": "overview?focus=district:440305&show=ground",
    "district": "district?district=440305",
    "compare": "compare?districts=440305,440304,440306,440307",
    "sites": "sites?subsector=S01&shortlist=P01,P02&weighting=pairs&focus=park:P01",
    "grid": "sites?subsector=S01&view=grid",
    "gaps": f"gaps?subsector=S01&scenario={quote(SCENARIO)}",
    "data": "data",
    "methods": "methods?measure=location_quotient",
    "terms": "methods?measure=terms",
    "sources": "methods?measure=sources",
    "unit": f"units?unit={quote('市地方金融监管局')}",
}


def seen(page: Page, base: str, address: str) -> Reader:
    """Somebody at an address, when all is drawn and nothing moves."""
    page.goto(f"{base}/{address}")
    expect(page.locator(".st-key-to_terms")).to_be_visible()  # the foot is drawn last
    reader = Reader(page, base).quiet()
    page.wait_for_function(AT_REST)
    return reader


class Checker:
    """Serious breaches of the rules, by what was looked at, in the page and in the frames of its maps."""

    def __init__(self, page: Page, theme: str) -> None:
        assert AXE.is_file(), "make install-dev brings the checker"
        self.page, self.asked = page, ["tag" if theme == "light" else "rule", RULES[theme]]
        self.script = AXE.read_text("utf-8")
        self.found: list[str] = []

    def check(self, name: str) -> None:
        """Note what is found; looked at again where the script ran meanwhile, since what it redraws is half faded."""
        for _ in range(5):
            self.page.wait_for_function(QUIET)
            self.page.wait_for_function(AT_REST)
            for frame in self.page.frames:
                if not frame.evaluate("() => 'axe' in window"):
                    frame.evaluate(self.script)
            redrawn = self.page.evaluate(FADED)
            breaches: Any = self.page.evaluate(RUN, self.asked)
            if self.page.evaluate(FADED) == redrawn and self.page.evaluate(AT_REST):
                break
        else:
            raise AssertionError(f"{name} never comes to rest")
        self.found += [f"{name}: {breach}" for breach in breaches]


@pytest.mark.parametrize("theme", list(RULES))
def test_no_page_breaks_a_rule(theme: str, guarded: Guarded, server: Server) -> None:
    page = guarded.page(server.base, WHOLE)
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    checker = Checker(page, theme)
    for name, address in ADDRESSES.items():
        reader = seen(page, server.base, address)
        checker.check(name)
        if name == "start and tour":
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_have_count(0)
            checker.check("start")
        if name == "overview":
            reader.key("share").get_by_role("button").first.click()
            expect(page.locator('[data-testid="stPopoverBody"] code')).to_be_visible()
            checker.check("share")
            page.keyboard.press("Escape")
            reader.key("origin-overview").get_by_role("button").click()
            expect(page.get_by_role("dialog").get_by_test_id("stMetricValue")).to_be_visible()
            reader.rested()
            checker.check("origin")
        if name == "sites":
            page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
            checker.check("sites on a phone")
            page.set_viewport_size({"width": WHOLE[0], "height": WHOLE[1]})
    assert checker.found == [], "\n".join(checker.found)


# by keyboard ---------------------------------------------------------------------------------------------------------

KEYBOARD = {
    "start": "",
    "overview": "overview",
    "district": "district?district=440305",
    "compare": "compare?districts=440305,440304",
    "sites": "sites?subsector=S01&shortlist=P01,P02&weighting=pairs",
    "grid": "sites?subsector=S01&view=grid",
    "gaps": f"gaps?subsector=S01&scenario={quote(SCENARIO)}",
    "data": "data",
    "methods": "methods?measure=location_quotient",
    "units": "units",
}
MOST_TABS = 250
# What has the focus, also in a frame: its name, whether it may be clicked, what comes before it; and whether the one
# that had it before looks the same without it. Cells of a grid are drawn on its canvas, ring and all.
FOCUSED = r"""() => {
  document.getAnimations().forEach(a => { try { a.finish(); } catch (endless) { a.cancel(); } });
  let e = document.activeElement, frame = null;
  while (e.tagName === 'IFRAME' && e.contentDocument && e.contentDocument.activeElement !== e.contentDocument.body) {
    frame = e; e = e.contentDocument.activeElement;
  }
  const look = node => {
    const seen = [];
    for (let n = node, up = 0; n && n.nodeType === 1 && up < 5; n = n.parentElement, up++) {
      const s = n.ownerDocument.defaultView.getComputedStyle(n);
      const line = s.outlineStyle === 'none' ? '' : s.outline;
      seen.push(line, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecorationLine, s.color);
    }
    return seen.join();
  };
  const text = n => {
    const copy = n.cloneNode(true);
    copy.querySelectorAll('[aria-hidden="true"]').forEach(hidden => hidden.remove());
    return copy.textContent.trim();
  };
  const named = n => n.getAttribute('aria-label') || (n.getAttribute('aria-labelledby') || '').split(' ').map(
    id => (n.ownerDocument.getElementById(id) || {}).textContent || '').join(' ').trim()
    || Array.from(n.labels || []).map(l => l.textContent).join(' ').trim() || text(n) || n.title;
  const before = window.__before, one = n => n.closest('[class*="st-key-"], .stSelectbox, .stMultiSelect');
  const apart = before && before.e !== e && before.e.isConnected && before.e.tagName !== 'TD'
    && !(one(before.e) && one(before.e) === one(e));
  const ringless = apart && look(before.e) === before.look ? before.e.outerHTML.slice(0, 200) : null;
  if (!before || before.e !== e) { window.__before = { e, look: look(e) }; }
  window.__met = window.__met || new Set();
  const again = window.__met.has(e), box = e.getBoundingClientRect();
  window.__met.add(e);
  const grid = e.closest('[data-testid="stDataFrame"]');
  return {
    html: e.outerHTML.slice(0, 200), tag: e.tagName, ringless, again, grid: Boolean(grid), framed: Boolean(frame),
    name: grid ? 'a grid' : (named(e) || ''), seen: box.width > 0 && box.height > 0,
  };
}"""
# what a mouse can use, in the page and in the frames of its maps; in a group that Tab stops at, the arrows do the rest
UNMET = """() => {
  const kinds = 'a[href], button, input, textarea, select, summary, [role=slider], [role=combobox], [role=tab], '
    + '[role=button]';
  const all = [document, ...Array.from(document.querySelectorAll('iframe')).map(f => f.contentDocument).filter(d => d)];
  return all.flatMap(d => Array.from(d.querySelectorAll(kinds))).filter(e => {
    const box = e.getBoundingClientRect();
    const usable = box.width > 1 && box.height > 1 && !e.disabled && e.checkVisibility({ visibilityProperty: true });
    const group = e.closest('[role=radiogroup], [role=tablist]');
    const led = e.tabIndex < 0 && e.closest('[role=group], [role=application], [data-tag], .react-aria-ComboBox, '
      + '[data-testid=stNumberInput], [data-testid=stFileUploader], [data-testid=stDataFrame], .stSelectbox');
    return usable && !led && !window.__met.has(e) && !(group && Array.from(window.__met).some(m => group.contains(m)));
  }).map(e => e.outerHTML.slice(0, 200));
}"""


def tabbed(page: Page) -> list[dict[str, Any]]:
    """Everything that Tab stops at, from the head of a page until it leaves it."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(FOCUSED)
        if stop["tag"] == "BODY" or (stop["again"] and not stop["grid"]):
            return stops
        stops.append(stop)
    raise AssertionError(f"Tab never left: {stops[-1]['html']}")


def test_tab_alone_reaches_every_control_of_every_page(guarded: Guarded, server: Server) -> None:
    page = guarded.page(server.base, WIDE)
    page.emulate_media(reduced_motion="reduce")
    wrong: list[str] = []
    for name, address in KEYBOARD.items():
        seen(page, server.base, address)
        if name == "start":
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.press("Escape")  # the tour of a new reader
            expect(page.get_by_role("dialog")).to_have_count(0)
        maps = page.locator(f'iframe[title="{MAP_TITLE}"]')
        for at in range(maps.count()):
            expect(maps.nth(at).content_frame.locator(".jq-stop")).to_have_count(1)
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        stops = tabbed(page)
        wrong += [f"{name}: no name: {stop['html']}" for stop in stops if not stop["name"]]
        wrong += [f"{name}: no ring: {stop['ringless']}" for stop in stops if stop["ringless"]]
        wrong += [f"{name}: not to be seen: {stop['html']}" for stop in stops if not (stop["seen"] or stop["grid"])]
        wrong += [f"{name}: not reached: {html}" for html in page.evaluate(UNMET)]
        assert maps.count() == 0 or any(stop["framed"] for stop in stops)
        assert not stops[-1]["framed"], "Tab leaves the map"
    assert wrong == [], "\n".join(wrong)


def test_keys_do_what_a_mouse_does(visit: Callable[..., Reader], t: Words) -> None:
    """On the overview: the year by arrows, a popover, the map with its buttons, layers and marks, the origin, a row."""
    reader = visit("overview")
    page, keys = reader.page, reader.page.keyboard

    def focused() -> str:
        return str(page.evaluate(f"() => ({FOCUSED})().name"))

    reader.choice("language", "中文").focus()
    reader.choice("year", "2021").focus()
    keys.press("ArrowLeft")
    keys.press("Space")
    reader.at(year="2020").settled()
    share = reader.key("share").get_by_role("button").first
    share.press("Enter")
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)

    reader.key("download_map").get_by_role("button").focus()
    keys.press("Tab")
    assert focused() == t("map.map")
    before = reader.view()
    keys.press("ArrowRight")
    before = reader.view_at_rest(before)
    keys.press("Tab")
    assert focused() == t("map.zoom_in")
    keys.press("Enter")
    before = reader.view_at_rest(before)
    keys.press("Tab")
    keys.press("Tab")
    assert focused() == t("map.home")
    keys.press("Enter")
    reader.view_at_rest(before)
    reader.quiet()  # the page draws the map once more, without a focus
    keys.press("Tab")
    assert focused() == t("map.layers")
    keys.press("Enter")
    reader.map_until(AT_A_SWITCH)
    keys.press("Escape")
    assert focused() == t("map.layers")

    keys.press("Tab")  # the inset
    keys.press("Tab")
    first = focused()
    keys.press("End")
    assert focused() != first
    keys.press("Home")
    assert focused() == first
    keys.press("Enter")
    reader.card_says(first.split()[0])
    reader.settled().quiet()  # a redraw that comes late would open the card again
    assert focused() == first, "the same mark after the redraw"
    keys.press("Tab")
    assert focused() == t("map.close")
    keys.press("Escape")
    expect(reader.popup).to_have_count(0)
    assert focused() == first
    keys.press("Tab")
    assert not page.evaluate(f"() => ({FOCUSED})().framed")

    origin = reader.key("origin-overview").get_by_role("button")
    origin.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("stMetricValue")).to_be_visible()
    reader.rested()
    for _ in range(30):
        keys.press("Tab")
        assert page.evaluate("() => Boolean(document.activeElement.closest('[role=dialog]'))"), "it stays in the dialog"
    reader.quiet()  # a grid takes the focus once more in the frame after a key
    dialog.get_by_role("button").first.press("Escape")  # in a grid the first Escape is the grid's
    expect(dialog).to_have_count(0)
    expect(origin).to_be_focused()

    reader.quiet().key("download_map").get_by_role("button").focus()
    for _ in range(12):
        keys.press("Tab")
        if reader.frame.evaluate("() => document.activeElement.matches('.leaflet-control-layers-toggle')"):
            break
    keys.press("Enter")
    reader.map_until(AT_A_SWITCH)
    keys.press("Space")
    reader.at(hide="districts")

    page.goto(f"{reader.base}/district?district=440305")
    reader.settled()
    expect(reader.rows("firms").first).to_be_attached()
    reader.key("firms").get_by_test_id("stElementToolbar").get_by_role("button").last.focus()
    keys.press("Tab")
    expect(reader.key("firms").locator('td[aria-selected="true"]')).to_be_attached()
    keys.press("ArrowDown")
    keys.press("Shift+Space")
    page.wait_for_url(re.compile("focus=firm"))

    page.goto(f"{reader.base}/data")
    upload = reader.key("upload").locator("button")
    with page.expect_file_chooser():
        upload.press("Enter")
