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
    SITING = "siting"
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
    Measure("clusters.specialization", "location_quotient", Section.SPECIALIZATION),
    Measure("clusters.specialization", "symmetric_location_quotient", Section.SPECIALIZATION),
    Measure("clusters.specialization_intervals", "location_quotient_interval", Section.SPECIALIZATION),
    Measure("clusters.specialization_bootstrap", "bootstrap_location_quotient", Section.SPECIALIZATION),
    Measure("clusters.specialization_bootstrap", "quotient_without_largest", Section.SPECIALIZATION),
    Measure("clusters.strength", "cluster_mapping_strength", Section.SPECIALIZATION),
    Measure("clusters.strength", "cluster_observatory_stars", Section.SPECIALIZATION),
    Measure("clusters.specialization", "krugman_index", Section.SPECIALIZATION),
    Measure("clusters.specialization", "hoover_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "herfindahl_index", Section.SPECIALIZATION),
    Measure("clusters.concentration", "gini_index", Section.SPECIALIZATION),
    Measure("clusters.inequality", "theil_index", Section.SPECIALIZATION),
    Measure("clusters.inequality", "theil_decomposition", Section.SPECIALIZATION),
    Measure("clusters.inequality", "atkinson_index", Section.SPECIALIZATION),
    Measure("clusters.geographic_concentration", "locational_gini", Section.SPECIALIZATION),
    Measure("clusters.geographic_concentration", "ellison_glaeser_index", Section.SPECIALIZATION),
    Measure("clusters.geographic_concentration", "maurel_sedillot_index", Section.SPECIALIZATION),
    Measure("clusters.similarity", "structural_similarity", Section.SPECIALIZATION),
    Measure("clusters.similarity", "similarity_test", Section.SPECIALIZATION),
    Measure("clusters.comparison", "propose_peers", Section.SPECIALIZATION),
    Measure("clusters.comparison", "district_densities", Section.SPECIALIZATION),
    Measure("clusters.ripley", "ripleys_k", Section.POINTS),
    Measure("clusters.ripley", "ripleys_l", Section.POINTS),
    Measure("clusters.ripley", "ripleys_k_envelope", Section.POINTS),
    Measure("clusters.ripley", "clark_evans", Section.POINTS),
    Measure("clusters.k_density", "k_density", Section.POINTS),
    Measure("clusters.k_density", "k_density_envelope", Section.POINTS),
    Measure("clusters.spatial_autocorrelation", "morans_i", Section.POINTS),
    Measure("clusters.spatial_autocorrelation", "gearys_c", Section.POINTS),
    Measure("clusters.spatial_autocorrelation", "getis_ord_general_g", Section.POINTS),
    Measure("clusters.hot_spots", "getis_ord_g", Section.POINTS),
    Measure("clusters.hot_spots", "local_morans_i", Section.POINTS),
    Measure("clusters.permutation_tests", "global_permutation_p", Section.POINTS),
    Measure("clusters.permutation_tests", "local_permutation_p", Section.POINTS),
    Measure("clusters.significance", "fdr_adjusted_p", Section.POINTS),
    Measure("clusters.delineation", "delineate_clusters", Section.POINTS),
    Measure("clusters.found_clusters", "find_clusters", Section.POINTS),
    Measure("clusters.cluster_stability", "cluster_stability", Section.POINTS),
    Measure("clusters.growth", "compound_growth_rate", Section.GROWTH),
    Measure("clusters.growth", "matched_growth", Section.GROWTH),
    Measure("clusters.growth_interval", "growth_interval", Section.GROWTH),
    Measure("clusters.pace", "pace_of_clusters", Section.GROWTH),
    Measure("clusters.shift_share", "shift_share", Section.GROWTH),
    Measure("clusters.comparison", "district_shift_share", Section.GROWTH),
    Measure("clusters.attribution", "lmdi_attribution", Section.GROWTH),
    Measure("clusters.growth", "required_path", Section.GROWTH),
    Measure("clusters.outlook", "project", Section.GROWTH),
    Measure("clusters.panel_outlook", "panel_outlook", Section.GROWTH),
    Measure("clusters.back_test", "backtest", Section.GROWTH),
    Measure("clusters.standing", "cluster_totals", Section.ACCOUNTING),
    Measure("clusters.standing", "district_clusters", Section.ACCOUNTING),
    Measure("clusters.standing", "coverage", Section.ACCOUNTING),
    Measure("data.cube", "cube_totals", Section.ACCOUNTING),
    Measure("data.weights", "split_amounts", Section.ACCOUNTING),
    Measure("clusters.rounding", "round_largest_remainder", Section.ACCOUNTING),
    Measure("clusters.rounding", "shares_of_whole", Section.ACCOUNTING),
    Measure("clusters.rounding", "controlled_rounding", Section.ACCOUNTING),
    Measure("clusters.suppression_rules", "primary_suppression", Section.CONFIDENTIALITY),
    Measure("clusters.disclosure", "secondary_suppression", Section.CONFIDENTIALITY),
    Measure("clusters.disclosure", "audit_suppression", Section.CONFIDENTIALITY),
    Measure("clusters.disclosure", "protect_table", Section.CONFIDENTIALITY),
    Measure("clusters.release", "release", Section.CONFIDENTIALITY),
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
    Measure("clusters.scoring", "weighted_sum", Section.SITING),
    Measure("clusters.topsis", "topsis", Section.SITING),
    Measure("clusters.pairwise_weights", "ahp_weights", Section.SITING),
    Measure("clusters.pairwise_weights", "row_geometric_mean_weights", Section.SITING),
    Measure("clusters.rank_stability", "rank_stability", Section.SITING),
    Measure("clusters.rank_stability", "rank_reversals", Section.SITING),
    Measure("clusters.siting", "rank_sites", Section.SITING),
    Measure("clusters.suitability", "suitability", Section.SITING),
    Measure("clusters.tiers", "scale_tier", Section.GOALS),
    Measure("clusters.tiers", "gap_to_next_cny", Section.GOALS),
    Measure("clusters.goals", "tally_goals", Section.GOALS),
    Measure("clusters.gaps", "close_gap", Section.GOALS),
    Measure("clusters.dependence", "without_largest", Section.GOALS),
    Measure("clusters.scenario_results", "play_scenario", Section.GOALS),
)
"""Shown on the page of methods and in ``docs/methods.md``, in this order within their sections."""


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
