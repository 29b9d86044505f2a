"""A longer search for a wrong verdict of `geo.datum_doctor` than a test has time for.

``python -m bench.datum_soak [--draws N]`` makes registers that do not exist around the real parks and streets of the
reference data, in each datum in turn, with wrong district names in 3 % of the rows, and counts how often the datum is
found, asked about, or wrong. Where rows have addresses, six in ten name their park or street; the place that is known
under the name is itself 200 m off (one standard deviation of east and of north), and one name in ten is another's.
Outlines are the districts, streets and parks of the same city, thinned and with every vertex moved.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from data import columns as c
from data.calibration import calibrate
from data.dataset import Dataset
from data.reference import load_reference
from data.synthetic import synthesize
from geo.datum import wgs84_to_bd09, wgs84_to_gcj02
from geo.datum_areas import diagnose_areas
from geo.datum_doctor import diagnose_points
from geo.datum_evidence import Diagnosis
from geo.datums import Datum, repair_areas, to_wgs84

Floats = NDArray[np.float64]
Outlines = NDArray[Any]

FIRMS_MADE = 100_000
WRONG_DISTRICT, WRONG_PLACE, NAMES_A_PLACE = 0.03, 0.1, 0.6
PLACE_OFF_M, PARK_REACH_M, STREET_REACH_M = 200.0, 300.0, 1_000.0
EAST_M, NORTH_M = 102_850.0, 111_320.0  # of a degree at 22.5 N
SHIFTS: dict[Datum, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    Datum.WGS84: lambda lon, lat: (lon, lat),
    Datum.GCJ02: wgs84_to_gcj02,
    Datum.BD09: wgs84_to_bd09,
}


class Tally(NamedTuple):
    """How a campaign ended; the residual is the largest distance from the truth after repair, metres."""

    right: int
    asked: int
    wrong: int
    residual_m: float


class Register(NamedTuple):
    """One register: what its file holds, and where its firms are."""

    x: Floats
    y: Floats
    district: NDArray[np.object_]
    anchors: tuple[Floats, Floats] | None
    precision_m: Floats
    lon: Floats
    lat: Floats


class Registers:
    """Firms scattered around the parks and streets of a reference, of which registers are drawn."""

    def __init__(self, reference: Dataset) -> None:
        made, spots = synthesize(FIRMS_MADE, 1, reference), calibrate(reference).spots
        self.areas = reference.districts
        self._lon, self._lat = made[c.LON].to_numpy(np.float64), made[c.LAT].to_numpy(np.float64)
        self._district = made[c.REGISTERED_DISTRICT_ID].to_numpy(object)
        self._ids = reference.districts.index.to_numpy(object)
        self._spot = spots.set_index(c.PLACE_ID).index.get_indexer(made[c.PLACE_ID])
        self._spots = spots[[c.LON, c.LAT]].to_numpy(np.float64)
        self._reach_m = np.where(spots[c.LOCATION_PRECISION] == "park", PARK_REACH_M, STREET_REACH_M)

    def draw(self, firms: int, datum: Datum, rng: np.random.Generator, *, addresses: bool) -> Register:
        """A register in a datum."""
        rows = rng.choice(len(self._lon), firms, replace=False)
        district = self._district[rows].copy()
        for row in np.flatnonzero(rng.random(firms) < WRONG_DISTRICT):
            district[row] = rng.choice(self._ids[self._ids != district[row]])
        spot = self._spot[rows].copy()
        elsewhere = rng.random(firms) < WRONG_PLACE
        spot[elsewhere] = rng.integers(0, len(self._spots), int(elsewhere.sum()))
        known = self._spots + rng.normal(0, PLACE_OFF_M, self._spots.shape) / (EAST_M, NORTH_M)
        anchors = np.where(rng.random(firms) < NAMES_A_PLACE, known[spot].T, np.nan)
        lon, lat = self._lon[rows], self._lat[rows]
        x, y = SHIFTS[datum](lon, lat)
        return Register(x, y, district, (anchors[0], anchors[1]) if addresses else None, self._reach_m[spot], lon, lat)

    def diagnose(self, register: Register) -> Diagnosis:
        """The doctor's word on a register."""
        return diagnose_points(
            register.x,
            register.y,
            areas=self.areas,
            named_area=register.district,
            anchors=register.anchors,
            anchor_precision_m=register.precision_m,
        )


def soak_points(
    registers: Registers, draws: int, sizes: tuple[int, ...], rng: np.random.Generator, *, addresses: bool
) -> Tally:
    """Diagnose so many registers, in each datum in turn, of sizes drawn from some."""
    right = asked = wrong = 0
    residual_m = 0.0
    for draw in range(draws):
        truth = list(SHIFTS)[draw % len(SHIFTS)]
        register = registers.draw(int(rng.choice(sizes)), truth, rng, addresses=addresses)
        found = registers.diagnose(register)
        asked += found.datum is None
        wrong += found.datum not in (None, truth) or (found.datum is not None and found.swapped)
        if found.datum is truth and not found.swapped:
            right += 1
            lon, lat = to_wgs84(register.x, register.y, found.datum)
            off_m = np.hypot((lon - register.lon) * EAST_M, (lat - register.lat) * NORTH_M)
            residual_m = max(residual_m, float(off_m.max()))
    return Tally(right, asked, wrong, residual_m)


def soak_areas(
    layer: Callable[[np.random.Generator], Outlines], reference: Dataset, draws: int, rng: np.random.Generator
) -> Tally:
    """Diagnose so many layers of one kind, in each datum in turn."""
    right = asked = wrong = 0
    residual_m = 0.0
    for draw in range(draws):
        truth, outlines = list(SHIFTS)[draw % len(SHIFTS)], layer(rng)
        found = diagnose_areas(shifted(outlines, truth), areas=reference.districts)
        asked += found.datum is None
        wrong += found.datum not in (None, truth)
        if found.datum is truth:
            right += 1
            repaired = repair_areas(shifted(outlines, truth), found.datum)
            off = np.abs(shapely.get_coordinates(repaired) - shapely.get_coordinates(outlines))
            residual_m = max(residual_m, float(off.max()) * NORTH_M)
    return Tally(right, asked, wrong, residual_m)


def shifted(outlines: Outlines, datum: Datum) -> Outlines:
    """WGS84 outlines as a file in a datum holds them."""
    return np.asarray(shapely.transform(outlines, lambda v: np.column_stack(SHIFTS[datum](*v.T))), object)


def rough(outlines: Outlines, rng: np.random.Generator, *, thinned_m: float = 50.0, moved_m: float = 40.0) -> Outlines:
    """Outlines with fewer vertices, each moved; a vertex that two outlines share moves for both alike."""

    def move(vertices: Floats) -> Floats:
        places, place = np.unique(vertices, axis=0, return_inverse=True)
        steps = rng.normal(0, moved_m, places.shape) / (EAST_M, NORTH_M)
        return np.asarray(vertices + steps[place.ravel()])

    return np.asarray(shapely.transform(shapely.simplify(outlines, thinned_m / NORTH_M), move), object)


def street_outlines(reference: Dataset) -> Outlines:
    """The districts divided among their streets by nearness: as small as 街道, and sharing the district edges."""
    streets = shapely.MultiPoint(reference.streets[[c.LON, c.LAT]].dropna().to_numpy(np.float64))
    frame = shapely.box(*reference.districts.total_bounds)
    cells = shapely.get_parts(shapely.voronoi_polygons(streets, extend_to=frame))
    districts = reference.districts.geometry.to_numpy()
    pieces = shapely.intersection(cells[:, np.newaxis], districts).ravel()
    return pieces[(shapely.area(pieces) > 1e-6) & (shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON)]


def park_outlines(reference: Dataset, rng: np.random.Generator) -> Outlines:
    """Polygons of 300 m to 2 km around the parks, that share no edge with anything."""
    parks = []
    for place in reference.parks[[c.LON, c.LAT]].dropna().to_numpy(np.float64):
        turns = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(6, 20)))
        reach_m = rng.uniform(150, 900) * rng.uniform(0.5, 1, len(turns))
        parks.append(place + np.column_stack([reach_m * np.cos(turns) / EAST_M, reach_m * np.sin(turns) / NORTH_M]))
    return np.array([shapely.Polygon(corners) for corners in parks], object)


def main() -> None:
    """Make the registers and layers, say what came, and fail where too little is found or too much is wrong."""
    parser = argparse.ArgumentParser(prog="bench.datum_soak", description=main.__doc__)
    parser.add_argument("--draws", type=int, default=1_000, help="registers of each kind")
    draws = parser.parse_args().draws
    reference, rng = load_reference(), np.random.default_rng(20230101)
    registers = Registers(reference)
    few = tuple(range(1, 11))
    failed = False
    print(f"{'':44} {'right':>7} {'asked':>7} {'wrong':>7} {'residual':>10}")
    for name, sizes, addresses, least in (
        ("200 firms, districts and addresses", (200,), True, 0.99),
        ("200 firms, districts alone", (200,), False, 0.0),
        ("500 firms, districts alone", (500,), False, 0.99),
        ("1 to 10 firms, districts and addresses", few, True, 0.0),
        ("1 to 10 firms, districts alone", few, False, 0.0),
    ):
        start = time.perf_counter()
        tally = soak_points(registers, draws, sizes, rng, addresses=addresses)
        _say(name, tally, time.perf_counter() - start)
        failed |= tally.right < least * draws or tally.wrong > 0.01 * draws or tally.residual_m >= 1
    districts, streets = reference.districts.geometry.to_numpy(), street_outlines(reference)
    layers: tuple[tuple[str, Callable[[np.random.Generator], Outlines], float], ...] = (
        ("outlines of districts", lambda rng: rough(districts, rng), 0.99),
        ("outlines of streets", lambda rng: rough(streets, rng), 0.99),
        ("outlines of eight streets", lambda rng: rough(rng.choice(streets, 8, replace=False), rng), 0.0),
        ("outlines of parks", lambda rng: park_outlines(reference, rng), 0.0),
    )
    for name, layer, least in layers:
        start = time.perf_counter()
        tally = soak_areas(layer, reference, max(draws // 10, 3), rng)
        _say(name, tally, time.perf_counter() - start)
        failed |= tally.right < least * max(draws // 10, 3) or tally.wrong > 0 or tally.residual_m >= 1
    raise SystemExit(failed)


def _say(name: str, tally: Tally, seconds: float) -> None:
    print(
        f"{name:44} {tally.right:7,} {tally.asked:7,} {tally.wrong:7,} {tally.residual_m:8.1e} m  ({seconds:.0f} s)",
        flush=True,
    )


if __name__ == "__main__":
    main()
