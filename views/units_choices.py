"""Which responsible unit a reader looks at; the page checks it against the plan, which an address knows nothing of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from data.dataset import Dataset
from views.page_choices import PageChoices

LONGEST = 40


@dataclass(frozen=True)
class UnitsChoices(PageChoices):
    """Choices of the page by responsible unit.

    Attributes
    ----------
    unit : str
        Full name of a unit, as in the plan; empty lists all of them.
    """

    unit: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices of an address."""
        asked = query.get("unit", "")
        return cls(unit=asked if len(asked) <= LONGEST and asked.isprintable() else "")
