"""Errors of ``clusters``; every one is a ``ValueError`` that says what came and what was expected.

ClusterError
├── PlanError           a plan file that does not hold together: which file, which field, and the way out
├── BadContributions    contributions that no cell can be made of: which column, what is wrong there
├── StillDisclosed      a table that no pattern of withheld cells could protect: which cells are still given away
├── BadValues           numbers, labels or a choice that a measure cannot take, with what it expects
├── BadRounding         amounts, a unit or a total that cannot be rounded so that parts add up
├── BadInput            an array or a choice that a measure cannot take: what came, what was expected
├── NoRequiredPath      a target without the goal, growth rate or year that a path needs
├── BadMeasureInput     numbers that a measure is not defined for: which argument, what came, what was expected
├── BadScenario         a scenario that cannot be read or does not fit the data: which part of it, what was expected
├── WithheldFirm        a firm whose own figures are not for this reader
├── BadValue            an amount, count or table that a measure cannot take: which, what came, what was expected
│   └── TooFewYears     a series too short to say how much its growth varies
└── UnknownValue        a name that nobody knows here, with the names that are known
    ├── UnknownPlan
    ├── UnknownTarget
    ├── UnknownSubsector
    ├── UnknownDistrict
    ├── UnknownFirm
    ├── UnknownRole
    ├── UnknownMeasure
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


class BadContributions(ClusterError):
    """Contributions, or cells made of them, do not hold what disclosure control needs.

    Parameters
    ----------
    column : str
        Where.
    problem : str
        What is wrong there and what was expected, as the end of a sentence.

    Examples
    --------
    >>> print(BadContributions("revenue_cny", "is missing in 3 rows; expected an amount in every row"))
    contributions: revenue_cny is missing in 3 rows; expected an amount in every row
    """

    def __init__(self, column: str, problem: str) -> None:
        self.column, self.problem = str(column), problem
        super().__init__(f"contributions: {column} {problem}")

    def __reduce__(self) -> tuple[type["BadContributions"], tuple[str, str]]:
        return type(self), (self.column, self.problem)


class StillDisclosed(ClusterError):
    """The audit found cells given away that no further withholding hides; such a table must not be released."""

    def __init__(self, cells: Iterable[object]) -> None:
        self.cells = tuple(cells)
        super().__init__(f"{len(self.cells)} unsafe cells are still given away; expected none: {_listed(self.cells)}")

    def __reduce__(self) -> tuple[type["StillDisclosed"], tuple[tuple[object, ...]]]:
        return type(self), (self.cells,)


class BadValues(ClusterError):
    """A measure was given what it cannot take.

    Parameters
    ----------
    name : str
        The argument.
    expected : str
        What it must be, as the end of "must be".
    got : iterable
        The values that are wrong, all of them; the message shows the first five.

    Examples
    --------
    >>> print(BadValues("activity", "finite and at least 0", [-1.0, float("nan")]))
    activity must be finite and at least 0; got -1.0, nan
    """

    SHOWN: ClassVar[int] = 5

    def __init__(self, name: str, expected: str, got: Iterable[object]) -> None:
        self.name, self.expected, self.got = name, expected, tuple(got)
        shown = ", ".join(str(one) for one in self.got[: self.SHOWN]) or "nothing"
        more = f" and {len(self.got) - self.SHOWN} more" if len(self.got) > self.SHOWN else ""
        super().__init__(f"{name} must be {expected}; got {shown}{more}")

    def __reduce__(self) -> tuple[type["BadValues"], tuple[str, str, tuple[object, ...]]]:
        return type(self), (self.name, self.expected, self.got)


class BadRounding(ClusterError):
    """Amounts, a unit or a total with which parts cannot be rounded so that they add up.

    Parameters
    ----------
    what : str
        Which of them.
    value : object
        What came.
    expected : str
        What would do, as the end of a sentence.

    Examples
    --------
    >>> print(BadRounding("unit", 0, "a number above 0"))
    unit came as 0; expected a number above 0
    """

    def __init__(self, what: str, value: object, expected: str) -> None:
        self.what, self.value, self.expected = what, value, expected
        super().__init__(f"{what} came as {value!r}; expected {expected}")

    def __reduce__(self) -> tuple[type["BadRounding"], tuple[str, object, str]]:
        return type(self), (self.what, self.value, self.expected)


class BadInput(ClusterError):
    """An array or a choice that a measure cannot take.

    Examples
    --------
    >>> print(BadInput("min_size", 0, "a number above 0"))
    min_size came as 0; expected a number above 0
    """

    def __init__(self, what: str, came: object, expected: str) -> None:
        self.what, self.came, self.expected = what, came, expected
        super().__init__(f"{what} came as {came}; expected {expected}")

    def __reduce__(self) -> tuple[type["BadInput"], tuple[str, object, str]]:
        return type(self), (self.what, self.came, self.expected)


class NoRequiredPath(ClusterError):
    """A target has no year-by-year path: it lacks the goal or growth rate, or the base year is not before its year."""

    def __init__(self, target_id: str, problem: str) -> None:
        self.target_id, self.problem = target_id, problem
        super().__init__(f"target {target_id} has no required path: {problem}")

    def __reduce__(self) -> tuple[type["NoRequiredPath"], tuple[str, str]]:
        return type(self), (self.target_id, self.problem)


class BadMeasureInput(ClusterError):
    """An argument of a measure that the measure is not defined for.

    Parameters
    ----------
    argument : str
        Its name.
    came, expected : str
        What it held, with the value, and what it has to hold.

    Examples
    --------
    >>> print(BadMeasureInput("values", "nan at unit 3", "finite numbers"))
    values came with nan at unit 3; expected finite numbers
    """

    def __init__(self, argument: str, came: str, expected: str) -> None:
        self.argument, self.came, self.expected = argument, came, expected
        super().__init__(f"{argument} came with {came}; expected {expected}")

    def __reduce__(self) -> tuple[type["BadMeasureInput"], tuple[str, str, str]]:
        return type(self), (self.argument, self.came, self.expected)


class BadScenario(ClusterError):
    """A scenario that cannot be read, or that the data cannot play.

    Parameters
    ----------
    part : object
        Which part of it, as it came.
    expected : str
        What would do, as the end of a sentence.

    Examples
    --------
    >>> print(BadScenario("attract:440305:S01:-5", "a revenue above 0"))
    scenario: 'attract:440305:S01:-5' does not do; expected a revenue above 0
    """

    def __init__(self, part: object, expected: str) -> None:
        self.part, self.expected = str(part), expected
        super().__init__(f"scenario: {self.part!r} does not do; expected {expected}")

    def __reduce__(self) -> tuple[type["BadScenario"], tuple[str, str]]:
        return type(self), (self.part, self.expected)


class WithheldFirm(ClusterError):
    """A firm whose own figures are not for this reader, so that nothing may be worked out with them.

    Examples
    --------
    >>> print(WithheldFirm("h0000001"))
    the figures of firm 'h0000001' are not for this reader; expected a firm of public record
    """

    def __init__(self, firm_id: str) -> None:
        self.firm_id = firm_id
        super().__init__(f"the figures of firm {firm_id!r} are not for this reader; expected a firm of public record")

    def __reduce__(self) -> tuple[type["WithheldFirm"], tuple[str]]:
        return type(self), (self.firm_id,)


class BadValue(ClusterError):
    """Something that a measure cannot take.

    Parameters
    ----------
    what : str
        Which argument, and where in it.
    came : object
        The value.
    expected : str
        What would be taken, as the end of a sentence.

    Examples
    --------
    >>> print(BadValue("begin", -3, "a positive amount"))
    begin is -3; expected a positive amount
    """

    def __init__(self, what: str, came: object, expected: str) -> None:
        self.what, self.came, self.expected = what, came, expected
        super().__init__(f"{what} is {came}; expected {expected}")

    def __reduce__(self) -> tuple[type["BadValue"], tuple[str, object, str]]:
        return type(self), (self.what, self.came, self.expected)


class TooFewYears(BadValue):
    """A series with fewer than two yearly growth rates, which says nothing of how much growth varies."""


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


class UnknownFirm(UnknownValue):
    """No firm has this id."""

    what = "firm"


class UnknownRole(UnknownValue):
    """Nobody has this role; a government may be that of one district, as in ``government:440305``."""

    what = "role"


class UnknownMeasure(UnknownValue):
    """No measure has this name."""

    what = "measure"


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
