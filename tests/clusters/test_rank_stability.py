"""Ranks under drawn weights, against exact probabilities; and what one alternative less does to the others."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from clusters.errors import BadValue
from clusters.rank_stability import rank_reversals, rank_stability
from clusters.scoring import rank_of, weighted_sum
from clusters.topsis import topsis

TOWNS = pd.DataFrame({"a": [1.0, 0.0, 0.4], "b": [0.0, 1.0, 0.4]}, index=["甲", "乙", "丙"])


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_shares_meet_the_exact_probabilities() -> None:
    # uniform weight w of a: 甲 scores w, 乙 1 - w, 丙 .4: 丙 is never first, second when .4 > the lesser of both,
    # which is for w < .4 or w > .6
    found = rank_stability(TOWNS, [1, 1], rng=rng(), draws=20_000)
    assert found.draws == 20_000
    assert found.shares[1].tolist() == pytest.approx([0.5, 0.5, 0.0], abs=0.015)
    assert found.shares.loc["丙", 2] == pytest.approx(0.8, abs=0.015)
    assert found.shares.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    assert found.shares.sum(axis=0).tolist() == pytest.approx([1, 1, 1])


def test_weights_around_the_users_are_beta_for_two_criteria() -> None:
    # w ~ Beta(10 * .7, 10 * .3); 甲 is first when w > .5
    found = rank_stability(TOWNS, [7, 3], rng=rng(), draws=20_000, concentration=10)
    assert found.first_share()["甲"] == pytest.approx(beta(7, 3).sf(0.5), abs=0.015)
    tight = rank_stability(TOWNS, [7, 3], rng=rng(), draws=500, concentration=1e4)
    assert tight.first_share()["甲"] == 1
    assert tight.rank_range().loc["甲"].tolist() == [1, 1]


def test_ties_go_to_the_first_and_a_criterion_without_weight_stays_out() -> None:
    alike = rank_stability([[1, 5], [1, 9], [0, 0]], [1, 0], rng=rng(), draws=50)
    assert alike.shares.to_numpy().tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("method", ["weighted_sum", "topsis"])
def test_each_draw_is_ranked_as_its_weights_alone_would(method) -> None:  # type: ignore[no-untyped-def]
    table = pd.DataFrame(rng().random((6, 3)))
    table.iloc[1, 2] = np.nan
    found = rank_stability(table, [1, 1, 1], rng=rng(), draws=40, costs=[0], method=method)
    shares = np.zeros((6, 6))
    for weights in rng().dirichlet(np.ones(3), 40):
        if method == "topsis":
            scores = topsis(table, weights, costs=[0])
        else:
            scores = weighted_sum(table, weights, costs=[0]).scores
        shares[np.arange(6), rank_of(scores) - 1] += 1 / 40
    np.testing.assert_allclose(found.shares, shares, atol=1e-12)


def test_who_has_no_score_has_no_rank() -> None:
    found = rank_stability([[1, 2], [np.nan, np.nan], [2, 1]], [1, 1], rng=rng(), draws=100)
    assert found.shares.sum(axis=1).tolist() == pytest.approx([1, 0, 1])
    assert found.rank_range().iloc[1].isna().all()


def test_one_less_may_turn_the_order_of_the_others() -> None:
    # with 丙: a 1, .4, 0 and b .75, 1, 0 at weights .4, .6: 甲 .85, 乙 .76; without: a 1, 0 and b 0, 1: 乙 .6, 甲 .4
    towns = pd.DataFrame({"a": [10, 4, 0], "b": [6, 8, 0]}, index=["甲", "乙", "丙"])
    found = rank_reversals(towns, [1, 1.5])
    assert found["reversals"].to_dict() == {"甲": 0, "乙": 0, "丙": 1}
    assert found["first"].to_dict() == {"甲": "乙", "乙": "甲", "丙": "乙"}
    fixed = rank_reversals(towns, [1, 1.5], scales={"a": (0, 10), "b": (0, 10)})
    assert not fixed["reversals"].any()
    assert rank_reversals(towns, [1, 1], method="topsis")["reversals"].ge(0).all()
    assert rank_reversals(towns[:1], [1, 1])["first"].isna().all()


@pytest.mark.parametrize("options", [{"draws": 0}, {"concentration": 0}, {"concentration": np.inf}, {"method": "x"}])
def test_what_cannot_be_drawn_is_refused(options) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadValue):
        rank_stability(TOWNS, [1, 1], rng=rng(), **options)
