"""The records of the answers, as they are written and as the OpenAPI document describes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
CONFORMS_TO = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")
)


class Record(BaseModel):
    """Base of the records: what is not there is not written."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def json_bytes(self) -> bytes:
        """The record as JSON."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


class Link(Record):
    """Where to go from here."""

    href: str
    rel: str
    type: str
    title: str | None = None
    templated: bool | None = None


class Landing(Record):
    """Where a client begins."""

    title: str
    description: str
    links: list[Link]


class Conformance(Record):
    """Classes of the standard that are kept."""

    conforms_to: Annotated[list[str], Field(alias="conformsTo")]


class Spatial(Record):
    """Where the features lie; the first box holds all of them."""

    bbox: list[Annotated[list[float], Field(min_length=4, max_length=4)]]
    crs: str = CRS84


class Temporal(Record):
    """When the figures are of."""

    interval: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    trs: str = GREGORIAN


class Extent(Record):
    """Where and when."""

    spatial: Spatial
    temporal: Temporal | None = None


class Provenance(Record):
    """Where the figures of an answer come from; the same members stand in every feature."""

    data_version: str
    year: int | None = None
    basis: str
    basis_zh: str
    basis_en: str
    notice_zh: str
    notice_en: str
    release_zh: str | None = None
    release_en: str | None = None
    synthetic: bool


class Collection(Record):
    """One collection of features."""

    id: str
    title: str
    description: str
    links: list[Link]
    extent: Extent
    item_type: Annotated[Literal["feature"], Field(alias="itemType")] = "feature"
    crs: list[str] = [CRS84]
    provenance: Provenance


class Collections(Record):
    """All collections."""

    links: list[Link]
    collections: list[Collection]


class PageHead(Record):
    """What stands before the features of a page."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    time_stamp: Annotated[str, Field(alias="timeStamp", json_schema_extra={"format": "date-time"})]
    number_matched: Annotated[int, Field(alias="numberMatched", ge=0)]
    number_returned: Annotated[int, Field(alias="numberReturned", ge=0)]
    provenance: Provenance
    links: list[Link]


class Failure(Record):
    """Why a request was not answered; one sentence says what came and what was expected."""

    code: str
    description: str
