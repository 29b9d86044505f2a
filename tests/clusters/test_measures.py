"""Every listed measure exists, is documented in full, and no public measure of its module is left out."""

from importlib import import_module
from inspect import getmodule, isfunction

import pytest

from clusters.errors import UnknownMeasure
from clusters.measures import MEASURES, Measure, Section, measure, measures_of
from views.words import LANGUAGES, words

# public functions beside the measures: parts of them, choices, conversions that only repeat what others did
HELPERS = {
    "clusters.cluster_stability": {"stability_word"},
    "clusters.comparison": {"district_structure", "district_years"},
    "clusters.dependence": {"observed_total"},
    "clusters.gaps": {"park_room"},
    "clusters.geographic_concentration": {"geographic_concentration"},
    "clusters.growth": {"discounted_path", "distance_to_path"},
    "clusters.growth_interval": {"growth_with_intervals"},
    "clusters.hot_spots": {"getis_ord_g_on_grid"},
    "clusters.delineation": {"cell_centers"},
    "clusters.k_density": {"k_density_bandwidth"},
    "clusters.pace": {"revenue_rate"},
    "clusters.pairwise_weights": {"least_consistent_judgment"},
    "clusters.panel_outlook": {"panel_series", "panel_years"},
    "clusters.scoring": {"rank_of", "read_alternatives", "scores_of"},
    "clusters.similarity": {"similarity_test_by_amount"},
    "clusters.scenario_results": {"change_from_moves", "scenario_goals"},
    "clusters.siting": {"parks_of", "scoring_options", "years_of"},
    "clusters.suitability": {"squares_of"},
    "clusters.topsis": {"closeness_of", "squared_distances"},
    "clusters.release": {"is_visible", "safety_rule", "visible_dataset", "withheld_firms"},
    "clusters.significance": {"two_sided_p"},
    "clusters.spatial_autocorrelation": {"deviations", "weight_sums"},
    "clusters.standing": {"check_year", "firms_known", "observed_firms", "select"},
    "clusters.suppression_rules": {"checked_amounts", "contributor_codes", "protections", "summed_by_contributor"},
    "clusters.tiers": {"next_tier", "tier_of_display_only"},
    "data.cube": {"add_cubes", "build_cube", "count_cells"},
    "data.weights": {"main_subsector", "read_weights", "weight_problems", "write_weights"},
    "geo.datum": {"bd09_to_gcj02_one_step", "gcj02_to_wgs84_one_step"},
    "geo.locate": {"index_areas", "totals_by_area"},
}
EACH = pytest.mark.parametrize("each", MEASURES, ids=lambda each: each.id)


def test_ids_are_functions_and_are_listed_once() -> None:
    ids = [each.id for each in MEASURES]
    assert len(ids) == len(set(ids))
    assert set(ids) & set(Section) == set(), "a link opens a section or a measure by one word"
    for each in MEASURES:
        assert callable(each.function)
        assert each.function.__name__ == each.id


@EACH
def test_every_measure_says_what_it_is_and_what_it_cannot_tell(each: Measure) -> None:
    docs = each.docs
    lacks = [name for name in ("summary", "returns", "formulas", "reading", "limits", "references", "example")
             if not getattr(docs, name)]  # fmt: skip
    assert lacks == []
    assert ">>>" in docs.example
    assert docs.parameters
    assert all(item.name for item in docs.parameters)


@EACH
def test_every_formula_has_its_braces_and_no_delimiters(each: Measure) -> None:
    for formula in each.docs.formulas:
        assert formula.count("{") - formula.count(r"\{") == formula.count("}") - formula.count(r"\}")
        assert formula.count(r"\left") - formula.count(r"\leftarrow") == formula.count(r"\right")
        assert "$" not in formula
        assert "::" not in formula


@pytest.mark.parametrize("module", sorted({each.module for each in MEASURES}))
def test_no_public_measure_of_a_module_is_left_out(module: str) -> None:
    here = import_module(module)
    public = {
        name
        for name, value in vars(here).items()
        if isfunction(value) and not name.startswith("_") and getmodule(value) is here and value.__module__ == module
    }
    listed = {each.id for each in MEASURES if each.module == module}
    assert public - listed - HELPERS.get(module, set()) == set()
    assert HELPERS.get(module, set()) <= public, "a helper that is no more"


@pytest.mark.parametrize("language", LANGUAGES)
@EACH
def test_every_measure_has_its_words(each: Measure, language: str) -> None:
    t = words(language)
    parts = ["name", "question", "reading", "limits", "needs"]
    assert [part for part in parts if f"measure.{each.id}.{part}" not in t] == []
    assert t(f"measure.{each.id}.question").endswith(("？", "?"))


def test_sections_hold_all_measures() -> None:
    assert sorted(m.id for section in Section for m in measures_of(section)) == sorted(m.id for m in MEASURES)


def test_an_unknown_measure_is_named_with_those_known() -> None:
    assert measure("coverage").module == "clusters.standing"
    with pytest.raises(UnknownMeasure, match=r"unknown measure 'colour'.*compound_growth_rate"):
        measure("colour")
