"""Units of a district and all that a unit is listed for, against the bundled plan."""

import pytest

from clusters.district_duties import district_duties, full_names, unit_account, units_of_district
from clusters.errors import UnknownUnit
from clusters.plan import Plan


def test_a_unit_answers_for_its_subsectors_tasks_and_the_targets_they_serve(plan: Plan) -> None:
    found = unit_account(plan, "市地方金融监管局")
    assert [s.id for s in found.subsectors] == ["S10", "S03"]  # listed first for S10
    assert [found.is_first(s) for s in found.subsectors] == [True, False]
    assert [task.id for task in found.tasks] == ["K4"]
    assert [safeguard.id for safeguard in found.safeguards] == ["G3"]
    # K4 serves T1 and T2; subsectors are counted in T11 and T12
    assert [target.id for target in found.targets] == ["T1", "T2", "T11", "T12"]
    assert found.districts == ()


def test_a_district_government_stands_for_its_district(plan: Plan) -> None:
    assert unit_account(plan, "罗湖区政府").districts == ("440303",)
    assert unit_account(plan, "各区政府", ("440303", "440304")).districts == ("440303", "440304")
    assert units_of_district(plan, "440303") == ("罗湖区政府", "各区政府")
    assert units_of_district(plan, "440304") == ("各区政府",)


def test_a_unit_that_the_plan_does_not_list_is_refused(plan: Plan) -> None:
    with pytest.raises(UnknownUnit, match="市商务局"):
        unit_account(plan, "市气象局")


def test_every_list_of_the_plan_is_found_from_both_ends(plan: Plan) -> None:
    accounts = {unit: unit_account(plan, unit) for unit in plan.unit_duties()}
    for _, duty in plan.duties:
        names = full_names(plan, duty)
        for unit, found in accounts.items():
            mine = {part.id for part in (*found.subsectors, *found.tasks, *found.safeguards)}
            assert (duty.id in mine) == (unit in names)
            assert not found.is_first(duty) or names[0] == unit


def test_subsectors_of_a_district_keep_their_order_and_tasks_that_name_it_are_found(plan: Plan) -> None:
    found = district_duties(plan, "440307-DP", ["S11", "S01"])
    assert [subsector.id for subsector, _ in found.subsectors] == ["S11", "S01"]
    assert found.own_units == ("大鹏新区管委会", "各区政府")
    assert [task.id for task in found.tasks] == ["K5"]
    assert [place.name for place in found.places] == ["大鹏新区"]
