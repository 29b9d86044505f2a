"""Likeness of two mixes, and whether it is more than chance: by hand, drawn in another way, and under no effect."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics.pairwise import cosine_similarity

from clusters.errors import BadValue
from clusters.similarity import similarity_test, similarity_test_by_amount, structural_similarity
from clusters.specialization import krugman_index
from data import columns as c

FIRMS = pd.DataFrame(
    {"toys": [12, 11, 1, 2], "chips": [1, 2, 9, 3], "software": [2, 1, 4, 12], "games": [1, 2, 8, 3]},
    index=[*"ABCD"],
)


def test_likeness_is_worked_by_hand() -> None:
    """Shares 3/4, 1/4 and 1/2, 1/2: common 1/2 + 1/4. Together 5 and 3 of 8: quotients 6/5, 2/3 and 4/5, 4/3, so
    5/8 · 1/5 · -1/5 + 3/8 · -1/3 · 1/3 = -1/40 - 1/24 = -1/15."""
    towns = pd.DataFrame({"toys": [3, 2], "chips": [1, 2]}, index=["甲", "乙"])
    assert structural_similarity(towns).loc["甲", "乙"] == 0.75
    cosine = structural_similarity(towns, index="cosine").loc["甲", "乙"]
    assert cosine == pytest.approx((3 * 2 + 1 * 2) / np.sqrt(10 * 8))
    shared = structural_similarity(towns, index="shared_specialization").loc["甲", "乙"]
    assert shared == pytest.approx(-1 / 15)


def tables() -> st.SearchStrategy[pd.DataFrame]:
    row = st.lists(st.integers(0, 50), min_size=4, max_size=4).filter(any)
    return st.lists(row, min_size=2, max_size=5).map(lambda rows: pd.DataFrame(rows, index=[*"ABCDE"[: len(rows)]]))


@given(tables(), st.floats(0.01, 100), st.randoms())
@settings(max_examples=50)
def test_likeness_keeps_to_its_laws(table: pd.DataFrame, scale: float, random: object) -> None:
    before = table.copy()
    alike = structural_similarity(table)
    for a in table.index:
        for b in table.index:
            assert alike.loc[a, b] == pytest.approx(1 - krugman_index(table.loc[a], table.loc[b]) / 2)
    np.testing.assert_allclose(structural_similarity(table, index="cosine"), cosine_similarity(table), atol=1e-12)
    order = list(table.index)
    random.shuffle(order)  # type: ignore[attr-defined]
    for index in ("krugman", "cosine", "shared_specialization"):
        found = structural_similarity(table, index=index)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, found.T, atol=1e-12)
        again = structural_similarity(table.loc[order] * scale, index=index)  # type: ignore[arg-type]
        np.testing.assert_allclose(again.loc[table.index, table.index], found, atol=1e-9)
    pd.testing.assert_frame_equal(table, before)


def test_a_district_without_activity_is_like_nobody() -> None:
    towns = pd.DataFrame({"toys": [3, 0, 2], "chips": [1, 0, 2]}, index=[*"ABC"])
    for index in ("krugman", "cosine", "shared_specialization"):
        found = structural_similarity(towns, index=index)  # type: ignore[arg-type]
        assert found["B"].isna().all()
        assert found.loc["A", ["A", "C"]].notna().all()
    tested = similarity_test(towns, rng=np.random.default_rng(1))
    assert tested[c.P].notna().tolist() == [False, True, False]
    assert tested[c.P_ADJUSTED].notna().tolist() == [False, True, False]


def test_two_towns_of_toys_are_found_and_the_others_are_not() -> None:
    found = similarity_test(FIRMS, rng=np.random.default_rng(1)).set_index([c.DISTRICT_A, c.DISTRICT_B])
    assert list(found.index[found[c.P_ADJUSTED] < 0.05]) == [("A", "B")]
    assert found.loc[("A", "B"), [c.FIRMS_A, c.FIRMS_B, c.DRAWS]].tolist() == [16, 16, 9_999]
    assert abs(found[c.EXPECTED]).max() < 0.05


def test_tables_and_firms_dealt_one_by_one_give_the_same_p() -> None:
    """Firms of revenue 1 make the same shares, and permuting them is the other way to draw the same tables."""
    stacked = FIRMS.stack()
    keys = stacked.index.repeat(stacked.to_numpy())
    by_table = similarity_test(FIRMS, rng=np.random.default_rng(1), draws=1999)
    by_firm = similarity_test_by_amount(
        keys.get_level_values(0), keys.get_level_values(1), np.ones(len(keys)), rng=np.random.default_rng(2), draws=1999
    )
    np.testing.assert_allclose(by_firm[c.SIMILARITY], by_table[c.SIMILARITY])
    np.testing.assert_allclose(by_firm[c.P], by_table[c.P], atol=0.05)
    np.testing.assert_allclose(by_firm[c.EXPECTED], by_table[c.EXPECTED], atol=0.03)
    assert by_firm[c.FIRMS_A].tolist() == by_table[c.FIRMS_A].tolist()


@pytest.mark.parametrize("index", ["shared_specialization", "krugman"])
def test_p_is_uniform_when_firms_are_dealt_out_at_random(index: str) -> None:
    """One pair a world, so that the p are independent; a level is kept at 5 and at 20 %."""
    rng = np.random.default_rng(7)
    p = []
    for _ in range(150):
        world = pd.DataFrame([rng.multinomial(n, [0.4, 0.3, 0.2, 0.1]) for n in (40, 60, 80)])
        p.append(similarity_test(world, rng=rng, index=index, draws=999)[c.P][0])  # type: ignore[arg-type]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    for level in (0.05, 0.2):
        assert stats.binomtest(int((np.array(p) <= level).sum()), len(p), level).pvalue > 0.01


def test_likeness_by_shares_has_no_power_where_shared_specialization_has() -> None:
    """What the module says of the two questions: both towns lean to the same industry, chance explains the overlap."""
    rng = np.random.default_rng(8)
    city, leaning = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.25, 0.25, 0.2, 0.3])
    found = {"shared_specialization": 0, "krugman": 0}
    for _ in range(20):
        mixes = [leaning, leaning, city, city, city]
        world = pd.DataFrame([rng.multinomial(n, mix) for n, mix in zip((80, 80, 300, 300, 300), mixes, strict=True)])
        for index in found:
            found[index] += similarity_test(world, rng=rng, index=index, draws=999)[c.P][0] <= 0.05  # type: ignore[arg-type]
    assert found["shared_specialization"] >= 18
    assert found["krugman"] <= 6


def test_the_same_seed_gives_the_same_p() -> None:
    first, second = (similarity_test(FIRMS, rng=np.random.default_rng(3)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("wrong", [-1, np.nan, np.inf, 0.5])
def test_counts_that_are_none_are_refused(wrong: float) -> None:
    with pytest.raises(BadValue):
        similarity_test(FIRMS.astype(float).replace({12.0: wrong}), rng=np.random.default_rng(1))


def test_bad_choices_are_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(BadValue):
        similarity_test(FIRMS, rng=rng, draws=998)
    with pytest.raises(BadValue):
        structural_similarity(FIRMS, index="jaccard")  # type: ignore[arg-type]
    with pytest.raises(BadValue):
        structural_similarity(FIRMS.rename(index={"A": "B"}))
    with pytest.raises(BadValue):
        similarity_test_by_amount(["A"], ["x", "y"], [1.0], rng=rng)
    with pytest.raises(BadValue):
        similarity_test_by_amount(["A"], ["x"], [-1.0], rng=rng)
