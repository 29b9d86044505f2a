"""Activity and its base come together by label, and answers go back in the shape of what was given."""

import numpy as np
import pandas as pd
import pytest

from clusters.activity import read_activity
from clusters.errors import BadValue

TABLE = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=["X", "Y"])


def test_the_base_of_a_table_is_the_sum_of_its_rows() -> None:
    read = read_activity(TABLE, None)
    assert read.base.tolist() == [3, 7]
    assert read.total.tolist() == [4, 6]
    assert read.base_total == 10


def test_answers_have_the_shape_and_labels_of_what_was_given() -> None:
    read = read_activity(TABLE, None)
    pd.testing.assert_frame_equal(read.by_cell(read.amounts), TABLE)
    assert read.by_region(read.total).to_dict() == {"X": 4, "Y": 6}
    assert read.cells.tolist() == [("X", "a"), ("X", "b"), ("Y", "a"), ("Y", "b")]
    row = read_activity(TABLE.loc["X"], TABLE.sum())
    pd.testing.assert_series_equal(row.by_cell(row.amounts), TABLE.loc["X"], check_names=False)
    assert row.by_region(row.total) == 4
    assert list(row.cells) == ["a", "b"]
    plain = read_activity(TABLE.to_numpy(), None)
    assert np.array_equal(plain.by_cell(plain.amounts), TABLE.to_numpy())
    assert plain.cells.tolist() == [(0, 0), (0, 1), (1, 0), (1, 1)]
    single = read_activity(1, 2, total=3, base_total=4)
    assert single.by_cell(single.amounts) == 1.0
    assert list(single.cells) == [0]


def test_labels_bring_base_and_totals_into_order() -> None:
    read = read_activity(TABLE, pd.Series({"b": 9, "a": 8}), total=pd.Series({"Y": 20, "X": 10}))
    assert read.base.tolist() == [8, 9]
    assert read.total.tolist() == [10, 20]
    with pytest.raises(BadValue, match="the labels of total must be those of activity, each once; got Z, none for Y"):
        read_activity(TABLE, None, total=pd.Series({"X": 10, "Z": 20}))


def test_one_total_for_several_regions_is_refused() -> None:
    with pytest.raises(BadValue, match="the length of total must be 2, one for each region; got 1"):
        read_activity(TABLE, None, total=10)
