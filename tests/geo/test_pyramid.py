"""A point pyramid answers as a walk over all points would."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from geo import pyramid as pyramid_module
from geo.errors import PyramidError
from geo.mercator import SIDE, interleave, mercator, steps
from geo.pyramid import PointPyramid
from geo.pyramid_files import load_pyramid, save_pyramid
from geo.pyramid_records import EVERYTHING, PointFilter

FILTERS = [
    EVERYTHING,
    PointFilter.choose(category=[1]),
    PointFilter.choose(category=[]),
    PointFilter.choose(year=2021),
    PointFilter.choose(category=[0, 2], precision=[1], year=2020),
]


class World:
    """A clumped crowd with its tables, for walks over all points."""

    def __init__(self, seed: int, n: int = 400) -> None:
        rng = np.random.default_rng(seed)
        centres = rng.normal([114, 22.5], 0.2, (6, 2))
        self.lon, self.lat = (centres[rng.integers(6, size=n)] + rng.normal(0, 0.004, (n, 2))).T
        self.lon[: n // 10], self.lat[: n // 10] = self.lon[0], self.lat[0]  # a stack
        self.lon[-3:] = np.nan, 200, np.inf
        self.category = rng.integers(0, 4, n)
        self.precision = rng.integers(0, 3, n)
        seen = rng.random((2, n)) < 0.6
        self.seen = dict(zip((2020, 2021), seen, strict=True))
        self.amount = {year: np.where(here, rng.integers(-50, 10**12, n), 0) for year, here in self.seen.items()}
        rows = np.concatenate([np.flatnonzero(here) for here in seen])
        years = np.repeat([2020, 2021], seen.sum(axis=1))
        values = np.concatenate([self.amount[y][h] for y, h in self.seen.items()])
        mixed = rng.permutation(len(rows))
        self.pyramid = PointPyramid.build(
            self.lon,
            self.lat,
            self.category,
            attributes={"precision": self.precision},
            observations=(rows[mixed], years[mixed], values[mixed]),
        )

    def keeps(self, chosen: PointFilter) -> NDArray[np.bool_]:
        keep = np.isfinite(self.lon) & (np.abs(self.lon) <= 180)
        for name, codes in chosen.keep:
            keep &= np.isin(getattr(self, name), codes)
        return keep & self.seen[chosen.year] if chosen.year else keep


@given(st.integers(0, 10**6))
def test_points_come_in_morton_order_and_none_is_lost(seed: int) -> None:
    world = World(seed)
    p = world.pyramid
    assert p.left_out == 3
    assert (np.diff(p.codes.astype(np.int64)) >= 0).all()
    assert sorted(p.points.tolist()) == list(range(397))
    assert_array_equal(p.codes, interleave(*steps(world.lon[p.points], world.lat[p.points])))
    ties = p.codes[1:] == p.codes[:-1]
    assert (p.points[1:][ties] > p.points[:-1][ties]).all()
    assert_array_equal(p.attributes["category"], world.category[p.points])
    assert p.years == (2020, 2021)


@given(st.integers(0, 10**6), st.integers(0, 22), st.integers(0, 396))
def test_a_tile_holds_the_points_that_lie_in_it(seed: int, zoom: int, row: int) -> None:
    world = World(seed)
    columns, rows = (v >> 28 - zoom for v in steps(world.lon[:397], world.lat[:397]))
    inside = world.pyramid.tile(zoom, int(columns[row]), int(rows[row]))
    expected = np.flatnonzero((columns == columns[row]) & (rows == rows[row]))
    assert sorted(world.pyramid.points[inside].tolist()) == expected.tolist()


@given(st.integers(0, 10**6), st.integers(0, 28), st.sampled_from(FILTERS))
def test_cells_count_and_sum_what_the_filter_keeps(seed: int, level: int, chosen: PointFilter) -> None:
    world = World(seed)
    keep = np.flatnonzero(world.keeps(chosen))
    codes = interleave(*(v >> 28 - level for v in steps(world.lon[keep], world.lat[keep])))
    cells = world.pyramid.cells(level, chosen)
    expected, counts = np.unique(codes, return_counts=True)
    assert_array_equal(cells.codes, expected)
    assert_array_equal(cells.counts, counts)
    if chosen.year is None:
        assert cells.sums is None
    else:
        sums = [int(world.amount[chosen.year][keep][codes == code].sum()) for code in expected]
        assert cells.sums is not None
        assert cells.sums.tolist() == sums


@given(st.integers(0, 10**6), st.sampled_from(FILTERS))
def test_counts_of_all_levels_add_up_to_the_same(seed: int, chosen: PointFilter) -> None:
    p = World(seed).pyramid
    totals = {int(p.cells(level, chosen).counts.sum()) for level in (0, 7, 19, 28)}
    assert len(totals) == 1
    densest = [p.densest(zoom, chosen) for zoom in range(20)]
    assert densest == sorted(densest, reverse=True)


@given(
    st.integers(0, 10**6), st.sampled_from(FILTERS), st.floats(0, 20), st.integers(0, 396), st.floats(-30, 30),
    st.floats(-30, 30),
)  # fmt: skip
def test_a_click_finds_the_nearest_point(
    seed: int, chosen: PointFilter, zoom: float, row: int, right: float, down: float
) -> None:
    world = World(seed)
    pixel = 360 / 256 / 2**zoom
    lon, lat = world.lon[row] + right * pixel, float(np.clip(world.lat[row] - down * pixel, -85, 85))
    hit = world.pyramid.nearest(lon, lat, zoom, pixels=12, chosen=chosen)
    if not -180 <= lon <= 180:
        assert hit is None
        return
    keep = np.flatnonzero(world.keeps(chosen))
    columns, rows = steps(world.lon[keep], world.lat[keep])
    x, y = mercator(lon, lat)
    away = np.hypot((columns + 0.5) / SIDE - x, (rows + 0.5) / SIDE - y) * 256 * 2**zoom
    if not len(keep) or away.min() > 12 + 1e-6:
        assert hit is None
    elif away.min() < 12 - 1e-6:
        assert hit is not None
        assert hit.pixels == pytest.approx(away.min(), abs=1e-6)
        same = (columns == columns[away.argmin()]) & (rows == rows[away.argmin()])
        assert hit.together.tolist() == keep[same].tolist()
        assert hit.point == hit.together[0]
        assert hit.category == world.category[hit.point]


def test_a_click_on_a_stack_tells_all_that_stand_there() -> None:
    world = World(1)
    hit = world.pyramid.nearest(world.lon[0], world.lat[0], 18)
    assert hit is not None
    assert hit.together.tolist() == list(range(40))


@pytest.mark.parametrize(("lon", "lat"), [(np.nan, 22), (300, 22), (114, 89), (114, np.inf), (10.0, 10.0)])
def test_a_click_on_nothing_finds_nothing(lon: float, lat: float) -> None:
    assert World(1).pyramid.nearest(lon, lat, 12) is None


def test_the_same_points_give_the_same_arrays() -> None:
    one, other = World(5).pyramid, World(5).pyramid
    assert one.codes.tobytes() == other.codes.tobytes()
    assert one.points.tobytes() == other.points.tobytes()


def test_two_observations_of_a_year_are_added() -> None:
    p = PointPyramid.build([1.0, 2.0], [1.0, 2.0], [0, 0], observations=([1, 1], [2021, 2021], [3, 4]))
    assert p.points.tolist() == [1, 0]  # the northern one comes first
    assert p.values[2021].tolist() == [7, 0]
    assert p.observed.tolist() == [1, 0]


@pytest.mark.parametrize("lon", [[], [np.nan]])
def test_a_pyramid_of_nothing_answers(lon: list[float], tmp_path: Path) -> None:
    p = PointPyramid.build(lon, lon, [0] * len(lon))
    save_pyramid(p, tmp_path / "p")
    for each in (p, load_pyramid(tmp_path / "p")):
        assert len(each) == 0
        assert each.left_out == len(lon)
        assert each.tile(3, 1, 1) == slice(0, 0)
        assert each.nearest(114, 22, 10) is None
        assert each.densest(5) == 0
        assert each.point_zoom() == 0


def test_points_are_drawn_from_the_first_zoom_whose_tiles_are_small_enough() -> None:
    p = World(2).pyramid
    zoom = p.point_zoom(at_most=100)
    assert p.densest(zoom) <= 100 < p.densest(zoom - 1)
    assert p.point_zoom(at_most=39) == 18  # a stack of 40 is never smaller


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (([1.0], [1.0, 2.0], [0]), "latitudes"),
        (([1.0], [1.0], [0, 1]), "category"),
        (([1.0], [1.0], [256]), "from 0 to 255"),
        (([1.0], [1.0], [-1]), "from 0 to 255"),
        (([1.0], [1.0], [0.5]), "whole numbers"),
    ],
)
def test_points_that_do_not_fit_are_refused(arguments: tuple[list[float], ...], problem: str) -> None:
    with pytest.raises(PyramidError, match=problem):
        PointPyramid.build(*arguments)


@pytest.mark.parametrize(
    "observations",
    [([0], [2021], [0.5]), ([1], [2021], [1]), ([-1], [2021], [1]), ([0], [2021, 2022], [1]),
     ([0] * 33, list(range(33)), [1] * 33)],
)  # fmt: skip
def test_observations_that_do_not_fit_are_refused(observations: tuple[list[int], ...]) -> None:
    with pytest.raises(PyramidError, match="observations"):
        PointPyramid.build([1.0], [1.0], [0], observations=observations)


@pytest.mark.parametrize("chosen", [PointFilter.choose(colour=[1]), PointFilter.choose(year=1999)])
def test_a_filter_by_what_is_not_here_is_refused_each_time(chosen: PointFilter) -> None:
    p = World(1).pyramid
    for _ in range(2):
        with pytest.raises(PyramidError, match="expected one of"):
            p.cells(10, chosen)


def test_many_who_ask_at_once_wait_for_one_count(monkeypatch: pytest.MonkeyPatch) -> None:
    p, counted, together = World(1).pyramid, [], threading.Barrier(8)
    count = PointPyramid._count

    def slowly(self: PointPyramid, level: int, chosen: PointFilter) -> object:
        counted.append(level)
        threading.Event().wait(0.05)
        return count(self, level, chosen)

    monkeypatch.setattr(PointPyramid, "_count", slowly)

    def ask(_: int) -> int:
        together.wait()
        return int(p.cells(12).counts.sum())

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {397}
    assert counted == [12]


def test_levels_beyond_the_allowance_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    p = World(1).pyramid
    monkeypatch.setattr(pyramid_module, "KEPT_BYTES", 10_000)
    for level in range(28):
        p.cells(level)
    assert sum(f.result().nbytes for f in p._kept.values()) <= 10_000 + p.cells(27).nbytes
    assert (27, EVERYTHING) in p._kept


# ---------------------------------------------------------------- files


def test_a_saved_pyramid_answers_as_before_without_being_read(tmp_path: Path) -> None:
    p = World(7).pyramid
    save_pyramid(p, tmp_path / "p")
    again = load_pyramid(tmp_path / "p")
    assert isinstance(again.codes.base, np.memmap)
    assert not again.codes.flags.writeable
    assert (again.left_out, again.years, list(again.attributes)) == (p.left_out, p.years, list(p.attributes))
    for chosen in FILTERS:
        one, other = p.cells(17, chosen), again.cells(17, chosen)
        assert_array_equal(one.codes, other.codes)
        assert_array_equal(one.numbers("sum"), other.numbers("sum"))


def test_saving_replaces_the_folder_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    save_pyramid(World(1).pyramid, tmp_path / "p")
    held = load_pyramid(tmp_path / "p")
    save_pyramid(World(2, n=50).pyramid, tmp_path / "p")
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    assert len(load_pyramid(tmp_path / "p")) == 47
    assert int(held.cells(5).counts.sum()) == 397  # a reader keeps what it has mapped


def test_a_failed_save_leaves_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_pyramid(World(1).pyramid, tmp_path / "p")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space"):
        save_pyramid(World(2).pyramid, tmp_path / "p")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    assert len(load_pyramid(tmp_path / "p")) == 397


def test_a_folder_that_is_no_pyramid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PyramidError, match="no point pyramid"):
        load_pyramid(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("about.json", b"{"),
        ("about.json", b'{"format": 0}'),
        ("about.json", b"[]"),
        ("codes.npy", b""),
        ("codes.npy", b"\x93NUMPY\x01\x00"),
        ("points.npy", None),
    ],
)
def test_a_damaged_folder_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    save_pyramid(World(1).pyramid, tmp_path / "p")
    if content is None:
        np.save(tmp_path / "p" / name, np.zeros(3, np.uint32))
    else:
        (tmp_path / "p" / name).write_bytes(content)
    with pytest.raises(PyramidError):
        load_pyramid(tmp_path / "p")
