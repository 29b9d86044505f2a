"""From a file to a raw table."""

from pathlib import Path

from data.errors import RefusedFile
from data.readers.answer import take_answer
from data.readers.limits import Limits
from data.readers.raw_table import RawTable, ReadOptions
from data.readers.refusing import Refusal
from data.readers.sandbox import Progress, copy_upload, run_child, scratch_folder

_AS_THE_FILE_SAYS = ReadOptions()
_USUAL = Limits()


def read_file(
    path: str | Path,
    options: ReadOptions = _AS_THE_FILE_SAYS,
    *,
    name: str | None = None,
    limits: Limits = _USUAL,
    progress: Progress | None = None,
) -> RawTable:
    """Cells, headings and geometry of a file that a stranger may have made.

    CSV and TSV, XLSX and XLS, GeoJSON, zipped Shapefile, GeoPackage, KML and KMZ, FlatGeobuf, Parquet and GeoParquet;
    what it is, its content decides. It is opened by another process, behind walls.

    Parameters
    ----------
    path : path
    options : ReadOptions
        What a person says of the file.
    name : str, optional
        What the file is called in an error, when that is not the name of ``path``.
    limits : Limits
    progress : callable, optional
        Told ``("read", rows)`` some times a second; what it raises ends the reading.

    Returns
    -------
    RawTable
        Its ``facts`` say what ``RawTable`` names, and: ``encoding_by``, how the encoding is known (``told``, ``mark``,
        ``strict``: valid in it and in none before it, ``declared``, ``likeness``: worth a look); ``title``, what
        stands above the headings, by line feeds. ``bad_rows`` hold also ``stray_quote`` and ``bad_coordinates``.
        ``crs`` is ``None`` for KML and for GeoJSON that names none, though their standards mean WGS84.

    Raises
    ------
    RefusedFile
        With one of ``refusing.REASONS``.
    OSError
        When there is no such file.
    """
    path = Path(path)
    try:
        with scratch_folder() as scratch:
            size = copy_upload(path, scratch, limits)
            run_child(scratch, size, options, limits, progress)
            return take_answer(scratch)
    except Refusal as refusal:
        raise RefusedFile(name or path.name, refusal.reason, **refusal.values) from None
