"""What a ranking of parks says, as the words and cells that the page, its map and its exports share. No Streamlit here.

Scores are points of a hundred. A value that is missing is said to be missing, with the reason, and is never a zero.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from clusters.site_neighbors import SiteNeighbors
from clusters.site_records import SiteReason
from clusters.site_shortlist import level_groups, side_by_side
from clusters.siting import SiteRanking
from data import columns as c
from data.dataset import Dataset
from views.sites_choices import Order
from views.sites_text import condition_text, said_of, value_text
from views.words import Words

MOST_LISTED, AS_CARDS = 10, 3
REASONS_ON_A_CARD = 3


@dataclass(frozen=True, eq=False)
class Listing:
    """Ranked parks in the order that a reader chose."""

    ranking: SiteRanking
    dataset: Dataset
    order: Order

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ranked parks, the best first."""
        ranks = self.ranking.sites[self._rank_column].dropna()
        return tuple(map(str, ranks.sort_values(kind="stable").index))

    @cached_property
    def level(self) -> "pd.Series[int]":
        """Groups of parks that are as good as each other."""
        column = c.SCORE if self.order == "sum" else c.CLOSENESS
        return level_groups(self.ranking.sites.loc[list(self.ids), column].astype(float))

    def rank(self, park_id: str) -> int:
        """Rank of a ranked park by the chosen order."""
        return int(self.ranking.sites.loc[park_id, self._rank_column])

    def points(self, park_id: str) -> float:
        """Score, or closeness to the ideal, of a hundred."""
        return 100 * float(self.ranking.sites.loc[park_id, c.SCORE if self.order == "sum" else c.CLOSENESS])

    @property
    def tells(self) -> bool:
        """Whether any criterion in use tells the ranked parks apart; if not, their order means nothing."""
        scoring = self.ranking.scoring
        return bool(scoring.weights.drop(list(scoring.constant)).gt(0).any())

    def points_text(self, park_id: str, t: Words) -> str:
        """Points as a reader sees them; that there are none where nothing tells parks apart."""
        points = self.points(park_id)
        return t("sites.points", points=f"{points:.1f}") if self.tells and points == points else t("sites.no_points")

    def level_text(self, park_id: str, t: Words) -> str:
        """With which ranks a park is level; empty when with none."""
        group = self.level[self.level == self.level[park_id]].index
        if len(group) < 2:
            return ""
        ranks = sorted(self.rank(str(p)) for p in group)
        return t("sites.level", first=ranks[0], last=ranks[-1])

    @property
    def _rank_column(self) -> str:
        return str(c.SCORE_RANK if self.order == "sum" else c.CLOSENESS_RANK)


def district_of(dataset: Dataset, park_id: str, t: Words, *, short: bool = True) -> str:
    """Name of a park's district; that it is not known where it is not."""
    chinese = t.language == "zh"
    column = (c.LABEL_ZH if chinese else c.LABEL_EN) if short else (c.NAME if chinese else c.NAME_EN)
    district = dataset.parks[c.DISTRICT_ID].get(park_id)
    return str(dataset.districts[column][district]) if district in dataset.districts.index else t("word.no_data")


def name_of(dataset: Dataset, park_id: str) -> str:
    """Name of a park."""
    return str(dataset.parks[c.NAME][park_id])


def rank_or_dash(value: object) -> str:
    """A rank, or that there is none."""
    return "—" if pd.isna(value) else f"{int(str(value))}"


def ranks_text(listing: Listing, park_id: str, t: Words) -> str:
    """Ranks by both methods."""
    row = listing.ranking.sites.loc[park_id]
    return t("sites.both_ranks", score=rank_or_dash(row[c.SCORE_RANK]), topsis=rank_or_dash(row[c.CLOSENESS_RANK]))


def stability_text(listing: Listing, park_id: str, t: Words) -> str:
    """How often the park is first when weights move, and where it mostly is; by the weighted sum."""
    row, drawn = listing.ranking.sites.loc[park_id], listing.ranking.stability
    if drawn is None or pd.isna(row[c.LOW_RANK]):
        return ""
    span = ranks_between(row[c.LOW_RANK], row[c.HIGH_RANK], t)
    return t("sites.stability", draws=f"{drawn.draws:,}", share=t.share(float(row[c.FIRST_SHARE])), span=span)


def ranks_between(low: object, high: object, t: Words) -> str:
    """Ranks from one to another, or the one."""
    first, last = int(str(low)), int(str(high))
    return t("sites.rank", n=first) if first == last else t("sites.ranks", first=first, last=last)


def missing_text(listing: Listing, park_id: str, t: Words) -> str:
    """What is not known of a park, and where its rank could lie whatever it is; empty when all is known."""
    ranking = listing.ranking
    lacking = [r for r in ranking.reasons(park_id) if r.missing is not None and r.weight > 0]
    if not lacking:
        return ""
    row = ranking.sites.loc[park_id]
    names = t.listed([t(f"site.criterion.{r.criterion}") for r in lacking])
    share = t.share(float(row[c.WEIGHT_COVERAGE]))
    span = ranks_between(row[c.BEST_RANK], row[c.WORST_RANK], t)
    return t("sites.missing", criteria=names, share=share, span=span)


def unchecked_text(listing: Listing, park_id: str, t: Words) -> str:
    """Conditions that are not known to hold; empty when there are none."""
    names = [condition_text(name, t) for name in listing.ranking.unchecked.get(park_id, ())]
    return t("sites.unchecked", conditions=t.listed(names)) if names else ""


def points_text(reason: SiteReason) -> str:
    """What a criterion contributes, in points; a dash where it is missing or the park is not ranked."""
    return "—" if reason.contribution is None else f"+{100 * reason.contribution:.1f}"


def short_reason(reason: SiteReason, t: Words) -> str:
    """A reason in few words: the criterion, its value, its points."""
    name = t(f"site.criterion.{reason.criterion}")
    hub = reason.facts.get(c.NAME)
    what = f"{hub} {value_text(reason, t)}" if isinstance(hub, str) else value_text(reason, t)
    return t("sites.short_reason", criterion=name, value=what, points=points_text(reason))


def leading_reasons(ranking: SiteRanking, park_id: str) -> list[SiteReason]:
    """What speaks for a park most."""
    return [r for r in ranking.reasons(park_id) if r.contribution][:REASONS_ON_A_CARD]


def reason_rows(ranking: SiteRanking, park_id: str, t: Words) -> list[tuple[str, str, str, str]]:
    """Every criterion with data: its name, what it says, weight and points."""
    rows = []
    for reason in ranking.reasons(park_id):
        said = said_of(reason, t)
        shown = t("sites.nothing_known", why=said) if reason.missing is not None else said
        rows.append((t(f"site.criterion.{reason.criterion}"), shown, t.share(reason.weight), points_text(reason)))
    return rows


def scaled_text(listing: Listing, park_id: str, t: Words) -> str:
    """How the contributions of a park with missing values make its score; empty where they simply add up to it."""
    row = listing.ranking.sites.loc[park_id]
    if pd.isna(row[c.SCORE]) or row[c.SCORE] - row[c.LOW_SCORE] < 5e-4:
        return ""
    return t("sites.scaled", low=f"{100 * row[c.LOW_SCORE]:.1f}", score=f"{100 * row[c.SCORE]:.1f}")


def off_lines(ranking: SiteRanking, t: Words) -> list[str]:
    """Criteria that are off, and why."""
    return [
        t("sites.off", criterion=t(f"site.criterion.{name}"), why=t(f"site.missing.{why}"))
        for name, why in ranking.off.items()
    ]


def left_out(listing: Listing, t: Words) -> list[tuple[str, str, str, str]]:
    """Parks that have no rank: id, name, district, why."""
    ranking, dataset = listing.ranking, listing.dataset
    share = t.share(ranking.request.min_coverage)
    unranked = ranking.sites.index[ranking.sites[c.SCORE_RANK].isna()]
    found = []
    for park in map(str, unranked):
        known = t.share(float(ranking.sites.loc[park, c.WEIGHT_COVERAGE]))
        found.append((park, t("sites.why_unranked", known=known, share=share)))
    for excluded, condition in ranking.excluded.items():
        found.append((str(excluded), t("sites.why_excluded", condition=condition_text(str(condition), t))))
    return [(park, name_of(dataset, park), district_of(dataset, park, t), why) for park, why in found]


def park_facts(dataset: Dataset, park_id: str, t: Words) -> list[tuple[str, str]]:
    """What the data hold of a park itself; what nobody entered is said to be missing."""
    park = dataset.parks.loc[park_id]

    def text(name: str) -> str:
        value = park.get(name)
        return str(value) if isinstance(value, str) and value.strip() else t("word.no_data")

    def number(name: str, key: str) -> str:
        value = park.get(name)
        return t("word.no_data") if pd.isna(value) else t(f"site.unit.{key}", value=f"{float(value):,.0f}")

    area = text(c.AREA_TEXT) if pd.isna(park.get(c.AREA_M2)) else number(c.AREA_M2, "m2")
    has_point = park[c.LON] == park[c.LON]
    return [
        (t("field.district"), district_of(dataset, park_id, t, short=False)),
        (t("field.operator"), text(c.OPERATOR)),
        (t("sites.contact"), text(c.CONTACT)),
        (t("field.area"), area),
        (t("site.criterion.floor_area"), number(c.FLOOR_AREA_M2, "m2")),
        (t("site.criterion.vacant_area"), number(c.VACANT_M2, "m2")),
        (t("site.criterion.rent"), number(c.RENT_CNY_M2_MONTH, "cny_m2_month")),
        (t("field.focus"), text(c.FOCUS)),
        (t("field.precision"), t("map.park_precision") if has_point else t("sites.no_point")),
        (t("sites.source"), text(c.SOURCE)),
        (
            t("field.status"),
            t(f"status.{park[c.STATUS]}") if f"status.{park.get(c.STATUS)}" in t else t("word.no_data"),
        ),
        (t("sites.version"), f"{dataset.version} ({dataset.digest})"),
    ]


@dataclass(frozen=True)
class Compared:
    """One row of the comparison: its name, the cells as text, and the numbers behind them."""

    name: str
    cells: tuple[str, ...]
    values: tuple[float | None, ...]
    unit: str = ""


def comparison(listing: Listing, park_ids: tuple[str, ...], t: Words) -> list[Compared]:
    """Parks beside each other: ranks, score, coverage, then every criterion with data; the best value says so."""
    ranking, dataset = listing.ranking, listing.dataset
    beside = side_by_side(ranking, park_ids)
    rows = [Compared(t("field.district"), tuple(district_of(dataset, p, t) for p in park_ids), (None,) * len(park_ids))]
    heads = ((c.SCORE_RANK, "sites.rank_sum"), (c.CLOSENESS_RANK, "sites.rank_topsis"), (c.SCORE, "sites.points_of"),
             (c.WEIGHT_COVERAGE, "sites.coverage"))  # fmt: skip
    for column, key in heads:
        known = [_number(ranking.sites[column].get(p)) for p in park_ids]
        shown = [_head_cell(ranking, p, str(column), v, t) for p, v in zip(park_ids, known, strict=True)]
        rows.append(Compared(t(key), tuple(shown), tuple(known), str(column)))
    for name in beside.values.index:
        said, numbers = [], []
        for park in park_ids:
            value = _number(beside.values.loc[name, park])
            numbers.append(value)
            said.append(_criterion_cell(ranking, park, str(name), value, bool(beside.best.loc[name, park]), t))
        unit = ranking.criteria[name].unit
        rows.append(Compared(t(f"site.criterion.{name}"), tuple(said), tuple(numbers), unit))
    facts = {park: dict(park_facts(dataset, park, t)) for park in park_ids}
    for key in ("site.criterion.vacant_area", "site.criterion.rent", "sites.contact"):
        if t(key) not in {row.name for row in rows}:
            rows.append(Compared(t(key), tuple(facts[p][t(key)] for p in park_ids), (None,) * len(park_ids)))
    return rows


def _head_cell(ranking: SiteRanking, park: str, column: str, value: float | None, t: Words) -> str:
    if park in ranking.excluded.index:
        return t("sites.why_excluded", condition=condition_text(str(ranking.excluded[park]), t))
    if park not in ranking.sites.index:
        return t("sites.other_district")
    if value is None:
        return t("sites.not_ranked")
    if column == c.WEIGHT_COVERAGE:
        return t.share(value)
    return f"{100 * value:.1f}" if column == c.SCORE else f"{value:.0f}"


def _criterion_cell(ranking: SiteRanking, park: str, name: str, value: float | None, best: bool, t: Words) -> str:
    if value is None:
        return t("word.no_data")
    reason = SiteReason(name, ranking.criteria[name].unit, "", value, None, None, 0.0, None)
    shown = value_text(reason, t)
    return t("sites.best", value=shown) if best else shown


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(str(value))


def neighbor_rows(near: SiteNeighbors, t: Words) -> list[tuple[str, str, str]]:
    """Within how far, how many firms of the chain, and what those with a figure come to."""
    rows = []
    for metres, row in near.bands.iterrows():
        n, of = int(row[c.REVENUE_FIRMS]), int(row[c.FIRMS])
        total = t("sites.total_of", total=t.money(int(row[c.TOTAL_CNY])), n=f"{n:,}") if n else t("word.no_data")
        within = t("sites.within_km", km=f"{int(str(metres)) / 1000:g}")
        rows.append((within, t.firms(of), total if of else "—"))
    return rows


def firm_name(row: "pd.Series", t: Words) -> str:
    """Short name of a firm, or that it is not for this reader."""
    return row[c.SHORT_NAME] if isinstance(row[c.SHORT_NAME], str) else t("map.nameless")
