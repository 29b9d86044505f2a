"""What it costs to look at all firms: Ellison–Glaeser; Ripley's K and K-density, alone and against random labelling.

Firms are synthetic, in the metres of the city's zone; the study area is the outline of the real city. Every job has a
process of its own, so that no peak is another's. *Largest error* is measured: for interpolated translation weights the
largest difference from exact overlaps as a share of the area; for binned distances the largest relative difference of
the K-density of 2,000 of the firms from the sum over all pairs one by one.

``python -m bench.point_patterns [firms ...]`` runs all sizes or these; ``job NAME FIRMS`` is one process.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from bench.machine import forget_peak, machine, peak_kib
from bench.results import Rows, Verdict, report
from bench.rounds import timed
from bench.server import ROOT
from clusters.edge_correction import Overlap
from clusters.geographic_concentration import geographic_concentration
from clusters.k_density import k_density, k_density_envelope
from clusters.ripley import ripleys_k, ripleys_k_envelope
from data import columns as c
from data.reference import load_reference
from data.synthetic import synthesize
from geo.crs import metric_crs, to_metric

Floats = NDArray[np.float64]

SIZES = (10_000, 100_000)
PACKAGES = ("numpy", "scipy", "shapely")
RADII = np.linspace(100, 5_000, 50)
SEED, MEMBERS, DRAWS = 5, 500, 99
FEW = 2_000  # of which the exact K-density is waited for
MOST_S, MOST_MB, MOST_ERROR = 600, 1_024, 1e-3
ELLISON_GLAESER, K_NONE, K_TRANSLATION, K_RECTANGLE, DENSITY, K_NULL, DENSITY_NULL = (
    "Ellison–Glaeser of every subsector over districts",
    "Ripley's K, no correction",
    "Ripley's K, translation, city outline",
    "Ripley's K, isotropic, rectangle",
    "K-density",
    f"Ripley's K of {MEMBERS} firms, {DRAWS} draws",
    f"K-density of {MEMBERS} firms, {DRAWS} draws",
)


def world(firms: int) -> tuple[Floats, Floats, Any, pd.DataFrame]:
    """Firms and the city around them, in metres; and the rows of the firms."""
    reference = load_reference()
    crs = metric_crs(float(reference.districts.total_bounds[[0, 2]].mean()))
    city = reference.districts.to_crs(crs).union_all()
    table = synthesize(firms + firms // 10, SEED, reference)
    x, y = to_metric(table[c.LON].to_numpy(float), table[c.LAT].to_numpy(float), crs=crs)
    shapely.prepare(city)
    inside = np.flatnonzero(shapely.intersects_xy(city, x, y))[:firms]
    return x[inside], y[inside], city, table.iloc[inside]


def jobs(firms: int) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    x, y, city, rows = world(firms)
    plants = [rows[name].to_numpy() for name in (c.REVENUE_CNY, c.REGISTERED_DISTRICT_ID, c.SUBSECTOR_ID)]
    box = tuple(float(side) for side in city.bounds)
    members = np.zeros(len(x), np.bool_)
    members[np.random.default_rng(SEED).choice(len(x), MEMBERS, replace=False)] = True
    rng = np.random.default_rng(SEED)
    return {
        ELLISON_GLAESER: lambda: geographic_concentration(*plants),
        K_NONE: lambda: ripleys_k(x, y, radii=RADII, area=city, correction="none"),
        K_TRANSLATION: lambda: ripleys_k(x, y, radii=RADII, area=city),
        K_RECTANGLE: lambda: ripleys_k(x, y, radii=RADII, area=box, correction="isotropic"),
        DENSITY: lambda: k_density(x, y, radii=RADII),
        K_NULL: lambda: ripleys_k_envelope(x, y, members, radii=RADII, area=city, rng=rng, draws=DRAWS),
        DENSITY_NULL: lambda: k_density_envelope(x, y, members, radii=RADII, rng=rng, draws=DRAWS),
    }


ALONE = (ELLISON_GLAESER, K_NONE, K_TRANSLATION, K_RECTANGLE, DENSITY)
JOBS = (*ALONE, K_NULL, DENSITY_NULL)  # the draws cost the same however many firms there are


def job(name: str, firms: int) -> dict[str, Any]:
    """Seconds and the most memory of this process meanwhile; the error where something is approximated."""
    run = jobs(firms)[name]
    forget_peak()
    seconds = timed(run)[1]
    row = {"firms": firms, "job": name, "seconds": float(f"{seconds:.3g}"), "peak_mb": round(peak_kib() / 1024)}
    error = largest_error(name, firms)
    return row | ({} if error is None else {"largest_error": float(f"{error:.2g}")})


def largest_error(name: str, firms: int) -> float | None:
    """Of what is approximated; None where nothing is."""
    x, y, city, _ = world(firms)
    if name == K_TRANSLATION:
        return Overlap(city, RADII[-1]).largest_error(np.random.default_rng(SEED))
    if name == DENSITY:
        some = slice(FEW)
        exact, binned = (k_density(x[some], y[some], radii=RADII, exact=each) for each in (True, False))
        return float(np.abs(binned / exact - 1).max())
    return None


def alone(name: str, firms: int) -> dict[str, Any]:
    """A job in a process of its own."""
    command = [sys.executable, "-m", "bench.point_patterns", "job", name, str(firms)]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)


def verdicts(rows: Rows) -> Iterator[Verdict]:
    """Bounds of time and memory at the largest size, and of what is approximated."""
    for row in rows:
        if row["firms"] == max(SIZES) and row["job"] in (ELLISON_GLAESER, K_TRANSLATION, DENSITY):
            for what, key, most in (("s", "seconds", MOST_S), ("peak MB", "peak_mb", MOST_MB)):
                yield Verdict(f"{row['firms']:,} firms, {row['job']}: {what}", row[key], most, at_most=True)
        if "largest_error" in row:
            what = f"{row['firms']:,} firms, {row['job']}: largest error"
            yield Verdict(what, row["largest_error"], MOST_ERROR, at_most=True)


def main(wanted: list[str]) -> None:
    """Run, print, and keep the table."""
    here = machine(PACKAGES)
    rows: Rows = []
    print(here)
    for firms in [int(size) for size in wanted] or SIZES:
        for name in JOBS if firms == max(SIZES) else ALONE:
            rows.append({**alone(name, firms), "machine": here})
            print(*(f"{key} {value}" for key, value in rows[-1].items() if key != "machine"), sep="  ", flush=True)
    report("point_patterns", rows, verdicts(rows), whole=not wanted)


if __name__ == "__main__":
    if sys.argv[1:2] == ["job"]:
        print(json.dumps(job(sys.argv[2], int(sys.argv[3]))))
    else:
        main(sys.argv[1:])
