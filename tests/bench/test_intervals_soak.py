"""The parts of the campaign over intervals; ``make soak`` runs the long form."""

import numpy as np

from bench import intervals_soak


def test_limits_of_filled_cells_hold_the_truth() -> None:
    rng = np.random.default_rng(1)
    for setting in (one for one in intervals_soak.SETTINGS if one.filled):
        for _, relation, method in intervals_soak.LIMITS[:2]:
            assert 0.93 <= intervals_soak.covered(setting, 4_000, relation, method, rng) <= 0.97
    held, empty = intervals_soak.covered_against_known(200, 0.15, 4_000, rng)
    assert 0.93 <= held <= 0.97
    assert empty == 0


def test_an_empty_cell_misses_seldom_and_a_random_industry_is_not_concentrated() -> None:
    rng = np.random.default_rng(2)
    assert 0.01 < intervals_soak.missed_by_empty_cells(70, 4_000, rng) < 0.035
    for mean, error in intervals_soak.mean_of_random(20, 1.0, 1_000, rng):
        assert abs(mean) < 4 * error


def test_cities_are_bootstrapped() -> None:
    held, cell = intervals_soak.bootstrap_covered(300, 0.7, 20, np.random.default_rng(3))
    assert held >= 0.8
    assert cell == 22.5
