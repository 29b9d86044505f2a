"""What a dataset says of itself."""

from dataclasses import replace

import pandas as pd

from data.dataset import MANY_FIRMS


def test_the_bundled_firms_are_few_and_a_register_is_many(dataset):
    assert not dataset.has_many_firms
    rows = pd.concat([dataset.firms] * (MANY_FIRMS // len(dataset.firms) + 1))
    assert replace(dataset, firms=rows).has_many_firms
    assert not replace(dataset, firms=rows.iloc[:MANY_FIRMS]).has_many_firms
