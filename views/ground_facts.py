"""What is said of clusters on the ground, on the map and in the table: amounts that add up with the rest to the city.

The city's total is the one that every other display has. The parts are rounded by largest remainders to it.
"""

from dataclasses import dataclass

import pandas as pd

from clusters.accounts import UNIT_CNY, Amount
from clusters.errors import BadValue
from clusters.found_clusters import FoundClusters
from clusters.goals import Board
from clusters.rounding import round_largest_remainder, shares_of_whole
from data import columns as c
from data.lookup import short_name
from views.figures import accounts_of, scope_words
from views.ground_search import subsectors_searched
from views.selection import Selection
from views.words import Words


@dataclass(frozen=True)
class GroundCluster:
    """One cluster in words and figures; ``stability`` is NaN when nothing was resampled."""

    cluster_id: int
    firms: int
    amount: Amount
    districts: str
    subsectors: str
    top_firm: str
    top1_share: float
    stability: float
    stability_words: str


@dataclass(frozen=True)
class Ground:
    """Clusters, what is in none (by state: amount and firms), and the city's total with its firms."""

    clusters: tuple[GroundCluster, ...]
    rest: dict[str, tuple[Amount, int]]
    city: Amount
    firms: int
    scope: str


def ground_of(found: FoundClusters, board: Board, selection: Selection, t: Words) -> Ground:
    """Everything that a reader is told about what was found."""
    subsectors, scope = subsectors_searched(board, selection), scope_words(board, selection.with_(focus=None), t)
    city = accounts_of(board).total(subsectors=subsectors or None) or Amount(0, 0)
    exact = [*map(int, found.clusters[c.TOTAL_CNY]), *map(int, found.rest[c.TOTAL_CNY])]
    amounts = [Amount(cny, shown) for cny, shown in zip(exact, _shown(exact, city.shown_cny), strict=True)]
    counts = [int(n) for n in found.rest[c.FIRMS]]
    rest = dict(zip(map(str, found.rest.index), zip(amounts[len(found.clusters) :], counts, strict=True), strict=True))
    clusters = [
        _cluster(found, int(str(number)), amount, board, t)
        for number, amount in zip(found.clusters.index, amounts, strict=False)
    ]
    firms = sum(one.firms for one in clusters) + sum(counts)
    return Ground(tuple(clusters), {why: part for why, part in rest.items() if part[1]}, city, firms, scope)


def _shown(exact: list[int], total_cny: int) -> list[int]:
    """What the parts are shown as: they make the total that stands everywhere else."""
    try:
        return round_largest_remainder(exact, UNIT_CNY, total=total_cny)
    except BadValue:  # the total of some subsectors may lie units from its own nearest; see clusters.accounts
        shown = round_largest_remainder(exact, UNIT_CNY)
        largest = max(range(len(exact)), key=lambda at: abs(exact[at]))
        shown[largest] += total_cny - sum(shown)
        return shown


def _cluster(found: FoundClusters, number: int, amount: Amount, board: Board, t: Words) -> GroundCluster:
    row = found.clusters.loc[number]
    label = board.dataset.districts[c.LABEL_ZH if t.language == "zh" else c.LABEL_EN]
    here = found.districts[found.districts["cluster_id"] == number].set_index(c.DISTRICT_ID)[c.TOTAL_CNY]
    crossed = [
        f"{label.get(district, t('word.unplaced'))} {t.share(share)}" if len(here) > 1 else str(label.get(district))
        for district, share in shares_of_whole(here.astype(object)).items()
    ]
    kinds = [f"subsector.{s}" for s in str(row["main_subsectors"]).split(";")]
    return GroundCluster(
        number,
        int(row[c.FIRMS]),
        amount,
        t.listed(crossed),
        t.listed([t(kind) if kind in t else t("word.no_data") for kind in kinds]),
        short_name(board.dataset, row[c.TOP_FIRM_ID]),
        float(row[c.TOP1_SHARE]),
        float(row["stability"]),
        _stability(row, found, t),
    )


def _stability(row: "pd.Series", found: FoundClusters, t: Words) -> str:
    if not isinstance(row["stability_word"], str):
        return t("ground.not_resampled")
    word = t(f"ground.{row['stability_word']}")
    return t("ground.stability", word=word, value=f"{row['stability']:.2f}", n=found.facts["resamples"])


def what_it_tells(found: FoundClusters, board: Board, t: Words) -> list[str]:
    """Sentences on what these clusters can tell and what they cannot."""
    facts, firms = found.facts, int(found.clusters[c.FIRMS].sum()) + int(found.rest[c.FIRMS].sum())
    said = [t("ground.based_on", year=board.year, n=f"{facts['delineated']:,}", of=f"{firms:,}")]
    said.append(t("ground.rule", least=f"{facts['min_firms']:,}"))
    words = found.clusters["stability_word"]
    if (shaky := int((words == "unstable").sum())) > 0:
        said.append(t("ground.shaky", n=shaky, of=len(words), draws=facts["resamples"]))
    if len(words) and not facts["resamples"]:
        said.append(t("ground.unknown_stability"))
    if found.approximate:
        said.append(t("ground.approximate", m=f"{float(str(facts['cell_m'])):,.0f}"))
    if board.dataset.synthetic and int(found.rest[c.FIRMS].get("street", 0)):
        said.append(t("ground.synthetic"))
    return [*said, t("ground.no_goal")]
