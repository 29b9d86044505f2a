"""Areas and parks as bytes that travel to where partitions are, and what is built from them there, once a process.

The bytes are Parquet, so that reading them runs nothing; their digest is the key of what is built. Left out: names and
everything else that places no point.
"""

import hashlib
import io
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from data import columns as c
from geo.crs import STORAGE_CRS, metric_crs
from geo.grid_index import AreaIndex
from geo.locate import index_areas

_one_builds = Lock()


@dataclass(frozen=True)
class Outlines:
    """Areas and parks as bytes; equal when their digests are.

    Attributes
    ----------
    digest : str
        SHA-256 of both.
    areas, parks : bytes
        Parquet: id and outline (WKB) of each area; id, lon and lat of each park.
    """

    digest: str
    areas: bytes = field(repr=False, compare=False)
    parks: bytes = field(repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Places:
    """What places points: the index of the areas, and the parks.

    Attributes
    ----------
    index : AreaIndex
    names : ndarray of text
        Ids of the areas by code, then ``None`` for nowhere.
    parks : DataFrame
        park_id, lon, lat.
    crs : int
        Reference system of the areas in metres.
    """

    index: AreaIndex
    names: NDArray[np.object_]
    parks: pd.DataFrame
    crs: int | str


def outlines_of(areas: gpd.GeoDataFrame, parks: pd.DataFrame | None = None) -> Outlines:
    """Areas and parks made ready to travel.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons in EPSG:4326 under their ids as index.
    parks : DataFrame, optional
        park_id, lon, lat; none when left out.
    """
    ids, wkb = [str(area) for area in areas.index], shapely.to_wkb(areas.geometry.to_numpy())
    known = pd.DataFrame({c.PARK_ID: [], c.LON: [], c.LAT: []}) if parks is None else parks
    sites = {
        c.PARK_ID: pa.array(known[c.PARK_ID].to_numpy(object), pa.string()),
        c.LON: pa.array(known[c.LON].to_numpy(np.float64)),
        c.LAT: pa.array(known[c.LAT].to_numpy(np.float64)),
    }
    packed = [_packed(pa.table({"id": ids, "outline": pa.array(wkb, pa.binary())})), _packed(pa.table(sites))]
    return Outlines(hashlib.sha256(b"".join(packed)).hexdigest(), *packed)


def places_of(outlines: Outlines) -> Places:
    """Index and parks of some outlines, built once a process, whichever of its threads asks first."""
    with _one_builds:
        return _built(outlines)


@lru_cache(maxsize=2)
def _built(outlines: Outlines) -> Places:
    table = pq.read_table(io.BytesIO(outlines.areas))
    areas = gpd.GeoDataFrame(
        geometry=shapely.from_wkb(table["outline"].to_numpy()), index=table["id"].to_pylist(), crs=STORAGE_CRS
    )
    index = index_areas(areas)
    parks = pd.DataFrame(pq.read_table(io.BytesIO(outlines.parks)).to_pandas())
    middle = float(np.mean(areas.total_bounds[[0, 2]]))
    return Places(index, np.array([*index.area_ids, None], object), parks, metric_crs(middle))


def _packed(table: pa.Table) -> bytes:
    target = pa.BufferOutputStream()
    pq.write_table(table, target, compression="zstd")
    return bytes(target.getvalue())
