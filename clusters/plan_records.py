"""What a plan is made of: targets, subsectors, tasks, safeguards, places and ambiguities, as frozen strict records.

A record holds what the text says (``quote``) beside what a machine can check (``value_cny``, ``operator``). The five
kinds of target are five classes, so that a field on the wrong kind is an unknown field. Left out: a level is always
money; a level in any other unit is a qualitative target until a measure needs it.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from clusters.errors import NoRequiredPath
from clusters.growth import discounted_path
from data.indicator_names import CNY_PER_UNIT

Words = Annotated[str, StringConstraints(pattern=r"\S")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Adcode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Geography = Annotated[str, StringConstraints(pattern=r"^\d{6}(-[A-Z]{2})?$")]  # the city's adcode or a district_id
Year = Annotated[int, Field(ge=1949, le=2149)]
Option = str | int
Axis = Literal["measure", "nesting", "base_year", "place", "firm_nesting", "counting"]

AXIS_OPTIONS: dict[Axis, frozenset[Option] | None] = {
    "measure": frozenset({"revenue", "gross_output", "value_added"}),
    "nesting": frozenset({"disjoint", "nested"}),
    "base_year": None,  # any year
    "place": frozenset({"registered", "operating"}),
    "firm_nesting": frozenset({"nested", "disjoint"}),
    "counting": frozenset({"stock", "net_new"}),
}


def amount_to_cny(value: int | float, unit: str) -> int:
    """Printed amount as whole CNY.

    Raises
    ------
    ValueError
        When the unit is not one of money, or the amount is not a whole number of CNY.

    Examples
    --------
    >>> amount_to_cny(1900, "亿元"), amount_to_cny(1.6, "万亿元")
    (190000000000, 1600000000000)
    """
    if unit not in CNY_PER_UNIT:
        raise ValueError(f"has the unit {unit!r}; money is written in {', '.join(CNY_PER_UNIT)}")
    if not isfinite(value):
        raise ValueError(f"is {value}; write a number")
    cny = Fraction(str(value)) * CNY_PER_UNIT[unit]
    if cny.denominator != 1:
        raise ValueError(f"is {value} {unit}, which is no whole number of CNY; write it in a smaller unit")
    return int(cny)


class Record(BaseModel):
    """Base of every part of a plan: frozen, strict about types, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Money(Record):
    """A printed amount with the same amount in CNY; ``value_cny`` may be left out of the file, never disagree."""

    value: int | float
    unit: str
    value_cny: int

    @model_validator(mode="before")
    @classmethod
    def _fill_cny(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "value_cny" in data:
            return data
        value, unit = data.get("value"), data.get("unit")
        if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(unit, str):
            return data  # the fields themselves say what is wrong
        return data | {"value_cny": amount_to_cny(value, unit)}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        cny = amount_to_cny(self.value, self.unit)
        if cny != self.value_cny:
            raise ValueError(
                f"has value_cny {self.value_cny}, but {self.value} {self.unit} is {cny}; correct one of them"
            )
        return self


class FirmThreshold(Money):
    """Size from which a firm counts; ``超过`` is ``>``, ``以上`` is ``>=``."""

    metric: Words
    operator: Literal[">", ">="]


class ClusterThreshold(Money):
    """Size from which a cluster counts; ``measure`` is ``None`` when the text does not say what is measured."""

    measure: Words | None = None


class PathDerived(Record):
    """Our arithmetic on a level target, in 亿元: the implied base and path. Never the plan's own words."""

    base_year: Year
    base_yi: float
    base_rounding_range_yi: tuple[float, float]
    path_yi: Mapping[int, float]
    added_over_base_yi: float


class CountDerived(Record):
    """Our even spread of a count over the years of the plan. Never the plan's own words."""

    linear_path: Mapping[int, float]


class Target(Record):
    """What the plan wants reached.

    ``geography`` is the city's adcode or a district id; ``quote`` is verbatim.
    """

    id: Id
    kind: str
    geography: Geography
    section: Words | None = None
    quote: Words | None = None

    @property
    def is_quantified(self) -> bool:
        """Whether the target names a number."""
        return isinstance(self, QuantifiedTarget)


class QualitativeTarget(Target):
    """A target in words only."""

    kind: Literal["qualitative"]


class QuantifiedTarget(Target):
    """A target with a number, due in the year ``by``."""

    metric: Words
    operator: Literal[">", ">=", "="]
    value: int | float
    unit: Words
    by: Year

    @property
    def goal(self) -> int:
        """Number to compare an actual with: CNY for a level, else a count."""
        return int(self.value)

    def is_met_by(self, actual: float) -> bool:
        """Whether an actual figure meets the goal.

        ``突破`` (``>``) is strict. A bare number (``=``, as in 新建10家) is met at or above it: ambiguity A15.
        """
        return actual > self.goal if self.operator == ">" else actual >= self.goal


class LevelTarget(Money, QuantifiedTarget):
    """An amount of money to reach, in the scope (口径) named in ``basis``."""

    kind: Literal["level"]
    basis: Words | None = None
    cagr_pct: Annotated[float, Field(gt=-100)] | None = None
    derived: PathDerived | None = None

    @property
    def goal(self) -> int:
        """Amount to reach in CNY."""
        return self.value_cny


class CountTarget(QuantifiedTarget):
    """A number of things to reach."""

    value: Annotated[int, Field(ge=0)]


class NewCountTarget(CountTarget):
    """A number of things newly built, counted from lists and not from firms."""

    kind: Literal["count_new"]
    derived: CountDerived | None = None


class FirmCountTarget(CountTarget):
    """A number of firms over a size."""

    kind: Literal["firm_count"]
    firm_threshold: FirmThreshold


class ClusterCountTarget(CountTarget):
    """A number of clusters at or over a size."""

    kind: Literal["cluster_count"]
    cluster_threshold: ClusterThreshold


AnyTarget = Annotated[
    QualitativeTarget | LevelTarget | NewCountTarget | FirmCountTarget | ClusterCountTarget, Field(discriminator="kind")
]


class Duty(Record):
    """A part of the plan that responsible units are listed for, in the order of the text."""

    id: Id
    name: Words
    section: Words | None = None
    quote: Words | None = None
    quote2: Words | None = None
    quote3: Words | None = None
    districts: tuple[Words, ...] = ()
    districts_collective: Words | None = None
    units: tuple[Words, ...] = ()
    units_quote: Words | None = None


class Subsector(Duty):
    """One of the plan's fields of industry (细分领域); ``short_name`` is the name without 产业."""

    short_name: Words
    focus: tuple[Words, ...] = ()
    demos: tuple[Words, ...] = ()
    projects: tuple[Words, ...] = ()
    new_formats: tuple[Words, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Names that it goes by: in full, short, and without 产业."""
        return frozenset({self.name, self.short_name, self.name.removesuffix("产业")})

    @model_validator(mode="before")
    @classmethod
    def _shorten(cls, data: Any) -> Any:
        if isinstance(data, dict) and "short_name" not in data and isinstance(data.get("name"), str):
            return data | {"short_name": data["name"].removesuffix("产业")}
        return data


class Task(Duty):
    """A piece of work (重点任务) and the targets it serves."""

    serves_targets: tuple[Id, ...] = ()
    spatial: bool = False
    named: tuple[Words, ...] = ()
    sectors: tuple[Words, ...] = ()
    platform_types: tuple[Words, ...] = ()
    differentiation_types: tuple[Words, ...] = ()
    unquantified_indicators: tuple[Words, ...] = ()


class Safeguard(Duty):
    """A measure that supports the whole plan (保障措施)."""

    instruments: tuple[Words, ...] = ()
    note: Words | None = None


class PathField(Record):
    """Why a subsector stands under a path: words of the text that say so of it."""

    subsector: Id
    section: Words
    quote: Words


class DevelopmentPath(Record):
    """A path of development that the text names for the districts (差异化发展路径).

    The text assigns no subsector to any; ``fields`` is ours, each with the words that it rests on. A subsector may
    stand under several paths, or under none.
    """

    id: Id
    name: Words
    section: Words
    quote: Words
    fields: tuple[PathField, ...] = Field(min_length=1)

    @property
    def subsectors(self) -> tuple[str, ...]:
        """Ids of its subsectors."""
        return tuple(field.subsector for field in self.fields)


class Place(Record):
    """A district or management zone that the text names; ``district_id`` is absent for an overlay such as 前海."""

    name: Words
    district_id: Geography | None = None
    why: Words
    section: Words
    as_unit: Words | None = None
    note: Words | None = None


class Collective(Record):
    """Districts named all at once, as in 各区政府."""

    text: Words
    section: Words
    note: Words | None = None


class Places(Record):
    """What the text names on the ground."""

    districts_named: tuple[Place, ...] = ()
    districts_by_collective: Collective | None = None
    parks_and_sites: tuple[Words, ...] = ()
    research_and_computing: tuple[Words, ...] = ()
    infrastructure: tuple[Words, ...] = ()
    note: Words | None = None


class Ambiguity(Record):
    """Something the text leaves open, our default reading of it and the alternatives.

    With an ``axis``, the targets in ``applies_to`` are tallied under each of the ``options``, of which the first is the
    default. ``only_with`` restricts that: on a target that also has the axis it names, only beside the option it names.
    """

    id: Id
    question: Words
    text: Words
    default: Words
    alternatives: tuple[Words, ...] = ()
    ui: Words | None = None
    test: Words | None = None
    risk: Words | None = None
    effect: Words | None = None
    axis: Axis | None = None
    options: tuple[Option, ...] = ()
    applies_to: tuple[Id, ...] = ()
    only_with: Mapping[Axis, Option] = Field(default_factory=dict)


class Check(Record):
    """A fact about the plan's own numbers that a reader should see."""

    id: Id
    claim: Words
    so: Words
    vs: Words | None = None


class Definition(Record):
    """The industry that the plan is about."""

    section: Words
    quote: Words
    parts: tuple[Words, ...] = ()
    status: Words | None = None
    derived_industry_codes: Mapping[str, str | Mapping[str, str]] = Field(default_factory=dict)


class Approach(Record):
    """The plan's line of thought (发展思路)."""

    section: Words
    main_lines: tuple[Words, ...] = ()
    levers: tuple[Words, ...] = ()
    positioning: tuple[Words, ...] = ()


class City(Record):
    """The city, with its six-digit adcode as text."""

    name: Words
    adcode: Adcode


class Period(Record):
    """First and last year of the plan; the base year is ours when the text does not state it."""

    start: Year
    end: Year
    base_year_assumed: Year | None = None


class Header(Record):
    """Which plan this is; ``extends`` names the plan whose subsectors it uses."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Words
    city: City
    period: Period
    extends: Words | None = None
    issuer_line: Words | None = None
    source_file: Words | None = None
    legal_basis: tuple[Words, ...] = ()


class Origin(Record):
    """Where a loaded plan comes from; written at loading, never in the file.

    ``subsectors_from`` is the id of the plan that the subsectors are written in.
    """

    path: Path
    sha256: str
    text_checked: bool
    subsectors_from: str


class FirstCounts(Record):
    """How often a unit is listed first (列首)."""

    subsectors: int = 0
    tasks: int = 0
    safeguards: int = 0


def required_path(target: Target, base_year: int) -> dict[int, int]:
    """Path that a level target implies: the goal discounted by its yearly growth, ``goal / (1 + g) ** (by - year)``.

    The base year is a reading (ambiguity A3), since the text names the growth but not the year that it starts from.
    From an observed level instead, see `clusters.growth.required_path`.

    Parameters
    ----------
    target : Target
        A level target with a growth rate.
    base_year : int
        First year of the path, before the target's year ``by``.

    Returns
    -------
    dict of int to int
        CNY by year, from ``base_year`` to ``by``, rounded to whole CNY.

    Raises
    ------
    NoRequiredPath
        When the target has no level or growth rate, or the base year is not before ``by``.

    Examples
    --------
    >>> goal = LevelTarget(id="T1", kind="level", geography="440300", metric="增加值", operator=">",
    ...                    value=1900, unit="亿元", by=2023, cagr_pct=6.5)
    >>> {year: round(cny / 1e8, 1) for year, cny in required_path(goal, 2020).items()}
    {2020: 1572.9, 2021: 1675.2, 2022: 1784.0, 2023: 1900.0}
    """
    if not isinstance(target, LevelTarget) or target.cagr_pct is None:
        raise NoRequiredPath(target.id, "it names no amount of money with a yearly growth")
    if base_year >= target.by:
        raise NoRequiredPath(target.id, f"base year {base_year} is not before {target.by}")
    growth = Fraction(str(target.cagr_pct)) / 100
    path = discounted_path(Fraction(target.value_cny), growth, target.by - base_year)
    return {year: round(cny) for year, cny in enumerate(path, base_year)}
