"""Random tables of skewed firms, protected and then attacked; one unsafe cell given away ends the run.

``python -m bench.suppression_soak [tables]`` makes a thousand by default, from 2 × 2 to 12 × 13, with empty cells,
single giants, firms alone in their district and holdings in many cells. The control attacks the same tables with only
the unsafe cells withheld: what it gives away is what the further cells are for.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clusters.disclosure import audit_suppression, secondary_suppression
from clusters.suppression_audit import audit_table
from clusters.suppression_table import of_contributions
from data import columns as c

HOLDING = "holding"
COSTS = ("total", "log", "unit")
SEED = 20230101
LIMIT_S = 1.0  # for the programs of one table: some run out of it, and withhold one by one


@dataclass
class Soaked:
    """Totals of a campaign; `disclosed` are unsafe cells given away, `control` those without further cells."""

    tables: int = 0
    cells: int = 0
    unsafe: int = 0
    further: int = 0
    margins: int = 0
    disclosed: int = 0
    unproven: int = 0
    control: int = 0
    control_tables: int = 0
    withheld_cny: int = 0
    cny: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    audit_s: float = 0.0


def soak(tables: int, rng: np.random.Generator, *, rows: int = 12, columns: int = 13) -> Soaked:
    """Protect and attack so many random tables.

    Parameters
    ----------
    tables : int
    rng : numpy.random.Generator
        The only source of chance.
    rows, columns : int, optional
        The largest table.
    """
    soaked = Soaked()
    for number in range(tables):
        firms = random_contributions(rng, int(rng.integers(2, rows + 1)), int(rng.integers(2, columns + 1)))
        _attack(firms, COSTS[number % len(COSTS)], soaked)
    return soaked


def random_contributions(rng: np.random.Generator, rows: int, columns: int) -> pd.DataFrame:
    """Firms of a made-up city: district, subsector, holding and revenue, of a kind that chance picks."""
    crowd = 10.0 ** rng.uniform(0.3, 2)
    uneven = rng.uniform(0.3, 2)
    counts = rng.negative_binomial(uneven, uneven / (uneven + crowd), (rows, columns))
    counts[rng.random((rows, columns)) < rng.choice([0, 0.1, 0.4])] = 0
    if rng.random() < 0.3:
        counts[rng.integers(rows)] = rng.integers(0, 2, columns)  # a district of single firms
    if not counts.any():
        counts[0, 0] = 1
    row, column = (np.repeat(each.ravel(), counts.ravel()) for each in np.indices(counts.shape))
    revenue = rng.lognormal(rng.uniform(8, 18), rng.uniform(0.3, 2.5), len(row))
    giants = rng.random(len(row)) < rng.choice([0, 0.01, 0.05])
    revenue[giants] *= 10.0 ** rng.uniform(1, 4)
    holding = np.arange(len(row))
    groups = rng.random(len(row)) < rng.choice([0, 0.05, 0.3])
    holding[groups] = rng.integers(0, max(1, int(rng.choice([2, 5, 50]))), int(groups.sum()))
    return pd.DataFrame(
        {
            c.DISTRICT_ID: [f"D{each:02}" for each in row],
            c.SUBSECTOR_ID: [f"S{each:02}" for each in column],
            HOLDING: holding,
            c.REVENUE_CNY: np.minimum(revenue, 1e12).astype(np.int64),
        }
    )


def _attack(firms: pd.DataFrame, cost: str, soaked: Soaked) -> None:
    start = time.perf_counter()
    reasons = secondary_suppression(firms, contributor=HOLDING, cost=cost, time_limit_s=LIMIT_S)  # type: ignore[arg-type]
    took = time.perf_counter() - start
    start = time.perf_counter()
    audit = audit_suppression(firms, reasons != "", contributor=HOLDING)
    soaked.audit_s += time.perf_counter() - start
    table = of_contributions(firms, contributor=HOLDING)
    control = audit_table(table, table.primary, intervals=False)[c.EXPOSED_TO] != ""
    totals = table.cells[c.TOTAL_CNY]
    margin = np.any([reasons.index.get_level_values(level) == c.TOTAL for level in range(2)], axis=0)
    further = reasons == "secondary"
    soaked.tables += 1
    soaked.cells += int((totals > 0).sum())
    soaked.unsafe += int((reasons == "primary").sum())
    soaked.further += int(further.sum())
    soaked.margins += int((further & margin).sum())
    soaked.disclosed += int((audit[c.EXPOSED_TO] != "").sum())
    soaked.unproven += int(audit[c.LOWER_CNY].isna().sum() + audit[c.UPPER_CNY].isna().sum())
    soaked.control += int(control.sum())
    soaked.control_tables += bool(control.any())
    soaked.withheld_cny += int(totals[(reasons != "") & ~margin].sum())
    soaked.cny += int(totals[~margin].sum())
    if took > soaked.slowest_s:
        shape = " × ".join(str(len(level) - 1) for level in reasons.index.levels)
        soaked.slowest_s = took
        soaked.slowest = f"{shape}, {len(firms):,} firms, {int((reasons == 'primary').sum())} unsafe cells"


def main() -> None:
    """Protect, attack, say what came, and fail when anything was given away or the control found nothing."""
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    start = time.perf_counter()
    told = soak(tables, np.random.default_rng(SEED))
    print(
        f"{told.tables:,} tables, {told.cells:,} cells and margins that are not empty, {told.unsafe:,} of them unsafe; "
        f"{told.further:,} further ones withheld, {told.margins:,} of these margins; "
        f"{told.withheld_cny / told.cny:.1%} of the value inside the tables withheld\n"
        f"disclosed cells: {told.disclosed} ({told.unproven} bounds not worked out)\n"
        f"control, only unsafe cells withheld: {told.control:,} disclosed in {told.control_tables:,} tables\n"
        f"slowest pattern, programs limited to {LIMIT_S:g} s: {told.slowest_s:.1f} s ({told.slowest}); "
        f"audits {told.audit_s / told.tables:.2f} s each "
        f"({time.perf_counter() - start:.0f} s in all)"
    )
    raise SystemExit(told.disclosed > 0 or told.unproven > 0 or told.control == 0)


if __name__ == "__main__":
    main()
