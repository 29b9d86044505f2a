"""Live values of points: a grid over the city with the firms of one subsector, and clusters found on the ground.

Only firms whose own point or park is known take part, of all years: a place has no year. The subsector is the one with
the most such firms.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from clusters.city_grid import city_grid
from clusters.found_clusters import FoundClusters, find_clusters
from clusters.goals import Board
from clusters.hot_spot_cells import HotSpotKind, hot_spot_cells
from clusters.hot_spots import local_morans_i
from clusters.permutation_tests import DrawnP, global_permutation_p
from clusters.spatial_autocorrelation import GlobalStatistic, gearys_c, getis_ord_general_g, morans_i
from clusters.spatial_weights import grid_contiguity
from data import columns as c
from views.methods_distances import placed_firms
from views.methods_facts import SEED, Value, kept, of_firms, p_text
from views.words import Words

DRAWS = 9_999
RESAMPLED_FIRMS = 500
"""Above this many firms clusters are found and not resampled, so that the page answers at once."""


class Grid(NamedTuple):
    """Firms of one subsector in the cells of the city, and what tests say of them."""

    subsector: str
    cells: pd.DataFrame
    firms: int
    imprecise: int
    moran: GlobalStatistic
    geary: GlobalStatistic
    general_g: GlobalStatistic
    drawn: DrawnP
    alike: int


@of_firms
def _morans_i(board: Board, t: Words) -> str | None:
    found = _grid(board)
    return None if found is None else _global("morans_i", found, found.moran, t)


@of_firms
def _gearys_c(board: Board, t: Words) -> str | None:
    found = _grid(board)
    return None if found is None else _global("gearys_c", found, found.geary, t)


@of_firms
def _getis_ord_general_g(board: Board, t: Words) -> str | None:
    found = _grid(board)
    return None if found is None else _global("getis_ord_general_g", found, found.general_g, t)


@of_firms
def _getis_ord_g(board: Board, t: Words) -> str | None:
    found = _grid(board)
    if found is None:
        return None
    kinds = found.cells[c.KIND]
    return t(
        "methods.value.getis_ord_g",
        **_named(found, t),
        hot=int((kinds == HotSpotKind.HOT).sum()),
        cold=int((kinds == HotSpotKind.COLD).sum()),
        p=p_text(found.cells[c.P_ADJUSTED].min()),
        draws=f"{DRAWS:,}",
    )


@of_firms
def _local_morans_i(board: Board, t: Words) -> str | None:
    found = _grid(board)
    return None if found is None else t("methods.value.local_morans_i", **_named(found, t), alike=found.alike)


@of_firms
def _global_permutation_p(board: Board, t: Words) -> str | None:
    found = _grid(board)
    if found is None:
        return None
    return t(
        "methods.value.global_permutation_p",
        **_named(found, t),
        p=p_text(found.drawn.p),
        draws=f"{found.drawn.draws:,}",
        normal=p_text(found.moran.p_rand),
    )


@of_firms
def _local_permutation_p(board: Board, t: Words) -> str | None:
    found = _grid(board)
    if found is None:
        return None
    return t(
        "methods.value.local_permutation_p", **_named(found, t), p=p_text(found.cells[c.P].min()), draws=f"{DRAWS:,}"
    )


@of_firms
def _fdr_adjusted_p(board: Board, t: Words) -> str | None:
    found = _grid(board)
    if found is None:
        return None
    tested = found.cells[found.cells[c.TESTED]]
    return t(
        "methods.value.fdr_adjusted_p",
        **_named(found, t),
        before=int((tested[c.P] <= 0.05).sum()),
        after=int((tested[c.P_ADJUSTED] <= 0.05).sum()),
    )


@of_firms
def _delineate_clusters(board: Board, t: Words) -> str | None:
    found = _clusters(board)
    facts = found.facts
    return t(
        "methods.value.delineate_clusters",
        n=facts["delineated"],
        places=facts["places"],
        least=facts["min_firms"],
        reach=f"{facts['most_reach_m']:,.0f}",
        found=len(found.clusters),
        scattered=int(found.rest[c.FIRMS]["noise"]),
    )


@of_firms
def _find_clusters(board: Board, t: Words) -> str | None:
    found = _clusters(board)
    firms = int(found.clusters[c.FIRMS].sum() + found.rest[c.FIRMS].sum())
    inside = int(found.clusters[c.TOTAL_CNY].sum())
    return t(
        "methods.value.find_clusters",
        n=firms,
        delineated=found.facts["delineated"],
        found=len(found.clusters),
        inside=t.money(inside),
        share=t.share(inside / found.total_cny if found.total_cny else None),
        left=firms - int(found.facts["delineated"]),
    )


@of_firms
def _cluster_stability(board: Board, t: Words) -> str | None:
    found = _clusters(board)
    if found.clusters.empty or not found.facts["resamples"]:
        return t("methods.value.cluster_stability_none", n=found.facts["delineated"], found=len(found.clusters))
    largest = found.clusters.iloc[0]
    return t(
        "methods.value.cluster_stability",
        found=len(found.clusters),
        n=int(largest[c.FIRMS]),
        value=f"{largest['stability']:.2f}",
        word=t(f"methods.stability.{largest['stability_word']}"),
        resamples=found.facts["resamples"],
    )


# ---------------------------------------------------------------- facts


@kept
def _grid(board: Board) -> Grid | None:
    """``None`` where no subsector of the plan has a firm whose point is known."""
    placed = placed_firms(board)
    if placed is None:
        return None
    subsector = placed.subsector
    rng = np.random.default_rng(SEED)
    found = hot_spot_cells(board.dataset, subsector, rng=rng, draws=DRAWS)
    values = found.cells[c.WEIGHTED_FIRMS].to_numpy(float)
    weights = grid_contiguity(city_grid(board.dataset.districts).inside)
    local = local_morans_i(values, weights).to_numpy()
    return Grid(
        subsector=subsector,
        cells=pd.DataFrame(found.cells[[c.P, c.P_ADJUSTED, c.TESTED, c.KIND]]),
        firms=found.firms,
        imprecise=found.imprecise_firms,
        moran=morans_i(values, weights),
        geary=gearys_c(values, weights),
        general_g=getis_ord_general_g(values, weights),
        drawn=global_permutation_p(values, weights, rng=rng),
        alike=int(((local > 0) & (values > values.mean())).sum()),
    )


@kept
def _clusters(board: Board) -> FoundClusters:
    resamples = None if len(board.dataset.firms) <= RESAMPLED_FIRMS else 0
    return find_clusters(board.dataset, year=board.year, place=board.place, resamples=resamples)


def _global(measure_id: str, found: Grid, statistic: GlobalStatistic, t: Words) -> str | None:
    """``None`` where nobody differs, or too few do for a variance."""
    if np.isnan(statistic.z_rand):
        return None
    return t(
        f"methods.value.{measure_id}",
        **_named(found, t),
        value=f"{statistic.value:.4f}".replace("-", "−"),
        expected=f"{statistic.expected:.4f}".replace("-", "−"),
        z=f"{statistic.z_rand:.2f}".replace("-", "−"),
        p=p_text(statistic.p_rand),
    )


def _named(found: Grid, t: Words) -> dict[str, object]:
    return {
        "subsector": t(f"subsector.{found.subsector}"),
        "n": found.firms,
        "left": found.imprecise,
        "tested": f"{int(found.cells[c.TESTED].sum()):,}",
    }


PLACES: Mapping[str, Value] = {
    "morans_i": _morans_i,
    "gearys_c": _gearys_c,
    "getis_ord_general_g": _getis_ord_general_g,
    "getis_ord_g": _getis_ord_g,
    "local_morans_i": _local_morans_i,
    "global_permutation_p": _global_permutation_p,
    "local_permutation_p": _local_permutation_p,
    "fdr_adjusted_p": _fdr_adjusted_p,
    "delineate_clusters": _delineate_clusters,
    "find_clusters": _find_clusters,
    "cluster_stability": _cluster_stability,
}
