"""Ripley's K and L, and Clark and Evans' ratio: by hand, against spatstat, and what must not change them."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, affinity, box

from clusters import edge_correction
from clusters.concentration import ripleys_k as from_concentration
from clusters.errors import BadValue, UnknownCorrection
from clusters.ripley import clark_evans, ripleys_k, ripleys_k_envelope, ripleys_l

CORRECTIONS = ["none", "translation", "isotropic"]
UNIT = (0, 0, 10, 7)
ELL = Polygon([(0, 0), (10, 0), (10, 4), (4, 4), (4, 9), (0, 9)])
HOLED = Polygon([(0, 0), (12, 1), (11, 8), (5, 10), (1, 7)], [[(4, 3), (4, 5), (6, 6), (7, 3)]])
IN_RECTANGLE = ([0.5, 1.2, 3.9, 4.1, 6.7, 8.8, 9.5, 2.2, 5.5, 7.1, 0.9, 9.1],
                [0.8, 6.6, 3.4, 4.2, 4.8, 0.6, 5.8, 5.8, 2.2, 1.6, 4.4, 3.2])  # fmt: skip
IN_ELL = ([0.5, 1.2, 3.9, 4.1, 6.7, 8.8, 9.5, 2.2, 3.1, 0.7, 1.9, 9.1],
          [0.4, 3.3, 1.7, 2.1, 2.4, 0.3, 2.9, 7.9, 5.5, 8.3, 6.2, 3.6])  # fmt: skip
IN_HOLED = ([1.5, 2.2, 3.3, 5.1, 7.7, 8.8, 10.5, 6.2, 3.1, 4.7, 9.9, 7.1],
            [1.4, 3.3, 1.7, 2.1, 2.4, 5.3, 2.9, 7.9, 5.5, 8.3, 6.2, 4.6])  # fmt: skip

# Computed with spatstat 3.0 in R at radii 1, 2, 3, 3.5. For outlines that are no rectangle its own translation weights
# come from a raster; those here are from its exact polygon intersections, which round to a grid of about 1e-8.
SPATSTAT = {
    "rectangle": (UNIT, IN_RECTANGLE, {
        "none": [1.060606060606061, 6.363636363636364, 18.030303030303031, 22.272727272727273],
        "translation": [1.221896383186706, 8.471933549695237, 27.663308355371672, 34.913058022258468],
        "isotropic": [1.060606060606061, 8.447881135137457, 27.796093126519104, 34.302795097058869],
    }, 1.586683260431125),
    "L": (ELL, IN_ELL, {
        "none": [1.8181818181818181, 4.5454545454545450, 14.5454545454545450, 17.2727272727272698],
        "translation": [2.096672987790635, 5.924483119834115, 26.278783140944803, 32.250265171249438],
        "isotropic": [2.2299284230783871, 6.1429761293857057, 28.5668453123566515, 34.5568543161066160],
    }, 1.460168078739022),
    "with a hole": (HOLED, IN_HOLED, {
        "none": [0, 7.590909090909091, 15.181818181818182, 24.037878787878789],
        "translation": [0, 10.596285665268864, 23.471532232757603, 41.370094620815998],
        "isotropic": [0, 10.183416984819685, 23.349049517604023, 39.259308194064666],
    }, 1.435673389809497),
}  # fmt: skip


# ---------------------------------------------------------------- by hand


def test_four_firms_in_a_rectangle_by_hand() -> None:
    """A square of side 1 in 10 by 7: 8 ordered pairs at distance 1, 4 at the diagonal; 70 / (4 · 3) of each weight.

    A side overlaps the rectangle moved along it by 9 · 7 or 10 · 6 of 70, four ordered pairs each; a diagonal by 9 · 6.
    """
    x, y = [4, 5, 4, 5], [3, 3, 4, 4]
    plain = ripleys_k(x, y, radii=[0.99, 1, 1.5], area=UNIT, correction="none")
    np.testing.assert_allclose(plain, [0, 70 / 12 * 8, 70 / 12 * 12], rtol=1e-14)
    moved = ripleys_k(x, y, radii=[0.99, 1, 1.5], area=UNIT)
    sides = 4 * 70 / 63 + 4 * 70 / 60
    np.testing.assert_allclose(moved, [0, 70 / 12 * sides, 70 / 12 * (sides + 4 * 70 / 54)], rtol=1e-14)
    np.testing.assert_array_equal(ripleys_k(x, y, radii=[1, 1.5], area=UNIT, correction="isotropic"), plain[1:])
    assert from_concentration is ripleys_k


def test_l_is_the_radius_of_a_circle_as_large_as_k() -> None:
    x, y = [4, 5, 4, 5], [3, 3, 4, 4]
    shown = ripleys_l(x, y, radii=[1, 1.5], area=UNIT, correction="none")
    np.testing.assert_allclose(np.pi * (shown + np.array([1, 1.5])) ** 2, [70 / 12 * 8, 70], rtol=1e-14)


def test_firms_at_one_place_are_neighbors_at_distance_zero() -> None:
    assert ripleys_k([1, 1, 5], [1, 1, 5], radii=[0], area=UNIT) == pytest.approx([70 / 6 * 2])
    assert clark_evans([1, 1], [1, 1], area_m2=70) == 0


@pytest.mark.parametrize("case", SPATSTAT)
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_values_are_those_of_spatstat(case: str, correction: str) -> None:
    area, (x, y), expected, _ = SPATSTAT[case]
    found = ripleys_k(x, y, radii=[1, 2, 3, 3.5], area=area, correction=correction)
    exact = case == "rectangle" or correction != "translation"
    np.testing.assert_allclose(found, expected[correction], rtol=1e-12 if exact else 1e-7)


@pytest.mark.parametrize("case", SPATSTAT)
def test_clark_evans_is_that_of_spatstat(case: str) -> None:
    area, (x, y), _, expected = SPATSTAT[case]
    assert clark_evans(x, y, area_m2=edge_correction.study_area(area).area) == pytest.approx(expected, rel=1e-12)


def test_translation_in_an_outline_is_that_of_each_pair_intersected() -> None:
    x, y = IN_HOLED
    total = np.zeros(2)
    for i in range(12):
        for j in range(12):
            dx, dy = x[i] - x[j], y[i] - y[j]
            if i != j:
                overlap = HOLED.intersection(affinity.translate(HOLED, dx, dy)).area
                total += np.where(np.hypot(dx, dy) <= np.array([2, 3.5]), HOLED.area / overlap, 0)
    np.testing.assert_allclose(
        ripleys_k(x, y, radii=[2, 3.5], area=HOLED), total * HOLED.area / (12 * 11), rtol=1e-12
    )  # fmt: skip


def test_many_pairs_in_an_outline_are_interpolated_to_a_thousandth(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = IN_HOLED
    radii = np.linspace(1.5, 3, 7)
    exact = ripleys_k(x, y, radii=radii, area=HOLED)
    monkeypatch.setattr(edge_correction, "EXACT_WORK", 0)
    near = ripleys_k(x, y, radii=radii, area=HOLED)
    assert not np.array_equal(near, exact)
    np.testing.assert_allclose(near, exact, rtol=1e-3)


# ---------------------------------------------------------------- properties


@st.composite
def towns(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    seed, count = draw(st.integers(0, 2**32)), draw(st.integers(2, 40))
    x, y = np.random.default_rng(seed).uniform((0, 0), (10, 7), (count, 2)).T
    return x, y


@given(towns(), st.sampled_from(CORRECTIONS), st.floats(-1e3, 1e3), st.floats(1e-2, 1e4))
@settings(max_examples=40)
def test_moving_all_changes_nothing_and_a_larger_unit_scales_k(
    town: tuple[np.ndarray, np.ndarray], correction: str, step: float, unit: float
) -> None:
    x, y = town
    radii = np.array([0.51, 1.3, 2.2])
    k = ripleys_k(x, y, radii=radii, area=UNIT, correction=correction)
    moved = ripleys_k(x + step, y - step, radii=radii, area=(step, -step, 10 + step, 7 - step), correction=correction)
    np.testing.assert_allclose(moved, k, rtol=1e-9, atol=1e-9)
    larger = ripleys_k(x * unit, y * unit, radii=radii * unit, area=(0, 0, 10 * unit, 7 * unit), correction=correction)
    np.testing.assert_allclose(larger, k * unit**2, rtol=1e-9, atol=1e-9)


@given(towns(), st.sampled_from(CORRECTIONS), st.floats(1, 89))
@settings(max_examples=15)
def test_turning_all_changes_nothing(town: tuple[np.ndarray, np.ndarray], correction: str, degrees: float) -> None:
    x, y = town
    turned, points = (
        affinity.rotate(shape, degrees, origin=(5, 3)) for shape in (box(*UNIT), shapely.MultiPoint(np.c_[x, y]))
    )
    u, v = shapely.get_coordinates(points).T
    k = ripleys_k(x, y, radii=[0.51, 1.3, 2.2], area=UNIT, correction=correction)
    found = ripleys_k(u, v, radii=[0.51, 1.3, 2.2], area=turned, correction=correction)
    np.testing.assert_allclose(found, k, rtol=1e-9, atol=1e-9)


@given(towns(), st.sampled_from(CORRECTIONS), st.integers(0, 2**32))
@settings(max_examples=30)
def test_order_of_rows_does_not_matter_and_nothing_is_touched(
    town: tuple[np.ndarray, np.ndarray], correction: str, seed: int
) -> None:
    x, y = town
    before = x.copy(), y.copy()
    x.setflags(write=False)
    y.setflags(write=False)
    order = np.random.default_rng(seed).permutation(len(x))
    k = ripleys_k(x, y, radii=[1, 3], area=UNIT, correction=correction)
    mixed = ripleys_k(x[order], y[order], radii=[1, 3], area=UNIT, correction=correction)
    np.testing.assert_allclose(mixed, k, rtol=1e-12)
    np.testing.assert_array_equal([x, y], before)


@given(towns())
@settings(max_examples=30)
def test_k_grows_with_the_radius_and_is_least_without_a_correction(town: tuple[np.ndarray, np.ndarray]) -> None:
    radii = np.linspace(0, 3, 7)
    curves = {each: ripleys_k(*town, radii=radii, area=UNIT, correction=each) for each in CORRECTIONS}
    for curve in curves.values():
        assert (np.diff(curve) >= 0).all()
        assert (curves["none"] <= curve + 1e-9).all()


@pytest.mark.parametrize("area", [box(*UNIT), ELL], ids=["rectangle", "L"])
def test_k_of_an_even_scatter_is_the_area_of_the_circle_once_corrected(area: Polygon) -> None:
    rng, radii = np.random.default_rng(11), np.array([0.5, 1.0, 1.75])
    west, south, east, north = area.bounds
    sums = {each: [] for each in CORRECTIONS}
    for _ in range(120):
        drawn = rng.uniform((west, south), (east, north), (150, 2))
        x, y = drawn[shapely.contains_xy(area, *drawn.T)][:60].T
        for each, curves in sums.items():
            curves.append(ripleys_k(x, y, radii=radii, area=area, correction=each))
    for each, curves in sums.items():
        error = (np.mean(curves, axis=0) - np.pi * radii**2) / (np.std(curves, axis=0) / np.sqrt(len(curves)))
        if each == "none":
            assert (error[1:] < -4).all()  # hidden neighbors are missing
        else:
            assert (np.abs(error) < 4).all(), each


# ---------------------------------------------------------------- against all firms


def test_an_industry_that_gathers_leaves_the_band_and_one_at_random_does_not() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.uniform((0, 0), (10, 7), (400, 2)).T
    near = np.zeros(400, bool)
    near[np.argsort(np.hypot(x - 4, y - 3))[:60][::2]] = True
    heard = []
    found = ripleys_k_envelope(x, y, near, radii=[0.5, 1, 2], area=UNIT, rng=rng, draws=199,
                               progress=lambda done, total: heard.append((done, total)))  # fmt: skip
    assert (found.observed > found.global_high).all()
    assert found.p_value == 1 / 200
    assert heard == [(done, 200 - 1) for done in range(1, 200)]
    assert (found.n, found.draws, found.level) == (30, 199, 0.05)
    assert np.isnan(found.bandwidth_m)
    np.testing.assert_array_equal(found.observed, ripleys_k(x[near], y[near], radii=[0.5, 1, 2], area=UNIT))
    anywhere = np.zeros(400, bool)
    anywhere[rng.choice(400, 30, replace=False)] = True
    assert ripleys_k_envelope(x, y, anywhere, radii=[0.5, 1, 2], area=UNIT, rng=rng, draws=199).p_value > 0.01


def test_a_seed_gives_the_same_draws() -> None:
    rng = np.random.default_rng(9)
    x, y = rng.uniform((0, 0), (10, 7), (50, 2)).T
    members = np.arange(50) < 10
    one, two = (
        ripleys_k_envelope(
            x, y, members, radii=[1, 2], area=ELL.union(box(*UNIT)), rng=np.random.default_rng(3), draws=39
        )
        for _ in range(2)
    )
    for name in ("observed", "low", "high"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.p_value == two.p_value


def test_an_industry_of_all_firms_is_as_they_are() -> None:
    x, y = np.random.default_rng(10).uniform((0, 0), (10, 7), (30, 2)).T
    found = ripleys_k_envelope(x, y, np.ones(30, bool), radii=[1, 2], area=UNIT, rng=np.random.default_rng(1), draws=19)
    assert found.p_value == 1
    np.testing.assert_array_equal(found.low, found.observed)


# ---------------------------------------------------------------- refusals


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(BadValue, match="1 outside"):
        ripleys_k([1, 11], [1, 1], radii=[1], area=UNIT)
    with pytest.raises(UnknownCorrection):
        ripleys_k([1, 2], [1, 1], radii=[1], area=UNIT, correction="border")
    with pytest.raises(BadValue, match="area_m2 must be square metres above 0; got 0"):
        clark_evans([1, 2], [1, 1], area_m2=0)
    with pytest.raises(BadValue, match="at least 2 firms; got 1"):
        ripleys_k_envelope([1, 2], [1, 1], [True, False], radii=[1], area=UNIT, rng=np.random.default_rng(1))


def test_k_is_not_defined_from_a_pair_on_that_has_no_weight() -> None:
    k = ripleys_k([0, 10, 9], [0, 7, 7], radii=[2, 20], area=UNIT)
    assert np.isnan(k).tolist() == [False, True]
    assert np.isnan(ripleys_l([0, 10, 9], [0, 7, 7], radii=[2, 20], area=UNIT)).tolist() == [False, True]
