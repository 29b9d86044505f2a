"""Errors of ``clusters``; every one is a ``ValueError`` that says what came and what was expected.

ClusterError
├── PlanError           a plan file that does not hold together: which file, which field, and the way out
├── BadContributions    contributions that no cell can be made of: which column, what is wrong there
├── StillDisclosed      a table that no pattern of withheld cells could protect: which cells are still given away
├── NotReleased         a table that a reader may not see, since its sums are not released
├── NoRequiredPath      a target without the goal, growth rate or year that a path needs
├── BadScenario         a scenario that cannot be read or does not fit the data: which part of it, what was expected
├── WithheldFirm        a firm whose own figures are not for this reader
├── IncompleteSignIn    sign-in that is set up by half: which settings are missing
├── OpenWithoutSignIn   a server that others can reach, at which nobody signs in and nothing says who they are
├── SignInOver          somebody who asks for what a page offered while they were signed in
├── BadValue            an amount, count or table that a measure cannot take: which, what came, what was expected
│   └── TooFewYears     a series too short to say how much its growth varies
└── UnknownValue        a name that nobody knows here, with the names that are known
    ├── UnknownPlan
    ├── UnknownTarget
    ├── UnknownSubsector
    ├── UnknownDistrict
    ├── UnknownUnit
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


class NoRequiredPath(ClusterError):
    """A target has no year-by-year path: it lacks the goal or growth rate, or the base year is not before its year."""

    def __init__(self, target_id: str, problem: str) -> None:
        self.target_id, self.problem = target_id, problem
        super().__init__(f"target {target_id} has no required path: {problem}")

    def __reduce__(self) -> tuple[type["NoRequiredPath"], tuple[str, str]]:
        return type(self), (self.target_id, self.problem)


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


class IncompleteSignIn(ClusterError):
    """Some settings of sign-in are there and others are not; a server must not start so.

    Examples
    --------
    >>> print(IncompleteSignIn(["JIQUN_COOKIE_SECRET"]))
    sign-in is set up by half: JIQUN_COOKIE_SECRET is missing; set it, or take the other settings of sign-in away
    """

    def __init__(self, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        one = len(self.missing) == 1
        super().__init__(
            f"sign-in is set up by half: {', '.join(self.missing)} {'is' if one else 'are'} missing; "
            f"set {'it' if one else 'them'}, or take the other settings of sign-in away"
        )

    def __reduce__(self) -> tuple[type["IncompleteSignIn"], tuple[tuple[str, ...]]]:
        return type(self), (self.missing,)


class OpenWithoutSignIn(ClusterError):
    """Others can reach the server, nobody signs in, and no setting says who they are."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(
            f"others can reach {host} and nobody signs in; set sign-in up (JIQUN_OIDC_METADATA_URL and its company), "
            "say who everybody is (JIQUN_ROLE=public), or listen on this machine alone (JIQUN_HOST=127.0.0.1)"
        )

    def __reduce__(self) -> tuple[type["OpenWithoutSignIn"], tuple[str]]:
        return type(self), (self.host,)


class SignInOver(ClusterError):
    """Somebody asks for what was offered to them while they were signed in, and is not any more."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is not signed in any more; sign in again and open the page anew")

    def __reduce__(self) -> tuple[type["SignInOver"], tuple[str]]:
        return type(self), (self.name,)


class BadValue(ClusterError):
    """Something that a measure cannot take.

    Parameters
    ----------
    what : str
        Which argument, and where in it.
    came : object
        The value, or a list of all values that are wrong; the message shows the first five.
    expected : str
        What would be taken, as the end of "must be".

    Examples
    --------
    >>> print(BadValue("begin", -3, "a positive amount"))
    begin must be a positive amount; got -3
    >>> print(BadValue("activity", [-1.0, float("nan")], "finite and at least 0"))
    activity must be finite and at least 0; got -1.0, nan
    """

    SHOWN: ClassVar[int] = 5

    def __init__(self, what: str, came: object, expected: str) -> None:
        self.what, self.came, self.expected = what, came, expected
        many = list(came) if isinstance(came, list | tuple) else [came]
        shown = ", ".join(str(one) for one in many[: self.SHOWN]) or "nothing"
        more = f" and {len(many) - self.SHOWN} more" if len(many) > self.SHOWN else ""
        super().__init__(f"{what} must be {expected}; got {shown}{more}")

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


class UnknownUnit(UnknownValue):
    """The plan lists no responsible unit of this name."""

    what = "responsible unit"


class UnknownFirm(UnknownValue):
    """No firm has this id."""

    what = "firm"


class NotReleased(ClusterError):
    """A table that may not be shown to a reader: its sums are not among those that are released.

    Parameters
    ----------
    what : str
    viewer : str
        The reader.
    """

    def __init__(self, what: str, viewer: str) -> None:
        super().__init__(f"{what}: not released to {viewer}; only a reader who sees every figure may have them")
        self.what, self.viewer = what, viewer


class UnknownRole(UnknownValue):
    """Nobody has this role; a government may be that of one district, as in ``government:440305``."""

    what = "role"


class UnknownCriterion(UnknownValue):
    """No criterion has this name."""

    what = "criterion"


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
