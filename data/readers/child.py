"""The process that opens a stranger's file: raises its walls, reads, answers, ends.

Started by ``sandbox`` as a script, not as a module of its package: the package loads Arrow, which starts a thread, and
a process with threads cannot leave the network without privileges.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from data.walls import raise_walls

if TYPE_CHECKING:
    from data.readers.answer import Answer, Described
    from data.readers.limits import Limits
    from data.readers.raw_table import FileKind, ReadOptions

UPLOAD, REQUEST, WALLS = "upload", "request.json", "walls.json"
_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo",
    "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/proc/cpuinfo", "/sys/devices/system/cpu",
)  # fmt: skip
_OURS = Path(__file__).parents[1]  # the package ``data``, and nothing that lies beside it


def main(scratch: Path) -> None:
    """Read ``upload`` of a folder as its ``request.json`` asks, and answer into the folder."""
    request = json.loads((scratch / REQUEST).read_text("utf-8"))
    walls = raise_walls(_readable(), scratch, **request["walls"])
    (scratch / WALLS).write_text(json.dumps(walls), "utf-8")

    from data.readers.limits import Limits
    from data.readers.raw_table import ReadOptions

    answer_upload(scratch, ReadOptions(**request["options"]), Limits(**request["limits"]))


def answer_upload(scratch: Path, options: "ReadOptions", limits: "Limits") -> None:
    """Read ``upload`` of a folder and answer into the folder, with a table or with a refusal."""
    from data.readers.answer import Answer
    from data.readers.refusing import Refusal
    from data.readers.sniffing import kind_of

    answer = Answer(scratch, limits)
    try:
        kind = kind_of(scratch / UPLOAD, limits)
        answer.finish(kind, _read(kind, scratch / UPLOAD, options, limits, answer))
    except Refusal as refusal:
        answer.refuse(refusal)
    except MemoryError:
        answer.refuse(Refusal("too_much_memory"))


def _read(kind: "FileKind", upload: Path, options: "ReadOptions", limits: "Limits", answer: "Answer") -> "Described":
    """What the file says; only the libraries that its kind needs are loaded."""
    from data.readers.raw_table import FileKind as Kind

    if kind is not Kind.CSV:  # the suffix that its library expects
        upload = upload.rename(upload.with_name(f"{UPLOAD}.{'zip' if kind is Kind.SHAPEFILE else kind.value}"))
    if kind is Kind.CSV:
        from data.readers.delimited import read_delimited

        return read_delimited(upload, options, limits, answer)
    if kind in (Kind.XLSX, Kind.XLS):
        from data.readers.archives import Archive
        from data.readers.workbook import check_parts, read_workbook

        if kind is Kind.XLSX:
            check_parts(Archive(upload, limits), limits)
        return read_workbook(upload, options, limits, answer)
    if kind is Kind.PARQUET:
        from data.readers.parquet import read_parquet

        return read_parquet(upload, limits, answer)
    if kind is Kind.KML:
        from data.readers.kml import read_kml

        return read_kml(upload, limits, answer)
    if kind is Kind.SHAPEFILE:
        from data.readers.shapefile import read_shapefile

        return read_shapefile(upload, options, limits, answer)
    if kind is Kind.GEOPACKAGE:
        from data.readers.geopackage import read_geopackage

        return read_geopackage(upload, options, limits, answer)
    if kind is Kind.GEOJSON:
        from data.readers.geojson import read_geojson

        return read_geojson(upload, limits, answer)
    from data.readers.layers import read_features

    return read_features(upload, limits, answer)


def _readable() -> list[str | Path]:
    """Where Python, its packages, the system's libraries and our own code are; no folder of data or of people."""
    return [*_SYSTEM, sys.base_prefix, sys.prefix, sys.base_exec_prefix, _OURS]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
