"""How much of a stranger's file is read before it is refused, and why just so much."""

from dataclasses import asdict, dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one upload may cost; tests set small ones.

    Attributes
    ----------
    upload_bytes : int
        A register of 12 million firms as CSV stays below 1 GiB.
    unpacked_bytes : int
        All members of an archive together: the largest .dbf that a .shp can have is 2 GiB.
    ratio, ratio_from_bytes : int
        A member may unpack to so many times its packed size. Tables pack 5 to 50 times, bombs 1,000 times; small
        members may be any ratio, they cannot hurt.
    members : int
        A workbook has some dozen members, a folder of layers some hundred.
    rows, columns, cells : int
        China's largest city has some 4 million firms; a table that is wider than 512 columns is a matrix. Cells are
        what costs memory: 100 million short ones are an answer of about 1.5 GB on disk.
    workbook_cells : int
        A workbook is unpacked as a whole, some 60 bytes a cell: 5 million is 250,000 rows of 20 columns.
    features : int
        Each carries a geometry of any length, so fewer than rows.
    cell_chars : int
        An Excel cell holds 32,767; a longer text than 1 million is a file that was pasted into a cell.
    bad_rows : int
        Each is kept as text for the report; a file with more is read with the wrong separator.
    memory_bytes : int
        Address space of the child. The libraries alone take 0.5 GiB of it, a workbook at its limit 1.5 GiB.
    answer_bytes : int
        Largest file that the child may write: 1 GiB of text and 8 bytes for each of 100 million cells, and half as
        much again for GB18030 that becomes UTF-8.
    cpu_s, cpu_s_per_mib : float
        Seconds of work before the child is stopped: starting takes 1 to 2, 1 MiB of CSV 0.05, of XLSX 1 to 2.
    wall_s, wall_s_per_mib : float
        Seconds that anybody waits: more than the work, for the machine has other things to do.
    """

    upload_bytes: int = 1024 * MIB
    unpacked_bytes: int = 2048 * MIB
    ratio: int = 200
    ratio_from_bytes: int = MIB
    members: int = 2_000
    rows: int = 12_000_000
    columns: int = 512
    cells: int = 100_000_000
    workbook_cells: int = 5_000_000
    features: int = 2_000_000
    cell_chars: int = 1_000_000
    bad_rows: int = 100_000
    memory_bytes: int = 3072 * MIB
    answer_bytes: int = 3072 * MIB
    cpu_s: float = 15
    cpu_s_per_mib: float = 2
    wall_s: float = 45
    wall_s_per_mib: float = 4

    def cpu_seconds(self, upload_bytes: int) -> int:
        """Whole seconds of work that a file of this size may take, 10 minutes at most."""
        return round(min(600, self.cpu_s + self.cpu_s_per_mib * upload_bytes / MIB))

    def wall_seconds(self, upload_bytes: int) -> float:
        """Seconds that a file of this size may take, 20 minutes at most."""
        return min(1200, self.wall_s + self.wall_s_per_mib * upload_bytes / MIB)

    def as_dict(self) -> dict[str, float]:
        """The limits as JSON can carry them; ``Limits(**limits.as_dict())`` is equal."""
        return asdict(self)
