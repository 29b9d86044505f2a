"""Which factor a change came from, when a total is a sum of products: firms times revenue a firm, say.

The logarithmic mean Divisia index (LMDI-I, additive): exact, without a remainder, and the same whichever year is called
the first. Left out: any cause; the choice of the factors is the reader's.
"""

import numpy as np
import pandas as pd

from clusters.errors import BadValue


def lmdi_attribution(begin: pd.DataFrame, end: pd.DataFrame) -> pd.DataFrame:
    r"""Change of each product, split among its factors.

    Each row is an industry or district whose total is the product of its factors; the parts of a row add up to the
    change of its product, and the sums of the columns to the change of the whole.

    Parameters
    ----------
    begin, end : DataFrame
        One row a group, one column a factor, in the two years; finite, not negative, the same rows and columns.

    Returns
    -------
    DataFrame
        On the index and columns of ``begin``, in the unit of the product. Where a product rises from zero or falls to
        it, the limit: the change belongs to the factors that are zero, in equal parts.

    Raises
    ------
    BadValue
        When rows or columns differ or repeat, or a factor is missing, infinite or negative.

    Notes
    -----
    .. math:: \Delta_x = \sum_i L(V_i', V_i) \ln \frac{x_i'}{x_i}, \qquad L(a, b) = \frac{a - b}{\ln a - \ln b},
        \quad L(a, a) = a, \qquad V_i = \prod_x x_i

    Reading: of a growth of 10 billion, 7 from the number of firms and 3 from revenue a firm says that the cluster grew
    by newcomers more than by growing.

    Limits: an identity, no explanation; other factors give another split. A cell of few firms is one of them.

    References
    ----------
    Ang, B. W. (2005). The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33(7).
    Ang, B. W. and Liu, N. (2007). Handling zero values in the logarithmic mean Divisia index decomposition approach.
    Energy Policy 35(1).

    Examples
    --------
    >>> then = pd.DataFrame({"firms": [10.0], "revenue_a_firm": [2.0]}, ["chips"])
    >>> now = pd.DataFrame({"firms": [20.0], "revenue_a_firm": [4.0]}, ["chips"])
    >>> lmdi_attribution(then, now).round(6)
           firms  revenue_a_firm
    chips   30.0            30.0
    """
    then = _factors("begin", begin, begin)
    now = _factors("end", end, begin)
    before, after = then.prod(axis=1), now.prod(axis=1)
    positive = (before > 0) & (after > 0)
    mean = _logarithmic_mean(np.where(positive, after, 1), np.where(positive, before, 1))
    ratio = np.where(positive[:, np.newaxis], now, 1) / np.where(positive[:, np.newaxis], then, 1)
    zero = np.where((before == 0)[:, np.newaxis], then == 0, now == 0)
    share = zero / np.maximum(zero.sum(axis=1), 1)[:, np.newaxis]
    limit = (after - before)[:, np.newaxis] * share
    parts = np.where(positive[:, np.newaxis], mean[:, np.newaxis] * np.log(ratio), limit)
    return pd.DataFrame(parts, index=begin.index, columns=begin.columns)


def _logarithmic_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    steps = np.log(a) - np.log(b)
    near = np.abs(a - b) < b / 2  # there a difference of logarithms would lose what they differ by
    steps[near] = np.log1p((a - b)[near] / b[near])
    return np.asarray(np.divide(a - b, steps, out=a.astype(float), where=a != b))


def _factors(name: str, table: pd.DataFrame, like: pd.DataFrame) -> np.ndarray:
    for what, labels, expected in (("index", table.index, like.index), ("columns", table.columns, like.columns)):
        if not labels.is_unique or set(labels) != set(expected) or not len(labels):
            raise BadValue(f"the {what} of {name}", labels.tolist(), f"{expected.tolist()}, each once")
    values = table.reindex(index=like.index, columns=like.columns).to_numpy(np.float64, na_value=np.nan)
    wrong = np.argwhere(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        row, column = wrong[0]
        where = f"{name}[{like.index[row]}, {like.columns[column]}]"
        raise BadValue(where, values[row, column], "finite and at least 0")
    return values
