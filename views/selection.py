"""All that a reader has chosen, as named, checked fields that come from the address of the page and go back to it.

An address with a value that nobody knows still opens: the field falls back to its default.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import urlencode

from clusters.measures import MEASURES as DOCUMENTED
from clusters.measures import Section
from data import lookup
from data.dataset import Dataset, Place
from views.compare_choices import CompareChoices
from views.gaps_choices import GapsChoices
from views.page_choices import PageChoices, written_fields
from views.sites_choices import SitesChoices
from views.units_choices import UnitsChoices
from views.words import LANGUAGES, Language

Measure = Literal["revenue", "firms", "density", "share"]
TierFilter = Literal["all", "CNY_1E11", "CNY_1E10", "BELOW"]
Precision = Literal["exact", "park", "street", "district", "grid"]
Layer = Literal["districts", "parks", "firms"]
Extra = Literal["ground"]
FocusKind = Literal["district", "park", "street", "firm", "stack", "cluster", "ground"]

MEASURES: tuple[Measure, ...] = get_args(Measure)
TIERS: tuple[TierFilter, ...] = get_args(TierFilter)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
LAYERS: tuple[Layer, ...] = get_args(Layer)
EXTRAS: tuple[Extra, ...] = get_args(Extra)
FILTERS = ("subsectors", "tier", "precisions", "measure", "hide", "show")  # they change no figure, only which are shown
METHODS: tuple[str, ...] = (*Section, *(measure.id for measure in DOCUMENTED))
JOB_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
NUMBER = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
PLACES: tuple[Place, ...] = get_args(Place)
OF_PAGES: dict[str, type[PageChoices]] = {
    "compare": CompareChoices,
    "sites": SitesChoices,
    "gaps": GapsChoices,
    "units": UnitsChoices,
}
"""Pages with choices of their own, by the last part of their address, which is also the name of the field."""


@dataclass(frozen=True)
class Focus:
    """The one thing that a reader looks at."""

    kind: FocusKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Selection:
    """Choices of one reader; every field has its place in the address.

    Attributes
    ----------
    year : int or None
        ``None`` is the data's default year.
    subsectors : tuple of str
        None chosen means all.
    precisions : tuple of str
        Precisions of the firm marks that are drawn; none chosen means all.
    hide : tuple of str
        Layers of the map that are switched off.
    show : tuple of str
        Layers that are off unless a reader switches them on.
    job : str
        The file that is on its way into the data; it stands in the address of that page alone.
    method : str
        What is open on the page of methods: the id of a measure or of a section. It stands in the address of that page
        alone, as ``measure``, where another page has the measure of its map.
    compare, sites, gaps : PageChoices
        Choices of those pages; they stand in the address of that page alone.
    """

    year: int | None = None
    subsectors: tuple[str, ...] = ()
    measure: Measure = "revenue"
    tier: TierFilter = "all"
    precisions: tuple[Precision, ...] = ()
    place: Place = "registered"
    district: str = ""
    focus: Focus | None = None
    hide: tuple[Layer, ...] = ()
    show: tuple[Extra, ...] = ()
    lang: Language = "zh"
    job: str = ""
    method: str = ""
    compare: CompareChoices = field(default_factory=CompareChoices)
    sites: SitesChoices = field(default_factory=SitesChoices)
    gaps: GapsChoices = field(default_factory=GapsChoices)
    units: UnitsChoices = field(default_factory=UnitsChoices)

    def with_(self, **changes: Any) -> "Selection":
        """The same selection with some fields changed."""
        return replace(self, **changes)

    def on(self, page: str, **changes: Any) -> "Selection":
        """The same selection with some of a page's own choices changed."""
        return replace(self, **{page: replace(getattr(self, page), **changes)})

    def query(self, page: str = "") -> dict[str, str]:
        """The fields that differ from their defaults, as they stand in the address of a page."""
        written = {name: text for name, text in written_fields(self).items() if name not in OF_PAGES}
        if "method" in written:
            written["measure"] = written.pop("method")
        return written | (getattr(self, page).query() if page in OF_PAGES else {})


def address_of(page: str, chosen: Selection, *, base: str = "") -> str:
    """Address of a page with a selection; ``base`` is where the app is reached, without it the path alone.

    Examples
    --------
    >>> address_of("district", Selection(district="440305"), base="https://jiqun.example/")
    'https://jiqun.example/district?district=440305'
    """
    query = urlencode(chosen.query(page), safe=",:;")
    return f"{base.rstrip('/')}/{page}" + (f"?{query}" if query else "")


def read_selection(
    query: Mapping[str, str],
    dataset: Dataset,
    subsector_ids: tuple[str, ...],
    *,
    page: str = "",
    held: Selection | None = None,
) -> Selection:
    """Selection that the address of a page asks for; unknown values are left at their defaults.

    Parameters
    ----------
    query : mapping of str to str
        Parameters of the address.
    dataset : Dataset
        Says which years, districts, firms, parks and streets exist.
    subsector_ids : tuple of str
        Subsectors of the plan.
    page : str
        Last part of the address.
    held : Selection, optional
        What was chosen before; choices of other pages stay as they are there.
    """

    def one(name: str, known: tuple[Any, ...], default: Any) -> Any:
        return query[name] if query.get(name) in known else default

    def some(name: str, known: tuple[Any, ...]) -> tuple[Any, ...]:
        asked = query.get(name, "").split(",")
        return tuple(k for k in known if k in asked)

    asked_year = query.get("year", "")
    year = int(asked_year) if asked_year.isdecimal() and int(asked_year) in dataset.years else None
    return Selection(
        year=None if year == dataset.default_year else year,
        subsectors=some("subsectors", subsector_ids),
        measure=one("measure", MEASURES, "revenue"),
        tier=one("tier", TIERS, "all"),
        precisions=some("precisions", PRECISIONS),
        place=one("place", PLACES, "registered"),
        district=one("district", tuple(dataset.districts.index), ""),
        focus=read_focus(query.get("focus", ""), dataset, subsector_ids),
        hide=some("hide", LAYERS),
        show=some("show", EXTRAS),
        lang=one("lang", LANGUAGES, "zh"),
        job=query["job"] if JOB_ID.fullmatch(query.get("job", "")) else "",
        method=one("measure", METHODS, ""),
        **{
            name: kind.read(query, dataset, subsector_ids) if name == page else getattr(held or Selection(), name)
            for name, kind in OF_PAGES.items()
        },
    )


def read_focus(text: str, dataset: Dataset, subsector_ids: tuple[str, ...]) -> Focus | None:
    """Focus from ``kind:id``; ``None`` when there is no such thing."""
    kind, _, asked = text.partition(":")
    known: dict[str, Callable[[], bool]] = {
        "district": lambda: asked in dataset.districts.index,
        "park": lambda: asked in dataset.parks.index,
        "street": lambda: asked in dataset.streets.index,
        "firm": lambda: lookup.firm(dataset, asked) is not None,
        "stack": lambda: lookup.has_place(dataset, asked),
        "cluster": lambda: asked in subsector_ids,
        "ground": lambda: NUMBER.fullmatch(asked) is not None,  # which there are is known once they were found
    }
    return Focus(cast(FocusKind, kind), asked) if kind in known and known[kind]() else None
