"""What a new version of the data changed for one district: totals, firms and tiers of its clusters, before and after.

Both sides are answered by the cubes, so a million firms cost nothing. A difference of two versions may be the revenue
of one firm, so there is none where figures are withheld from the reader. Left out: why a figure changed; a firm that
came, went, moved or reports anew looks the same here (``data.differences`` names some of them).
"""

from dataclasses import dataclass

import pandas as pd

from clusters.standing import cluster_totals
from clusters.tiers import ScaleTier
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset, Place
from data.differences import AFTER, BEFORE, DIFFERENCE


@dataclass(frozen=True, eq=False)
class VersionChanges:
    """A district in two versions.

    Attributes
    ----------
    before, after : str
        Ids of the versions.
    year : int
    before_cny, after_cny : int
        Totals; 0 without a firm.
    before_firms, after_firms : int
    clusters : DataFrame
        Subsectors in which total or firms differ: before_cny, after_cny, difference_cny, before_firms, after_firms,
        before_tier, after_tier; the largest change first. Empty when nothing did.
    """

    before: str
    after: str
    year: int
    before_cny: int
    after_cny: int
    before_firms: int
    after_firms: int
    clusters: pd.DataFrame

    @property
    def difference_cny(self) -> int:
        """By how much the total changed."""
        return self.after_cny - self.before_cny

    @property
    def tiers(self) -> dict[str, tuple[ScaleTier | None, ScaleTier | None]]:
        """Tier before and after of the subsectors where it changed."""
        rows = self.clusters[[str(BEFORE_TIER), str(AFTER_TIER)]].itertuples(name=None)
        return {str(s): (then, now) for s, then, now in rows if then is not now}


BEFORE_FIRMS, AFTER_FIRMS = "before_firms", "after_firms"
BEFORE_TIER, AFTER_TIER = "before_tier", "after_tier"


def district_changes(
    before: Dataset, after: Dataset, district_id: str, *, year: int, place: Place = "registered"
) -> VersionChanges | None:
    """What changed for a district from one version to another.

    Parameters
    ----------
    before, after : Dataset
    district_id : str
    year : int
    place : 'registered' or 'operating'

    Returns
    -------
    VersionChanges or None
        ``None`` when figures of either are withheld from the reader.
    """
    if before.release is not None or after.release is not None:
        return None
    versions = (before, after)
    old, new = (cluster_totals(cube_of(each), year=year, place=place, district_id=district_id) for each in versions)
    was, is_now = (
        cluster_totals(cube_of(each), [c.YEAR], year=year, place=place, district_id=district_id) for each in versions
    )
    every = old.index.union(new.index)
    then, now = (each.reindex(every) for each in (old, new))
    table = pd.DataFrame(
        {
            BEFORE: then[c.TOTAL_CNY].fillna(0).astype("int64"),
            AFTER: now[c.TOTAL_CNY].fillna(0).astype("int64"),
            BEFORE_FIRMS: then[c.FIRMS].fillna(0).astype("int64"),
            AFTER_FIRMS: now[c.FIRMS].fillna(0).astype("int64"),
            BEFORE_TIER: _tiers(then),
            AFTER_TIER: _tiers(now),
        }
    )
    table.insert(2, DIFFERENCE, table[AFTER] - table[BEFORE])
    table = table[(table[DIFFERENCE] != 0) | (table[BEFORE_FIRMS] != table[AFTER_FIRMS])]
    return VersionChanges(
        before=before.version,
        after=after.version,
        year=year,
        before_cny=int(was[c.TOTAL_CNY].sum()),
        after_cny=int(is_now[c.TOTAL_CNY].sum()),
        before_firms=int(was[c.FIRMS].sum()),
        after_firms=int(is_now[c.FIRMS].sum()),
        clusters=table.sort_values(DIFFERENCE, key=abs, ascending=False, kind="stable"),
    )


def _tiers(totals: pd.DataFrame) -> pd.Series:
    """Tiers, with ``None`` for what is not there."""
    found = [tier if isinstance(tier, ScaleTier) else None for tier in totals[c.TIER]]
    return pd.Series(found, index=totals.index, dtype=object)
