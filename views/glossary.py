"""The terms of the app, each with one plain definition and, where there is one, the measure that computes it.

The words stand in the text files under ``term.<id>``; here is the order, by topic, and what each leads to. An id is
also an address: ``/methods?measure=term:location_quotient`` opens the term.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "term:"
TERMS_SECTION = "terms"


class Topic(StrEnum):
    """What a group of terms is about, in the order of the page."""

    PLAN = "plan"
    DATA = "data"
    STRUCTURE = "structure"
    GROWTH = "growth"
    SITES = "sites"
    MAP = "map"
    SECRECY = "secrecy"


@dataclass(frozen=True)
class Term:
    """A term with its topic and the id of the measure that says more, if any."""

    id: str
    topic: Topic
    method: str = ""

    @property
    def address(self) -> str:
        """What opens it on the page of methods."""
        return PREFIX + self.id


TERMS = (
    Term("cluster", Topic.PLAN, "cluster_totals"),
    Term("subsector", Topic.PLAN),
    Term("tier_1e11", Topic.PLAN, "scale_tier"),
    Term("tier_1e10", Topic.PLAN, "scale_tier"),
    Term("gap", Topic.PLAN, "gap_to_next_cny"),
    Term("target", Topic.PLAN, "tally_goals"),
    Term("reading", Topic.PLAN, "tally_goals"),
    Term("implied_path", Topic.PLAN, "required_path"),
    Term("derived", Topic.PLAN, "district_clusters"),
    Term("responsible", Topic.PLAN),
    Term("first_named", Topic.PLAN),
    Term("sample", Topic.DATA),
    Term("register", Topic.DATA),
    Term("scope", Topic.DATA),
    Term("group_revenue", Topic.DATA),
    Term("place", Topic.DATA),
    Term("coverage", Topic.DATA, "coverage"),
    Term("default_year", Topic.DATA, "coverage"),
    Term("version", Topic.DATA),
    Term("rounding", Topic.DATA, "controlled_rounding"),
    Term("no_data", Topic.DATA),
    Term("location_quotient", Topic.STRUCTURE, "location_quotient"),
    Term("interval", Topic.STRUCTURE, "location_quotient_interval"),
    Term("herfindahl", Topic.STRUCTURE, "herfindahl_index"),
    Term("krugman", Topic.STRUCTURE, "krugman_index"),
    Term("similarity", Topic.STRUCTURE, "krugman_index"),
    Term("dependence", Topic.STRUCTURE, "cluster_totals"),
    Term("p_value", Topic.STRUCTURE, "fdr_adjusted_p"),
    Term("ground_cluster", Topic.STRUCTURE, "find_clusters"),
    Term("stability", Topic.STRUCTURE, "cluster_stability"),
    Term("matched", Topic.GROWTH, "matched_growth"),
    Term("pace", Topic.GROWTH, "pace_of_clusters"),
    Term("shift_share", Topic.GROWTH, "shift_share"),
    Term("outlook", Topic.GROWTH, "panel_outlook"),
    Term("park", Topic.SITES),
    Term("hub", Topic.SITES),
    Term("weights", Topic.SITES, "weighted_sum"),
    Term("consistency_ratio", Topic.SITES, "ahp_weights"),
    Term("topsis", Topic.SITES, "topsis"),
    Term("rank_stability", Topic.SITES, "rank_stability"),
    Term("suitability", Topic.SITES, "suitability"),
    Term("datum", Topic.MAP, "diagnose_points"),
    Term("wgs84", Topic.MAP, "wgs84_to_gcj02"),
    Term("gcj02", Topic.MAP, "gcj02_to_wgs84"),
    Term("bd09", Topic.MAP, "bd09_to_wgs84"),
    Term("precision", Topic.MAP),
    Term("approval", Topic.MAP),
    Term("adcode", Topic.MAP),
    Term("functional_district", Topic.MAP),
    Term("withheld", Topic.SECRECY, "primary_suppression"),
    Term("second_withheld", Topic.SECRECY, "secondary_suppression"),
    Term("reader", Topic.SECRECY, "release"),
)
"""In the order of the page, by topic."""

BY_ADDRESS = {term.address: term for term in TERMS}


def terms_of(topic: Topic) -> tuple[Term, ...]:
    """The terms of a topic, in order."""
    return tuple(term for term in TERMS if term.topic is topic)
