"""The short form of the campaign over withheld cells, with the control that has to give some away."""

import numpy as np

from bench.suppression_soak import soak


def test_no_unsafe_cell_is_given_away_and_without_further_cells_many_are() -> None:
    told = soak(12, np.random.default_rng(7), rows=5, columns=5)
    assert told.tables == 12
    assert told.unsafe > 30
    assert (told.disclosed, told.unproven) == (0, 0)
    assert told.control > 10
