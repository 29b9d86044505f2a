"""Which properties the features of each collection have: what is written, described, filtered by and checked.

A property is declared once, here. The answers, the OpenAPI document, the JSON schemas and the query parameters all come
from these tables, so that none can differ from another. Money and areas are numbers with a decimal point, years and
counts are integers: GDAL and QGIS take the type of a column from its first features, and would cut an amount above
2**31 that follows ten smaller ones.
"""

from dataclasses import dataclass
from typing import Literal

from api.ogc import own
from data import columns as c
from data.columns import Column

Kind = Literal["string", "number", "integer", "boolean"]


@dataclass(frozen=True)
class Property:
    """One property.

    Attributes
    ----------
    column : Column
        Its name, with unit and meaning.
    kind : str
        JSON type; any value may be missing (``null``).
    filters : bool
        Whether a query may ask for features in which it equals a value.
    """

    column: Column
    kind: Kind = "string"
    filters: bool = False

    @property
    def about(self) -> str:
        """Meaning, with the unit."""
        return f"{self.column.meaning} ({self.column.unit})" if self.column.unit else self.column.meaning


def _filter(column: Column) -> Property:
    return Property(column, filters=True)


TRACE = (
    Property(own.DATA_VERSION),
    Property(c.YEAR, "integer"),
    *(Property(name) for name in (own.BASIS, own.BASIS_ZH, own.BASIS_EN, own.NOTICE_ZH, own.NOTICE_EN)),
    *(Property(name) for name in (own.RELEASE_ZH, own.RELEASE_EN)),
    Property(c.SYNTHETIC, "boolean"),
)
"""What every feature says of where it comes from; the year is that of its figures, missing where it has none."""

_TOTALS = (
    Property(c.PLACE),
    Property(c.FIRMS, "integer"),
    Property(c.TOTAL_CNY, "number"),
    _filter(c.TIER),
    Property(c.GAP_CNY, "number"),
    Property(c.TOP_FIRM_ID),
    Property(c.TOP1_CNY, "number"),
    Property(c.TOP1_SHARE, "number"),
    Property(c.WITHHELD, "boolean"),
)
_SUBSECTOR = (_filter(c.SUBSECTOR_ID), Property(own.SUBSECTOR_NAME_ZH), Property(own.SUBSECTOR_NAME_EN))
_DISTRICT = (_filter(c.DISTRICT_ID), Property(own.DISTRICT_NAME_ZH), Property(own.DISTRICT_NAME_EN))
_DERIVED = (Property(own.LABEL_OF_ZH), Property(own.LABEL_OF_EN))

DISTRICTS, PARKS, FIRMS, CLUSTERS, PARTS = "districts", "parks", "firms", "clusters", "district-clusters"
PROPERTIES: dict[str, tuple[Property, ...]] = {
    DISTRICTS: (
        *map(_filter, (c.DISTRICT_ID, c.ADCODE, c.NAME)),
        *map(Property, (c.NAME_EN, c.LABEL_ZH, c.LABEL_EN)),
        *map(_filter, (c.KIND, c.PARENT_ADCODE)),
        Property(c.OFFICIAL_AREA_M2, "number"),
        *map(Property, (c.AREA_SOURCE, c.AREA_STATUS, c.PLACE)),
        Property(c.FIRMS, "integer"),
        Property(c.TOTAL_CNY, "number"),
        Property(c.WITHHELD, "boolean"),
    ),
    PARKS: (
        *map(_filter, (c.PARK_ID, c.NAME)),
        *_DISTRICT,
        _filter(c.OPERATOR),
        *map(Property, (c.FOCUS, c.AREA_TEXT)),
        *(Property(name, "number") for name in (c.AREA_M2, c.FLOOR_AREA_M2, c.VACANT_M2, c.RENT_CNY_M2_MONTH)),
        *map(Property, (c.CONTACT, c.PRECISION)),
        _filter(c.STATUS),
        *map(Property, (c.SOURCE, c.NOTE)),
    ),
    FIRMS: (
        *map(_filter, (c.FIRM_ID, c.NAME)),
        Property(c.SHORT_NAME),
        _filter(c.LISTED),
        Property(c.ADDRESS),
        _filter(c.INDUSTRY_CODE),
        *_SUBSECTOR,
        Property(c.SUBSECTOR_WEIGHTS),
        _filter(c.REGISTERED_DISTRICT_ID),
        *map(Property, (own.DISTRICT_NAME_ZH, own.DISTRICT_NAME_EN)),
        *map(_filter, (c.OPERATING_DISTRICT_ID, c.LOCATION_PRECISION, c.PLACE_ID, c.CONFIDENTIALITY)),
        Property(c.REVENUE_CNY, "number"),
        *map(Property, (c.SCOPE, c.REVENUE_STATUS, c.REVENUE_SOURCE)),
        Property(c.WITHHELD, "boolean"),
        Property(c.SOURCE),
    ),
    CLUSTERS: (*_SUBSECTOR, *_TOTALS, Property(own.PLAN)),
    PARTS: (
        *_SUBSECTOR,
        *_DISTRICT,
        *_TOTALS,
        Property(c.CITY_SHARE, "number"),
        Property(c.RANK, "integer"),
        Property(c.RANKED, "integer"),
        *_DERIVED,
        Property(own.PLAN),
    ),
}
"""Own properties of each collection, in the order in which they are written; ``TRACE`` follows."""

TIMELESS = frozenset({PARKS})
"""Collections without figures of a year."""


def filters_of(collection: str) -> tuple[Property, ...]:
    """Properties of a collection that a query may filter by."""
    return tuple(each for each in PROPERTIES[collection] if each.filters)
