"""A city's published plan as data: what it wants, by when, who is listed for it, and how its words can be read.

One plan is one YAML file; its published text may stand beside it under the same name with the suffix ``.txt``, and then
every quote is found in it. A district's own plan is another, smaller file, which may use the subsectors of its city's
plan (``extends``) but none of its ambiguities: those are about the city's words. Left out: a text that changes within a
period; an amended plan is a new file.
"""

import hashlib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from clusters.errors import PlanError, UnknownPlan, UnknownSubsector, UnknownTarget
from clusters.plan_checks import contradictions
from clusters.plan_readings import Reading, readings_of
from clusters.plan_records import (
    Ambiguity,
    AnyTarget,
    Approach,
    Check,
    City,
    Definition,
    DevelopmentPath,
    Duty,
    FirstCounts,
    Header,
    Origin,
    Period,
    Places,
    QuantifiedTarget,
    Record,
    Safeguard,
    Subsector,
    Target,
    Task,
    required_path,
)
from clusters.plan_text import first_problem, read_document, read_text, wrong_words
from clusters.plan_units import Part, UnitDuties, duties_by_unit

__all__ = [
    "BUNDLED_PLANS",
    "Plan",
    "Reading",
    "UnitDuties",
    "find_plans",
    "load_plan",
    "open_plan",
    "required_path",
]

BUNDLED_PLANS = Path(__file__).resolve().parents[1] / "data" / "plans"


class Plan(Record):
    """A plan; `load_plan` makes it from a file."""

    format: Literal["cluster-plan/0.1"] = Field(alias="schema")
    header: Header = Field(alias="plan")
    targets: tuple[AnyTarget, ...] = Field(min_length=1)
    subsectors: tuple[Subsector, ...] = ()
    tasks: tuple[Task, ...] = ()
    safeguards: tuple[Safeguard, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    places: Places = Places()
    units_full: Mapping[str, str] = Field(default_factory=dict)
    lead_counts_derived: Mapping[str, FirstCounts] = Field(default_factory=dict)
    derived_paths: tuple[DevelopmentPath, ...] = ()
    derived_checks: tuple[Check, ...] = ()
    base_year_sensitivity_yi: Mapping[str, Mapping[int, float]] = Field(default_factory=dict)
    definition: Definition | None = None
    approach: Approach | None = None
    fair_district_tracking: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)
    origin: Origin

    @property
    def id(self) -> str:
        """Id of the plan."""
        return self.header.id

    @property
    def title(self) -> str:
        """Title as published."""
        return self.header.title

    @property
    def city(self) -> City:
        """City of the plan."""
        return self.header.city

    @property
    def period(self) -> Period:
        """Years of the plan."""
        return self.header.period

    @property
    def text_checked(self) -> bool:
        """Whether every quote was found in the published text; ``False`` when no text stood beside the file."""
        return self.origin.text_checked

    @property
    def quantified_targets(self) -> tuple[QuantifiedTarget, ...]:
        """Targets that name a number."""
        return tuple(target for target in self.targets if isinstance(target, QuantifiedTarget))

    @property
    def duties(self) -> tuple[tuple[Part, Duty], ...]:
        """Every subsector, task and safeguard written in this plan, with its part, in the order of the text."""
        own = self.subsectors if self.origin.subsectors_from == self.id else ()
        return (
            *(("subsectors", subsector) for subsector in own),
            *(("tasks", task) for task in self.tasks),
            *(("safeguards", safeguard) for safeguard in self.safeguards),
        )

    def target(self, target_id: str) -> Target:
        """Target of this id; `UnknownTarget` when there is none."""
        for target in self.targets:
            if target.id == target_id:
                return target
        raise UnknownTarget(target_id, [target.id for target in self.targets])

    def subsector(self, value: str) -> Subsector:
        """Subsector of this id (``S02``) or name, with or without 产业.

        Raises
        ------
        UnknownSubsector
            When the plan has none.

        Examples
        --------
        >>> plan = open_plan("shenzhen-digital-economy-2021-2023")
        >>> [plan.subsector(value).id for value in ("S05", "云计算产业", "云计算")]
        ['S05', 'S05', 'S05']
        """
        sought = value.strip()
        for subsector in self.subsectors:
            if sought.upper() == subsector.id.upper() or sought.removesuffix("产业") in subsector.names:
                return subsector
        raise UnknownSubsector(value, [f"{subsector.id} {subsector.short_name}" for subsector in self.subsectors])

    def readings(self, target_id: str) -> tuple[Reading, ...]:
        """Every way to read a target, the default first: the product of the axes that apply to it.

        A target that nothing is left open for has one reading, ``as_stated``.

        Raises
        ------
        UnknownTarget
            When the plan has no such target.

        Examples
        --------
        >>> plan = open_plan("shenzhen-digital-economy-2021-2023")
        >>> [reading.id for reading in plan.readings("T9")][:3]
        ['place=registered;counting=stock',
         'place=registered;counting=net_new;base_year=2020',
         'place=registered;counting=net_new;base_year=2019']
        """
        return readings_of(self.target(target_id).id, self.ambiguities)

    def unit_duties(self) -> dict[str, UnitDuties]:
        """Where each responsible unit is listed, by its full name, in the order in which the text first lists it."""
        return duties_by_unit(self.duties, self.units_full)


def load_plan(path: Path | str) -> Plan:
    """Plan in a file, checked.

    Parameters
    ----------
    path : Path or str
        YAML file; the quotes are checked against a text of the same name with the suffix ``.txt``, if one stands beside
        it. The plan that it ``extends`` is sought in the same folder, then among the bundled plans.

    Raises
    ------
    PlanError
        When the file does not hold together; it names the file, the field and the way out.
    """
    return _load(Path(path), ())


def find_plans(*folders: Path | str) -> dict[str, Path]:
    """Plan files by plan id, in the given folders and then among the bundled plans; the first of an id counts.

    A file that cannot be read is listed under its file name, so that opening it says what is wrong with it.

    Raises
    ------
    PlanError
        When two files of one folder have the same id.
    """
    found: dict[str, Path] = {}
    for folder in dict.fromkeys(Path(folder) for folder in (*folders, BUNDLED_PLANS)):
        here: dict[str, Path] = {}
        for path in sorted(path for path in folder.glob("*") if path.suffix in {".yaml", ".yml"}):
            plan_id = _id_of(path)
            if plan_id in here:
                raise PlanError(path, "plan.id", f"is {plan_id!r}, as in {here[plan_id].name}; give each its own id")
            here[plan_id] = path
        for plan_id, path in here.items():
            found.setdefault(plan_id, path)
    return found


def open_plan(id_or_path: Path | str, *folders: Path | str) -> Plan:
    """Plan of an id found by `find_plans`, or the plan in a file (a `Path`, or text that ends in .yaml or .yml).

    Raises
    ------
    UnknownPlan
        When neither exists.
    PlanError
        When the file does not hold together.
    """
    is_path = isinstance(id_or_path, Path) or id_or_path.endswith((".yaml", ".yml"))
    if is_path and Path(id_or_path).is_file():
        return load_plan(id_or_path)
    known = find_plans(*folders)
    if is_path or id_or_path not in known:
        raise UnknownPlan(str(id_or_path), sorted(known))
    return load_plan(known[str(id_or_path)])


def _load(path: Path, children: tuple[str, ...]) -> Plan:
    document = read_document(path)
    if "origin" in document:
        raise PlanError(path, "origin", "is not a key that belongs here; remove it or correct its spelling")
    text = path.with_suffix(".txt")
    origin = Origin(
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        text_checked=text.is_file(),
        subsectors_from=_id_in(document, path),
    )
    try:
        plan = Plan.model_validate(document | {"origin": origin})
    except ValidationError as error:
        raise PlanError(path, *first_problem(error, document)) from error
    words = wrong_words(document, read_text(text), text.name) if plan.text_checked else ()
    for field, problem in chain(words, contradictions(plan)):
        raise PlanError(path, field, problem)
    return plan if plan.header.extends is None else _with_parent(plan, children)


def _with_parent(plan: Plan, children: tuple[str, ...]) -> Plan:
    """Let a plan without subsectors of its own use those of the plan that it extends."""
    path, parent_id = plan.origin.path, str(plan.header.extends)
    if parent_id in (*children, plan.id):
        raise PlanError(path, "plan.extends", f"is {parent_id!r}, which leads back to this plan; name the city's plan")
    known = find_plans(path.parent)
    if parent_id not in known:
        raise PlanError(
            path, "plan.extends", f"is {parent_id!r}, which is no plan; choose from {', '.join(sorted(known))}"
        )
    parent = _load(known[parent_id], (*children, plan.id))
    if plan.subsectors:
        return plan
    origin = plan.origin.model_copy(update={"subsectors_from": parent.origin.subsectors_from})
    return plan.model_copy(update={"subsectors": parent.subsectors, "origin": origin})


def _id_of(path: Path) -> str:
    try:
        return _id_in(read_document(path), path)
    except PlanError:
        return path.stem


def _id_in(document: dict[str, Any], path: Path) -> str:
    header = document.get("plan")
    plan_id = header.get("id") if isinstance(header, dict) else None
    return plan_id if isinstance(plan_id, str) else path.stem
