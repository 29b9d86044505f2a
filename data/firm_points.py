"""The firms of a version as a point pyramid, with the ids that its codes stand for.

Every choice of a reader that decides whether a firm's mark is drawn is one byte of the point: subsector, precision of
the place, district under both readings. A cluster's tier is none of them: it is a fact about a subsector's total in one
year, so whoever filters by tier names the subsectors that have it, as the pages do. A firm with parts in several
subsectors is one point, under its main one and with all of its revenue.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data import columns as c
from data.dataset import Dataset, Place, firm_column, firm_districts
from data.durable import replacing
from data.errors import BadTable, UnknownChoice
from data.observed import Observed, observed_rows
from data.once import once_per_dataset
from data.reference import subsector_ids
from geo.pyramid import PointPyramid
from geo.pyramid_files import load_pyramid, save_pyramid
from geo.pyramid_records import PointFilter

PRECISIONS = ("exact", "park", "street", "district", "none", "grid")
"""How well a place is known, by code; ``grid`` is the middle of a square that stands for the true place."""
NO_SUBSECTOR = 255
POINTS, IDS = "points", "points.json"
TILE_FORMAT = 1  # counts up when a tile of the same data comes to look different


@dataclass(frozen=True, eq=False)
class FirmPoints:
    """Points of the firms that have a place.

    Attributes
    ----------
    pyramid : PointPyramid
        Category is the position in ``subsectors``; years and values are the usable observations of revenue, CNY.
    subsectors : tuple of str
        Subsector ids by code: the plan's order, then others that the firms name.
    districts : tuple of str
        District ids by code, with ``'outside'`` and ``'unplaced'``.
    firm_ids : Index
        Id of each point by its row number.
    digest : str
        Digest of the firms.
    """

    pyramid: PointPyramid
    subsectors: tuple[str, ...]
    districts: tuple[str, ...]
    firm_ids: "pd.Index[str]"
    digest: str

    @property
    def stamp(self) -> str:
        """What the tiles depend on beside their address: the digest of the firms and the form of the tiles."""
        return f"{self.digest}.{TILE_FORMAT}"

    def address(self, what: Literal["png", "pbf", "scale"], **choices: object) -> str:
        """Address of the tiles for a map library, with ``{z}``, ``{x}`` and ``{y}`` left open.

        Parameters
        ----------
        what : 'png', 'pbf' or 'scale'
            Grid tiles, vector tiles, or what the colours of the grid mean (only ``{z}`` is left open).
        choices
            subsectors and precisions (iterables of ids), year, tier, place, district, data (the version); for grid
            tiles and their scale measure and theme too. What is ``None`` or empty is left out and filters nothing.

        Returns
        -------
        str
            With the stamp, so that a browser may keep the tiles for good and a new version is seen at once.
        """
        listed = {
            name: ",".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value)
            for name, value in sorted(choices.items())
            if value not in (None, "", (), [])
        }
        query = urlencode({**listed, "v": self.stamp}, safe=",")
        place = "{z}/scale.json" if what == "scale" else f"{{z}}/{{x}}/{{y}}.{what}"
        return f"/tiles/firms/{place}?{query}"

    def choose(
        self,
        *,
        subsectors: Iterable[str] | None = None,
        year: int | None = None,
        precisions: Iterable[str] | None = None,
        place: Place = "registered",
        district: str | None = None,
    ) -> PointFilter:
        """Filter of the pyramid for choices by id.

        Parameters
        ----------
        subsectors, precisions : iterable of str, optional
            Those that stay; ``None`` keeps all, none at all keeps nothing.
        year : int, optional
            Only firms with an observation of this year.
        place : 'registered' or 'operating'
            Under 'operating' firms whose office lies outside the city leave.
        district : str, optional
            Only firms that count in this district under that reading.

        Raises
        ------
        UnknownChoice
            When an id, the year or the place is none of those known here.
        """
        if year is not None:
            _position("year", year, self.pyramid.years)
        _position("place", place, ("registered", "operating"))
        where: Iterable[int] | None = None
        if district is not None:
            where = [_position("district", district, self.districts)]
        elif place == "operating":
            where = [code for code, name in enumerate(self.districts) if name != c.OUTSIDE]
        return PointFilter.choose(
            year=year,
            category=_positions("subsector", subsectors, self.subsectors),
            precision=_positions("precision", precisions, PRECISIONS),
            **{str(place): where},
        )


@once_per_dataset
def firm_points(dataset: Dataset) -> FirmPoints:
    """Points of a dataset, built once and shared by pages and routes."""
    return build_points(dataset, observed_rows(dataset))


def build_points(dataset: Dataset, observed: Observed) -> FirmPoints:
    """Points of the firms of a dataset with what was observed of them.

    Parameters
    ----------
    dataset : Dataset
    observed : Observed
        Of these firms, by their row numbers; a firm is drawn in the years that it has here.
    """
    firms = dataset.firms
    subsectors = tuple(dict.fromkeys([*subsector_ids(), *sorted(pd.Series(firms[c.SUBSECTOR_ID].unique()).dropna())]))
    districts = (*map(str, dataset.districts.index), c.OUTSIDE, c.UNPLACED)
    pyramid = PointPyramid.build(
        _degrees(firms, c.LON),
        _degrees(firms, c.LAT),
        _codes(firms[c.SUBSECTOR_ID], subsectors, NO_SUBSECTOR),
        attributes={
            "precision": _codes(firm_column(firms, c.LOCATION_PRECISION), PRECISIONS, PRECISIONS.index("none")),
            "registered": _codes(firm_districts(firms, "registered"), districts, len(districts) - 1),
            "operating": _codes(firm_districts(firms, "operating"), districts, len(districts) - 1),
        },
        observations=(observed.firm, observed.year, observed.revenue),
    )
    return FirmPoints(pyramid, subsectors, districts, pd.Index(firms[c.FIRM_ID]), dataset.firms_stamp)


def save_points(points: FirmPoints, folder: Path) -> None:
    """Write points into the folder of their version: the pyramid, and the ids that its codes stand for."""
    save_pyramid(points.pyramid, folder / POINTS)
    ids = {"digest": points.digest, "subsectors": points.subsectors, "districts": points.districts}
    with replacing(folder / IDS) as file:
        file.write(json.dumps(ids).encode())


def load_points(folder: Path, dataset: Dataset) -> FirmPoints:
    """Open the points of a version without reading them.

    Raises
    ------
    BadTable
        When they are those of another version.
    PyramidError
        When the pyramid is not there or not whole.
    """
    ids = json.loads((folder / IDS).read_text("utf-8"))
    if ids["digest"] != dataset.firms_stamp:
        raise BadTable(IDS, [f"of version {ids['digest']!r}; expected {dataset.firms_stamp!r}"])
    pyramid = load_pyramid(folder / POINTS)
    return FirmPoints(
        pyramid, tuple(ids["subsectors"]), tuple(ids["districts"]), dataset.firms.index, dataset.firms_stamp
    )


def _degrees(firms: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return pd.to_numeric(firm_column(firms, name)).to_numpy(np.float64, na_value=np.nan)


def _codes(ids: pd.Series, known: Sequence[str], otherwise: int) -> NDArray[np.uint8]:
    """Position of each id among the known ones."""
    found = pd.Index(known).get_indexer(pd.Index(ids))
    return np.where(found < 0, otherwise, found).astype(np.uint8)


def _positions(what: str, asked: Iterable[str] | None, known: Sequence[str]) -> list[int] | None:
    return None if asked is None else [_position(what, one, known) for one in asked]


def _position(what: str, asked: object, known: Sequence[object]) -> int:
    if asked not in known:
        raise UnknownChoice(what, asked, known)
    return known.index(asked)
