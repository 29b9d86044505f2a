"""A drawing put into a page: its ids are its own there, and nothing in it runs or links outside.

Drawings are our own, but names in them come from files; this is the second lock behind the escaping of the drawing.
"""

import re
from xml.etree import ElementTree

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_PARTS = {"svg", "g", "defs", "symbol", "use", "title", "desc", "style", "clipPath", "mask", "pattern", "marker"}
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "image"}
_ALLOWED = _PARTS | _SHAPES | {"linearGradient", "stop"}
_REFERENCE = re.compile(r"url\(\s*#([^)\s]+)\s*\)")
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(", re.IGNORECASE)


def inline_svg(svg: str, prefix: str, alt: str) -> str:
    """The drawing as an element of a page.

    Parameters
    ----------
    svg : str
        A whole SVG document.
    prefix : str
        Put before every id, so that two drawings of a page do not share one.
    alt : str
        What it shows, for readers who do not see it.

    Raises
    ------
    ValueError
        When it declares entities, which could grow without end.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    if "<!ENTITY" in svg:
        raise ValueError("a drawing declares entities; ours do not")
    root = ElementTree.fromstring(svg)  # noqa: S314  our own drawings, without entities
    _clean(root, prefix)
    width, height = root.attrib.pop("width", ""), root.attrib.pop("height", "")
    if "viewBox" not in root.attrib and width and height:
        root.set("viewBox", f"0 0 {_number(width)} {_number(height)}")
    root.attrib |= {"role": "img", "aria-label": alt}
    return ElementTree.tostring(root, encoding="unicode")


def _clean(element: ElementTree.Element, prefix: str) -> None:
    for child in list(element):
        if not isinstance(child.tag, str) or child.tag.removeprefix(f"{{{_SVG}}}") not in _ALLOWED:
            element.remove(child)
        else:
            _clean(child, prefix)
    for name, value in list(element.attrib.items()):
        plain = name.rpartition("}")[2]
        if plain.lower().startswith("on") or _OUTSIDE.search(value):
            del element.attrib[name]
        elif plain == "id":
            element.set(name, prefix + value)
        elif plain == "href":
            _set_link(element, name, value, prefix)
        else:
            element.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", value))
    if element.tag == f"{{{_SVG}}}style" and _OUTSIDE.search(element.text or ""):
        element.text = ""


def _set_link(element: ElementTree.Element, name: str, value: str, prefix: str) -> None:
    if value.startswith("#"):
        element.set(name, f"#{prefix}{value[1:]}")
    elif not value.startswith("data:image/png;base64,"):
        del element.attrib[name]


def _number(length: str) -> str:
    return length.rstrip("ptxcmin%")
