"""Every column name is written once, with its unit and meaning, and the tables use no other."""

import ast
import inspect
from collections import Counter

import pandas as pd
import pytest

from clusters.goals import Board
from clusters.pace import pace_of_clusters
from clusters.plan import Plan
from clusters.standing import observed_firms
from data import columns as c
from data.cube import cube_of
from data.dataset import Dataset
from data.known_firms import firms_at_places, known_firms
from data.leading import leading_firms, leading_revenue
from data.matched import matched_firms


def test_each_name_is_declared_once() -> None:
    """Two names for one column would overwrite each other in DECLARED, so the source itself is read."""
    calls = [
        (str(node.args[0].value), str(node.args[1].value))  # type: ignore[attr-defined]
        for node in ast.walk(ast.parse(inspect.getsource(c)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Column"
    ]
    assert not [name for name, times in Counter(name for name, _ in calls).items() if times > 1]
    assert {name for name, _ in calls} == set(c.DECLARED)


@pytest.mark.parametrize("column", c.DECLARED.values(), ids=str)
def test_each_column_has_a_meaning_and_a_name_that_code_can_write(column: c.Column) -> None:
    assert column.meaning.strip()
    assert column.isidentifier()
    assert column == column.lower()


@pytest.mark.parametrize(
    ("suffix", "unit"), [("_cny", "CNY"), ("_m2", "m²"), ("lon", "degree"), ("lat", "degree"), ("_share", "0–1")]
)
def test_a_name_that_ends_in_a_unit_has_that_unit(suffix: str, unit: str) -> None:
    found = [column for column in c.DECLARED.values() if column.endswith(suffix)]
    assert found
    assert {column.unit for column in found} == {unit}


def test_the_money_columns_are_the_ones_in_yuan() -> None:
    in_yuan = {name for name, column in c.DECLARED.items() if column.unit == "CNY"}
    assert in_yuan == {name for name in c.DECLARED if name.endswith("_cny")}
    assert {"revenue_cny", "total_cny", "gap_to_next_cny"} <= in_yuan


def test_a_column_is_text_that_indexes_a_table() -> None:
    table = pd.DataFrame({"revenue_cny": [1]})
    assert table[c.REVENUE_CNY].tolist() == [1]
    assert isinstance(c.REVENUE_CNY, str)
    assert (c.REVENUE_CNY.unit, c.FIRM_ID.unit) == ("CNY", "")


def test_the_loaded_tables_use_declared_columns_only(dataset: Dataset) -> None:
    for name in ("firms", "observations", "indicators", "parks", "streets", "hubs", "districts"):
        columns = set(getattr(dataset, name).columns) - {"geometry"}
        assert columns, name
        assert columns <= set(c.DECLARED), name


def test_the_results_use_declared_columns_only(plan: Plan, dataset: Dataset, board: Board) -> None:
    matched = matched_firms(dataset)
    pace = pace_of_clusters(plan, matched, year=2021)
    derived = [table(dataset) for table in (cube_of, known_firms, firms_at_places, leading_firms, leading_revenue)]
    for table in (observed_firms(dataset), matched, pace, board.clusters, board.districts, *derived):
        assert set(table.columns) | set(filter(None, table.index.names)) <= set(c.DECLARED)
