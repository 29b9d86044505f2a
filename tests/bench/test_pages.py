"""What the measurement of pages asks for is understood by the pages, and its class has two doors."""

import pytest

from bench import pages
from clusters.plan import open_plan
from data.reference import load_reference
from views.loaded import PLAN_ID
from views.selection import read_selection


@pytest.mark.parametrize("name", pages.WALKS)
def test_every_address_is_understood_and_every_turn_asks_for_another(name: str) -> None:
    walk, dataset = pages.WALKS[name], load_reference()
    subsectors = tuple(each.id for each in open_plan(PLAN_ID).subsectors)
    for field, values in walk.changes.items():
        assert len(values) == pages.TURNS
        for turn, value in enumerate(values):
            asked = {**walk.asked, field: value}
            understood = read_selection(asked, dataset, subsectors, page=walk.page).query(walk.page)
            if value not in ("all", str(dataset.default_year)):
                assert understood.items() >= asked.items()
                assert turn == 0 or value != values[turn - 1]


@pytest.mark.parametrize(("few", "many", "found"), [
    (0.01, 0.1, pages.SAME), (1.0, 2.9, pages.SAME), (1.0, 3.2, pages.SLOWER),
])  # fmt: skip
def test_a_class_is_left_by_ratio_and_difference_together(few: float, many: float, found: str) -> None:
    row = pages.compared([pages.Took(few, few)], [pages.Took(many, many)])
    assert row["class"] == found
