"""Which formats GDAL may open at all: those that we read through it and no other.

GDAL has some 60 drivers; several open whatever file or address a small text names. It reads ``GDAL_SKIP`` when its
drivers register, once and for all, so the list must be in the environment before pyogrio is imported. It is made from
what this GDAL has, so that a driver of the next release is denied too; the child looks once more before it reads.
"""

from functools import cache

DRIVERS = frozenset({"ESRI Shapefile", "GeoJSON", "GPKG", "FlatGeobuf"})
_ALWAYS = {"VRT"}  # the driver of the same name for images, which no list of drivers for layers shows


@cache
def skip_list() -> str:
    """Value of ``GDAL_SKIP``: every driver that this GDAL has, but ours. Nothing is opened to find out."""
    import pyogrio

    return ",".join(sorted((set(pyogrio.list_drivers()) | _ALWAYS) - DRIVERS))


def check_drivers() -> None:
    """Raise unless every driver that is left is one of ours."""
    import pyogrio

    if more := set(pyogrio.list_drivers()) - DRIVERS:
        raise RuntimeError(f"GDAL could still open {', '.join(sorted(more))}")
