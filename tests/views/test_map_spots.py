"""A firm that has a point of its own is marked there; firms of one place, or of the very same point, are one stack."""

from dataclasses import replace

from clusters.goals import tally_goals
from clusters.plan import open_plan
from data import columns as c
from data.dataset import Dataset
from views.loaded import PLAN_ID
from views.map_firms import firm_keys, firm_stacks
from views.map_scene import Scene
from views.selection import Selection
from views.tokens import tokens
from views.words import words


def scene_of(dataset: Dataset) -> Scene:
    return Scene(tally_goals(open_plan(PLAN_ID), dataset), Selection(), tokens("light"), words("zh"))


def with_own_points(dataset: Dataset, *firms: str) -> Dataset:
    """The data with firms that no park, street or district lends a point."""
    table = dataset.firms.copy()
    for firm in firms:
        table.loc[firm, [c.PLACE_ID, c.LOCATION_PRECISION]] = [None, "exact"]
        table.loc[firm, [c.LON, c.LAT]] = [113.95, 22.54]
    return replace(dataset, digest=f"exact-{len(firms)}", firms=table)


def test_a_firm_with_a_point_of_its_own_is_drawn_there(dataset: Dataset) -> None:
    before = firm_stacks(scene_of(dataset))
    scene = scene_of(with_own_points(dataset, "00700.HK"))
    marks = {stack.stack_id: stack for stack in firm_stacks(scene)}
    assert sum(stack.count for stack in marks.values()) == sum(stack.count for stack in before)
    assert (marks["00700.HK"].lon, marks["00700.HK"].lat, marks["00700.HK"].ring) == (113.95, 22.54, "exact")
    assert firm_keys(scene)[0].words == words("zh")("map.key_exact")
    assert firm_keys(scene_of(dataset))[0].words == words("zh")("map.key_park")


def test_firms_at_the_very_same_point_are_one_stack(dataset: Dataset) -> None:
    placed = dataset.firms.index[dataset.firms[c.LON].notna()]
    one, other = (str(firm) for firm in placed[:2])
    scene = scene_of(with_own_points(dataset, one, other))
    (stack,) = [s for s in firm_stacks(scene) if s.stack_id == scene.spots[one]]
    assert (stack.kind, stack.count) == ("stack", 2)
    assert scene.spots[one] == scene.spots[other]
