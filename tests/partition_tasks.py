"""Tasks that the workers of a test do: plain, slow until they are told, failing, and deadly."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from data.outlines import Outlines
from data.partition_cube import Counted, count_partition
from data.partitions import Partition


@dataclass(frozen=True)
class Piece:
    """A number as a partition."""

    number: int
    rows: int = 1

    @property
    def name(self) -> str:
        return f"piece {self.number}"


def times(factor: int, piece: Piece) -> int:
    return factor * piece.number


def fails(_: object, piece: Piece) -> int:
    if piece.number == 2:
        raise ZeroDivisionError("nothing to share\nout")
    return piece.number


def dies(_: object, piece: Piece) -> int:
    if piece.number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return piece.number


@dataclass(frozen=True)
class Gate:
    """A folder in which tasks say that they are at work, and outlines."""

    folder: Path
    outlines: Outlines

    @property
    def opened(self) -> Path:
        return self.folder / "open"

    def at_work(self) -> dict[str, list[int]]:
        """Processes that took each partition, by its name."""
        found: dict[str, list[int]] = {}
        for path in self.folder.glob("*.taken"):
            name, process = path.stem.rsplit("@", 1)
            found.setdefault(name, []).append(int(process))
        return found


def counts_when_told(gate: Gate, partition: Partition) -> Counted:
    """The real task, behind a gate that opens when the test says so."""
    (gate.folder / f"{partition.name}@{os.getpid()}.taken").touch()
    while not gate.opened.exists():
        time.sleep(0.01)
    return count_partition(gate.outlines, partition)
