"""The K-density: by hand, against the formula written out, its bandwidth against R, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.stats import norm

from clusters import k_density as module
from clusters.concentration import k_density as from_concentration
from clusters.errors import BadValue
from clusters.k_density import k_density, k_density_bandwidth, k_density_envelope

X = [1.5, 2.2, 3.3, 5.1, 7.7, 8.8, 10.5, 6.2, 3.1, 4.7, 9.9, 7.1]
Y = [1.4, 3.3, 1.7, 2.1, 2.4, 5.3, 2.9, 7.9, 5.5, 8.3, 6.2, 4.6]
RADII = [0, 1, 2, 3.5]
# Computed in R: bw.nrd0 of the distances up to 7, and sums of dnorm over all pairs with weights 1 to 12
BANDWIDTH = 0.6637306011486217
DENSITY = [0.004731548972554791, 0.035882206647938709, 0.100724265491670503, 0.159850056819278524]
WEIGHTED = [0.006213759514664904, 0.037158009193951867, 0.088959568455000401, 0.219889197751608034]


def test_three_firms_in_a_row_by_hand() -> None:
    """Distances 1, 2, 3: s = 1, quartiles 1.5 and 2.5, so h = 0.9 / 1.34 · 3^(-1/5); then six normal densities."""
    h = 0.9 * min(1, 1 / 1.34) * 3**-0.2
    assert k_density_bandwidth([0, 1, 3], [0, 0, 0], r_max=2) == pytest.approx(h, rel=1e-14)
    by_hand = sum(norm.pdf((1.5 - d) / h) / h + norm.pdf((1.5 + d) / h) / h for d in (1, 2, 3)) / 3
    assert k_density([0, 1, 3], [0, 0, 0], radii=[1.5, 2])[0] == pytest.approx(by_hand, rel=1e-14)
    assert from_concentration is k_density


def test_only_distances_up_to_twice_the_largest_radius_choose_the_bandwidth() -> None:
    """Of 1, 2, 3 and the far 100, 101, 103 the first three count up to 2 · 1.5, the boundary included."""
    near = k_density_bandwidth([0, 1, 3], [0, 0, 0], r_max=1.5)
    assert k_density_bandwidth([0, 1, 3, 103], [0, 0, 0, 0], r_max=1.5) == near
    assert k_density_bandwidth([0, 1, 3, 103], [0, 0, 0, 0], r_max=60) > near
    wide = k_density([0, 1, 3, 103], [0, 0, 0, 0], radii=[1.0], r_max=1.5)
    assert wide[0] == pytest.approx(k_density([0, 1, 3], [0, 0, 0], radii=[1.0], r_max=1.5)[0] * 3 / 6, rel=1e-12)


def test_values_are_those_of_r() -> None:
    assert k_density_bandwidth(X, Y, r_max=3.5) == pytest.approx(BANDWIDTH, rel=1e-13)
    np.testing.assert_allclose(k_density(X, Y, radii=RADII), DENSITY, rtol=1e-12)
    np.testing.assert_allclose(k_density(X, Y, radii=RADII, weights=np.arange(1, 13)), WEIGHTED, rtol=1e-12)


def silverman(distances: np.ndarray) -> float:
    low, high = np.percentile(distances, [25, 75])
    deviation = distances.std(ddof=1)
    return 0.9 * (min(deviation, (high - low) / 1.34) or deviation) * len(distances) ** -0.2


@given(st.integers(0, 2**32), st.integers(4, 60), st.floats(0.3, 3), st.booleans())
@settings(max_examples=40)
def test_density_and_bandwidth_are_the_formula_written_out(seed: int, count: int, r_max: float, held: bool) -> None:
    x, y = np.random.default_rng(seed).random((2, count)).round(2)
    distances = pdist(np.column_stack([x, y]))
    near = distances[distances <= 2 * r_max]
    if len(near) < 2 or np.ptp(near) == 0:
        return
    h = silverman(near)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "HELD_PAIRS", 10**6 if held else 0)
        assert k_density_bandwidth(x, y, r_max=r_max) == pytest.approx(h, rel=1e-9)
        radii = np.linspace(0, r_max, 5)
        expected = [np.mean(norm.pdf(r, distances, h) + norm.pdf(r, -distances, h)) for r in radii]
        np.testing.assert_allclose(k_density(x, y, radii=radii), expected, rtol=1e-9)


def test_a_quartile_range_of_zero_leaves_the_deviation() -> None:
    """Firms on a triangle of side 1 and a fourth on one of them: five distances of 1 and one of 0."""
    x, y = [0, 1, 0.5, 0], [0, 0, np.sqrt(3) / 2, 0]
    distances = np.array([1, 1, 1, 1, 1, 0])
    assert k_density_bandwidth(x, y, r_max=1) == pytest.approx(0.9 * distances.std(ddof=1) * 6**-0.2, rel=1e-9)


@pytest.mark.parametrize(("x", "y"), [([0, 5], [0, 0]), ([0, 0, 0], [0, 0, 0]), ([0, 90, 0], [0, 0, 90])])
def test_without_a_spread_of_short_distances_there_is_no_bandwidth(x: list, y: list) -> None:
    assert np.isnan(k_density_bandwidth(x, y, r_max=20))
    assert np.isnan(k_density(x, y, radii=[1, 20])).all()
    assert np.isfinite(k_density(x, y, radii=[1, 20], bandwidth_m=2)).all()


# ---------------------------------------------------------------- properties


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    hubs = rng.uniform(0, 10, (3, 2))
    x, y = (hubs[rng.integers(0, 3, draw(st.integers(6, 50)))] + rng.normal(0, 1, (1, 2))).T
    return x + rng.normal(0, 1, len(x)), y + rng.normal(0, 1, len(x))


@given(towns(), st.floats(0, 6.28), st.floats(-1e3, 1e3), st.floats(1e-2, 1e4), st.integers(0, 2**32))
@settings(max_examples=30)
def test_moving_turning_and_mixing_change_nothing_and_a_larger_unit_scales(
    town: tuple[np.ndarray, np.ndarray], angle: float, step: float, unit: float, seed: int
) -> None:
    x, y = town
    radii = np.array([0, 0.7, 2, 4])
    density = k_density(x, y, radii=radii)
    order = np.random.default_rng(seed).permutation(len(x))
    u = (np.cos(angle) * x - np.sin(angle) * y + step)[order]
    v = (np.sin(angle) * x + np.cos(angle) * y - step)[order]
    np.testing.assert_allclose(k_density(u, v, radii=radii), density, rtol=1e-7)
    np.testing.assert_allclose(k_density(x * unit, y * unit, radii=radii * unit) * unit, density, rtol=1e-7)


@given(towns(), st.floats(0.1, 1e6))
@settings(max_examples=20)
def test_equal_weights_weigh_nothing(town: tuple[np.ndarray, np.ndarray], weight: float) -> None:
    x, y = town
    equal = k_density(x, y, radii=[0, 1, 3], weights=np.full(len(x), weight))
    np.testing.assert_allclose(equal, k_density(x, y, radii=[0, 1, 3]), rtol=1e-9)


@given(towns())
@settings(max_examples=10)
def test_all_distances_together_have_density_one_and_some_have_less(town: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = town
    far = np.linspace(0, 40, 1_001)
    whole = k_density(x, y, radii=far, r_max=4)
    assert np.trapezoid(whole, far) == pytest.approx(1, abs=5e-3)
    some = np.linspace(0, 4, 201)
    assert np.trapezoid(k_density(x, y, radii=some), some) <= 1 + 5e-3


def test_a_firm_of_weight_zero_is_not_there() -> None:
    weights = np.array([1.0] * 11 + [0.0])
    without = k_density(X[:11], Y[:11], radii=RADII, bandwidth_m=0.5)
    np.testing.assert_allclose(k_density(X, Y, radii=RADII, weights=weights, bandwidth_m=0.5), without, rtol=1e-12)
    assert np.isnan(k_density(X, Y, radii=RADII, weights=np.eye(12)[0])).all()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_bins_move_the_density_by_less_than_a_millionth(weighted: bool, held: bool, monkeypatch) -> None:
    if not held:
        monkeypatch.setattr(module, "HELD_PAIRS", 0)
    rng = np.random.default_rng(6)
    hubs = rng.uniform(0, 20_000, (30, 2))
    x, y = (hubs[rng.integers(0, 30, 600)] + rng.normal(0, 600, (600, 2))).T
    sizes = rng.pareto(1.5, 600) if weighted else None
    radii = np.linspace(0, 5_000, 21)
    exact = k_density(x, y, radii=radii, weights=sizes, exact=True)
    np.testing.assert_allclose(k_density(x, y, radii=radii, weights=sizes, exact=False), exact, rtol=1e-6)


def test_inputs_are_not_touched() -> None:
    x, y, weights = (np.array(part, dtype=float) for part in (X, Y, np.arange(1, 13)))
    for part in (x, y, weights):
        part.setflags(write=False)
    k_density(x, y, radii=RADII, weights=weights)
    k_density_envelope(x, y, x < 5, radii=RADII, weights=weights, rng=np.random.default_rng(1), draws=3)


# ---------------------------------------------------------------- against all firms


@pytest.mark.parametrize("weighted", [False, True])
def test_a_localized_industry_leaves_the_band_and_one_at_random_does_not(weighted: bool) -> None:
    rng = np.random.default_rng(8)
    x, y = rng.uniform((0, 0), (10, 7), (400, 2)).T
    sizes = rng.pareto(2, 400) + 1 if weighted else None
    near = np.zeros(400, bool)
    near[np.argsort(np.hypot(x - 4, y - 3))[:60][::2]] = True
    heard = []
    found = k_density_envelope(x, y, near, radii=[0, 0.5, 1, 2, 4], weights=sizes, rng=rng, draws=199,
                               progress=lambda done, total: heard.append((done, total)))  # fmt: skip
    assert (found.observed[1:3] > found.global_high[1:3]).all()
    assert found.observed[-1] < found.low[-1]
    assert found.p_value == 1 / 200
    assert heard[-1] == (199, 199)
    assert (found.n, found.draws) == (30, 199)
    assert found.bandwidth_m == k_density_bandwidth(x[near], y[near], r_max=4)
    own = None if sizes is None else sizes[near]
    exact = k_density(x[near], y[near], radii=[0, 0.5, 1, 2, 4], weights=own)
    np.testing.assert_allclose(found.observed, exact, rtol=1e-6)
    anywhere = np.zeros(400, bool)
    anywhere[rng.choice(400, 30, replace=False)] = True
    assert k_density_envelope(x, y, anywhere, radii=[0.5, 1, 2], weights=sizes, rng=rng, draws=199).p_value > 0.01


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"radii": [0]}, "r_max must be metres above 0"),
        ({"radii": [1], "r_max": -1}, "r_max"),
        ({"radii": [1], "bandwidth_m": 0}, "bandwidth_m"),
        ({"radii": [1], "bandwidth_m": np.nan}, "bandwidth_m"),
        ({"radii": [1], "weights": [1, 2]}, r"weights must be one for each of 12 firms; got shape \(2,\)"),
        ({"radii": [1], "weights": [-1] + 11 * [1]}, "none below 0; got -1.0"),
        ({"radii": [1], "weights": [np.inf] + 11 * [1]}, "finite"),
    ],
)
def test_what_cannot_be_measured_is_refused(options: dict, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        k_density(X, Y, **options)


def test_a_giant_among_dwarfs_does_not_swallow_the_products() -> None:
    x, y = np.array([0.0, 100.0, 0.0]), np.array([0.0, 0.0, 100.0])
    sizes = np.array([1e12, 1.0, 2.0])
    products = sizes[[0, 0, 1]] * sizes[[1, 2, 2]]
    distances = np.array([100.0, 100.0, np.hypot(100, 100)])
    kernel = norm.pdf(50.0, distances, 10.0) + norm.pdf(50.0, -distances, 10.0)
    found = k_density(x, y, radii=[50.0], weights=sizes, bandwidth_m=10.0)
    np.testing.assert_allclose(found, [(products * kernel).sum() / products.sum()], rtol=1e-12)
