"""Polygons where nothing may be built, or where alone it may: a mask that a user brings for a map of squares.

Read like any stranger's file, by a process behind walls; brought to WGS84 by the datum that is told, or that the
outlines show by the edges that they share with the districts. A layer that shares none is asked about, since GCJ-02
moves a line by half a kilometre. Outlines are kept as drawn: a square is asked where its center lies, by even and odd
crossings, so nothing has to be mended first. What a mask means, and whether it is the law, nobody here can tell.

A kept mask is named by what it holds, so that a link finds the very same one again, and bringing it twice keeps one.
"""

import hashlib
import json
import os
import re
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from data.durable import replacing
from data.errors import UnusableMask
from data.layer_crs import labelled
from data.readers import Limits, read_file
from data.shelf import shelf_of
from geo.crs import STORAGE_CRS
from geo.datum_areas import diagnose_areas
from geo.datum_evidence import Verdict
from geo.datums import read_datum, repair_areas

MIB = 1 << 20
MOST_BYTES = 32 * MIB
LIMITS = Limits(upload_bytes=MOST_BYTES, unpacked_bytes=256 * MIB, features=20_000, memory_bytes=2048 * MIB)
MOST_VERTICES = 1_000_000
MOST_KEPT = 100
AT_ONCE = 2
"""Files that are read at the same time: any reader may bring one, and each may take seconds and gigabytes."""
DIGEST = re.compile(r"[0-9a-f]{16}", re.ASCII)
DIGITS = 6  # a tenth of a metre
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_FOLDER = "masks"
_LONGEST_NAME = 120
_reading = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, eq=False)
class Mask:
    """Polygons of one file.

    Attributes
    ----------
    name : str
        What the file was called; never a path that is opened.
    datum : str
        Datum that the file was in.
    polygons : ndarray of shapely geometry
        WGS84.
    left_out : int
        Features of the file that are no polygons.
    """

    name: str
    datum: str
    polygons: NDArray[np.object_]
    left_out: int = 0

    @cached_property
    def digest(self) -> str:
        """16 hexadecimal digits of a SHA-256 over the polygons, whatever their order in the file."""
        outlines = sorted(shapely.to_wkb(shapely.normalize(self.polygons), byte_order=1).tolist())
        return hashlib.sha256(b"".join(outlines)).hexdigest()[:16]

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """The polygons as a table."""
        return gpd.GeoDataFrame(geometry=self.polygons, crs=STORAGE_CRS)


def read_mask(
    path: Path,
    *,
    areas: gpd.GeoDataFrame,
    name: str | None = None,
    told_datum: str | None = None,
    limits: Limits = LIMITS,
) -> Mask:
    """The mask of a file: GeoJSON, zipped Shapefile, GeoPackage, KML or another layer that is read here.

    Parameters
    ----------
    path : Path
    areas : GeoDataFrame
        Districts of the city, EPSG:4326.
    name : str, optional
        What the file is called, where the path is a copy under another name.
    told_datum : str, optional
        Datum that a person declares; the outlines decide when left out.
    limits : Limits, optional

    Raises
    ------
    RefusedFile
        When the file is not read at all.
    UnusableMask
        ``reason``: ``no_polygons``, ``too_detailed``, ``datum`` (nobody told it and the outlines do not show it),
        ``elsewhere`` (no polygon is near the city).
    UnusableDatum
        When the datum that was told has no public parameters, or is none.
    """
    named = (name or path.name)[:_LONGEST_NAME]
    with _reading:
        raw = read_file(path, name=named, limits=limits)
    if raw.geometry is None:
        raise UnusableMask(named, "no_polygons")
    shapes = shapely.from_wkb(raw.geometry.to_numpy(zero_copy_only=False), on_invalid="ignore")
    right = np.isin(shapely.get_type_id(shapes), _POLYGONS) & ~shapely.is_empty(shapes)
    if not right.any():
        raise UnusableMask(named, "no_polygons")
    if (vertices := int(shapely.get_num_coordinates(shapes[right]).sum())) > MOST_VERTICES:
        raise UnusableMask(named, "too_detailed", vertices=f"{vertices:,}", most=f"{MOST_VERTICES:,}")
    polygons, hint = labelled(shapely.force_2d(shapes[right]), raw.crs)
    told = None if told_datum is None else read_datum(told_datum).value
    diagnosis = diagnose_areas(polygons, areas=areas, declared=told, hint=hint)
    datum = told or (None if diagnosis.verdict is Verdict.ASK else diagnosis.datum)
    if datum is None:
        raise UnusableMask(named, "datum")
    placed = shapely.set_precision(
        repair_areas(polygons, datum, swapped=diagnosis.swapped), 10.0**-DIGITS, mode="pointwise"
    )
    west, south, east, north = areas.total_bounds
    bounds = shapely.bounds(placed)
    with np.errstate(invalid="ignore"):
        near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    if not near.any():
        raise UnusableMask(named, "elsewhere")
    return Mask(named, str(getattr(datum, "value", datum)), placed[near], int((~right).sum()))


def keep_mask(mask: Mask, home: Path) -> None:
    """Keep a mask in a workspace, under its digest; of very many those that nobody asked for longest go.

    Raises
    ------
    OSError
        When the disk is full, or cannot be written.
    """
    folder = home / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{mask.digest}.geojson"
    if path.exists():
        os.utime(path)
        return
    features = [
        f'{{"type":"Feature","properties":{{}},"geometry":{outline}}}'
        for outline in shapely.to_geojson(mask.polygons).tolist()
    ]
    told = {"name": mask.name, "datum": mask.datum, "left_out": mask.left_out}
    head = json.dumps(told, ensure_ascii=False)
    with replacing(path) as file:
        file.write(f'{{"type":"FeatureCollection","jiqun":{head},"features":[\n'.encode())
        file.write(",\n".join(features).encode())
        file.write(b"\n]}\n")
    shelf_of(home).share(_FOLDER, f"{mask.digest}/{path.name}", path.read_bytes(), most=MOST_KEPT)
    oldest = sorted(folder.glob("*.geojson"), key=lambda one: one.stat().st_mtime)
    for one in oldest[:-MOST_KEPT]:
        one.unlink(missing_ok=True)


def kept_mask(digest: str, home: Path) -> Mask | None:
    """The mask that a workspace keeps under a digest; ``None`` when it has none, or not that one any more."""
    path = home / _FOLDER / f"{digest}.geojson"
    if not DIGEST.fullmatch(digest):
        return None
    try:
        if not path.is_file():  # it may have been brought to another server
            if (brought := shelf_of(home).shared(_FOLDER, digest).get(path.name)) is None:
                return None
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                file.write(brought)
        kept = json.loads(path.read_text("utf-8"))
        outlines = [json.dumps(feature["geometry"]) for feature in kept["features"]]
        told = kept["jiqun"]
        mask = Mask(str(told["name"]), str(told["datum"]), shapely.from_geojson(outlines), int(told["left_out"]))
        os.utime(path)
    except (OSError, ValueError, KeyError, TypeError, shapely.GEOSException):
        return None
    return mask if mask.digest == digest else None
