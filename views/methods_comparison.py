"""Live values of districts side by side: likeness, duplication, peers, densities, and what moved them."""

from collections.abc import Mapping

import pandas as pd

from clusters.comparison import district_densities, district_shift_share, district_structure, propose_peers
from clusters.duplication import Verdict, district_pairs
from clusters.errors import BadValue
from clusters.goals import Board
from clusters.profile import FEWEST_FIRMS
from clusters.similarity import DRAWS
from data import columns as c
from views.methods_facts import Value, district_name, matched_with, of_free_firms
from views.words import Words


def _structural_similarity(board: Board, t: Words) -> str | None:
    pairs = _pairs(board)
    enough = pairs[pairs[[c.FIRMS_A, c.FIRMS_B]].min(axis=1) >= FEWEST_FIRMS]
    pairs = enough if len(enough) else pairs
    if pairs.empty:
        return None
    most = pairs.loc[pairs[c.MIX_OF_FIRMS].idxmax()]
    return t(
        "methods.value.structural_similarity",
        a=district_name(board, most[c.DISTRICT_A], t),
        na=f"{most[c.FIRMS_A]:,}",
        b=district_name(board, most[c.DISTRICT_B], t),
        nb=f"{most[c.FIRMS_B]:,}",
        value=f"{most[c.MIX_OF_FIRMS]:.2f}",
    )


def _similarity_test(board: Board, t: Words) -> str | None:
    pairs = _pairs(board)
    if pairs.empty:
        return None
    verdicts = pairs[c.VERDICT].value_counts()
    return t(
        "methods.value.similarity_test",
        pairs=len(pairs),
        duplicates=int(verdicts.get(Verdict.DUPLICATES, 0)),
        chance=int(verdicts.get(Verdict.CHANCE, 0)),
        few=int(verdicts.get(Verdict.FEW, 0)),
        fewest=FEWEST_FIRMS,
        draws=f"{DRAWS:,}",
        seed=pairs.attrs["seed"],
    )


def _propose_peers(board: Board, t: Words) -> str | None:
    counts = district_structure(board.dataset, year=board.year, by="firms", place=board.place)
    if counts.to_numpy().sum() == 0:
        return None
    largest = str(counts.sum(axis=1).idxmax())
    found = propose_peers(counts, largest, most=1)
    if found.empty:
        return None
    peer, row = str(found.index[0]), found.iloc[0]
    return t(
        "methods.value.propose_peers",
        district=district_name(board, largest, t),
        n=f"{counts.loc[largest].sum():,.0f}",
        peer=district_name(board, peer, t),
        m=f"{counts.loc[peer].sum():,.0f}",
        similarity=f"{row[c.SIMILARITY]:.2f}",
        ratio=t.share(row[c.SIZE_RATIO]),
    )


def _district_densities(board: Board, t: Words) -> str | None:
    found = district_densities(board.dataset, year=board.year, place=board.place).dropna(subset=[c.CNY_PER_KM2])
    if found.empty:
        return None
    densest = found.loc[found[c.CNY_PER_KM2].idxmax()]
    return t(
        "methods.value.district_densities",
        district=district_name(board, str(densest.name), t),
        n=f"{int(densest[c.FIRMS]):,}",
        density=t.density(densest[c.CNY_PER_KM2]),
        size=t.money(densest[c.CNY_PER_FIRM]),
        districts=len(found),
    )


@of_free_firms
def _district_shift_share(board: Board, t: Words) -> str | None:
    base = matched_with(board)[1]
    if base is None:
        return None
    try:
        parts = district_shift_share(board.dataset, base_year=base, year=board.year, place=board.place)
    except BadValue:  # a matched total below 0
        return None
    if parts.empty:
        return None
    summed = parts.groupby(level=c.DISTRICT_ID).sum()
    own = summed[c.REGIONAL_EFFECT]
    most = str(own.idxmax())
    return t(
        "methods.value.district_shift_share",
        districts=len(summed),
        base=base,
        year=board.year,
        up=int((own > 0).sum()),
        district=district_name(board, most, t),
        n=f"{int(summed[c.MATCHED_FIRMS][most]):,}",
        regional=t.money(own[most]),
    )


def _pairs(board: Board) -> pd.DataFrame:
    return district_pairs(board.dataset, year=board.year, place=board.place)


COMPARISON: Mapping[str, Value] = {
    "structural_similarity": _structural_similarity,
    "similarity_test": _similarity_test,
    "propose_peers": _propose_peers,
    "district_densities": _district_densities,
    "district_shift_share": _district_shift_share,
}
