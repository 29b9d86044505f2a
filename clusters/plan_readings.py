"""How a target can be read: one reading for each combination of answers to what the text leaves open.

Questions are taken as independent, but for ``only_with``: a stock of firms has no base year, so that axis is asked only
beside ``counting=net_new``. Such a bound axis is asked after those that it depends on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product

from clusters.plan_records import Ambiguity, Option

Choices = tuple[tuple[str, Option], ...]


@dataclass(frozen=True, eq=False)
class Reading(Mapping[str, Option]):
    """One way to read a target: an option on each axis that the text leaves open.

    Examples
    --------
    >>> reading = Reading((("measure", "revenue"), ("place", "registered")), is_default=True)
    >>> reading.id, reading["place"], reading.base_year
    ('measure=revenue;place=registered', 'registered', None)
    """

    choices: Choices
    is_default: bool = False

    @property
    def id(self) -> str:
        """Stable name of the reading; ``as_stated`` when nothing is left open."""
        return ";".join(f"{axis}={option}" for axis, option in self.choices) or "as_stated"

    @property
    def base_year(self) -> int | None:
        """Year that growth or net new firms are counted from; ``None`` where the reading has none."""
        year = self.get("base_year")
        return year if isinstance(year, int) else None

    def __getitem__(self, axis: str) -> Option:
        return dict(self.choices)[axis]

    def __iter__(self) -> Iterator[str]:
        return (axis for axis, _ in self.choices)

    def __len__(self) -> int:
        return len(self.choices)

    def __hash__(self) -> int:
        return hash(frozenset(self.choices))


def readings_of(target_id: str, ambiguities: Sequence[Ambiguity]) -> tuple[Reading, ...]:
    """Every way to read a target, the default first: the product of the axes that apply to it.

    Examples
    --------
    >>> nesting = Ambiguity(id="A2", question="?", text="-", default="-", axis="nesting",
    ...                     options=("disjoint", "nested"), applies_to=("T12",))
    >>> [[reading.id for reading in readings_of(target, [nesting])] for target in ("T12", "T0")]
    [['nesting=disjoint', 'nesting=nested'], ['as_stated']]
    """
    asked = [each for each in ambiguities if each.axis and target_id in each.applies_to]
    axes = {each.axis for each in asked}
    free = [each for each in asked if axes.isdisjoint(each.only_with)]
    bound = [each for each in asked if not axes.isdisjoint(each.only_with)]
    every = chain.from_iterable(_widened(choices, bound) for choices in _combined(free))
    return tuple(Reading(choices, is_default=place == 0) for place, choices in enumerate(every))


def _widened(choices: Choices, bound: Sequence[Ambiguity]) -> Iterator[Choices]:
    """Extend a combination by the bound axes whose condition it meets."""
    chosen = dict(choices)
    met = [each for each in bound if all(chosen.get(axis, option) == option for axis, option in each.only_with.items())]
    return (choices + more for more in _combined(met))


def _combined(asked: Sequence[Ambiguity]) -> Iterator[Choices]:
    return product(*(tuple((str(each.axis), option) for option in each.options) for each in asked))
