"""Four towns with parks, hubs and firms that stand somewhere: small enough to measure by hand."""

from dataclasses import replace

import pandas as pd

from data import columns as c
from data.dataset import Dataset
from geo.crs import from_metric, to_metric

CRS = 4547
FROM = to_metric(114.05, 22.55, crs=CRS)  # the middle of 甲


def degrees(east_m: float, north_m: float = 0.0) -> tuple[float, float]:
    """Longitude and latitude so many metres from the middle of 甲."""
    lon, lat = from_metric(FROM[0] + east_m, FROM[1] + north_m, crs=CRS)
    return float(lon), float(lat)


# park   metres east of the middle of 甲 (None: no point)   district   focus
PARKS = {
    "P1": (0.0, "440391", "软件"),
    "P2": (3_000.0, "440391", "生物医药"),
    "P3": (11_000.0, "440392", None),
    "P4": (None, "440392", None),
}
# a metro 1 km east, another 10 km east; a port 3 km west
HUBS = {"H1": ("metro", 1_000.0), "H2": ("metro", 10_000.0), "H3": ("port", -3_000.0)}
# S01: a1 beside P1, a2 2 km on, b1 known by its street alone
POINTS = {"a1": (100.0, "exact"), "a2": (2_000.0, "park"), "b1": (11_000.0, "street")}


def with_sites(towns: Dataset) -> Dataset:
    """The towns with parks, hubs and points."""
    firms = towns.firms.copy()
    places = [degrees(POINTS[firm][0]) if firm in POINTS else (None, None) for firm in firms.index]
    firms[[c.LON, c.LAT]] = pd.DataFrame(places, index=firms.index, dtype="float64").to_numpy()
    firms[c.LOCATION_PRECISION] = [POINTS[f][1] if f in POINTS else "none" for f in firms.index]
    parks = pd.DataFrame(
        [
            (park, f"{park} Park", *((None, None) if east is None else degrees(east)), district, focus)
            for park, (east, district, focus) in PARKS.items()
        ],
        columns=[c.PARK_ID, c.NAME, c.LON, c.LAT, c.DISTRICT_ID, c.FOCUS],
    )
    hubs = pd.DataFrame(
        [(hub, kind, f"{hub} {kind}", *degrees(east), "surveyed", "sourced") for hub, (kind, east) in HUBS.items()],
        columns=[c.HUB_ID, c.KIND, c.NAME, c.LON, c.LAT, c.PRECISION, c.STATUS],
    )
    return replace(
        towns,
        firms=firms,
        parks=parks.set_index(c.PARK_ID, drop=False).rename_axis(None),
        hubs=hubs.set_index(c.HUB_ID, drop=False).rename_axis(None),
    )
