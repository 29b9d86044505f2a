"""What the label of a layer says of its coordinates, and the layer in numbers that the datum doctor can judge.

A label of EPSG:4326 proves nothing, for GCJ-02 and BD-09 have no code of their own and are saved under it. A projected
system that we do not know by its zone is brought to degrees by its own definition. A system whose parameters are not
public is refused.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from data.errors import DataError
from geo.datums import Datum, mentioned_datum, read_datum
from geo.errors import UnusableDatum

_PROVES_NOTHING = (Datum.WGS84,)


def labelled(shapes: NDArray[np.object_], label: str | None) -> tuple[NDArray[np.object_], str | None]:
    """Shapes in coordinates that can be judged, and the datum that their label hints at.

    Parameters
    ----------
    shapes : ndarray of shapely geometry
    label : str or None
        ``RawTable.crs``.

    Raises
    ------
    UnusableDatum
        When the label names a system whose parameters are not public.
    DataError
        When it names a system that nobody knows.
    """
    if label is None:
        return shapes, None
    try:
        crs = CRS.from_user_input(label)
    except CRSError as error:
        raise DataError(f"the layer's coordinate system is not known: {' '.join(label.split())[:120]}") from error
    code = crs.to_epsg()
    hint = mentioned_datum(f"EPSG:{code}") if code else None
    if hint is None:
        hint = _refused_or_mentioned(crs.name)
    if hint is not None and (hint.is_projected or not crs.is_projected):
        return shapes, None if hint in _PROVES_NOTHING else hint.value
    if not crs.is_projected:
        return shapes, None
    return shapely.transform(shapes, _to_degrees(crs)), None


def points_inside(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point of each shape, itself or one inside its outline; NaN for a shape that is missing, empty or broken."""
    x, y = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    is_point = there & (shapely.get_type_id(shapes) == shapely.GeometryType.POINT)
    x[is_point], y[is_point] = shapely.get_x(shapes[is_point]), shapely.get_y(shapes[is_point])
    for i in np.flatnonzero(there & ~is_point):
        try:
            point = shapely.point_on_surface(shapes[i])
            x[i], y[i] = point.x, point.y
        except shapely.GEOSException:  # coordinates that no library can lay out
            continue
    return x, y


def _refused_or_mentioned(name: str) -> Datum | None:
    try:
        return read_datum(name)
    except UnusableDatum as error:
        if error.reason != "unknown":
            raise
    return None


def _to_degrees(crs: CRS) -> Any:
    turn = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(turn.transform(points[:, 0], points[:, 1]))

    return degrees
