"""Every measure that the product shows or documents: where its code stands and in which section it is read.

A measure is a public function; its name is its id everywhere: in links, in the readers' words, in ``docs/methods.md``.
Adding one is a line in ``MEASURES`` and its words. A module is imported when its measure is read and not before, so the
list costs nothing. What a value means and what it cannot tell stands in the docstring (``clusters.measure_docs``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from clusters.errors import UnknownMeasure
from clusters.measure_docs import MeasureDoc, read_docs


class Section(StrEnum):
    """The question that a group of measures answers; the order is that of the page."""

    SPECIALIZATION = "specialization"
    POINTS = "points"
    GROWTH = "growth"
    ACCOUNTING = "accounting"
    CONFIDENTIALITY = "confidentiality"
    PLACING = "placing"
    GOALS = "goals"


@dataclass(frozen=True)
class Measure:
    """A documented function."""

    module: str
    id: str
    section: Section

    @property
    def path(self) -> str:
        """Where the code stands, as in ``clusters.growth.compound_growth_rate``."""
        return f"{self.module}.{self.id}"

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself; its module is imported now."""
        found: Callable[..., Any] = getattr(import_module(self.module), self.id)
        return found

    @property
    def docs(self) -> MeasureDoc:
        """What its docstring says, read once."""
        return _docs_of(self)


MEASURES = (
    Measure("clusters.growth", "compound_growth_rate", Section.GROWTH),
    Measure("clusters.growth", "matched_growth", Section.GROWTH),
    Measure("clusters.pace", "pace_of_clusters", Section.GROWTH),
    Measure("clusters.standing", "cluster_totals", Section.ACCOUNTING),
    Measure("clusters.standing", "district_clusters", Section.ACCOUNTING),
    Measure("clusters.standing", "coverage", Section.ACCOUNTING),
    Measure("data.cube", "cube_totals", Section.ACCOUNTING),
    Measure("data.weights", "split_amounts", Section.ACCOUNTING),
    Measure("geo.locate", "locate_areas", Section.PLACING),
    Measure("geo.locate", "locate_parks", Section.PLACING),
    Measure("geo.locate", "locate_near", Section.PLACING),
    Measure("geo.datum_doctor", "diagnose_points", Section.PLACING),
    Measure("geo.datum", "wgs84_to_gcj02", Section.PLACING),
    Measure("geo.datum", "gcj02_to_wgs84", Section.PLACING),
    Measure("geo.datum", "gcj02_to_bd09", Section.PLACING),
    Measure("geo.datum", "bd09_to_gcj02", Section.PLACING),
    Measure("geo.datum", "wgs84_to_bd09", Section.PLACING),
    Measure("geo.datum", "bd09_to_wgs84", Section.PLACING),
    Measure("clusters.tiers", "scale_tier", Section.GOALS),
    Measure("clusters.tiers", "gap_to_next_cny", Section.GOALS),
    Measure("clusters.goals", "tally_goals", Section.GOALS),
)
"""Shown on the page of methods and in ``docs/methods.md``, in this order within their sections."""

AWAITED = (
    Measure("clusters.specialization", "location_quotient", Section.SPECIALIZATION),
    Measure("clusters.specialization", "symmetric_location_quotient", Section.SPECIALIZATION),
    Measure("clusters.specialization", "location_quotient_interval", Section.SPECIALIZATION),
    Measure("clusters.specialization", "krugman_index", Section.SPECIALIZATION),
    Measure("clusters.specialization", "hoover_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "herfindahl_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "gini_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "theil_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "ellison_glaeser_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "ripleys_k", Section.POINTS),
    Measure("clusters.concentration", "k_density", Section.POINTS),
    Measure("clusters.hot_spots", "morans_i", Section.POINTS),
    Measure("clusters.hot_spots", "getis_ord_g", Section.POINTS),
    Measure("clusters.delineation", "delineate_clusters", Section.POINTS),
    Measure("clusters.growth", "shift_share", Section.GROWTH),
    Measure("clusters.growth", "required_path", Section.GROWTH),
    Measure("clusters.outlook", "project", Section.GROWTH),
    Measure("clusters.disclosure", "primary_suppression", Section.CONFIDENTIALITY),
    Measure("clusters.disclosure", "secondary_suppression", Section.CONFIDENTIALITY),
    Measure("clusters.disclosure", "round_largest_remainder", Section.CONFIDENTIALITY),
)
"""Their words are ready and their code is not here yet; a test says when a line has to move up."""


def measure(measure_id: str) -> Measure:
    """The measure of an id.

    Raises
    ------
    UnknownMeasure

    Examples
    --------
    >>> measure("scale_tier").path
    'clusters.tiers.scale_tier'
    """
    for each in MEASURES:
        if each.id == measure_id:
            return each
    raise UnknownMeasure(measure_id, [each.id for each in MEASURES])


def measures_of(section: Section) -> tuple[Measure, ...]:
    """The measures of a section, in order."""
    return tuple(each for each in MEASURES if each.section is section)


@cache
def _docs_of(each: Measure) -> MeasureDoc:
    return read_docs(each.function)
