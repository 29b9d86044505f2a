"""A register of firms that do not exist, in the shape of the reference data: to try and to measure, never to conclude.

Every row says that it is synthetic, in four columns: ``synthetic``, the id (SYN-), the name (合成企业) and the source.
Positions are scattered around real parks and streets, so a point of this register is nobody's address. The same number
of firms and the same seed give the same bytes; revenue is rounded to 1,000 CNY, which also hides the last bit in which
the logarithms of two processors may differ.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data import columns as c
from data.calibration import ANCHOR_YEAR, BODY_MEDIAN_CNY, BODY_SIGMA, YEARS, Calibration, calibrate
from data.dataset import Dataset
from data.errors import DataError, UnknownFormat
from geo.grid_index import AreaIndex
from geo.locate import index_areas

MOST_FIRMS = 20_000_000
MOST_IN_TAIL = 0.1  # of a subsector's firms
DIGITS = 6
ROUND_CNY = 1_000
TRIES = 6
DEGREE_M = 111_320.0
SUFFIXES = (".parquet", ".csv")


def synthesize(firms: int, seed: int, reference: Dataset) -> pd.DataFrame:
    """A synthetic register.

    Parameters
    ----------
    firms : int
        How many, 1 to 20 million.
    seed : int
        0 or more.
    reference : Dataset
        What it is calibrated on, and whose districts hold the points.

    Returns
    -------
    DataFrame
        One row a firm: firm_id, name, subsector_id, registered_district_id, lon, lat, location_precision and place_id
        (the park or street that it is scattered around), year 2023 with revenue_cny, revenue_2019_cny to
        revenue_2022_cny (missing before the firm is observed), synthetic, source.

    Raises
    ------
    DataError
        When the number of firms or the seed is out of range.
    """
    if not 1 <= firms <= MOST_FIRMS or seed < 0:
        raise DataError(f"firms came as {firms}, seed as {seed}; expected 1 to {MOST_FIRMS:,} firms, a seed from 0")
    source = f"synthetic, seed {seed}"
    rng, numbers = np.random.default_rng(seed), range(1, firms + 1)
    return register_rows(numbers, DIGITS, rng, calibrate(reference), index_areas(reference.districts), source=source)


def register_rows(
    numbers: range, digits: int, rng: np.random.Generator, shape: Calibration, areas: AreaIndex, *, source: str
) -> pd.DataFrame:
    """Rows of a register with these numbers.

    Parameters
    ----------
    numbers : range
    digits : int
        How many digits a number has at least, so that ids ascend.
    rng : numpy.random.Generator
        The only source of chance.
    shape : Calibration
    areas : AreaIndex
        Hold the points; the districts of the spots are among them.
    source : str
        What the rows say of themselves, beginning with ``synthetic``.
    """
    firms = len(numbers)
    subsector = rng.choice(len(shape.subsectors), firms, p=shape.subsector_share)
    spot = rng.choice(len(shape.spots), firms, p=shape.spots["share"].to_numpy())
    lon, lat = _scatter(spot, shape.spots, areas, rng)
    revenue = _revenues(subsector, shape, rng)
    columns: dict[str, object] = {
        c.FIRM_ID: [f"SYN-{i:0{digits}d}" for i in numbers],
        c.NAME: [f"合成企业 {i:0{digits}d}" for i in numbers],
        c.SUBSECTOR_ID: np.array(shape.subsectors, object)[subsector],
        c.REGISTERED_DISTRICT_ID: shape.spots[c.DISTRICT_ID].to_numpy(object)[spot],
        c.LON: lon,
        c.LAT: lat,
        c.LOCATION_PRECISION: shape.spots[c.LOCATION_PRECISION].to_numpy(object)[spot],
        c.PLACE_ID: shape.spots[c.PLACE_ID].to_numpy(object)[spot],
        c.YEAR: YEARS[-1],
        c.REVENUE_CNY: revenue[YEARS[-1]],
        **{revenue_column(year): revenue[year] for year in YEARS[:-1]},
        c.SYNTHETIC: True,
        c.SOURCE: source,
    }
    text = [name for name in columns if name in (c.FIRM_ID, c.NAME, c.SUBSECTOR_ID, c.REGISTERED_DISTRICT_ID,
                                                 c.LOCATION_PRECISION, c.PLACE_ID, c.SOURCE)]  # fmt: skip
    return pd.DataFrame(columns).astype(dict.fromkeys(text, "str"))


def revenue_column(year: int) -> str:
    """Name of the column with the revenue of an earlier year."""
    return c.of_year(c.REVENUE_CNY, year)


def write_register(register: pd.DataFrame, path: Path) -> None:
    """Write a register as Parquet or CSV (UTF-8 with a byte order mark, for Excel).

    Raises
    ------
    UnknownFormat
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UnknownFormat(path.suffix, SUFFIXES)
    table = pa.Table.from_pandas(register, preserve_index=False)
    if path.suffix.lower() == ".parquet":
        pq.write_table(table, path, compression="zstd")
        return
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pyarrow.csv.write_csv(table, file)


def _revenues(subsector: NDArray[np.int64], shape: Calibration, rng: np.random.Generator) -> dict[int, pd.Series]:
    """Revenue of each year, CNY: the anchor year is drawn, the others grow from it."""
    firms = len(subsector)
    size = BODY_MEDIAN_CNY * np.exp(BODY_SIGMA * rng.standard_normal(firms))
    chance = np.minimum(shape.tail_firms / np.maximum(np.bincount(subsector, minlength=len(shape.subsectors)), 1), 1)
    large = np.flatnonzero(rng.random(firms) < np.minimum(chance, MOST_IN_TAIL)[subsector])
    size[large] = _tail(subsector[large], shape, rng)
    level = {ANCHOR_YEAR: np.log(size)}
    for year in YEARS[YEARS.index(ANCHOR_YEAR) + 1 :]:
        level[year] = level[year - 1] + _grown(shape, year, firms, rng)
    for year in reversed(YEARS[: YEARS.index(ANCHOR_YEAR)]):
        level[year] = level[year + 1] - _grown(shape, year + 1, firms, rng)
    age = rng.random(firms)
    revenues = {}
    for year in YEARS:
        thousands = np.maximum(np.rint(np.exp(level.pop(year)) / ROUND_CNY), 1).astype(np.int64)
        whole = pd.Series(thousands * ROUND_CNY)
        revenues[year] = whole if shape.present[year] >= 1 else whole.astype("Int64").mask(age >= shape.present[year])
    return revenues


def _tail(subsector: NDArray[np.int64], shape: Calibration, rng: np.random.Generator) -> NDArray[np.float64]:
    """Pareto from the floor of each subsector, cut off at the cap."""
    floor, index = shape.tail_floor_cny[subsector], shape.tail_index[subsector]
    below_cap = 1 - (floor / shape.cap_cny) ** index
    return np.asarray(floor * (1 - rng.random(len(subsector)) * below_cap) ** (-1 / index))


def _grown(shape: Calibration, year: int, firms: int, rng: np.random.Generator) -> NDArray[np.float64]:
    mean, deviation = shape.growth[year]
    return mean + deviation * rng.standard_normal(firms)


def _scatter(
    spot: NDArray[np.int64], spots: pd.DataFrame, areas: AreaIndex, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places around the hot spots, inside their districts.

    What falls outside is drawn again, nearer each time; at last it is put on its hot spot, which for a street whose
    outline is approximate may itself lie outside.
    """
    centre_lon, centre_lat = (spots[name].to_numpy(np.float64)[spot] for name in (c.LON, c.LAT))
    spread = spots["spread_m"].to_numpy(np.float64)[spot] / DEGREE_M
    home = pd.Index(areas.area_ids).get_indexer(spots[c.DISTRICT_ID])[spot]
    lon, lat = centre_lon.round(6), centre_lat.round(6)
    left = np.arange(len(spot))
    for attempt in range(TRIES):
        east, north = rng.standard_normal((2, len(left))) * spread[left] / 1.5**attempt
        try_lon = (centre_lon[left] + east / np.cos(np.radians(centre_lat[left]))).round(6)
        try_lat = (centre_lat[left] + north).round(6)
        inside = areas.locate(try_lon, try_lat) == home[left]
        lon[left[inside]], lat[left[inside]] = try_lon[inside], try_lat[inside]
        left = left[~inside]
        if not len(left):
            break
    return lon, lat
