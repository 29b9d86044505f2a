import subprocess
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.locate_soak import CELLS, KINDS, hard_points, soak
from geo.crs import on_globe
from geo.grid_cells import FIRST_LIST
from geo.grid_index import AreaIndex
from geo.grid_kernel import owners


@given(st.sampled_from(KINDS), st.integers(0, 2**32 - 1), st.sampled_from(CELLS[2:]))
@settings(max_examples=20, deadline=None)
def test_the_loop_gives_the_codes_of_the_arrays_or_says_what_it_leaves_open(kind, seed, cells):
    rng = np.random.default_rng(seed)
    outlines = kind(rng)
    outlines = outlines[shapely.is_valid(outlines)]
    if not len(outlines):
        return
    index = AreaIndex(outlines, [f"{i:03d}" for i in range(len(outlines))], cells=cells)
    x, y = hard_points(index, outlines, 60, rng)
    x, y = x[on_globe(x, y)], y[on_globe(x, y)]
    codes = np.empty(len(x), dtype=np.int32)
    owners(x, y, codes, index.grid, index._edges, index.table)
    answered = codes > FIRST_LIST
    assert codes[answered].tolist() == index.locate(x, y, compiled=False)[answered].tolist()
    scattered = AreaIndex([shapely.box(0, 0, 1, 1)], ["A"])
    some = rng.uniform(-0.5, 1.5, (2, 50))
    codes = np.empty(50, dtype=np.int32)
    owners(*some, codes, scattered.grid, scattered._edges, scattered.table)
    assert (codes > FIRST_LIST).all()  # nothing of this is in doubt


def test_the_loop_leaves_nowhere_what_is_no_position():
    index = AreaIndex([shapely.box(0, 0, 1, 1)], ["A"])
    codes = np.empty(4, dtype=np.int32)
    owners(np.array([np.nan, np.inf, -np.inf, 0.5]), np.full(4, 0.5), codes, index.grid, index._edges, index.table)
    assert codes.tolist() == [-1, -1, -1, 0]


def test_the_compiled_loop_passes_the_campaign_too():
    pytest.importorskip("numba")
    assert soak(50_000, np.random.default_rng(2), per_world=2_000, compiled=True).disagreements == 0


def test_numba_is_not_imported_before_it_is_asked_for():
    code = (
        "import sys; from geo.locate import locate_areas, AreaIndex; import shapely; "
        "AreaIndex([shapely.box(0, 0, 1, 1)], ['A']).locate([0.5] * 1000, [0.5] * 1000); "
        "sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
