"""What a request may ask for: the query parameters, each declared once.

The models below check what comes and are what ``api.ogc.definition`` describes, so that the document and the check
cannot differ. What they do not name is refused, and so is a parameter that stands twice.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from api.ogc.periods import DATETIME, Period, read_period
from api.ogc.properties import filters_of
from data.errors import UnknownChoice

DEFAULT_LIMIT, MOST = 100, 1_000
MOST_SKIPPED = 10**9
NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
WHOLE = re.compile(r"\d{1,12}", re.ASCII)
VERSION = r"^[0-9A-Za-z-]{1,40}(\.[0-9a-f]{8})?$"
MOST_LETTERS = 120  # so that all filters of a collection at once fit into an address

Box = tuple[float, float, float, float]
"""West, south, east, north; west is larger than east in a box across the antimeridian."""


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not WHOLE.fullmatch(value):
            raise ValueError("expected a whole number in digits")
        return int(value)
    return value


def _limit(value: object) -> object:
    number = _whole(value)
    return min(number, MOST) if isinstance(number, int) else number


def _numbers(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = value.split(",")
    if len(parts) not in (4, 6) or not all(NUMBER.fullmatch(part.strip()) for part in parts):
        raise ValueError("expected four numbers (west,south,east,north), or six with heights")
    return [float(part) for part in parts]


def _box(numbers: list[float] | None) -> list[float] | None:
    if numbers is None:
        return None
    west, south, east, north = flat(numbers)
    if not all(abs(number) < float("inf") for number in numbers):
        raise ValueError("expected finite numbers")
    if south > north:
        raise ValueError("the second number (south) is larger than that of the north")
    if west > east and not (east >= -180 and west <= 180):
        raise ValueError("west is larger than east, which a box across 180 degrees may be only within -180 and 180")
    return numbers


def _period(value: object) -> object:
    if isinstance(value, str):
        read_period(value)
    return value


class Plain(BaseModel):
    """Parameters of every address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    f: Annotated[Literal["json"], Field(description="Format of the answer, whatever the Accept header says.")] = "json"


M = TypeVar("M", bound=Plain)


class OfVersion(Plain):
    """Parameters of what is read from one version of the data."""

    data: Annotated[
        str,
        Field(
            pattern=VERSION,
            max_length=60,
            description="Version of the data that the answer must be of, as a next link names it; the current one "
            "without it. Another than the current one is opened for the government of the city only, and the others "
            "are told that the version has changed (410).",
        ),
    ] = ""


class Items(OfVersion):
    """Parameters of a page of features; those of a collection have its filters too."""

    limit: Annotated[
        int,
        Field(ge=1),
        BeforeValidator(_limit),
        Field(
            description=f"Most features of a page; more than {MOST} gives {MOST}.",
            json_schema_extra={"maximum": MOST},
        ),
    ] = DEFAULT_LIMIT
    offset: Annotated[
        int,
        Field(ge=0, le=MOST_SKIPPED),
        BeforeValidator(_whole),
        Field(description="Features to skip; a next link fills it in."),
    ] = 0
    bbox: Annotated[
        list[float] | None,
        BeforeValidator(_numbers),
        AfterValidator(_box),
        Field(
            description="West, south, east, north in degrees (CRS84), or with heights, which nobody looks at; west is "
            "larger than east in a box across the antimeridian. Features without a place match too, and come last.",
            json_schema_extra={"minItems": 4, "maxItems": 6},
        ),
    ] = None
    datetime: Annotated[
        str,
        Field(pattern=DATETIME),
        BeforeValidator(_period),
        Field(
            description="A date or an interval (RFC 3339). Figures are of its latest year that has observations; "
            "without it, of the latest year that is well covered. Firms observed in other years only are left out, "
            "and so are totals when no year lies in it; what has no year matches.",
        ),
    ] = ""


@dataclass(frozen=True)
class Wish:
    """What a request asks of a collection.

    Attributes
    ----------
    limit, offset : int
    box : Box or None
    period : Period or None
    filters : tuple of (name, value)
    version, digest : str
        That the answer must be of; empty for the current version.
    """

    limit: int
    offset: int
    box: Box | None
    period: Period | None
    filters: tuple[tuple[str, str], ...]
    version: str
    digest: str


@cache
def items_model(collection: str) -> type[Items]:
    """Parameters of a page of one collection."""
    filters: dict[str, Any] = {
        str(each.column): (
            Annotated[str, Field(max_length=MOST_LETTERS, description=f"Only where it equals this: {each.about}.")],
            "",
        )
        for each in filters_of(collection)
    }
    return create_model(f"Items_{collection}", __base__=Items, **filters)


def read_plain(query: Iterable[tuple[str, str]]) -> None:
    """Check the query of an address that has no parameters of its own.

    Raises
    ------
    ValueError
        One sentence.
    """
    _read(query, Plain)


def read_version(query: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Version and digest that one feature is asked of; see ``read_wish``."""
    version, _, digest = _read(query, OfVersion).data.partition(".")
    return version, digest


def read_wish(query: Iterable[tuple[str, str]], collection: str) -> Wish:
    """What a query asks of a collection; a filter that is left empty filters nothing.

    Raises
    ------
    ValueError
        One sentence: an unknown parameter, one that stands twice, or a value that cannot be.
    """
    asked = _read(query, items_model(collection))
    version, _, digest = asked.data.partition(".")
    names = (str(each.column) for each in filters_of(collection))
    return Wish(
        limit=asked.limit,
        offset=asked.offset,
        box=flat(asked.bbox) if asked.bbox else None,
        period=read_period(asked.datetime) if asked.datetime else None,
        filters=tuple((name, value) for name in names if (value := getattr(asked, name))),
        version=version,
        digest=digest,
    )


def flat(numbers: list[float]) -> Box:
    """A box without its heights."""
    half = len(numbers) // 2
    return numbers[0], numbers[1], numbers[half], numbers[half + 1]


def _read(query: Iterable[tuple[str, str]], model: type[M]) -> M:
    given: dict[str, str] = {}
    for name, value in query:
        if name not in model.model_fields:
            raise UnknownChoice("parameter", name, list(model.model_fields))
        if name in given:
            raise ValueError(f"parameter {name} stands twice; give it once")
        given[name] = value
    try:
        empty = {name for name, value in given.items() if not value and name not in Items.model_fields}
        return model.model_validate({name: value for name, value in given.items() if name not in empty})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(_sentence(str(first["loc"][0]), first["input"], first["msg"])) from None


def _sentence(name: str, value: object, problem: str) -> str:
    told = problem.removeprefix("Value error, ")
    return f"parameter {name} came as {str(value)[:80]!r}: {told[:1].lower()}{told[1:]}"
