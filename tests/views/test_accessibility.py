"""Every page in both themes against the rules of WCAG 2.2 AA that a machine can check (axe), and by keyboard alone.

What axe cannot judge, such as ink on the shapes of a map, is measured by ratio in ``test_tokens``.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.views.conftest import PATIENCE_MS, ROOT, Reader, Server

AXE = ROOT / "assets" / "tests" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async rules => (await axe.run(document, {
  runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'],
})).violations.filter(v => ['serious', 'critical'].includes(v.impact)).flatMap(v => v.nodes.map(
  n => [v.id, n.target.join(' '), n.html.slice(0, 200), n.failureSummary].join(' | ')))"""
AT_REST = "() => document.getAnimations().every(a => a.playState !== 'running')"  # colours fade in
WHOLE = (1440, 7000)  # so high that nothing is below the edge, where colours cannot be seen
ADDRESSES = {
    "start": "",
    "overview": "overview?focus=district:440305&show=ground",
    "district": "district?district=440305",
    "compare": "compare?districts=440305,440304,440306",
    "sites": "sites?subsector=S01&shortlist=P01,P02",
    "gaps": "gaps?subsector=S01",
    "data": "data",
    "methods": "methods?measure=location_quotient",
    "units": "units",
}


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker, fetched with the tools for tests."""
    assert AXE.is_file(), "make install-dev brings the checker"
    return AXE.read_text("utf-8")


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": WHOLE[0], "height": WHOLE[1]}, color_scheme=request.param, locale="zh-CN"
    )
    context.set_default_timeout(3 * PATIENCE_MS)
    yield context.new_page()
    context.close()


def violations(page: Page, axe: str) -> list[str]:
    """Serious breaches of the rules, in the page and in the frames of its maps."""
    for frame in page.frames:
        frame.evaluate(axe)
    found: Any = page.evaluate(RUN, RULES)
    return list(found)


def test_no_page_breaks_a_rule(page: Page, axe: str, server: Server) -> None:
    found = {}
    for name, address in ADDRESSES.items():
        page.goto(f"{server.base}/{address}")
        expect(page.get_by_test_id("stCaptionContainer").last).to_be_visible()  # the foot is drawn last
        Reader(page, server.base).rested()
        page.wait_for_function(AT_REST)
        found[name] = violations(page, axe)
    assert not any(found.values()), "\n".join(f"{name}: {each}" for name, all_ in found.items() for each in all_)
