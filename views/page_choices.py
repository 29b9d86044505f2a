"""Choices that belong to one page: they stand in its address alone, and the session keeps them while others are open.

A class declares its fields with their defaults and reads them, checked, from an address; names differ from those that
all pages share. Two pages may use the same name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from data.dataset import Dataset


def written_fields(choices: Any) -> dict[str, str]:
    """Fields of a dataclass that differ from their defaults, as text; tuples are joined by commas."""
    written = {}
    for field in fields(choices):
        value = getattr(choices, field.name)
        if value != field.default:
            written[field.name] = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return written


@dataclass(frozen=True)
class PageChoices:
    """Choices of one page; a page without any uses this."""

    @classmethod
    def read(cls, query: Mapping[str, str], dataset: Dataset, subsector_ids: tuple[str, ...]) -> Self:
        """Choices that an address asks for; unknown values are left at their defaults.

        Parameters
        ----------
        query : mapping of str to str
            Parameters of the address.
        dataset : Dataset
            Says which years, districts, firms and parks exist.
        subsector_ids : tuple of str
            Subsectors of the plan.
        """
        return cls()

    def query(self) -> dict[str, str]:
        """The fields that differ from their defaults, as they stand in an address."""
        return written_fields(self)
