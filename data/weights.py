"""Parts of a firm in several subsectors: ``S02:0.6;S05:0.4``, and the exact split of its revenue by them.

A weight is a decimal with at most four digits and weights add up to exactly one, so that they are integers of
ten-thousandths and a split loses no yuan. A firm that is all in one subsector has no weights.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import columns as c

WHOLE = 10_000
_PART = re.compile(r"([^:;\s]+):([01](?:\.\d{1,4})?)")

Ints = NDArray[np.int64]


def read_weights(text: str) -> dict[str, int]:
    """Parts of a firm, in ten-thousandths, by ascending subsector.

    Parameters
    ----------
    text : str
        As ``write_weights`` writes it.

    Raises
    ------
    ValueError
        When it is written in any other way: another order, weights that do not add up to one, a subsector alone.

    Examples
    --------
    >>> read_weights("S02:0.6;S05:0.4")
    {'S02': 6000, 'S05': 4000}
    >>> read_weights("S02:0.6;S05:0.5")
    Traceback (most recent call last):
        ...
    ValueError: 'S02:0.6;S05:0.5' is no set of parts that add up to 1, such as S02:0.6;S05:0.4
    """
    found = [_PART.fullmatch(part) for part in text.split(";")]
    parts = {match[1]: int(Decimal(match[2]) * WHOLE) for match in found if match}
    if None in found or sum(parts.values()) != WHOLE or write_weights(parts) != text:
        raise ValueError(f"{text[:80]!r} is no set of parts that add up to 1, such as S02:0.6;S05:0.4")
    return parts


def write_weights(parts: Mapping[str, int]) -> str | None:
    """Parts as text, by ascending subsector; ``None`` for a firm that is all in one.

    Parameters
    ----------
    parts : mapping of str to int
        Ten-thousandths by subsector; those of nothing are left out.

    Examples
    --------
    >>> write_weights({"S05": 3750, "S02": 6250, "S01": 0})
    'S02:0.625;S05:0.375'
    """
    held = sorted((subsector, part) for subsector, part in parts.items() if part)
    if len(held) < 2:
        return None
    return ";".join(f"{subsector}:{(Decimal(part) / WHOLE).normalize():f}" for subsector, part in held)


def main_subsector(parts: Mapping[str, int]) -> str:
    """The subsector with the largest part, of equally large ones the lowest.

    Examples
    --------
    >>> main_subsector({"S05": 4000, "S02": 3000, "S01": 3000}), main_subsector({"S05": 5000, "S02": 5000})
    ('S05', 'S02')
    """
    return min(parts, key=lambda subsector: (-parts[subsector], subsector))


def weight_problems(firms: pa.Table, known: Sequence[str]) -> Iterator[str]:
    """What is wrong with the weights of a table of firms, one sentence for each kind of fault.

    Parameters
    ----------
    firms : pyarrow.Table
        subsector_id and, when anybody is split, subsector_weights.
    known : sequence of str
        Subsector ids.

    Examples
    --------
    >>> firms = pa.table({"subsector_id": ["S05", "S02", None],
    ...                   "subsector_weights": ["S02:0.6;S05:0.4", "S02:1", None]})
    >>> list(weight_problems(firms, ["S02", "S05"]))
    ["subsector_weights 'S02:1' is no set of parts that add up to 1, such as S02:0.6;S05:0.4 (1 rows)",
     "subsector_weights 'S02:0.6;S05:0.4' has its largest part in S02 and stands beside subsector_id 'S05' (1 rows)"]
    """
    if c.SUBSECTOR_WEIGHTS not in firms.column_names:
        return
    pairs = firms.select([c.SUBSECTOR_WEIGHTS, c.SUBSECTOR_ID]).filter(pc.is_valid(firms[c.SUBSECTOR_WEIGHTS]))
    counted = pairs.group_by(pairs.column_names).aggregate([([], "count_all")])
    faults: dict[str, list[tuple[str, int]]] = {}
    for text, subsector, rows in zip(*(column.to_pylist() for column in counted.columns), strict=True):
        if fault := _fault(text, subsector, known):
            faults.setdefault(fault[0], []).append((fault[1], rows))
    for _, found in sorted(faults.items()):
        yield f"{c.SUBSECTOR_WEIGHTS} {found[0][0]} ({sum(rows for _, rows in found)} rows)"


def _fault(text: str, subsector: str | None, known: Sequence[str]) -> tuple[str, str] | None:
    """Kind of fault and what to say of it."""
    try:
        parts = read_weights(text)
    except ValueError as error:
        return "1", str(error)
    if strange := sorted(set(parts) - set(known)):
        return "2", f"{text[:80]!r} names {strange[0]!r}, which is none of {', '.join(known)}"
    if (main := main_subsector(parts)) != subsector:
        return "3", f"{text[:80]!r} has its largest part in {main} and stands beside {c.SUBSECTOR_ID} {subsector!r}"
    return None


def split_amounts(amounts: Ints, weights: Ints, starts: Ints) -> Ints:
    r"""Amounts split into whole parts that add up to each of them: largest remainder, ties to the first part.

    Parameters
    ----------
    amounts : ndarray of int64
        One for each group of parts; may be negative.
    weights : ndarray of int64
        Ten-thousandths of each part; those of a group add up to ``WHOLE``.
    starts : ndarray of int
        Where each group begins among the parts, ascending; no group is empty.

    Returns
    -------
    ndarray of int64
        One for each part. Each is the exact share rounded down, or that and one.

    Notes
    -----
    With V the amount of a group and :math:`w_j` the weights of its parts, :math:`\sum_j w_j = 1`,

    .. math:: V_j = \lfloor V w_j \rfloor + \epsilon_j, \qquad \epsilon_j \in \{0, 1\}

    .. math:: \sum_j V_j = V

    where the missing units go to the largest remainders, ties to the first part.

    Reading: each part is within one yuan of its exact share and the parts add up to the firm's amount.

    Limits: it is as good as the declared weights; a weight that nobody reported is a guess. A firm in one subsector
    stays whole.

    References
    ----------
    .. [1] Balinski, M. L. and Young, H. P. (1982). "Fair Representation". Yale University Press.

    Examples
    --------
    >>> thirds = np.array([3334, 3333, 3333, 5000, 5000])
    >>> split_amounts(np.array([100, -7]), thirds, np.array([0, 3])).tolist()
    [34, 33, 33, -3, -4]
    """
    size = np.diff(np.append(starts, len(weights)))
    of = np.repeat(np.arange(len(starts)), size)
    times, rest = np.divmod(amounts, WHOLE)  # a product of both would not fit into 64 bits
    whole, remainder = np.divmod(rest[of] * weights, WHOLE)
    parts = times[of] * weights + whole
    missing = amounts - np.add.reduceat(parts, starts) if len(starts) else amounts
    order = np.lexsort((-remainder, of))  # stable, so that ties stay in order
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, size)
    return np.asarray(parts + (rank < missing[of]), np.int64)
