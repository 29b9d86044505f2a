"""Whether a plan holds together: ids, references between its parts, axes and our own arithmetic.

The records check each field by itself; these rules read two places at once. They speak as (field path, what is wrong).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from clusters.plan_records import AXIS_OPTIONS, Ambiguity, LevelTarget, required_path
from clusters.plan_units import first_counts

if TYPE_CHECKING:
    from clusters.plan import Plan

Problem = tuple[str, str]


def contradictions(plan: Plan) -> Iterator[Problem]:
    """Everything in which the parts of a plan disagree; nothing for a sound plan."""
    yield from _repeated_names(plan)
    yield from _years_out_of_order(plan)
    yield from _loose_references(plan)
    yield from _uncovered_units(plan)
    yield from _unsound_axes(plan)
    yield from _stale_arithmetic(plan)


def _repeated_names(plan: Plan) -> Iterator[Problem]:
    parts = {
        "targets": plan.targets,
        "subsectors": plan.subsectors,
        "tasks": plan.tasks,
        "safeguards": plan.safeguards,
        "ambiguities": plan.ambiguities,
        "derived_paths": plan.derived_paths,
        "derived_checks": plan.derived_checks,
    }
    counts = Counter(record.id for records in parts.values() for record in records)
    for part, records in parts.items():
        for record in records:
            if counts[record.id] > 1:
                yield f"{part}[{record.id}].id", "is used twice; give every part of the plan its own id"
    names = Counter(chain.from_iterable(subsector.names for subsector in plan.subsectors))
    for subsector in plan.subsectors:
        if any(names[name] > 1 for name in subsector.names):
            yield f"subsectors[{subsector.id}].name", "is the name of two subsectors; tell them apart"


def _years_out_of_order(plan: Plan) -> Iterator[Problem]:
    if plan.period.end < plan.period.start:
        yield "plan.period.end", f"is before the start, {plan.period.start}; put the two years in order"
    for target in plan.quantified_targets:
        if target.by < plan.period.start:
            yield f"targets[{target.id}].by", f"is before the plan starts, {plan.period.start}; correct the year"


def _loose_references(plan: Plan) -> Iterator[Problem]:
    targets = {target.id for target in plan.targets}
    for task in plan.tasks:
        for target_id in task.serves_targets:
            if target_id not in targets:
                yield f"tasks[{task.id}].serves_targets", f"names {target_id}, which is no target; correct the id"
    for ambiguity in plan.ambiguities:
        for target_id in ambiguity.applies_to:
            if target_id not in targets:
                yield (
                    f"ambiguities[{ambiguity.id}].applies_to",
                    f"names {target_id}, which is no target; correct the id",
                )
    subsectors = {subsector.id for subsector in plan.subsectors}
    for path in plan.derived_paths:
        for subsector_id in path.subsectors:
            if subsector_id not in subsectors:
                yield f"derived_paths[{path.id}].fields", f"names {subsector_id}, which is no subsector; correct the id"
        if len(set(path.subsectors)) < len(path.subsectors):
            yield f"derived_paths[{path.id}].fields", "names a subsector twice; keep one"
    districts = {place.name for place in plan.places.districts_named}
    for part, duty in plan.duties:
        for name in duty.districts:
            if name not in districts:
                yield f"{part}[{duty.id}].districts", f"names {name}, which places.districts_named lacks; add it there"


def _uncovered_units(plan: Plan) -> Iterator[Problem]:
    for part, duty in plan.duties:
        for unit in duty.units:
            if unit not in plan.units_full:
                yield f"{part}[{duty.id}].units", f"names {unit}, which units_full lacks; add its full name there"
        if len({plan.units_full.get(unit, unit) for unit in duty.units}) < len(duty.units):
            yield f"{part}[{duty.id}].units", "names a unit twice; keep one"


def _unsound_axes(plan: Plan) -> Iterator[Problem]:
    options = {each.axis: each.options for each in plan.ambiguities if each.axis and not each.only_with}
    taken: set[tuple[str, str]] = set()
    for ambiguity in plan.ambiguities:
        yield from ((f"ambiguities[{ambiguity.id}].{key}", problem) for key, problem in _unsound_axis(ambiguity))
        for axis, option in ambiguity.only_with.items():
            if option not in options.get(axis, ()):
                problem = f"names {axis}: {option}, which no ambiguity offers by itself; correct it"
                yield f"ambiguities[{ambiguity.id}].only_with", problem
        for target_id in ambiguity.applies_to:
            if (pair := (str(ambiguity.axis), target_id)) in taken:
                yield f"ambiguities[{ambiguity.id}].axis", f"already applies to {target_id} elsewhere; keep one of them"
            taken.add(pair)


def _unsound_axis(ambiguity: Ambiguity) -> Iterator[Problem]:
    if ambiguity.axis is None:
        if ambiguity.options or ambiguity.applies_to or ambiguity.only_with:
            yield "axis", "is missing, though there are options or targets; name the axis"
        return
    if not ambiguity.options:
        yield "options", "is missing; list the default first, then the alternatives"
    if not ambiguity.applies_to:
        yield "applies_to", "is missing; list the targets that are tallied under each option"
    if len(set(ambiguity.options)) < len(ambiguity.options):
        yield "options", "has the same option twice; keep one"
    known = AXIS_OPTIONS[ambiguity.axis]
    for option in ambiguity.options:
        if known is None and not isinstance(option, int):
            yield "options", f"has {option!r}; write a year without quotes"
        if known is not None and option not in known:
            yield "options", f"has {option!r}; the axis {ambiguity.axis} knows {', '.join(sorted(map(str, known)))}"


def _stale_arithmetic(plan: Plan) -> Iterator[Problem]:
    """Find numbers of ours that no longer follow from the plan's."""
    levels = {target.id: target for target in plan.targets if isinstance(target, LevelTarget)}
    for target in levels.values():
        if target.derived is not None and dict(target.derived.path_yi) != _path_yi(target, target.derived.base_year):
            yield f"targets[{target.id}].derived.path_yi", "does not follow from value and cagr_pct; compute it again"
    for target_id, bases in plan.base_year_sensitivity_yi.items():
        for year, base in bases.items():
            if target_id not in levels or _path_yi(levels[target_id], year).get(year) != base:
                field = f"base_year_sensitivity_yi.{target_id}.{year}"
                yield field, "does not follow from that target's value and cagr_pct; compute it again"
    if plan.lead_counts_derived and dict(plan.lead_counts_derived) != first_counts(plan.unit_duties()):
        yield "lead_counts_derived", "does not follow from the lists of units; count again who is listed first"


def _path_yi(target: LevelTarget, base_year: int) -> dict[int, float]:
    if target.cagr_pct is None or base_year >= target.by:
        return {}
    return {year: round(cny / 10**8, 1) for year, cny in required_path(target, base_year).items()}
