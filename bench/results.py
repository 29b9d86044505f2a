"""The tables of the last whole run, and what was promised beside what was measured."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Verdict:
    """A ratio with its target: at least so much, or at most."""

    what: str
    measured: float
    target: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the target was reached."""
        return self.measured <= self.target if self.at_most else self.measured >= self.target

    @property
    def bound(self) -> str:
        """The target in words."""
        return f"at {'most' if self.at_most else 'least'} {self.target:g}"

    @property
    def shown(self) -> str:
        """What was measured, in three digits or whole."""
        return f"{self.measured:,.0f}" if self.measured >= 100 else f"{self.measured:.3g}"

    def __str__(self) -> str:
        return f"{'met   ' if self.met else 'MISSED'} {self.what}: {self.shown} (target {self.bound})"


def report(name: str, rows: Rows, verdicts: Iterable[Verdict], *, whole: bool) -> None:
    """Print the verdicts, and keep the table when it is that of a whole run.

    Parameters
    ----------
    name : str
        Of the file, without its suffix.
    rows : list of dict
        Cells by column; what a row leaves out stays empty.
    verdicts : iterable of Verdict
    whole : bool
        Whether nothing was left out on the command line.
    """
    print(*verdicts, sep="\n")
    if not whole:
        print(f"{name}.csv is kept for whole runs only")
        return
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        columns = dict.fromkeys(column for row in rows for column in row if column not in ("note", "machine"))
        writer = csv.DictWriter(file, [*columns, "note", "machine"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def kept(name: str) -> Rows:
    """The table of the last whole run, numbers as numbers and empty cells left out; no rows when there was none."""
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{column: _cell(text) for column, text in row.items() if text} for row in csv.DictReader(file)]


def _cell(text: str) -> str | float:
    try:
        return float(text) if "." in text or "e" in text else int(text)
    except ValueError:
        return text
