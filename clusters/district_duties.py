"""Who answers for what, from both ends: the units behind a district's clusters, and all that one unit is listed for.

The plan lists units (责任单位) in an order and never says 牵头, so being listed first (列首) is told as that. It sets
no district a goal: a district government answers for what the text lists it for, by its own name or among 各区政府.
"""

from dataclasses import dataclass
from typing import TypeVar

from clusters.errors import UnknownUnit
from clusters.plan import Plan
from clusters.plan_records import Duty, Place, Safeguard, Subsector, Target, Task
from clusters.plan_units import UnitDuties

D = TypeVar("D", bound=Duty)


@dataclass(frozen=True)
class DistrictDuties:
    """Units and tasks of a district.

    Attributes
    ----------
    own_units : tuple of str
        Names under which the text lists the district's own government, as 罗湖区政府 or 各区政府.
    subsectors : tuple of (Subsector, tuple of str)
        Subsectors with a firm here, the largest first, with their units by full name in the order of the text.
    tasks : tuple of Task
        Tasks that list an own unit, are about place, or name the district.
    places : tuple of Place
        Where the text names the district.
    """

    own_units: tuple[str, ...]
    subsectors: tuple[tuple[Subsector, tuple[str, ...]], ...]
    tasks: tuple[Task, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class UnitAccount:
    """All that a unit is listed for.

    Attributes
    ----------
    duties : UnitDuties
    subsectors, tasks, safeguards : tuple
        With those where it is listed first before the others, else in the order of the text.
    targets : tuple of Target
        Targets that its tasks serve, and those that count clusters when it has a subsector; in the order of the plan.
    districts : tuple of str
        District ids that it stands for: its own, or all for a name that covers them (各区政府).
    """

    duties: UnitDuties
    subsectors: tuple[Subsector, ...]
    tasks: tuple[Task, ...]
    safeguards: tuple[Safeguard, ...]
    targets: tuple[Target, ...]
    districts: tuple[str, ...]

    @property
    def unit(self) -> str:
        """Its full name."""
        return self.duties.unit

    def is_first(self, duty: Duty) -> bool:
        """Whether it opens the list of a duty (列首)."""
        return duty.id in self.duties.listed_first


def district_duties(plan: Plan, district_id: str, subsectors: "list[str]") -> DistrictDuties:
    """Units and tasks of a district whose firms are in some subsectors.

    Parameters
    ----------
    plan : Plan
    district_id : str
    subsectors : list of str
        Subsectors with a firm there, in the order wanted.

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> found = district_duties(open_plan("shenzhen-digital-economy-2021-2023"), "440303", ["S10"])
    >>> found.own_units, found.subsectors[0][1][0], [task.id for task in found.tasks]
    (('罗湖区政府', '各区政府'), '市地方金融监管局', ['K5'])
    """
    places = tuple(place for place in plan.places.districts_named if place.district_id == district_id)
    own = units_of_district(plan, district_id)
    names = {place.name for place in places}
    return DistrictDuties(
        own_units=own,
        subsectors=tuple((plan.subsector(s), full_names(plan, plan.subsector(s))) for s in subsectors),
        tasks=tuple(
            task
            for task in plan.tasks
            if task.spatial or names & set(task.districts) or set(own) & set(full_names(plan, task))
        ),
        places=places,
    )


def unit_account(plan: Plan, unit: str, districts: tuple[str, ...] = ()) -> UnitAccount:
    """All that a unit is listed for.

    Parameters
    ----------
    plan : Plan
    unit : str
        By its full name.
    districts : tuple of str
        District ids of the city, for a unit that stands for all of them.

    Raises
    ------
    UnknownUnit
        When the plan lists no such unit.

    Examples
    --------
    >>> from clusters.plan import open_plan
    >>> found = unit_account(open_plan("shenzhen-digital-economy-2021-2023"), "市商务局")
    >>> [s.id for s in found.subsectors], [task.id for task in found.tasks], found.is_first(found.subsectors[0])
    (['S11'], ['K4', 'K9'], True)
    """
    every = plan.unit_duties()
    if unit not in every:
        raise UnknownUnit(unit, list(every))
    duties = every[unit]

    tasks = _first_then_others(plan.tasks, duties.tasks, duties)
    subsectors = _first_then_others(plan.subsectors, duties.subsectors, duties)
    served = {target for task in tasks for target in task.serves_targets}
    counted = {target.id for target in plan.targets if target.kind == "cluster_count"} if subsectors else set()
    own = tuple(place.district_id for place in plan.places.districts_named if place.as_unit == unit)
    return UnitAccount(
        duties=duties,
        subsectors=subsectors,
        tasks=tasks,
        safeguards=_first_then_others(plan.safeguards, duties.safeguards, duties),
        targets=tuple(target for target in plan.targets if target.id in served | counted),
        districts=districts if unit == _collective(plan) else tuple(d for d in own if d is not None),
    )


def units_of_district(plan: Plan, district_id: str) -> tuple[str, ...]:
    """Names under which the text lists a district's own government; the one of its own first."""
    own = [p.as_unit for p in plan.places.districts_named if p.district_id == district_id and p.as_unit]
    collective = _collective(plan)
    return tuple(dict.fromkeys([*own, *([collective] if collective else [])]))


def full_names(plan: Plan, duty: Duty) -> tuple[str, ...]:
    """Units of a duty by their full names, in the order of the text."""
    return tuple(plan.units_full.get(unit, unit) for unit in duty.units)


def _first_then_others(parts: "tuple[D, ...]", ids: tuple[str, ...], duties: UnitDuties) -> "tuple[D, ...]":
    mine = [part for part in parts if part.id in ids]
    return tuple(sorted(mine, key=lambda part: part.id not in duties.listed_first))


def _collective(plan: Plan) -> str:
    """The name that covers all districts, when the plan lists one."""
    named = plan.places.districts_by_collective
    return named.text if named is not None else ""
