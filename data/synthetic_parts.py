"""A made-up register of any size, in parts, so that no more than one of them is ever in memory.

Each part has a chance of its own from the seed and its number, so a part is the same whoever writes it and in which
order; ids ascend from part to part. The largest firms are as many as in one register of the same size. Firms may be
scattered over the counties of any region of China: every county gets the same share, around one point of it and as far
as its size reaches, which says where firms could be and nothing about where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from data import columns as c
from data.calibration import Calibration, calibrate
from data.dataset import Dataset
from data.durable import replacing_path
from data.engine import partition_map
from data.errors import DataError
from data.outlines import Outlines, outlines_of, places_of
from data.progress import Progress, unheard
from data.settings import LOCAL
from data.synthetic import DEGREE_M, DIGITS, register_rows

MOST_FIRMS, MOST_IN_PART = 1_000_000_000, 5_000_000
MOST_PARTS = 100_000
ROW_GROUP = 500_000
REACH = 4.0  # a county's side is so many times the spread of its firms


@dataclass(frozen=True)
class Part:
    """One file of the register: what one task writes."""

    path: Path
    number: int
    first: int
    rows: int

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return self.path.name


@dataclass(frozen=True)
class Recipe:
    """What all parts are made from."""

    seed: int
    firms: int
    shape: Calibration
    outlines: Outlines


def write_parts(
    folder: Path,
    firms: int,
    seed: int,
    reference: Dataset,
    *,
    parts: int,
    region: gpd.GeoDataFrame | None = None,
    engine: str = LOCAL,
    progress: Progress = unheard,
) -> int:
    """Write a synthetic register as Parquet files of a folder.

    Parameters
    ----------
    folder : Path
        Made when it is not there; files of the same names are replaced.
    firms, seed : int
        As for `data.synthetic.synthesize`, up to a billion firms.
    reference : Dataset
        What it is calibrated on.
    parts : int
        How many files; at most five million firms go into one.
    region : GeoDataFrame, optional
        Counties by adcode that firms are scattered over, instead of the places of the reference set.
    engine, progress
        See `data.engine.partition_map`.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    DataError
        When a number is out of range.
    """
    if not (1 <= firms <= MOST_FIRMS and seed >= 0 and 1 <= parts <= min(firms, MOST_PARTS)):
        raise DataError(
            f"firms came as {firms}, partitions as {parts}, seed as {seed}; expected up to {MOST_FIRMS:,} firms, no "
            f"more partitions than firms or {MOST_PARTS:,}, a seed from 0"
        )
    if firms / parts > MOST_IN_PART:
        raise DataError(f"{firms:,} firms in {parts} partitions are too many for one; ask for more partitions")
    folder.mkdir(parents=True, exist_ok=True)
    shape, areas = calibrate(reference), reference.districts
    if region is not None:
        shape, areas = replace(shape, spots=county_spots(region)), region
    recipe = Recipe(seed, firms, shape, outlines_of(areas))
    wanted = _parts(folder.resolve(), firms, parts)
    return sum(partition_map(write_part, recipe, wanted, engine=engine, stage="writing", progress=progress))


def write_part(recipe: Recipe, part: Part) -> int:
    """Write one part: the task; its bytes."""
    rng = np.random.default_rng([recipe.seed, part.number])
    shape = replace(recipe.shape, tail_firms=recipe.shape.tail_firms * part.rows / recipe.firms)
    numbers = range(part.first, part.first + part.rows)
    digits = max(DIGITS, len(str(recipe.firms)))
    index = places_of(recipe.outlines).index
    source = f"synthetic, seed {recipe.seed}, part {part.number} of {recipe.firms} firms"
    rows = register_rows(numbers, digits, rng, shape, index, source=source)
    with replacing_path(part.path) as path:
        table = pa.Table.from_pandas(rows, preserve_index=False)
        pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)
        return path.stat().st_size


def county_spots(region: gpd.GeoDataFrame) -> pd.DataFrame:
    """One spot in each county, as `data.calibration.Calibration` has them: equal shares, spread with the county's size.

    Parameters
    ----------
    region : GeoDataFrame
        Counties by adcode, EPSG:4326.

    Examples
    --------
    >>> square = gpd.GeoDataFrame(geometry=[shapely.box(114, 22, 114.1, 22.1)], index=["A"], crs=4326)
    >>> county_spots(square)[["lon", "lat", "share"]].round(2).to_numpy().tolist()
    [[114.05, 22.05, 1.0]]
    """
    outlines = region.geometry.to_numpy()
    inner = shapely.point_on_surface(outlines)
    lon, lat = shapely.get_x(inner), shapely.get_y(inner)
    side_m = np.sqrt(shapely.area(outlines) * np.cos(np.radians(lat))) * DEGREE_M
    return pd.DataFrame(
        {
            c.DISTRICT_ID: region.index.to_numpy(object),
            c.PLACE_ID: region.index.to_numpy(object),
            c.LOCATION_PRECISION: "district",
            c.LON: lon,
            c.LAT: lat,
            "share": 1 / len(region),
            "spread_m": side_m / REACH,
        }
    )


def _parts(folder: Path, firms: int, parts: int) -> Sequence[Part]:
    ends = [firms * number // parts for number in range(parts + 1)]
    return [
        Part(folder / f"part-{number:05d}.parquet", number, ends[number] + 1, ends[number + 1] - ends[number])
        for number in range(parts)
    ]
