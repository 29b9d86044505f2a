"""Errors of ``clusters``; every one is a ``ValueError`` that says what came and what was expected.

ClusterError
├── PlanError           a plan file that does not hold together: which file, which field, and the way out
├── NoRequiredPath      a target without the goal, growth rate or year that a path needs
├── UnfitPattern        points, radii, weights or an area that no distances can be measured with
└── UnknownValue        a name that nobody knows here, with the names that are known
    ├── UnknownPlan
    ├── UnknownTarget
    ├── UnknownSubsector
    ├── UnknownDistrict
    ├── UnknownCorrection
    └── UnknownYear
"""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar


class ClusterError(ValueError):
    """Base of every error raised in ``clusters``."""


class PlanError(ClusterError):
    """A plan file does not hold together.

    Parameters
    ----------
    path : Path or str
        The plan file.
    field : str
        Where in the file, such as ``targets[T1].quote``.
    problem : str
        What is wrong there and the way out, as the end of a sentence.

    Examples
    --------
    >>> print(PlanError("city.yaml", "targets[T1].by", "is missing; add it"))
    plan file city.yaml: targets[T1].by is missing; add it
    """

    def __init__(self, path: Path | str, field: str, problem: str) -> None:
        self.path, self.field, self.problem = Path(path), field, problem
        super().__init__(f"plan file {path}: {field} {problem}")

    def __reduce__(self) -> tuple[type["PlanError"], tuple[Path, str, str]]:
        return type(self), (self.path, self.field, self.problem)


class NoRequiredPath(ClusterError):
    """A target has no year-by-year path: it lacks the goal or growth rate, or the base year is not before its year."""

    def __init__(self, target_id: str, problem: str) -> None:
        self.target_id, self.problem = target_id, problem
        super().__init__(f"target {target_id} has no required path: {problem}")

    def __reduce__(self) -> tuple[type["NoRequiredPath"], tuple[str, str]]:
        return type(self), (self.target_id, self.problem)


class UnfitPattern(ClusterError):
    """Points, radii, weights, draws or an area that a measure over distances cannot take.

    Examples
    --------
    >>> print(UnfitPattern("radii", [0.0, -1.0], "ascending distances in metres, none below 0"))
    radii: expected ascending distances in metres, none below 0; got [0.0, -1.0]
    """

    def __init__(self, what: str, came: object, expected: str) -> None:
        self.what, self.came, self.expected = what, came, expected
        super().__init__(f"{what}: expected {expected}; got {came}")

    def __reduce__(self) -> tuple[type["UnfitPattern"], tuple[str, object, str]]:
        return type(self), (self.what, self.came, self.expected)


class UnknownValue(ClusterError):
    """A value that is none of those known here; the subclasses say of what."""

    what: ClassVar[str] = "value"

    def __init__(self, value: object, known: Iterable[object] = ()) -> None:
        self.value = value
        self.known: range | tuple[object, ...] = known if isinstance(known, range) else tuple(known)
        super().__init__(f"unknown {self.what} {value!r}; expected one of: {_listed(self.known)}")

    def __reduce__(self) -> tuple[type["UnknownValue"], tuple[object, range | tuple[object, ...]]]:
        return type(self), (self.value, self.known)


class UnknownPlan(UnknownValue):
    """No plan has this id, and no plan file lies at this path."""

    what = "plan"


class UnknownTarget(UnknownValue):
    """The plan sets no target of this id."""

    what = "target"


class UnknownSubsector(UnknownValue):
    """The plan names no subsector of this id or name.

    Examples
    --------
    >>> print(UnknownSubsector("S99", ["S01 高端软件", "S02 人工智能"]))
    unknown subsector 'S99'; expected one of: S01 高端软件, S02 人工智能
    """

    what = "subsector"


class UnknownDistrict(UnknownValue):
    """No district of the city has this id or name."""

    what = "district"


class UnknownCorrection(UnknownValue):
    """No edge correction has this name."""

    what = "edge correction"


class UnknownYear(UnknownValue):
    """There is nothing for this year.

    Examples
    --------
    >>> print(UnknownYear(year=2031, known=range(2015, 2024)))
    unknown year 2031; expected one of: 2015 to 2023
    """

    what = "year"

    def __init__(self, year: int, known: Iterable[object] = ()) -> None:
        self.year = year
        super().__init__(year, known)


def _listed(known: range | tuple[object, ...]) -> str:
    if isinstance(known, range) and len(known) > 1 and known.step == 1:
        return f"{known.start} to {known.stop - 1}"
    return ", ".join(str(one) for one in known) or "none is known here"
