"""Small tables for the tests of disclosure control."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from clusters.suppression_table import MarginTable, of_contributions
from data import columns as c

HOLDING = "holding"
LABELS = [c.DISTRICT_ID, c.SUBSECTOR_ID, HOLDING, c.REVENUE_CNY]
Cells = dict[tuple[int, int], dict[str, int]]


def strangers(cells: dict[tuple[int, int], list[int]]) -> Cells:
    """Amounts of firms that have nothing to do with each other."""
    return {place: {f"{place}.{i}": x for i, x in enumerate(amounts)} for place, amounts in cells.items()}


def contributions(cells: Cells) -> pd.DataFrame:
    """Rows of the holdings' amounts by row and column."""
    rows = [(f"D{i:02}", f"S{j:02}", name, amount) for (i, j), cell in cells.items() for name, amount in cell.items()]
    return pd.DataFrame(rows, columns=LABELS).astype({c.REVENUE_CNY: np.int64})


def table_of(cells: Cells) -> MarginTable:
    return of_contributions(contributions(cells), contributor=HOLDING)


def activities() -> Cells:
    """The 3 × 3 table of investments by activity and region with which Fischetti and Salazar-González explain.

    Activity I: 20, 50, 10; II: 8, 19, 22; III: 17, 32, 12. Cells of ones are safe; II–C is made unsafe here: 20, 1 and
    1, where the p% rule asks 10 % of 20 less the last 1, so 1.
    """
    totals = {(0, 0): 20, (0, 1): 50, (0, 2): 10, (1, 0): 8, (1, 1): 19, (2, 0): 17, (2, 1): 32, (2, 2): 12}
    return strangers({place: [1] * total for place, total in totals.items()} | {(1, 2): [20, 1, 1]})


def random_cells(rng: np.random.Generator, rows: int, columns: int, *, largest: int = 2000) -> Cells:
    """Cells of none to eight firms, uneven, some of them of four holdings that are everywhere."""
    cells: Cells = {}
    for row in range(rows):
        for column in range(columns):
            amounts = np.minimum(np.exp(rng.normal(3, 2, rng.integers(0, 9))).astype(int) + 1, largest)
            named = {f"{row}.{column}.{i}": int(x) for i, x in enumerate(amounts)}
            if rng.random() < 0.2:
                named["abcd"[rng.integers(4)]] = int(rng.integers(1, 100))
            if named:
                cells[row, column] = named
    return cells or {(0, 0): {"a": 1}}


@st.composite
def worlds(draw: st.DrawFn, size: int = 5) -> Cells:
    """A random table, up to so many rows and columns."""
    rows, columns = draw(st.integers(1, size)), draw(st.integers(1, size))
    return random_cells(np.random.default_rng(draw(st.integers(0, 10**6))), rows, columns)
