"""Limits of a quotient of counts: worked by hand, within sensible bounds, and right in 95 draws of 100."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom

from clusters.errors import BadValue
from clusters.specialization import location_quotient
from clusters.specialization_intervals import location_quotient_interval
from data import columns as c

Z = 1.959963984540054
LIMITS = [c.LOWER_LIMIT, c.UPPER_LIMIT]


def one(x: float, base: float, n: float, base_n: float, **choices: object) -> pd.Series:
    return location_quotient_interval(x, base, total=n, base_total=base_n, **choices).iloc[0]


# ---------------------------------------------------------------- worked by hand


def test_the_nested_limits_by_hand() -> None:
    # x 30 of n 40, X 60 of N 100: p 0.75, outside 30 of 60, p' 0.5
    # v = (1/30 - 1/60)^2 * 40 * 0.75 * 0.25 + 60 * 0.5 * 0.5 / 60^2 = 0.00208333 + 0.00416667 = 0.00625
    found = one(30, 60, 40, 100)
    assert found[c.LOCATION_QUOTIENT] == pytest.approx(1.25)
    assert found[LIMITS].tolist() == pytest.approx([1.25 * np.exp(-Z * 0.00625**0.5), 1.25 * np.exp(Z * 0.00625**0.5)])
    assert (found[c.COUNT], found[c.REGION_COUNT]) == (30, 40)


def test_the_other_variances_by_hand() -> None:
    # independent: 0.25 / 30 + 0.4 / 60 = 0.015; known: 0.25 / 30
    for relation, variance in (("independent", 0.015), ("known", 0.25 / 30)):
        upper = one(30, 60, 40, 100, relation=relation)[c.UPPER_LIMIT]
        assert upper == pytest.approx(1.25 * np.exp(Z * variance**0.5), rel=1e-12)


def test_an_empty_cell_has_the_clopper_pearson_limit() -> None:
    # 0 of 40: beta quantile 0.975 with 1 and 40; over P = 0.6
    for relation in ("nested", "independent", "known"):
        for method in ("delta", "fieller"):
            found = one(0, 60, 40, 100, relation=relation, method=method)
            assert found[LIMITS].tolist() == pytest.approx([0, beta.ppf(0.975, 1, 40) / 0.6], rel=1e-12)


def test_a_share_of_1_and_an_empty_rest_are_not_certain() -> None:
    # one firm alone in its district, in an industry with 30 of 70 firms: 1 of 1 says that p is above 0.025
    assert one(1, 30, 1, 70)[c.LOWER_LIMIT] == pytest.approx(0.025 / (30 / 70))
    # the only firm of an industry: 1 of 10 here, 0 of 60 elsewhere, where p' may be as large as its limit
    elsewhere = beta.ppf(0.975, 1, 60)
    assert one(1, 1, 10, 70)[LIMITS].tolist() == pytest.approx([0.1 * 70 / (1 + 60 * elsewhere), 7])
    # the district is the whole base: surely 1
    assert one(30, 30, 70, 70)[LIMITS].tolist() == pytest.approx([1, 1])


def test_fieller_of_a_known_base_is_the_plain_normal_interval_over_it() -> None:
    found = one(30, 60, 40, 100, relation="known", method="fieller")
    half = Z * (0.75 * 0.25 / 40) ** 0.5
    assert found[LIMITS].tolist() == pytest.approx([(0.75 - half) / 0.6, (0.75 + half) / 0.6])


@pytest.mark.parametrize("relation", ["nested", "independent"])
def test_at_fieller_limits_the_difference_is_just_significant(relation: str) -> None:
    """(p - LQ P) / standard error is -z or z there, with the variance written out anew."""
    x, n, base, base_n = 30, 400, 150, 3000
    p, q = x / n, base / base_n
    for limit in one(x, base, n, base_n, relation=relation, method="fieller")[LIMITS]:
        if relation == "nested":  # p - LQ P = (1/n - LQ/N) x - (LQ/N) x'
            rest, others = base - x, base_n - n
            variance = (1 / n - limit / base_n) ** 2 * n * p * (1 - p)
            variance += (limit / base_n) ** 2 * rest * (1 - rest / others)
        else:
            variance = p * (1 - p) / n + limit**2 * q * (1 - q) / base_n
        assert abs(p - limit * q) / variance**0.5 == pytest.approx(Z)


def test_fieller_limits_are_open_where_the_base_share_may_be_0() -> None:
    assert one(1, 2, 10, 20, relation="independent", method="fieller")[LIMITS].tolist() == [0, np.inf]


# ---------------------------------------------------------------- properties

COUNTS = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 50), min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    )
)
SOUND = {"relation": ["nested", "independent", "known"], "method": ["delta", "fieller"]}


@given(COUNTS, st.sampled_from(SOUND["relation"]), st.sampled_from(SOUND["method"]))
@settings(max_examples=60)
def test_limits_enclose_the_quotient_and_widen_with_confidence(counts: list, relation: str, method: str) -> None:
    table = pd.DataFrame(counts)
    before = table.copy()
    narrow, wide = (
        location_quotient_interval(table, relation=relation, method=method, confidence=confidence)
        for confidence in (0.8, 0.99)
    )
    pd.testing.assert_frame_equal(table, before)
    quotients = location_quotient(table).to_numpy().ravel()
    assert np.array_equal(narrow[c.LOCATION_QUOTIENT], quotients, equal_nan=True)
    assert np.array_equal(narrow[LIMITS].isna().all(axis=1), np.isnan(quotients))
    defined = narrow[~np.isnan(quotients)]
    assert (defined[c.LOWER_LIMIT] >= 0).all()
    assert (defined[c.LOWER_LIMIT] <= defined[c.LOCATION_QUOTIENT] * (1 + 1e-9)).all()
    assert (defined[c.UPPER_LIMIT] >= defined[c.LOCATION_QUOTIENT] * (1 - 1e-9)).all()
    wider = wide[~np.isnan(quotients)]
    assert (wider[c.LOWER_LIMIT] <= defined[c.LOWER_LIMIT] * (1 + 1e-9)).all()
    assert (wider[c.UPPER_LIMIT] >= defined[c.UPPER_LIMIT] * (1 - 1e-9)).all()


def test_rows_are_the_cells_of_the_table() -> None:
    table = pd.DataFrame({"S01": [3, 4], "S02": [5, 0]}, index=["X", "Y"])
    found = location_quotient_interval(table)
    assert list(found.index) == [("X", "S01"), ("X", "S02"), ("Y", "S01"), ("Y", "S02")]
    assert found[c.COUNT].unstack().equals(table)
    assert set(found.columns) <= set(c.DECLARED)
    assert list(location_quotient_interval(table.loc["X"], table.sum()).index) == ["S01", "S02"]
    mixed = location_quotient_interval(table.iloc[::-1])
    pd.testing.assert_frame_equal(mixed.sort_index(), found)


# ---------------------------------------------------------------- coverage


def nested_draws(rng: np.random.Generator, p: float, rest_p: float, n: int, others: int, draws: int) -> tuple:
    x, rest = rng.binomial(n, p, draws), rng.binomial(others, rest_p, draws)
    true = p / ((n * p + others * rest_p) / (n + others))
    return x, x + rest, true


@pytest.mark.parametrize(
    ("p", "rest_p", "n", "others"), [(0.1, 0.05, 400, 3600), (0.2, 0.25, 300, 900), (0.3, 0.1, 200, 400)]
)
def test_nested_limits_cover_the_truth_in_95_of_100_draws(p: float, rest_p: float, n: int, others: int) -> None:
    """20,000 draws: one standard error is 0.0015. The independent formula is too wide on nested data."""
    x, base, true = nested_draws(np.random.default_rng(7), p, rest_p, n, others, 20_000)
    for relation, low, high in (("nested", 0.944, 0.957), ("independent", 0.957, 1.0)):
        lower, upper = limits(x, base, n, others, relation)
        assert low <= np.mean((lower <= true) & (true <= upper)) <= high


def test_fieller_limits_cover_the_truth_in_95_of_100_draws() -> None:
    x, base, true = nested_draws(np.random.default_rng(8), 0.1, 0.05, 400, 3600, 20_000)
    lower, upper = limits(x, base, 400, 3600, "nested", method="fieller")
    assert 0.94 <= np.mean((lower <= true) & (true <= upper)) <= 0.957


def test_limits_against_a_known_base_cover_by_exact_enumeration() -> None:
    """Every count weighted by its probability: no draws."""
    n, p, share = 200, 0.15, 0.1
    x = np.arange(n + 1)
    found = location_quotient_interval(
        np.column_stack([x, n - x]), [share, 1 - share], base_total=1, relation="known"
    ).iloc[::2]
    inside = (found[c.LOWER_LIMIT] <= p / share) & (p / share <= found[c.UPPER_LIMIT])
    assert binom.pmf(x, n, p)[inside.to_numpy()].sum() == pytest.approx(0.95, abs=0.012)


def limits(x: np.ndarray, base: np.ndarray, n: int, others: int, relation: str, **choices: str) -> tuple:
    """Each draw is an industry of its own in one region whose totals are given."""
    found = location_quotient_interval(x, base, total=n, base_total=n + others, relation=relation, **choices)
    return found[c.LOWER_LIMIT].to_numpy(), found[c.UPPER_LIMIT].to_numpy()


# ---------------------------------------------------------------- what is refused


def test_what_is_no_count_or_no_choice_is_refused() -> None:
    with pytest.raises(BadValue, match=r"activity must be whole numbers; got 0.5"):
        location_quotient_interval([0.5, 2], [3, 4])
    with pytest.raises(BadValue, match=r"a nested base must be one that contains the region.*; got 5 of 3"):
        location_quotient_interval([5, 2], [3, 4])
    with pytest.raises(BadValue, match="relation must be one of nested, independent, known; got nested_in"):
        location_quotient_interval([1, 2], [3, 4], relation="nested_in")
    with pytest.raises(BadValue, match="method must be one of"):
        location_quotient_interval([1, 2], [3, 4], method="wald")
    with pytest.raises(BadValue, match="confidence must be between 0 and 1; got 95"):
        location_quotient_interval([1, 2], [3, 4], confidence=95)
