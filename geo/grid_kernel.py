"""The look and the walk of `geo.grid_index` as one loop over points, for numba to compile.

Plain Python, so that it can be read and tested without numba. The compiled form runs on one thread and leaves the
interpreter free; many of them may run side by side, which numba's own parallel layer does not allow from threads. The
constants of `geo.grid_cells` are compiled in: touch this file when they change.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from geo.grid_cells import FIRST_LIST, NOWHERE, ROUNDING, UNDERFLOW, CellTable, Edges, Floats, Grid


def owners(x: Floats, y: Floats, codes: Any, grid: Grid, edges: Edges, table: CellTable) -> None:
    """Write the lowest area that holds each point; what is in doubt keeps the number of its list for `AreaIndex`."""
    stride = grid.columns + 2
    for i in range(len(x)):
        px, py = x[i], y[i]
        column = (px - grid.west) * grid.columns_per_degree + 1
        row = (py - grid.south) * grid.rows_per_degree + 1
        if not (1 <= column < grid.columns + 1 and 1 <= row < grid.rows + 1):  # NaN too
            codes[i] = NOWHERE
            continue
        said = table.cells[int(row) * stride + int(column)]
        codes[i] = said
        if said > FIRST_LIST:
            continue
        corner = grid.reference_x[int(column)]
        owner = NOWHERE
        for entry in range(table.list_start[FIRST_LIST - said], table.list_start[FIRST_LIST - said + 1]):
            inside, unsure = table.entry_inside[entry], table.entry_doubtful[entry]
            for side in range(table.entry_start[entry], table.entry_start[entry + 1]):
                edge = table.side_edge[side]
                ax, ay, bx, by = edges.ax[edge], edges.ay[edge], edges.bx[edge], edges.by[edge]
                level = ay <= py < by
                upright = (ax <= corner) != (bx <= corner)
                at_an_end = py in (ay, by) and min(ax, bx) <= px <= max(ax, bx)
                if not (level or upright or at_an_end):
                    continue
                rise = (bx - ax) * (py - ay)
                run, run_to_corner = (by - ay) * (px - ax), (by - ay) * (corner - ax)
                here, turn = rise - run, rise - run_to_corner
                if (level or at_an_end) and abs(here) <= ROUNDING * (abs(rise) + abs(run)) + UNDERFLOW:
                    unsure = True
                if (level or upright) and abs(turn) <= ROUNDING * (abs(rise) + abs(run_to_corner)) + UNDERFLOW:
                    unsure = True
                if level and (here > 0) != (turn > 0):
                    inside = not inside
                if upright and (turn > 0) != table.side_left[side]:
                    inside = not inside
            if unsure:
                owner = said
                break
            if inside:
                owner = table.entry_area[entry]
                break
        codes[i] = owner


@lru_cache(maxsize=1)
def compiled_owners() -> Callable[..., None]:
    """`owners`, compiled when first asked for and kept beside this file where that may be written.

    Raises
    ------
    ModuleNotFoundError
        When numba is not installed.
    """
    import numba

    compiled: Callable[..., None]
    try:
        compiled = numba.njit(nogil=True, cache=True)(owners)
    except RuntimeError:  # no folder to keep it in
        compiled = numba.njit(nogil=True)(owners)
    return compiled
