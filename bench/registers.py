"""Registers of any size, made up and imported through the terminal as an operator would."""

import os
import subprocess
import sys
from pathlib import Path

from bench.server import ROOT
from data.dataset import Dataset
from data.reference import load_reference
from data.store import current_version, open_version
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


def opened(home: Path) -> Dataset:
    """The current version of a workspace."""
    return open_version(home, current_version(home), load_reference())
