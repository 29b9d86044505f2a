"""Drawing firms again, and leaving out the largest, shows how far a quotient of revenue rests on a few firms."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusters.errors import BadValue
from clusters.specialization import location_quotient
from clusters.specialization_bootstrap import bootstrap_location_quotient, quotient_without_largest
from data import columns as c

LIMITS = [c.LOWER_LIMIT, c.UPPER_LIMIT]
ROWS = st.tuples(st.integers(0, 9), st.sampled_from("XYZ"), st.sampled_from("ab"), st.integers(0, 5))
FIRMS = pd.DataFrame({"revenue": [60, 10, 30, 20, 80], "region": list("XXXYY"), "industry": list("aabab")})


def register(rng: np.random.Generator, firms: int, regions: int = 12, industries: int = 12) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "revenue": rng.lognormal(0, 1, firms),
            "region": rng.integers(regions, size=firms),
            "industry": rng.integers(industries, size=firms),
        }
    )


def tabled(firms: pd.DataFrame) -> pd.DataFrame:
    return firms.pivot_table(values="revenue", index="region", columns="industry", aggfunc="sum", fill_value=0)


def without(firms: pd.DataFrame, region: object, industry: object, firm: pd.Series) -> float:
    """The quotient of a cell after walking over the firms for its largest and dropping its rows."""
    cell = firms[(firms.region == region) & (firms.industry == industry)]
    largest = cell.groupby(firm.loc[cell.index]).revenue.sum().idxmax() if len(cell) else None
    rest = firms[firm != largest]
    share = (
        rest[(rest.region == region) & (rest.industry == industry)].revenue.sum(),
        rest[rest.region == region].revenue.sum(),
    )
    base = rest[rest.industry == industry].revenue.sum(), rest.revenue.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        return float((np.float64(share[0]) / share[1]) / (np.float64(base[0]) / base[1]))


# ---------------------------------------------------------------- without the largest firm


def test_without_the_largest_firm_by_hand() -> None:
    # X, a: 70 of 100 over 90 of 200 = 1.5556; without the firm of 60: 10 of 40 over 30 of 140 = 1.1667
    found = quotient_without_largest(FIRMS.revenue, FIRMS.region, FIRMS.industry)
    assert found.loc["X", "a"] == pytest.approx(0.25 / (30 / 140))
    assert location_quotient(tabled(FIRMS)).loc["X", "a"] == pytest.approx(0.7 / 0.45)
    assert found.loc["X", "b"] == 0  # its only firm


def test_a_firm_with_parts_leaves_with_all_of_them() -> None:
    # firm 1 has 60 in X, a and 30 in X, b: without it X keeps 10 in a; the city 10 + 20 in a of 110
    firm = [1, 2, 1, 3, 4]
    found = quotient_without_largest(FIRMS.revenue, FIRMS.region, FIRMS.industry, firm=firm)
    assert found.loc["X", "a"] == pytest.approx((10 / 10) / (30 / 110))


def test_nothing_left_of_region_or_industry_is_not_defined() -> None:
    found = quotient_without_largest([1, 2, 3], list("XXY"), list("aba"))
    assert np.isnan(found.loc["Y", "a"])  # nothing left of Y
    assert np.isnan(found.loc["X", "b"])  # nothing left of b
    assert found.loc["Y", "b"] == 0  # no firm there to leave


@given(st.lists(ROWS, min_size=1, max_size=12))
@settings(max_examples=12)
def test_without_largest_agrees_with_a_walk_over_the_firms(rows: list) -> None:
    firms = pd.DataFrame(rows, columns=["revenue", "region", "industry", "firm"])
    for name in ("firm", None):
        label = firms.firm if name else pd.Series(range(len(firms)))
        found = quotient_without_largest(firms.revenue, firms.region, firms.industry, firm=label if name else None)
        for region, row in found.iterrows():
            for industry, value in row.items():
                assert value == pytest.approx(without(firms, region, industry, label), nan_ok=True)


# ---------------------------------------------------------------- the draws


def test_a_cell_has_its_quotient_limits_and_counts() -> None:
    found = bootstrap_location_quotient(FIRMS.revenue, FIRMS.region, FIRMS.industry, rng=np.random.default_rng(1))
    assert set(found.columns) <= set(c.DECLARED)
    assert found[c.LOCATION_QUOTIENT].unstack().to_numpy() == pytest.approx(location_quotient(tabled(FIRMS)).to_numpy())
    assert found[c.FIRMS].tolist() == [2, 1, 1, 1]
    assert found[c.REGION_FIRMS].tolist() == [3, 3, 2, 2]
    # X is not drawn at all in (2/5)^5 of the draws, a not in (2/5)^5: defined in about 1 - 2 * 0.01 of them
    assert 1900 < found.loc[("X", "a"), c.DRAWS] < 2000
    assert (found[c.LOWER_LIMIT] <= found[c.LOCATION_QUOTIENT]).all()
    assert (found[c.LOCATION_QUOTIENT] <= found[c.UPPER_LIMIT]).all()


def test_the_same_seed_gives_the_same_limits_and_the_input_stays() -> None:
    before = FIRMS.copy()
    one, other = (
        bootstrap_location_quotient(FIRMS.revenue, FIRMS.region, FIRMS.industry, rng=np.random.default_rng(1))
        for _ in "12"
    )
    pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(FIRMS, before)
    scaled = bootstrap_location_quotient(
        FIRMS.revenue * 1000, FIRMS.region, FIRMS.industry, rng=np.random.default_rng(1)
    )
    pd.testing.assert_frame_equal(one, scaled)


def test_chunks_draw_what_one_piece_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    firms = register(np.random.default_rng(3), 40, 3, 3)
    whole = bootstrap_location_quotient(firms.revenue, firms.region, firms.industry, rng=np.random.default_rng(1))
    monkeypatch.setattr("clusters.specialization_bootstrap.ROWS_AT_ONCE", 999)
    pieces = bootstrap_location_quotient(firms.revenue, firms.region, firms.industry, rng=np.random.default_rng(1))
    pd.testing.assert_frame_equal(whole, pieces)


def test_a_draw_is_as_many_firms_as_there_are() -> None:
    """Against drawing the firms one city at a time: the limits agree within the noise of the draws."""
    firms = register(np.random.default_rng(4), 120, 2, 2)
    revenue, cell = firms.revenue.to_numpy(), (2 * firms.region + firms.industry).to_numpy()
    ours = bootstrap_location_quotient(revenue, firms.region, firms.industry, rng=np.random.default_rng(5))
    rng, drawn = np.random.default_rng(6), []
    for _ in range(1000):
        again = rng.choice(120, 120)
        drawn.append(location_quotient(np.bincount(cell[again], revenue[again], minlength=4).reshape(2, 2)).ravel())
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    width = (high - low).min()
    assert np.abs(ours[c.LOWER_LIMIT] - low).max() < 0.2 * width
    assert np.abs(ours[c.UPPER_LIMIT] - high).max() < 0.2 * width


def test_parts_of_one_firm_come_and_go_together() -> None:
    """One firm makes up region X; whenever X is drawn its mix is the same, so its shares do not move."""
    revenue, region, industry = [30, 10, 20, 20], list("XXYY"), list("abab")
    alone = bootstrap_location_quotient(revenue, region, industry, rng=np.random.default_rng(1), firm=[1, 1, 2, 3])
    apart = bootstrap_location_quotient(revenue, region, industry, rng=np.random.default_rng(1))
    assert alone.loc[("X", "a"), c.LOWER_LIMIT] > 0
    assert apart.loc[("X", "a"), c.LOWER_LIMIT] == 0
    assert alone[c.REGION_FIRMS].tolist() == [1, 1, 2, 2]


def test_nobody_is_nowhere() -> None:
    found = bootstrap_location_quotient([], [], [], rng=np.random.default_rng(1))
    assert len(found) == 0
    zero = bootstrap_location_quotient([0.0], ["X"], ["a"], rng=np.random.default_rng(1))
    assert zero[[c.LOCATION_QUOTIENT, *LIMITS]].isna().all(axis=None)
    assert zero[c.DRAWS].tolist() == [0]


def test_a_city_of_70_firms_takes_less_than_a_second_and_the_limits_of_many_are_tight() -> None:
    few = register(np.random.default_rng(1), 70)
    start = time.process_time()
    bootstrap_location_quotient(few.revenue, few.region, few.industry, rng=np.random.default_rng(1))
    assert time.process_time() - start < 1
    many = register(np.random.default_rng(2), 5_000, 3, 3)
    found = bootstrap_location_quotient(many.revenue, many.region, many.industry, rng=np.random.default_rng(1))
    assert ((found[c.UPPER_LIMIT] - found[c.LOWER_LIMIT]) < 0.5).all()


# ---------------------------------------------------------------- coverage


def test_percentile_limits_cover_the_truth_about_as_often_as_they_say() -> None:
    """100 cities of 200 firms; the firms of X are in industry a with 0.3, others with 0.2. True quotient in revenue:

    revenue does not depend on place or industry, so 0.3 / (0.25 * 0.3 + 0.75 * 0.2) = 4/3. One standard error is 0.02.
    """
    rng, inside = np.random.default_rng(11), 0
    for _ in range(100):
        here = rng.random(200) < 0.25
        industry = rng.random(200) < np.where(here, 0.3, 0.2)
        found = bootstrap_location_quotient(rng.lognormal(0, 0.7, 200), here, industry, rng=rng)
        lower, upper = found.loc[(True, True), LIMITS]
        inside += lower <= 4 / 3 <= upper
    assert 0.86 <= inside / 100 <= 0.99


# ---------------------------------------------------------------- what is refused


def test_what_cannot_be_drawn_is_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(BadValue, match="draws must be at least 2000; got 100"):
        bootstrap_location_quotient([1], ["X"], ["a"], rng=rng, draws=100)
    with pytest.raises(BadValue, match="the length of region must be 2, one for each row; got 1"):
        bootstrap_location_quotient([1, 2], ["X"], ["a", "b"], rng=rng)
    with pytest.raises(BadValue, match="industry must be given in every row; got none in 1 of 2 rows"):
        bootstrap_location_quotient([1, 2], ["X", "Y"], ["a", None], rng=rng)
    with pytest.raises(BadValue, match=r"revenue must be finite and at least 0; got -2\.0"):
        bootstrap_location_quotient([1, -2], ["X", "Y"], ["a", "b"], rng=rng)
    with pytest.raises(BadValue, match=r"region must be of 1 dimension; got shape \(2, 1\)"):
        quotient_without_largest([1, 2], [["X"], ["Y"]], ["a", "b"])
