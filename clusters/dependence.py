"""What is left of a cluster or district without its largest firms: does its tier hang on one of them?

Firms leave with their part in the cluster, as they count in its total, and nothing takes their place. Left out: what
suppliers would lose with them.
"""

import pandas as pd

from clusters.errors import BadValue
from clusters.standing import check_year
from clusters.tiers import scale_tier
from data import columns as c
from data.cube import cube_of, cube_totals
from data.dataset import Dataset, Place
from data.firm_years import MOST_LARGEST, largest_parts


def without_largest(
    dataset: Dataset,
    *,
    year: int,
    subsector_id: str | None = None,
    district_id: str | None = None,
    place: Place = "registered",
    most: int = 3,
) -> pd.DataFrame:
    r"""Total and tier of a cluster or area without its largest firm, without its two largest, and so on.

    Parameters
    ----------
    dataset : Dataset
    year : int
    subsector_id, district_id : str, optional
        A cluster, a district, or a cluster's part in a district; neither is the whole city.
    place : 'registered' or 'operating'
    most : int
        How many firms leave at most, 1 to 50.

    Returns
    -------
    DataFrame
        One row a firm, largest first, equally large ones by id: firm_id, revenue_cny (its part), without_cny (total
        once it and all larger ones have left), left_share (of the total; NaN when that is not positive), tier. Empty
        without a firm, and where a figure of a firm is not for the reader.

    Raises
    ------
    UnknownYear
    BadValue
        When ``most`` is out of its range.

    Notes
    -----
    With the firms' revenue in descending order :math:`V_{(1)} \ge V_{(2)} \ge \dots` and the total T,

    .. math:: T_{-k} = T - \sum_{j \le k} V_{(j)}, \qquad \mathrm{left}_k = \frac{T_{-k}}{T}

    Reading: a tier that is lost in the first row is one firm's; a left share of 0.2 there says that the firm is four
    fifths of the cluster.

    Limits: revenue of observed firms: the less the data cover, the larger one firm looks. A group that reports as one
    firm leaves as one. Without the first firm the others may grow or shrink; neither is in it.

    References
    ----------
    .. [1] di Giovanni, J. and Levchenko, A. A. (2012). "Country Size, International Trade, and Aggregate Fluctuations
       in Granular Economies". Journal of Political Economy 120(6), 1083-1132.

    Examples
    --------
    >>> from data.reference import load_reference
    >>> left = without_largest(load_reference(), year=2021, subsector_id="S01", most=2)
    >>> bool(left["without_cny"].is_monotonic_decreasing), len(left)
    (True, 2)
    """
    check_year(dataset, year)
    if not 1 <= most <= MOST_LARGEST:
        raise BadValue("most", most, f"1 to {MOST_LARGEST} firms")
    total = observed_total(dataset, year=year, subsector_id=subsector_id, district_id=district_id, place=place)
    if total is None or total[c.TOP1_CNY] != total[c.TOP1_CNY]:
        return pd.DataFrame(columns=_COLUMNS)
    where = {"subsector_id": subsector_id, "district_id": district_id}
    largest = largest_parts(dataset, year=year, most=most, place=place, **where)
    whole = int(total[c.TOTAL_CNY])
    left = [whole - int(gone) for gone in largest.cumsum()]
    return pd.DataFrame(
        {
            c.FIRM_ID: largest.index.to_numpy(object),
            c.REVENUE_CNY: largest.to_numpy(),
            c.WITHOUT_CNY: left,
            c.LEFT_SHARE: [cny / whole if whole > 0 else float("nan") for cny in left],
            c.TIER: pd.Series([scale_tier(cny) for cny in left], dtype=object),
        }
    )


def observed_total(
    dataset: Dataset, *, year: int, subsector_id: str | None, district_id: str | None, place: Place
) -> "pd.Series | None":
    """Total, firms and largest part of a cluster or area, as ``data.cube.cube_totals``; ``None`` without a firm."""
    subsectors = [] if subsector_id is None else [subsector_id]
    found = cube_totals(
        cube_of(dataset), [c.YEAR], place=place, year=year, subsectors=subsectors, district_id=district_id
    )
    return found.iloc[0] if len(found) else None


_COLUMNS = [c.FIRM_ID, c.REVENUE_CNY, c.WITHOUT_CNY, c.LEFT_SHARE, c.TIER]
