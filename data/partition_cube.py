"""The cube of a register that lies in partitions: each becomes a small cube where it is read, and cubes are added up.

A firm counts in the area whose polygon holds its point, whatever district its row names: partitions are rows as they
come, and a register of many cities names districts that nobody checked. Without a point it is ``'unplaced'``, beyond
every area ``'outside'``. Money is whole CNY and shares of a firm in several subsectors are split by whole yuan, firm by
firm, so sums are exact and no way of cutting or ordering the rows shows in the result. Rows are checked, not repaired.

The one thing that a partition cannot see is a firm that stands in another one too. `Counted.once` says whether the ids
prove that there is none; a register that is sorted by id proves it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data import columns as c
from data.cube import add_cubes, count_cells
from data.dataset import Status
from data.engine import partition_map
from data.errors import BadTable
from data.locating import degrees
from data.observed import Observed
from data.outlines import Outlines, Places, places_of
from data.partitions import Partition
from data.parts import firm_parts, split_observed
from data.progress import Progress, unheard
from data.reference import subsector_ids
from data.settings import LOCAL
from data.weights import weight_problems
from geo.crs import on_globe
from geo.grid_index import worth_compiling

ADDED_AT_A_TIME = 8
FIRST_YEAR, LAST_YEAR = 1900, 2100
MOST_CNY = 2.0**62
_OF_A_YEAR = re.compile(r"revenue_(\d{4})_cny")
_TEXTS = (c.FIRM_ID, c.SUBSECTOR_ID, c.SUBSECTOR_WEIGHTS, c.STATUS)


@dataclass(frozen=True)
class IdRange:
    """The least and the greatest id of a partition that has rows of a year."""

    year: int
    first: str
    last: str


@dataclass(frozen=True, eq=False)
class Counted:
    """What is known of some partitions.

    Attributes
    ----------
    cube : DataFrame
        As `data.cube.count_cells` gives it: place, district_id, subsector_id, spread, year, firms, total_cny,
        top_firm_id, top1_cny.
    rows : int
    synthetic : bool
        Whether any row is made up.
    ids : tuple of IdRange
        Of each partition and year.
    """

    cube: pd.DataFrame
    rows: int
    synthetic: bool
    ids: tuple[IdRange, ...]

    @property
    def once(self) -> bool:
        """Whether the ids prove that no firm of a year stands in two partitions: their ranges lie apart."""
        ranges = sorted((one.year, one.first, one.last) for one in self.ids)
        return all(before[0] < after[0] or before[2] < after[1] for before, after in pairwise(ranges))


def count_partitions(
    partitions: Sequence[Partition], outlines: Outlines, *, engine: str = LOCAL, progress: Progress = unheard
) -> Counted:
    """The cube of a register, from all of its partitions.

    Parameters
    ----------
    partitions : sequence of Partition
        One or more.
    outlines : Outlines
        The areas that firms are counted in.
    engine : str, optional
        See `data.engine.partition_map`.
    progress : callable, optional

    Raises
    ------
    PartitionFailed
        When rows of a partition break the rules, or it cannot be read.
    BadTable
        When revenue adds up to more CNY than can be counted.
    """
    many = worth_compiling(sum(partition.rows for partition in partitions))
    task = partial(count_partition, compiled=many)
    total: list[Counted] = []
    for counted in partition_map(task, outlines, partitions, engine=engine, stage="placing", progress=progress):
        total.append(counted)
        if len(total) > ADDED_AT_A_TIME:
            total = [add_counted(total)]
    return add_counted(total)


def count_partition(outlines: Outlines, partition: Partition, *, compiled: bool | None = None) -> Counted:
    """The cube of one partition: the task."""
    return count_register(read_register(partition), places_of(outlines), partition.name, compiled=compiled)


def add_counted(some: Iterable[Counted]) -> Counted:
    """What is known of several partitions together; their order does not matter.

    Raises
    ------
    BadTable
        When revenue adds up to more CNY than can be counted.
    """
    held = list(some)
    _check_sum((one.cube[c.TOTAL_CNY] for one in held), "all partitions")
    ids = sorted((found for one in held for found in one.ids), key=lambda one: (one.year, one.first, one.last))
    return Counted(
        cube=add_cubes([one.cube for one in held]),
        rows=sum(one.rows for one in held),
        synthetic=any(one.synthetic for one in held),
        ids=tuple(ids),
    )


def read_register(partition: Partition) -> pa.Table:
    """The columns of a partition that count."""
    with partition.path.open("rb") as opened, pq.ParquetFile(opened) as file:
        held = file.schema_arrow.names
        known = (*_TEXTS, c.LON, c.LAT, c.YEAR, c.REVENUE_CNY, c.SYNTHETIC)
        wanted = [name for name in held if name in known or _OF_A_YEAR.fullmatch(name)]
        if missing := [name for name in (c.FIRM_ID, c.LON, c.LAT) if name not in held]:
            raise BadTable(partition.name, [f"no column {', '.join(missing)}; it has {', '.join(held)}"])
        return file.read_row_groups(list(partition.row_groups), columns=wanted)


def count_register(table: pa.Table, places: Places, name: str, *, compiled: bool | None = None) -> Counted:
    """The cube of some rows.

    Parameters
    ----------
    table : pyarrow.Table
        firm_id, lon, lat; subsector_id, subsector_weights; year with revenue_cny, and revenue_2019_cny and the like;
        status, synthetic.
    places : Places
    name : str
        What an error calls the rows.
    compiled : bool, optional
        See `geo.grid_index.AreaIndex.locate`.

    Raises
    ------
    BadTable
    """
    texts = [(column, table[column].cast(pa.large_string())) for column in _TEXTS if column in table.column_names]
    table = table.select([n for n in table.column_names if n not in _TEXTS])
    for column, values in texts:
        table = table.append_column(column, values)
    _raise(name, _problems(table))
    observed = _observed(table, name)
    ids = table[c.FIRM_ID].combine_chunks()
    firms = pd.DataFrame(
        {
            c.REGISTERED_DISTRICT_ID: _districts(table, places, compiled),
            c.OPERATING_DISTRICT_ID: None,
            c.SUBSECTOR_ID: _column(table, c.SUBSECTOR_ID),
            c.SUBSECTOR_WEIGHTS: _column(table, c.SUBSECTOR_WEIGHTS),
        },
        index=pd.Index(ids.to_pandas(), name=c.FIRM_ID),
    )
    ranges = tuple(_ranges(ids, observed))
    _raise(name, _twice(ids, observed))
    parts = firm_parts(firms)
    split = split_observed(observed, parts)
    facts: dict[str, NDArray[np.int64] | NDArray[np.bool_]] = {
        c.FIRMS: np.ones(len(split.revenue), np.int64),
        c.TOTAL_CNY: split.revenue,
    }
    synthetic = c.SYNTHETIC in table.column_names and pc.any(table[c.SYNTHETIC]).as_py() is True
    return Counted(count_cells(parts, split, facts, "registered"), len(table), synthetic, ranges)


def _districts(table: pa.Table, places: Places, compiled: bool | None) -> pd.Categorical:
    x, y = (degrees(table[name]) for name in (c.LON, c.LAT))
    codes = places.index.locate(x, y, compiled=compiled).astype(np.int64)
    areas = places.index.area_ids
    codes[(codes < 0) & on_globe(x, y)] = len(areas)
    return pd.Categorical.from_codes(codes, categories=pd.Index([*areas, c.OUTSIDE]))


def _column(table: pa.Table, name: str) -> "pd.api.extensions.ExtensionArray | None":
    return table[name].to_pandas().array if name in table.column_names else None


def _observed(table: pa.Table, name: str) -> Observed:
    """Every revenue with its row and its year; those from memory are left out."""
    amounts = {
        int(found[1]): table[found[0]] for column in table.column_names if (found := _OF_A_YEAR.fullmatch(column))
    }
    keep = np.ones(len(table), bool)
    if c.STATUS in table.column_names:
        keep = np.asarray(pc.fill_null(pc.not_equal(table[c.STATUS], str(Status.MEMORY)), True))
    rows, years, revenues = [], [], []
    for year, amount in amounts.items():
        row, revenue = _whole(amount, keep)
        rows.append(row)
        years.append(np.full(len(row), year, np.int64))
        revenues.append(revenue)
    if c.REVENUE_CNY in table.column_names and c.YEAR in table.column_names:
        row, revenue = _whole(table[c.REVENUE_CNY], keep)
        year = pc.cast(table[c.YEAR], pa.int64()).take(pa.array(row))
        if year.null_count:
            _raise(name, [f"{year.null_count} rows with {c.REVENUE_CNY} and without {c.YEAR}"])
        again = sorted(set(pc.unique(year).to_pylist()) & set(amounts))
        if again:
            _raise(name, [f"{c.REVENUE_CNY} of {again[0]} stands beside {c.of_year(c.REVENUE_CNY, again[0])}"])
        rows.append(row)
        years.append(np.asarray(year, np.int64))
        revenues.append(revenue)
    if not rows:
        _raise(name, [f"no {c.REVENUE_CNY} with {c.YEAR}, and no column like {c.of_year(c.REVENUE_CNY, LAST_YEAR)}"])
    row, when, revenue = np.concatenate(rows), np.concatenate(years), np.concatenate(revenues)
    strange = when[(when < FIRST_YEAR) | (when > LAST_YEAR)]
    if len(strange):
        _raise(name, [f"year {strange[0]} is not from {FIRST_YEAR} to {LAST_YEAR}"])
    _check_sum([revenue], name)
    return Observed(row.astype(np.int32), when, revenue, np.zeros(len(row), bool), np.arange(len(row)))


def _whole(amount: pa.ChunkedArray, keep: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with an amount, and the amounts in whole CNY."""
    cny = pc.cast(amount, pa.int64())
    row = np.flatnonzero(np.asarray(pc.is_valid(cny)) & keep)
    held = cny if len(row) == len(cny) else cny.take(pa.array(row))
    return row, np.asarray(held, np.int64)


def _problems(table: pa.Table) -> Iterator[str]:
    empty = pc.sum(pc.fill_null(pc.equal(table[c.FIRM_ID], ""), True)).as_py() or 0
    if empty:
        yield f"{empty} rows without {c.FIRM_ID}"
    if c.SUBSECTOR_ID in table.column_names:
        known = subsector_ids()
        if strange := sorted(set(pc.unique(table[c.SUBSECTOR_ID]).drop_null().to_pylist()) - set(known)):
            yield f"{c.SUBSECTOR_ID} {strange[0][:40]!r} is none of {', '.join(known)}"
        yield from weight_problems(table, known)
    elif c.SUBSECTOR_WEIGHTS in table.column_names:
        yield f"{c.SUBSECTOR_WEIGHTS} without {c.SUBSECTOR_ID}"


def _ranges(ids: pa.Array, observed: Observed) -> Iterator[IdRange]:
    ends = pc.min_max(ids)
    for year in pd.unique(observed.year):
        yield IdRange(int(year), ends["min"].as_py(), ends["max"].as_py())


def _twice(ids: pa.Array, observed: Observed) -> Iterator[str]:
    """Firms with several rows for one year."""
    ascend = pc.all(pc.greater(ids[1:], ids[:-1]), min_count=0).as_py()
    if ascend or pc.count_distinct(ids).as_py() == len(ids):
        return
    firm = np.asarray(ids.dictionary_encode().indices, np.int64)[observed.firm]
    pairs = pd.DataFrame({"firm": firm, "year": observed.year})
    again = np.flatnonzero(pairs.duplicated())
    if len(again):
        first = ids[int(observed.firm[again[0]])].as_py()
        yield f"{c.FIRM_ID} {first[:40]!r} has two rows for {observed.year[again[0]]} ({len(again)} such rows)"


def _check_sum(amounts: "Iterable[NDArray[np.int64] | pd.Series]", name: str) -> None:
    if sum(float(np.abs(np.asarray(some, np.float64)).sum()) for some in amounts) >= MOST_CNY:
        _raise(name, ["revenue adds up to more CNY than can be counted"])


def _raise(name: str, problems: Iterable[str]) -> None:
    if found := list(problems):
        raise BadTable(name, found)
