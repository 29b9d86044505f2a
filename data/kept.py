"""Results that take long and are the same for everyone: computed once for a dataset, their parameters and the code.

They lie as Parquet in the folder of their version, ``kept/<name>-<key>/<table>.parquet``, and in memory as long as they
are among the last that somebody asked for. The key is a digest of the dataset, the parameters and the source files that
compute, so nothing has to be cleared when code changes: what no key leads to is the oldest, and goes first. The bundled
set has no folder, nor has a dataset that is no version; theirs are in memory only. What this leaves out: a change in a
library, until its pin or the caller's ``code`` says so.
"""

import hashlib
import json
import logging
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.dataset import Dataset
from data.durable import flushed
from data.shelf import shelf_of
from data.workspace import BUNDLED

FOLDER = "kept"
MOST_IN_MEMORY, MOST_IN_FOLDER = 8, 32
Tables = dict[str, pd.DataFrame]

log = logging.getLogger(__name__)
_memory: OrderedDict[str, Tables] = OrderedDict()
_building: dict[str, threading.Lock] = {}
_door = threading.Lock()


def kept_tables(
    dataset: Dataset, name: str, build: Callable[[], Tables], *,
    parameters: Mapping[str, Any], code: Iterable[ModuleType | str], home: Path | None = None,
) -> Tables:  # fmt: skip
    """Tables of a long computation: those that are kept, or built and kept.

    Parameters
    ----------
    dataset : Dataset
        Its digest is in the key.
    name : str
        Of the computation; a file name.
    build : callable
        Gives the tables by name; Parquet must be able to hold them. Of those who ask at the same time only one builds.
    parameters : mapping
        All that the result depends on beside the dataset; JSON must be able to hold it.
    code : iterable of module or str
        Modules whose source computes the result, and texts such as a library's version.
    home : Path, optional
        Workspace whose version the dataset is; without it the tables are kept in memory only.

    Returns
    -------
    dict of DataFrame
        Shared: nobody may change them. A GeoDataFrame stays one.
    """
    key = _key(dataset, name, parameters, code)
    with _door:
        if key in _memory:
            _memory.move_to_end(key)
            return _memory[key]
        lock = _building.setdefault(key, threading.Lock())
    with lock:
        if (tables := _memory.get(key)) is None:
            tables = _read_or_build(_folder(dataset, home), key, build)
        with _door:
            _memory[key] = tables
            while len(_memory) > MOST_IN_MEMORY:
                _memory.popitem(last=False)
            _building.pop(key, None)
    return tables


def _key(dataset: Dataset, name: str, parameters: Mapping[str, Any], code: Iterable[ModuleType | str]) -> str:
    sources = [one if isinstance(one, str) else Path(str(one.__file__)).read_text("utf-8") for one in code]
    told = json.dumps([dataset.version, dataset.digest, dict(parameters), sources], sort_keys=True)
    return f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _folder(dataset: Dataset, home: Path | None) -> Path | None:
    if home is None or dataset.version == BUNDLED:
        return None
    folder = shelf_of(home).folder / dataset.version
    return folder / FOLDER if folder.is_dir() else None


def _read_or_build(folder: Path | None, key: str, build: Callable[[], Tables]) -> Tables:
    if folder is None:
        return build()
    if (folder / key).is_dir():
        try:
            return {path.stem: _read(path) for path in sorted((folder / key).glob("*.parquet"))}
        except (OSError, ValueError, pa.ArrowException) as error:
            log.warning("%s is built again: %s", key, error)
            shutil.rmtree(folder / key, ignore_errors=True)
    tables = build()
    try:
        _write(tables, folder, key)
    except OSError as error:  # a full disk, or one that cannot be written
        log.warning("%s is kept in memory only: %s", key, error)
    return tables


def _read(path: Path) -> pd.DataFrame:
    geographic = b"geo" in (pq.read_schema(path).metadata or {})
    return pd.DataFrame(pd.read_parquet(path)) if not geographic else gpd.read_parquet(path)


def _write(tables: Tables, folder: Path, key: str) -> None:
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".part-") as part:
        made = Path(part) / key
        made.mkdir()
        for name, table in tables.items():
            with flushed(made / f"{name}.parquet") as file:
                table.to_parquet(file)
        if not (folder / key).exists():  # another process may have been faster
            made.rename(folder / key)
    oldest = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in oldest[:-MOST_IN_FOLDER]:
        shutil.rmtree(path, ignore_errors=True)
