"""No link leaves the machine, and a name is text in every sink."""

import html
import json
import subprocess
import sys
from pathlib import Path

import folium
import folium.plugins
import pytest
from folium.elements import JSCSSMixin
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from geo import web_assets
from geo.errors import AssetsMissing, GeoError
from geo.web_assets import (
    FONTS,
    LIBRARIES,
    inline_html,
    js_safe,
    library_address,
    package_of,
    use_local_libraries,
    web_base,
)

ROOT = Path(__file__).parents[2]
PRODUCT = str(1234567 * 3)
EVALUATED = "企业{{ 1234567 * 3 }}"


@given(st.text())
def test_a_reader_sees_safe_text_as_it_was(text: str) -> None:
    assert html.unescape(js_safe(text)) == html.unescape(html.escape(text))


@given(st.text(alphabet="{}%#`$\\<>&\"'ab企 \n"))
def test_safe_text_holds_no_character_that_a_template_or_html_would_read(text: str) -> None:
    assert not set("{}`$\\<>\"'") & set(js_safe(text))


def test_every_folium_class_links_to_our_own_files_alone() -> None:
    use_local_libraries()
    linked = [
        address
        for cls in web_assets._subclasses(JSCSSMixin)
        for attribute in ("default_js", "default_css")
        for _, address in cls.__dict__.get(attribute, [])
    ]
    assert linked
    assert all(address.startswith(web_base()) for address in linked)


def test_using_local_libraries_twice_changes_nothing_more() -> None:
    use_local_libraries()
    once = list(folium.Map.default_js)
    use_local_libraries()
    assert list(folium.Map.default_js) == once


def test_an_inlined_page_holds_the_libraries_and_no_link() -> None:
    page = inline_html(
        f'<script src="{library_address("leaflet")}"></script>'
        f'<link rel="stylesheet" href="{library_address("leaflet_css")}"/>'
    )
    assert "L.map" in page or "leafletjs" in page
    assert "data:image/png;base64," in page
    assert " src=" not in page.split("<style>")[0].split(">")[0]
    assert web_base() not in page


@pytest.mark.parametrize(
    "left",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css"/>',
        "<SCRIPT async SRC='http://cdn.example/x.js'></SCRIPT>",
    ],
)
def test_a_page_with_a_remote_link_is_refused(left: str) -> None:
    with pytest.raises(GeoError, match="other hosts"):
        inline_html(f"<html>{left}</html>")


def test_missing_libraries_are_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_assets, "VENDOR", tmp_path)
    with pytest.raises(AssetsMissing, match="make install"):
        web_assets.check_fetched()
    with pytest.raises(AssetsMissing, match=r"NotoSansSC_400Regular.*make install"):
        web_assets.font_files()


def test_the_fonts_for_paper_write_chinese_and_stand_beside_their_licence() -> None:
    for file in web_assets.font_files():
        with TTFont(file, lazy=True) as font:
            assert font["name"].getDebugName(1) == web_assets.FONT_FAMILY or font["name"].getDebugName(16)
            assert {ord(ch) for ch in "深圳龙岗集群图亿元★☆"} <= set(font.getBestCmap())
    package = web_assets.VENDOR / package_of(FONTS[0])
    assert "SIL OPEN FONT LICENSE" in (package / "LICENSE_FONT").read_text("utf-8").upper()


def test_the_lock_pins_every_library_by_hash_and_names_no_registry() -> None:
    lock = json.loads((ROOT / "assets" / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    wanted = {package_of(path) for path in (*LIBRARIES.values(), *FONTS) if not path.startswith("own:")}
    assert {name.removeprefix("node_modules/") for name in packages} >= wanted
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages.values())


_RENDER = """
import sys, folium
from geo.web_assets import install_render_patch, js_safe
name = {name!r}
if {patched}: install_render_patch()
m = folium.Map([22.6, 114.1], tiles=None)
folium.CircleMarker([22.6, 114.1], popup=name, tooltip=name).add_to(m)
folium.FeatureGroup(name=name).add_to(m)
folium.Marker([22.6, 114.1], icon=folium.DivIcon(html=name)).add_to(m)
folium.GeoJson({{"type": "Point", "coordinates": [114.1, 22.6], "properties": {{"n": name}}}}).add_to(m)
folium.LayerControl().add_to(m)
sys.stdout.reconfigure(encoding="utf-8")
print(m.get_root().render())
"""


def _render(name: str, *, patched: bool) -> str:
    """Page of a map with a name in every common sink, from a process of its own."""
    code = _RENDER.format(name=name, patched=patched)
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True).stdout


def test_a_raw_name_runs_on_the_server_without_our_patch() -> None:
    assert PRODUCT in _render(EVALUATED, patched=False)


def test_a_raw_name_is_never_evaluated_with_our_patch() -> None:
    assert PRODUCT not in _render(EVALUATED, patched=True)


def test_a_safe_name_is_never_evaluated_even_without_the_patch() -> None:
    page = _render(js_safe(EVALUATED), patched=False)
    assert PRODUCT not in page
    assert "1234567 * 3" in page


def test_a_broken_template_tag_in_a_name_leaves_the_map_whole() -> None:
    page = _render("bad name {% if %} {# open", patched=True)
    assert "bad name" in page
    assert "</html>" in page
