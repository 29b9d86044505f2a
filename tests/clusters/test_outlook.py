"""A projection is a Student t on the log scale, and its chances behave as chances."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from clusters.checking import seed_of
from clusters.errors import BadValue, TooFewYears
from clusters.outlook import Outlook, project
from clusters.random_walk import log_growth, standard_paths
from data import columns as c

SALES = pd.Series({2019: 80.0, 2020: 88.0, 2021: 99.0, 2022: 107.0})


def seen(values: pd.Series = SALES, seed: int = 1, **choices: float) -> Outlook:
    return project(values, **{"horizon": 3, "draws": 2_001} | choices, rng=np.random.default_rng(seed))  # type: ignore[arg-type]


def test_growth_rates_by_hand() -> None:
    """Log growth 0.1, 0.4, 0.1: mean 0.2, squares 0.01 + 0.04 + 0.01 over 2 is 0.03."""
    found = log_growth(np.exp([[1.0, 1.1, 1.5, 1.6]]))
    assert (found.mean[0], found.sd[0] ** 2, found.intervals) == (pytest.approx(0.2), pytest.approx(0.03), 3)


@pytest.mark.parametrize(("intervals", "step"), [(2, 1), (3, 1), (5, 1), (3, 4)])
def test_drawn_growth_is_a_student_t(intervals: int, step: int) -> None:
    """One step: m - 1 degrees of freedom, scale sqrt(1 + 1/m); over h steps sqrt(h + h²/m)."""
    drawn = standard_paths(intervals, step, 20_000, np.random.default_rng(5))[:, -1]
    scale = np.sqrt(step + step**2 / intervals)
    assert stats.kstest(drawn, stats.t(intervals - 1, scale=scale).cdf).pvalue > 0.001


def test_the_band_one_step_ahead_is_that_of_the_student_t() -> None:
    found = seen(horizon=1, draws=200_001)
    t = stats.t(2, loc=found.mean_log_growth, scale=found.sd_log_growth * np.sqrt(4 / 3))
    expected = 107 * np.exp(t.ppf([0.5, 0.1, 0.9]))
    assert found.bands.loc[2023, [c.MEDIAN, c.LOW, c.HIGH]].to_numpy(float) == pytest.approx(expected, rel=2e-3)


def test_the_chance_one_step_ahead_is_that_of_the_student_t() -> None:
    found = seen(horizon=1, draws=200_001, target=120.0)
    t = stats.t(2, loc=found.mean_log_growth, scale=found.sd_log_growth * np.sqrt(4 / 3))
    chance, error = found.bands.loc[2023, [c.CROSSED, c.CROSSED_ERROR]]
    assert abs(chance - t.sf(np.log(120 / 107))) < 4 * error
    assert error == pytest.approx(np.sqrt(chance * (1 - chance) / 200_001))


def test_steady_growth_has_no_band_and_a_certain_crossing() -> None:
    """10 % every year from 100: 146.41 in four years, so 133 is crossed in 2025 (133.1) and not in 2024 (121)."""
    steady = pd.Series(100 * 1.1 ** np.arange(-2, 1), range(2020, 2023))
    found = seen(steady, horizon=4, target=133.0)
    assert found.bands[[c.LOW, c.MEDIAN, c.HIGH]].loc[2026].to_numpy() == pytest.approx(146.41, rel=1e-6)
    assert found.bands[c.CROSSED].tolist() == [0, 0, 0, 1, 1]
    assert found.crossing_year == 2025
    assert seen(steady, horizon=2, target=133.0).beyond_horizon


def test_what_is_crossed_already_is_certain_and_a_strict_target_must_be_exceeded() -> None:
    reached, exceeded = seen(target=107.0), seen(target=107.0, strictly=True)
    assert reached.bands[c.CROSSED].tolist() == [1, 1, 1, 1]
    assert reached.crossing_year == 2022
    assert exceeded.bands[c.CROSSED].iloc[0] == 0
    assert 0 < exceeded.bands[c.CROSSED].iloc[1] < 1


def test_a_horizon_of_nothing_is_the_last_year_seen() -> None:
    found = seen(horizon=0, target=200.0)
    assert found.bands.index.tolist() == [2022]
    assert found.bands.loc[2022].tolist() == [107, 107, 107, 0, 0]
    assert found.beyond_horizon
    assert not seen(horizon=0).beyond_horizon


def test_without_a_target_there_are_no_chances_and_the_band_is_the_same() -> None:
    without, with_target = seen(), seen(target=150.0)
    assert list(without.bands) == [c.MEDIAN, c.LOW, c.HIGH]
    pd.testing.assert_frame_equal(without.bands, with_target.bands[list(without.bands)])
    assert without.crossing_year is None


def test_a_result_names_its_draws_and_its_seed_and_comes_again() -> None:
    found = seen(seed=7, target=130.0)
    assert (found.draws, found.seed, found.intervals) == (2_001, 7, 3)
    pd.testing.assert_frame_equal(found.bands, seen(seed=7, target=130.0).bands)
    assert seed_of(np.random.Generator(np.random.PCG64([1, 2]))) is None


def test_a_band_without_an_end_is_infinite_and_warns_of_nothing() -> None:
    wild = pd.Series([1.0, 1e80, 1e10], [2020, 2021, 2022])
    assert np.isinf(seen(wild, horizon=9).bands[c.HIGH].iloc[-1])


@pytest.mark.parametrize("values", [{}, {2021: 5.0}, {2020: 4.0, 2021: 5.0}])
def test_one_growth_rate_says_nothing_of_the_next(values: dict[int, float]) -> None:
    with pytest.raises(TooFewYears, match="at least 3"):
        seen(pd.Series(values, dtype=float, index=pd.Index(list(values), dtype=int)))


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "choices", "said"),
    [
        (SALES.drop(2020), {}, "consecutive"),
        (SALES.iloc[::-1], {}, "ascending"),
        (SALES.rename(str), {}, "calendar years"),
        (SALES * [1, 0, 1, 1], {}, r"values\[2020\] must be a positive amount; got 0"),
        (SALES * [1, 1, -1, 1], {}, r"values\[2021\] must be a positive amount; got -99"),
        (SALES * [1, 1, NAN, 1], {}, r"values\[2021\] must be a positive amount; got nan"),
        (SALES, {"horizon": -1}, "horizon"),
        (SALES, {"horizon": 1.5}, "horizon"),
        (SALES, {"target": 0.0}, "target"),
        (SALES, {"target": NAN}, "target"),
        (SALES, {"draws": 998}, "at least 999"),
        (SALES, {"coverage": 1.0}, "coverage"),
    ],
)
def test_what_cannot_be_projected_is_refused(values: pd.Series, choices: dict[str, float], said: str) -> None:
    with pytest.raises(BadValue, match=said):
        seen(values, **choices)


SERIES = st.lists(st.floats(1, 1e12), min_size=3, max_size=6).map(lambda v: pd.Series(v, range(2020, 2020 + len(v))))


@settings(max_examples=30)
@given(SERIES, st.floats(1e-3, 1e3), st.floats(0.1, 10), st.floats(1, 3))
def test_chances_grow_with_the_years_and_fall_with_the_target(
    values: pd.Series, unit: float, times: float, more: float
) -> None:
    before, target = values.copy(), times * float(values.iloc[-1])
    found, harder = seen(values, target=target), seen(values, target=target * more)
    assert (np.diff(found.bands[c.CROSSED]) >= 0).all()
    assert (harder.bands[c.CROSSED] <= found.bands[c.CROSSED]).all()
    assert (found.bands[c.LOW] <= found.bands[c.MEDIAN]).all()
    assert (found.bands[c.MEDIAN] <= found.bands[c.HIGH]).all()
    scaled = seen(values * unit).bands
    assert scaled.to_numpy() == pytest.approx(found.bands[list(scaled)].to_numpy() * unit, rel=1e-6)
    later = seen(values.set_axis(values.index + 10)).bands
    assert later.index.tolist() == [year + 10 for year in found.bands.index]
    pd.testing.assert_series_equal(values, before)
