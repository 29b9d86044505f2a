"""Drawings for paper: vector SVG by matplotlib, in our own font, whose text stays text.

Figures are made without ``pyplot``, which is not safe among threads. What a name holds is written as it is: no
mathematics is read from ``$``, and a character that the font lacks becomes □. Sizes are those on A4: a drawing of
``FULL_IN`` fills the text, and a text of 8 points is one of 8 points.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.patheffects import Stroke
from matplotlib.text import Text

from geo.web_assets import FONT_FAMILY, font_files
from views.document import printable

FULL_IN, HALF_IN = 6.93, 3.31
SMALL_PT, BODY_PT = 7.0, 8.0
LACKING = "□"
SETTINGS = {
    "font.family": [FONT_FAMILY],
    "svg.fonttype": "none",  # text stays text: it can be found and copied, and the reader's font may draw it
    "svg.hashsalt": "jiqun",  # the same drawing gives the same file
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "axes.formatter.use_mathtext": False,
}


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty figure in our font.

    Raises
    ------
    AssetsMissing
        When the fonts were not fetched yet.
    """
    _install()
    figure = Figure(figsize=(width_in, height_in))
    FigureCanvasSVG(figure)
    return figure


def svg_of(figure: Figure) -> str:
    """The figure as an SVG document."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def drawable(text: str) -> str:
    """Text as the font can write it, on one line."""
    known = _characters()
    return "".join(ch if ord(ch) in known else LACKING for ch in " ".join(printable(text).split()))


def shortened(text: str, most: int) -> str:
    """Text of at most ``most`` halves of a Chinese character; a cut is marked."""
    if measure(text) <= most:
        return text
    kept = ""
    for ch in text:
        if measure(kept + ch) > most - 1:
            break
        kept += ch
    return kept + "…"


def measure(text: str) -> int:
    """Length of a text in halves of a Chinese character."""
    return sum(1 + (ch > "\u2e7f") for ch in text)


def wrapped(text: str, most: int) -> list[str]:
    """Text in lines of at most ``most`` halves of a Chinese character, broken at spaces or between characters.

    Examples
    --------
    >>> wrapped("total revenue", 8)
    ['total', 'revenue']
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line and measure(line + piece.rstrip()) > most:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def haloed(axes: Axes, x: float, y: float, text: str, *, halo: str, width_pt: float = 2.0, **style: object) -> Text:
    """Text with a halo behind it; the text itself stays text."""
    kwargs = {"clip_on": True} | style
    axes.text(x, y, text, **kwargs | {"color": halo, "path_effects": [Stroke(linewidth=width_pt, foreground=halo)]})
    return axes.text(x, y, text, **kwargs)


def bare(axes: Axes) -> None:
    """Take away axis and frame."""
    axes.set_axis_off()


def quiet(axes: Axes, line: str, muted: str) -> None:
    """Leave of the frame what a reader needs: small ticks without a box."""
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, labelsize=SMALL_PT, labelcolor=muted)
    axes.grid(color=line, linewidth=0.5)
    axes.set_axisbelow(True)


def spread(wanted: Sequence[float], gap: float, *, most: float = float("inf")) -> list[float]:
    """Places near the wanted ones, at least ``gap`` apart and none beyond ``most``, in the order in which they came."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [wanted[i] for i in order]
    for _ in range(100):
        moved = False
        for low, high in pairwise(range(len(placed))):
            if (lacking := gap - (placed[high] - placed[low])) > 1e-9:
                placed[low] -= lacking / 2
                placed[high] += lacking / 2
                moved = True
        if not moved:
            break
    placed = [min(at, most - gap * above) for above, at in zip(range(len(placed) - 1, -1, -1), placed, strict=True)]
    found = dict(zip(order, placed, strict=True))
    return [found[i] for i in range(len(wanted))]


def _pieces(text: str) -> list[str]:
    pieces, word = [], ""
    for ch in text:
        if ch > "\u2e7f":
            pieces += [word, ch] if word else [ch]
            word = ""
        else:
            word += ch
            if ch == " ":
                pieces.append(word)
                word = ""
    return [*pieces, word] if word else pieces


@lru_cache(maxsize=1)
def _install() -> None:
    """Make the font known and set what every drawing keeps; settings of matplotlib are those of the whole process."""
    for file in font_files():
        fontManager.addfont(str(file))
    matplotlib.rcParams.update(SETTINGS)


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    return frozenset(get_font(str(font_files()[0])).get_charmap())
