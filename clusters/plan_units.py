"""Who is listed for what: the responsible units (责任单位) of a plan's subsectors, tasks and safeguards.

A list carries the prefix 市 on its first unit and drops it later, so a unit counts under its full name. The text orders
its lists but never says 牵头: being listed first (列首) is a fact about the list, not a claim of lead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from clusters.plan_records import Duty, FirstCounts

Part = Literal["subsectors", "tasks", "safeguards"]


@dataclass(frozen=True)
class UnitDuties:
    """Where a responsible unit is listed, as ids in the order of the text; ``listed_first`` where it opens the list."""

    unit: str
    subsectors: tuple[str, ...]
    tasks: tuple[str, ...]
    safeguards: tuple[str, ...]
    listed_first: tuple[str, ...]


def duties_by_unit(duties: Sequence[tuple[Part, Duty]], units_full: Mapping[str, str]) -> dict[str, UnitDuties]:
    """Duties of each unit by its full name, in the order in which the text first lists it.

    Examples
    --------
    >>> task = Duty(id="K1", name="提升科技创新引领能力", units=("市科技创新委", "发展改革委"))
    >>> found = duties_by_unit([("tasks", task)], {"发展改革委": "市发展改革委"})
    >>> {unit: (duties.tasks, duties.listed_first) for unit, duties in found.items()}
    {'市科技创新委': (('K1',), ('K1',)), '市发展改革委': (('K1',), ())}
    """
    listed = [
        (units_full.get(unit, unit), place, part, duty.id)
        for part, duty in duties
        for place, unit in enumerate(duty.units)
    ]
    return {
        unit: UnitDuties(
            unit=unit,
            subsectors=tuple(duty for name, _, part, duty in listed if name == unit and part == "subsectors"),
            tasks=tuple(duty for name, _, part, duty in listed if name == unit and part == "tasks"),
            safeguards=tuple(duty for name, _, part, duty in listed if name == unit and part == "safeguards"),
            listed_first=tuple(duty for name, place, _, duty in listed if name == unit and place == 0),
        )
        for unit in dict.fromkeys(name for name, *_ in listed)
    }


def first_counts(unit_duties: Mapping[str, UnitDuties]) -> dict[str, FirstCounts]:
    """How often each unit is listed first (列首), for the units that ever are."""
    return {
        unit: FirstCounts(
            subsectors=len(set(duties.subsectors) & set(duties.listed_first)),
            tasks=len(set(duties.tasks) & set(duties.listed_first)),
            safeguards=len(set(duties.safeguards) & set(duties.listed_first)),
        )
        for unit, duties in unit_duties.items()
        if duties.listed_first
    }
