"""Small tables that are derived once per version and kept beside it, so that no page waits for them.

Whoever has such a table decorates its function with ``once_per_dataset`` and names it in ``DERIVED``; it is then saved
at import and there at opening. A table that is not there, or cannot be read, is built again by the first who asks.
"""

import logging
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.cube import cube_of
from data.dataset import Dataset, firms_by_year
from data.durable import replacing
from data.errors import BadTable
from data.firm_years import firm_sizes
from data.known_firms import firms_at_places, known_firms
from data.leading import leading_firms, leading_revenue
from data.matched import matched_firms
from data.once import OncePerDataset
from data.panels import panel_totals

DERIVED: dict[str, OncePerDataset[pd.DataFrame]] = {
    "cube": cube_of,
    "firms_by_year": firms_by_year,
    "known_firms": known_firms,
    "firms_at_places": firms_at_places,
    "matched_firms": matched_firms,
    "panel_totals": panel_totals,
    "leading_firms": leading_firms,
    "leading_revenue": leading_revenue,
    "firm_sizes": firm_sizes,
}
_DIGEST = b"jiqun.digest"

log = logging.getLogger(__name__)


def save_derived(dataset: Dataset, folder: Path) -> None:
    """Build every table of ``DERIVED`` and write each as Parquet into a folder."""
    for name, built in DERIVED.items():
        save_table(built(dataset), folder / f"{name}.parquet", digest=dataset.firms_stamp)


def prime_derived(dataset: Dataset, folder: Path) -> None:
    """Take every table that the folder holds as the dataset's own."""
    for name, built in DERIVED.items():
        try:
            built.prime(dataset, load_table(folder / f"{name}.parquet", digest=dataset.firms_stamp))
        except (OSError, ValueError) as error:
            log.warning("%s is built again: %s", name, error)


def save_table(table: pd.DataFrame, path: Path, *, digest: str) -> None:
    """Write a table as Parquet, whole or not at all.

    Parameters
    ----------
    table : DataFrame
        Its index is kept.
    path : Path
        Its folder must exist; an existing file is replaced.
    digest : str
        Digest of the version, kept in the file.
    """
    arrow = pa.Table.from_pandas(table)
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), _DIGEST: digest.encode()})
    with replacing(path) as file:
        pq.write_table(arrow, file)


def load_table(path: Path, *, digest: str) -> pd.DataFrame:
    """Read a table that belongs to the version with this digest.

    Raises
    ------
    BadTable
        When the file is no table, or that of another version.
    """
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise BadTable(path.name, [f"no Parquet file: {error}"]) from error
    found = (table.schema.metadata or {}).get(_DIGEST, b"").decode()
    if found != digest:
        raise BadTable(path.name, [f"of version {found or 'unknown'!r}; expected {digest!r}"])
    return pd.DataFrame(table.to_pandas())
