"""Live values of the distances between firms: Ripley's K, the nearest firm, the K-density, beside firms in general.

Only firms whose own point or park is known take part, of all years: a place has no year. The subsector is the one with
the most such firms; with few of them a sentence says that it is an illustration.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from clusters.envelopes import Envelope
from clusters.goals import Board
from clusters.k_density import k_density_envelope
from clusters.ripley import clark_evans, ripleys_k, ripleys_k_envelope
from data import columns as c
from data.dataset import firm_column
from data.parts import firm_parts
from geo.crs import metric_crs, to_metric
from views.methods_facts import FEW_FIRMS, PRECISE, SEED, Value, kept, of_firms, p_text
from views.words import Words

RADIUS_M = 1_000
RADII_M = tuple(range(250, 5_001, 250))
LABELLINGS = 999
MOST_MEMBERS = 300
"""Of more firms of a subsector the page does not take the distances."""
SIMPLIFY_M = 50.0
"""The outline of the city that corrects for its border is taken as exactly as this, and wide enough for every firm."""


class Placed(NamedTuple):
    """Firms whose points are known, each once, in metres; members are those with a part in the subsector."""

    subsector: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    members: NDArray[np.bool_]
    city: Any

    @property
    def number(self) -> int:
        """Firms of the subsector."""
        return int(self.members.sum())


class Pattern(NamedTuple):
    """What distances between the subsector's firms say; bands are beside firms in general."""

    k_m2: float
    k_band: Envelope
    nearest: float
    density_band: Envelope


@of_firms
def _ripleys_k(board: Board, t: Words) -> str | None:
    return _of_pattern(
        "ripleys_k",
        board,
        t,
        lambda found: {
            "value": f"{found.k_m2 / 1e6:.1f}",
            "even": f"{np.pi * RADIUS_M**2 / 1e6:.1f}",
            "radius": f"{RADIUS_M:,}",
        },
    )


@of_firms
def _ripleys_l(board: Board, t: Words) -> str | None:
    return _of_pattern(
        "ripleys_l",
        board,
        t,
        lambda found: {
            "value": f"{np.sqrt(found.k_m2 / np.pi) - RADIUS_M:,.0f}".replace("-", "−"),
            "radius": f"{RADIUS_M:,}",
        },
    )


@of_firms
def _ripleys_k_envelope(board: Board, t: Words) -> str | None:
    return _of_pattern("ripleys_k_envelope", board, t, lambda found: _band(found.k_band, t))


@of_firms
def _clark_evans(board: Board, t: Words) -> str | None:
    return _of_pattern("clark_evans", board, t, lambda found: {"value": f"{found.nearest:.2f}"})


@of_firms
def _k_density(board: Board, t: Words) -> str | None:
    return _of_density(
        "k_density",
        board,
        t,
        lambda found: {
            "value": f"{1_000 * found.density_band.observed[found.density_band.radii == RADIUS_M][0]:.3f}",
            "radius": f"{RADIUS_M:,}",
            "bandwidth": f"{found.density_band.bandwidth_m:,.0f}",
        },
    )


@of_firms
def _k_density_envelope(board: Board, t: Words) -> str | None:
    return _of_density("k_density_envelope", board, t, lambda found: _band(found.density_band, t))


# ---------------------------------------------------------------- facts


@kept
def placed_firms(board: Board) -> Placed | None:
    """``None`` where no subsector of the plan has a firm whose point is known to be in the city."""
    parts = firm_parts(board.dataset.firms)
    table = parts.firms
    precise = firm_column(table, c.LOCATION_PRECISION).isin(PRECISE).to_numpy(bool)
    lon, lat = (pd.to_numeric(firm_column(table, name)).to_numpy(float, na_value=np.nan) for name in (c.LON, c.LAT))
    crs = metric_crs(float(board.dataset.districts.total_bounds[[0, 2]].mean()))
    x, y = to_metric(lon, lat, crs=crs)
    city = board.dataset.districts.geometry.to_crs(crs).union_all()
    shapely.prepare(city)
    here = precise & np.isfinite(x) & shapely.intersects_xy(city, x, y)
    known = table[c.SUBSECTOR_ID].astype(object)[here]
    numbers = known[known.isin([each.id for each in board.plan.subsectors])].value_counts()
    if numbers.empty:
        return None
    subsector = str(numbers.sort_index().idxmax())
    firm, rows = np.unique(parts.firm[here], return_index=True)
    members = np.isin(firm, parts.firm[here][(known == subsector).to_numpy()])
    return Placed(subsector, x[here][rows], y[here][rows], members, city)


@kept
def _pattern(board: Board) -> Pattern | None:
    """``None`` where the subsector has no two firms, or more than can be taken pair by pair while a page waits."""
    found = placed_firms(board)
    if found is None or not 2 <= found.number <= MOST_MEMBERS:
        return None
    x, y, area = found.x[found.members], found.y[found.members], found.city.simplify(SIMPLIFY_M).buffer(2 * SIMPLIFY_M)
    rng = np.random.default_rng(SEED)
    drawn = {"radii": RADII_M, "rng": rng, "draws": LABELLINGS}
    return Pattern(
        k_m2=float(ripleys_k(x, y, radii=[RADIUS_M], area=area)[0]),
        k_band=ripleys_k_envelope(found.x, found.y, found.members, area=area, correction="none", **drawn),
        nearest=clark_evans(x, y, area_m2=found.city.area),
        density_band=k_density_envelope(found.x, found.y, found.members, **drawn),
    )


def _of_pattern(measure_id: str, board: Board, t: Words, facts: Callable[[Pattern], dict[str, object]]) -> str | None:
    """A sentence on distances, or that there are too many of them."""
    placed, found = placed_firms(board), _pattern(board)
    if placed is None or placed.number < 2:
        return None
    named = {"subsector": t(f"subsector.{placed.subsector}"), "n": placed.number}
    if found is None:
        return t("methods.no_value.many_pairs", **named, most=MOST_MEMBERS)
    said = t(f"methods.value.{measure_id}", **named, **{"sites": len(placed.x)} | facts(found))
    few = placed.number < FEW_FIRMS
    return t.sentences([said, t("methods.no_value.few", few=FEW_FIRMS)]) if few else said


def _of_density(measure_id: str, board: Board, t: Words, facts: Callable[[Pattern], dict[str, object]]) -> str | None:
    placed, found = placed_firms(board), _pattern(board)
    if placed is not None and found is not None and np.isnan(found.density_band.bandwidth_m):
        return t("methods.value.k_density_none", subsector=t(f"subsector.{placed.subsector}"), n=placed.number)
    return _of_pattern(measure_id, board, t, facts)


def _band(band: Envelope, t: Words) -> dict[str, object]:
    verdict = "undecided"
    if (band.observed > band.global_high).any():
        verdict = "gathers"
    elif (band.observed < band.global_low).any():
        verdict = "keeps_apart"
    return {
        "p": p_text(band.p_value),
        "draws": band.draws,
        "low": f"{band.radii[0]:,.0f}",
        "high": f"{band.radii[-1]:,.0f}",
        "verdict": t(f"methods.value.{verdict}"),
    }


DISTANCES: Mapping[str, Value] = {
    "ripleys_k": _ripleys_k,
    "ripleys_l": _ripleys_l,
    "ripleys_k_envelope": _ripleys_k_envelope,
    "clark_evans": _clark_evans,
    "k_density": _k_density,
    "k_density_envelope": _k_density_envelope,
}
