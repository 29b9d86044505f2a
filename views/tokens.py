"""Colours and seals: the tokens of the look, read from ``data/reference``.

A subsector is a seal: a rounded square with one character. The character is the code, the colour only helps.
"""

import html
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

import pandas as pd

from clusters.tiers import ScaleTier
from data.sources import REFERENCE
from geo.layer_records import Palette
from views.words import Language

Theme = Literal["light", "dark"]
DARK_INK, LIGHT_INK = "#10181D", "#FFFFFF"


@dataclass(frozen=True)
class Tokens:
    """The look in one theme: colours of the map, further colours of the page, inks of a goal met or short of
    it, tier fills with their ink."""

    theme: Theme
    palette: Palette
    panel: str
    outline: str
    met: str
    short: str
    tier: dict[ScaleTier, tuple[str, str]]


@dataclass(frozen=True)
class Seal:
    """Mark of a subsector: its character, its fill and an ink that reads on it."""

    character: str
    fill: str
    ink: str

    def data_uri(self, size: int = 44) -> str:
        """The seal as an image for table columns and charts."""
        svg = (
            f"<svg xmlns='http://www.w3.org/2000/svg' width='{size}' height='{size}' viewBox='0 0 22 22'>"
            f"<rect x='1' y='1' width='20' height='20' rx='4' fill='{self.fill}'/>"
            f"<text x='11' y='15.6' text-anchor='middle' fill='{self.ink}' "
            f"style='font:700 {13 if len(self.character) == 1 else 10.5}px sans-serif'>"
            f"{html.escape(self.character)}</text></svg>"
        )
        return "data:image/svg+xml," + quote(svg, safe=" '<>=/:")


@lru_cache(maxsize=2)
def tokens(theme: Theme) -> Tokens:
    """Tokens of a theme."""
    table: dict[str, Any] = tomllib.loads((REFERENCE / "palette.toml").read_text("utf-8"))[theme]
    extra = {key: table.pop(key) for key in ("panel", "outline", "met", "short", "tier")}
    listed = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Tokens(
        theme,
        Palette(**listed),
        extra["panel"],
        extra["outline"],
        extra["met"],
        extra["short"],
        {ScaleTier(name): (fill, ink) for name, (fill, ink) in extra["tier"].items()},
    )


@lru_cache(maxsize=4)
def seals(theme: Theme, language: Language) -> dict[str, Seal]:
    """Seal of each subsector of the bundled plan by id."""
    rows = pd.read_csv(REFERENCE / "subsectors.csv", dtype=str, keep_default_na=False).to_dict("records")
    return {r["subsector_id"]: Seal(r[f"seal_{language}"], r[theme], ink_on(r[theme])) for r in rows}


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two #RRGGBB colours, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ink_on(fill: str) -> str:
    """The better of a light and a dark ink on a fill."""
    return max(LIGHT_INK, DARK_INK, key=lambda ink: contrast(fill, ink))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
