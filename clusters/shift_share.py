"""Shift-share: how much of a region's change is the base's growth, its mix of industries, and its own doing.

The base is the city for a district, the country for a city; or shares and growth of each industry, supplied. It is the
same list of industries as the region's, so that the base's total growth is the weighted mean of theirs: a growth rate
of an economy that holds other industries too would leave a remainder. Left out: chaining over the years between (sum
the tables of single years), and any cause; the parts are an accounting identity.
"""

from typing import Literal

import numpy as np
import pandas as pd

from clusters.checking import check_choice
from clusters.errors import BadValue
from data import columns as c

Form = Literal["classical", "esteban_marquillas"]


def shift_share(
    begin: pd.Series,
    end: pd.Series,
    base_begin: pd.Series | None = None,
    base_end: pd.Series | None = None,
    *,
    base_share: pd.Series | None = None,
    base_growth: pd.Series | None = None,
    form: Form = "classical",
) -> pd.DataFrame:
    r"""Change of each industry of a region, split into parts that add up to it.

    The national share is the change had the industry grown as the whole base did; the industrial mix adds what the
    industry grew more than the whole in the base; the regional share is what the region's industry grew more than the
    base's. In the form of Esteban-Marquillas the regional share is split further: into the competitive effect, freed of
    the region's specialization, and the allocation effect of being specialized where it grows faster.

    Parameters
    ----------
    begin, end : Series
        The region's employment, revenue or value added by industry, in one unit, not negative, index unique.
    base_begin, base_end : Series, optional
        The same of the base, for the same industries in any order; ``base_begin`` positive.
    base_share, base_growth : Series, optional
        Instead of the two: shares of the industries in the base at the beginning (sum 1, not negative) and growth of
        each over the whole span (0.1 is 10 %, not below -1).
    form : 'classical' or 'esteban_marquillas'

    Returns
    -------
    DataFrame
        On the index of ``begin``: change, national_effect, industrial_mix, regional_effect; in the form of
        Esteban-Marquillas also competitive_effect and allocation_effect, which add up to the regional share, and
        unsplit: true where the region began with nothing. There the whole regional share stands as competitive.

    Raises
    ------
    BadValue
        When an industry's base begins with nothing, an amount is missing, infinite or negative, the lists of industries
        differ, or the base is not given in exactly one of the two ways.

    Notes
    -----
    .. math:: \Delta e_i = \underbrace{e_i G}_{\text{national}} + \underbrace{e_i (g_i - G)}_{\text{mix}}
        + \underbrace{e_i' - e_i (1 + g_i)}_{\text{regional}}

    with :math:`e_i, e_i'` the region's industry at the beginning and end, :math:`g_i` the growth of the industry in the
    base and :math:`G = \sum_i s_i g_i` that of the whole, :math:`s_i` the base's shares at the beginning.
    Esteban-Marquillas, with :math:`h_i = s_i \sum_j e_j` and :math:`r_i = e_i'/e_i - 1`:

    .. math:: e_i' - e_i (1 + g_i) = \underbrace{h_i (r_i - g_i)}_{\text{competitive}}
        + \underbrace{(e_i - h_i)(r_i - g_i)}_{\text{allocation}}

    Reading: a positive industrial mix says that the region sits in industries that grow everywhere; a positive regional
    share that its firms in the industry grew faster than the base's. Net total shift is their sum.

    Limits: an identity, no explanation; with few firms in a cell one of them is the regional share. Over a long span
    the shares of the first year are stale. When the base holds the region, a large region is in part compared
    with itself.

    References
    ----------
    Dunn, E. S. (1960). A statistical and analytical technique for regional analysis. Papers in Regional Science 6(1).
    Esteban-Marquillas, J. M. (1972). A reinterpretation of shift-share analysis. Regional and Urban Economics 2(3).

    Examples
    --------
    >>> town = pd.Series({"chips": 100, "toys": 100}), pd.Series({"chips": 150, "toys": 90})
    >>> city = pd.Series({"chips": 400, "toys": 600}), pd.Series({"chips": 520, "toys": 580})
    >>> shift_share(*town, *city).round(6)
           change  national_effect  industrial_mix  regional_effect
    chips    50.0            10.0       20.000000       20.000000
    toys    -10.0            10.0      -13.333333       -6.666667
    """
    check_choice(form, "form", ("classical", "esteban_marquillas"))
    begin, end = pd.Series(begin), pd.Series(end)
    base_begin, base_end, base_share, base_growth = (
        None if one is None else pd.Series(one) for one in (base_begin, base_end, base_share, base_growth)
    )
    _check_industries("begin", begin, begin.index)
    then, now = _amounts("begin", begin, begin.index), _amounts("end", end, begin.index)
    share, growth = _base(begin.index, base_begin, base_end, base_share, base_growth)
    total_growth = float(share @ growth)
    parts = pd.DataFrame(
        {
            c.CHANGE: now - then,
            c.NATIONAL_EFFECT: then * total_growth,
            c.INDUSTRIAL_MIX: then * (growth - total_growth),
            c.REGIONAL_EFFECT: now - then * (1 + growth),
        },
        index=begin.index,
    )
    return parts if form == "classical" else parts.assign(**_esteban_marquillas(then, now, share, growth))


def _esteban_marquillas(
    then: np.ndarray, now: np.ndarray, share: np.ndarray, growth: np.ndarray
) -> dict[str, np.ndarray]:
    homothetic, unsplit = share * then.sum(), then == 0
    faster = np.divide(now, then, out=1 + growth, where=~unsplit) - 1 - growth  # of what began with nothing: 0
    return {
        c.COMPETITIVE_EFFECT: np.where(unsplit, now, homothetic * faster),
        c.ALLOCATION_EFFECT: np.where(unsplit, 0.0, (then - homothetic) * faster),
        c.UNSPLIT: unsplit,
    }


def _base(
    industries: pd.Index,
    begin: pd.Series | None,
    end: pd.Series | None,
    share: pd.Series | None,
    growth: pd.Series | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Shares at the beginning and growth of the base's industries."""
    if begin is not None and end is not None and share is None and growth is None:
        then, now = _amounts("base_begin", begin, industries), _amounts("base_end", end, industries)
        if (then == 0).any():
            raise BadValue(f"base_begin[{industries[then == 0][0]}]", 0, "a positive amount, or the industry left out")
        return then / then.sum(), now / then - 1
    if share is not None and growth is not None and begin is None and end is None:
        shares = _amounts("base_share", share, industries)
        if abs(shares.sum() - 1) > 1e-9:
            raise BadValue("the sum of base_share", shares.sum(), "1")
        return shares, _amounts("base_growth", growth, industries, least=-1)
    given = [name for name, each in zip(("base_begin", "base_end", "base_share", "base_growth"),
             (begin, end, share, growth), strict=True) if each is not None]  # fmt: skip
    raise BadValue("the base", given, "base_begin with base_end, or base_share with base_growth")


def _amounts(name: str, values: pd.Series, industries: pd.Index, *, least: float = 0) -> np.ndarray:
    _check_industries(name, values, industries)
    amounts = values.reindex(industries).to_numpy(np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(amounts) & (amounts >= least))
    if wrong.any():
        raise BadValue(f"{name}[{industries[wrong][0]}]", amounts[wrong][0], f"a finite number, at least {least}")
    return amounts


def _check_industries(name: str, values: pd.Series, industries: pd.Index) -> None:
    if not len(values):
        raise BadValue(name, [], "given for at least one industry")
    if not values.index.is_unique:
        raise BadValue(f"the index of {name}", values.index.tolist(), "industries, each once")
    if len(values) != len(industries) or not industries.isin(values.index).all():
        raise BadValue(f"the index of {name}", values.index.tolist(), f"the industries {industries.tolist()}")
