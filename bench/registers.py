"""Registers of any size, made up and imported through the terminal as an operator would."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.server import ROOT
from data import columns as c
from data.brought import About, Brought
from data.dataset import Dataset
from data.mapping import TableKind
from data.reference import load_reference
from data.store import commit, current_version, open_version
from data.synthetic import synthesize, write_register

SEED = 1


class NoRegister(RuntimeError):
    """The terminal did not take a register; the message is its own."""


def made_up(firms: int, folder: Path) -> Path:
    """A synthetic register as a Parquet file, made once for each folder."""
    path = folder / f"{firms}.parquet"
    if not path.is_file():
        write_register(synthesize(firms, SEED, load_reference()), path)
    return path


def imported(firms: int, folder: Path) -> Path:
    """A workspace whose current version is a synthetic register.

    Parameters
    ----------
    firms : int
        How many; 0 leaves the bundled data in place.
    folder : Path
        Holds the files and one workspace for each size.

    Raises
    ------
    NoRegister
    """
    home = folder / f"home-{firms}"
    if home.is_dir():
        return home
    home.mkdir()
    if firms:
        command = [sys.executable, "cli.py", "import", str(made_up(firms, folder)), "--json"]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "JIQUN_HOME": str(home)}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NoRegister(" ".join(done.stderr.split())[-300:])
    return home


def kept(register: Path, home: Path) -> None:
    """Keep a synthetic register straight from its columns, as an import does once it has read and checked.

    A file of more than 100 million cells is no upload; what is built from so many firms is measured all the same.
    """
    reference, table = load_reference(), pq.read_table(register)
    amounts = {int(name[8:12]): name for name in table.column_names if name.startswith("revenue_2")}
    amounts[int(table[c.YEAR][0].as_py())] = str(c.REVENUE_CNY)
    ids = table[c.FIRM_ID].combine_chunks()
    parts = []
    for year, name in sorted(amounts.items()):
        at = pa.array(np.flatnonzero(np.asarray(table[name].is_valid())).astype(np.int32))
        firm = pa.DictionaryArray.from_arrays(at, ids)
        parts.append(pa.table({c.FIRM_ID: firm, c.YEAR: np.full(len(at), year), c.REVENUE_CNY: table[name].take(at)}))
    firms = table.drop_columns([str(c.YEAR), *amounts.values()])
    about = About(TableKind.FIRMS.value, register.name, "", accepted=len(firms))
    brought = Brought(about, firms=firms, observations=pa.concat_tables(parts))
    del table, parts, firms
    commit(home, reference, brought)


def opened(home: Path) -> Dataset:
    """The current version of a workspace."""
    return open_version(home, current_version(home), load_reference())
