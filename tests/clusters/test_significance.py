"""p values: by hand, against SciPy's normal distribution, and the adjustment over what was tested."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from clusters.errors import BadValue
from clusters.significance import fdr_adjusted_p, two_sided_p


def test_p_is_two_sided_and_nan_stays_nan() -> None:
    z = np.array([-3.0, 0.0, 1.7, 40.0, np.nan])
    assert two_sided_p(z)[:4] == pytest.approx(2 * norm.sf(np.abs(z[:4])), rel=1e-12)
    assert np.isnan(two_sided_p(z)[4])


def test_four_p_values_adjusted_by_hand() -> None:
    """Ascending 0.01, 0.02, 0.03, 0.5 times 4/1, 4/2, 4/3, 4/4: 0.04, 0.04, 0.04, 0.5; each the least from there on."""
    assert fdr_adjusted_p([0.5, 0.02, 0.01, 0.03]) == pytest.approx([0.5, 0.04, 0.04, 0.04])


def test_units_that_are_not_tested_neither_count_nor_get_a_p() -> None:
    """Two of four are tested: 0.01 times 2/1 and 0.5 times 2/2."""
    adjusted = fdr_adjusted_p([0.01, 0.001, np.nan, 0.5], tested=[True, False, True, True])
    assert adjusted == pytest.approx([0.02, np.nan, np.nan, 0.5], nan_ok=True)
    assert np.isnan(fdr_adjusted_p([0.1], tested=[False])).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusting_raises_p_keeps_the_order_and_does_not_look_at_rows(p: list[float]) -> None:
    given_p = np.array(p)
    adjusted = fdr_adjusted_p(given_p)
    assert (adjusted >= given_p - 1e-15).all()
    assert (adjusted <= 1).all()
    order = np.argsort(given_p)
    assert (np.diff(adjusted[order]) >= 0).all()
    assert fdr_adjusted_p(given_p[::-1]) == pytest.approx(adjusted[::-1])


@pytest.mark.parametrize("p", [-0.1, 1.1, np.inf])
def test_what_is_no_probability_is_told(p: float) -> None:
    with pytest.raises(BadValue, match="p must be numbers from 0 to 1; got"):
        fdr_adjusted_p([0.5, p])


def test_lengths_that_differ_are_told() -> None:
    with pytest.raises(BadValue, match="one for each p"):
        fdr_adjusted_p([0.5, 0.5], tested=[True])
