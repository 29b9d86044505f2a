"""Colours of the density grid, from few to many."""

import tomllib
from functools import lru_cache

from data.sources import REFERENCE


@lru_cache(maxsize=2)
def density_ramp(theme: str) -> tuple[str, ...]:
    """Colours #RRGGBB of a theme, 'light' or 'dark'."""
    return tuple(tomllib.loads((REFERENCE / "density.toml").read_text("utf-8"))[theme])
