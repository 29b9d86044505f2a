"""What a map is told to draw: colours, cards, areas, stacks of points, legends, insets, focus and frame.

All text in them is plain text; it is made safe where it becomes markup.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from shapely.geometry.base import BaseGeometry

from geo.atlas import Atlas
from geo.web_assets import js_safe

Ring = Literal["exact", "park", "grid", "street", "district"]
NO_DATA = -1

Bounds = tuple[tuple[float, float], tuple[float, float]]
"""South-west and north-east corner as (lat, lon), the order of Leaflet."""


@dataclass(frozen=True)
class Palette:
    """Colours of a map, as CSS values; ``ramp`` runs from low to high with the ink that reads on each step."""

    page: str
    text: str
    muted: str
    line: str
    accent: str
    ground: str
    no_data: str
    edge: str
    edge_no_data: str
    halo: str
    ramp: tuple[str, ...]
    ramp_ink: tuple[str, ...]

    def css_variables(self) -> dict[str, str]:
        """Names that ``map.css`` reads as ``--jq-NAME``."""
        plain = {name: getattr(self, name) for name in ("page", "text", "muted", "line", "accent", "ground", "halo")}
        steps = {f"ramp{i}": colour for i, colour in enumerate(self.ramp)}
        inks = {f"ink{i}": colour for i, colour in enumerate(self.ramp_ink)}
        return plain | steps | inks


@dataclass(frozen=True)
class Card:
    """What a popup says: a title, rows of label and value, and small print. Plain text throughout."""

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    small: tuple[str, ...] = ()
    seal: str = ""
    seal_fill: str = ""
    seal_ink: str = ""

    def parts(self) -> list[Any]:
        """Title, rows, small print and seal as ``map.js`` builds a popup from them; every text is made safe."""
        rows = [[js_safe(k), js_safe(v)] for k, v in self.rows]
        seal = [js_safe(part) for part in (self.seal, self.seal_fill, self.seal_ink)] if self.seal else []
        return [js_safe(self.title), rows, [js_safe(line) for line in self.small], seal]


@dataclass(frozen=True)
class Area:
    """An area of a choropleth; ``step`` is its class on the ramp, or ``NO_DATA``.

    Its outline is the entry ``district:AREA_ID`` of the atlas. ``lifted`` sets its label above the label point, where a
    stack stands. Without a card a click opens nothing.
    """

    area_id: str
    label: str
    value: str
    step: int
    lon: float
    lat: float
    tip: tuple[str, ...]
    card: Card | None
    focus: bool = False
    lifted: bool = False


@dataclass(frozen=True)
class Stack:
    """One or more points at one place, with the precision of that place.

    ``radius_px`` is the drawn radius, ``fill`` empty for a hollow mark; ``uncertainty_m`` draws a ground circle of that
    radius. ``label`` shows beside the mark when the map is near. ``mark`` is a number in the mark, which then keeps its
    size; ``edge`` is the colour of its edge, and of several marks the one that is more in ``front`` lies above.
    """

    kind: str
    stack_id: str
    lon: float
    lat: float
    radius_px: float
    fill: str
    ink: str
    ring: Ring
    tip: tuple[str, ...]
    cards: tuple[Card, ...]
    count: int = 1
    label: str = ""
    uncertainty_m: float = 0.0
    mark: str = ""
    edge: str = ""
    front: int = 0


@dataclass(frozen=True)
class Hull:
    """An outline around points that belong together, in degrees, with a number at (lon, lat)."""

    hull_id: str
    outline: BaseGeometry
    label: str
    lon: float
    lat: float
    tip: tuple[str, ...]
    card: Card
    focus: bool = False


@dataclass(frozen=True)
class Badge:
    """A dot with a letter in a box over it, at (lon, lat); a ``minor`` one is smaller and goes when the map is far."""

    badge_id: str
    lon: float
    lat: float
    letter: str
    tip: tuple[str, ...]
    card: Card
    minor: bool = False


@dataclass(frozen=True)
class Key:
    """A line of a legend: a swatch and its words.

    The swatch has a ``fill`` and an ``edge``; ``dot`` makes it round, ``dash`` breaks its edge, ``hatch`` strikes it
    through, ``mark`` puts a letter into it.
    """

    words: str
    fill: str = "transparent"
    edge: str = "transparent"
    dot: bool = False
    dash: Literal["solid", "dashed", "dotted"] = "solid"
    hatch: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Legend:
    """A legend in its own card: titled rows of keys and a line of caveat."""

    rows: tuple[tuple[str, tuple[Key, ...]], ...]
    note: str = ""

    def html(self) -> str:
        """Safe markup of the legend."""
        rows = "".join(
            f'<div class="keys"><h6>{js_safe(title)}</h6>{"".join(_swatch(key) for key in keys)}</div>'
            for title, keys in self.rows
        )
        return rows + (f"<p>{js_safe(self.note)}</p>" if self.note else "")


def _swatch(key: Key) -> str:
    style = f"background-color:{key.fill};border:1.5px {key.dash} {key.edge}"
    kinds = " ".join(name for name, on in (("dot", key.dot), ("hatch", key.hatch), ("mark", bool(key.mark))) if on)
    swatch = f'<i class="{kinds}" style="{style}">{js_safe(key.mark)}</i>'
    return f'<span class="key">{swatch}{js_safe(key.words)}</span>'


@dataclass(frozen=True)
class Inset:
    """A far area drawn in a frame of its own at the top right."""

    area: Area
    title: str
    note: str
    hint: str


@dataclass(frozen=True)
class Focus:
    """What the map goes to when ``name`` changes.

    ``home`` is where the map rests and its home button leads; ``bounds`` is what is in focus, if anything. ``card``
    (kind:id) opens the popup of that feature, at ``at`` (lat, lon) when given. ``clear`` keeps the legend off what the
    map goes to.
    """

    name: str
    home: Bounds
    bounds: Bounds | None = None
    card: str = ""
    at: tuple[float, float] | None = None
    clear: bool = False


@dataclass(frozen=True)
class Frame:
    """What stays on a map while its layers change: first view, printed notice, atlas, words of buttons, watermark.

    ``linked`` maps on one page move together.
    """

    bounds: Bounds
    notice: str
    atlas: Atlas
    words: dict[str, str] = field(default_factory=dict)
    watermark: str = ""
    linked: bool = False


@dataclass(frozen=True)
class Tiles:
    """Points as tiles: counted cells when far, the points themselves from zoom ``points_from`` on.

    ``cells`` and ``points`` are addresses with ``{z}``, ``{x}`` and ``{y}`` left open, ``scale`` with ``{z}``;
    ``layer`` is the name of the layer in a vector tile and ``colours`` the colour of a point by its ``c``.
    ``cell_words`` heads the legend of the cells, with ``{m}`` for the side of a cell in metres, ``point_words`` that of
    the points.
    """

    cells: str
    points: str
    scale: str
    points_from: int
    layer: str
    colours: dict[str, str]
    cell_words: str
    point_words: str


@dataclass(frozen=True)
class Picture:
    """Cells as one picture over ``bounds``, for a document without a server."""

    png: bytes
    bounds: Bounds
    legend: Legend
