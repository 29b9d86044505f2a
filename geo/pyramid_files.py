"""A point pyramid as a folder of plain .npy files, read by mapping them: opening costs nothing, processes share pages.

The folder appears whole or not at all: it is written beside its place, flushed, and renamed into it. A reader of an
older folder keeps what it has mapped.
"""

import json
import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import PyramidError
from geo.pyramid import PointPyramid

FORMAT = 1


def save_pyramid(pyramid: PointPyramid, folder: Path) -> None:
    """Write a pyramid; an older folder of this name is replaced.

    Parameters
    ----------
    pyramid : PointPyramid
    folder : Path
        Its parent must exist.
    """
    beside = folder.with_name(f".part-{folder.name}-{uuid.uuid4().hex[:8]}")
    beside.mkdir()
    try:
        arrays: dict[str, NDArray[Any]] = {
            "codes": pyramid.codes,
            "points": pyramid.points,
            "observed": pyramid.observed,
        }
        arrays |= {f"attribute-{name}": codes for name, codes in pyramid.attributes.items()}
        arrays |= {f"values-{year}": values for year, values in pyramid.values.items()}
        for name, array in arrays.items():
            with (beside / f"{name}.npy").open("wb") as file:
                np.save(file, array, allow_pickle=False)
                _flush(file.fileno())
        about = {
            "format": FORMAT,
            "length": len(pyramid),
            "left_out": pyramid.left_out,
            "attributes": list(pyramid.attributes),
            "years": list(pyramid.years),
        }
        with (beside / "about.json").open("w", encoding="utf-8") as text:
            json.dump(about, text)
            text.flush()
            _flush(text.fileno())
        _into_place(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def load_pyramid(folder: Path) -> PointPyramid:
    """Open a pyramid without reading it; pages come as they are asked for.

    Raises
    ------
    PyramidError
        When the folder is not there, not whole, or of another format.
    """
    try:
        about = json.loads((folder / "about.json").read_text("utf-8"))
        if about["format"] != FORMAT:
            raise PyramidError(f"{folder} has format {about['format']}; expected {FORMAT}: build it again")
        pyramid = PointPyramid(
            _mapped(folder / "codes.npy"),
            _mapped(folder / "points.npy"),
            _mapped(folder / "observed.npy"),
            {name: _mapped(folder / f"attribute-{name}.npy") for name in about["attributes"]},
            {year: _mapped(folder / f"values-{year}.npy") for year in about["years"]},
            about["left_out"],
        )
        arrays: list[NDArray[Any]] = [pyramid.codes, pyramid.points, pyramid.observed]
        lengths = {len(array) for array in (*arrays, *pyramid.attributes.values(), *pyramid.values.values())}
    except (OSError, EOFError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise PyramidError(f"{folder} is no point pyramid: {error}") from error
    except ValueError as error:
        raise error if isinstance(error, PyramidError) else PyramidError(f"{folder} is damaged: {error}") from error
    if lengths != {about["length"]}:
        raise PyramidError(f"{folder} is damaged: lengths {sorted(lengths)}, expected {about['length']}")
    return pyramid


def _mapped(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, allow_pickle=False, mmap_mode="r"))


def _into_place(beside: Path, folder: Path) -> None:
    old = folder.with_name(f".old-{beside.name}")
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    if os.name == "posix":
        opened = os.open(folder.parent, os.O_RDONLY)
        try:
            _flush(opened)
        finally:
            os.close(opened)


def _flush(descriptor: int) -> None:
    os.fsync(descriptor)
