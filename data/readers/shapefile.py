"""A zipped Shapefile: the parts of one layer, copied to names of ours, its text in the encoding that it is in.

Most Chinese Shapefiles are GBK and do not say so; some say ISO-8859-1 or UTF-8 and are GBK all the same. So the text
itself decides. A missing .shx is made again by GDAL; without the .dbf the names would silently be gone.
"""

import codecs
import struct
from collections.abc import Iterator
from pathlib import Path

from data.readers.answer import Answer, Described
from data.readers.archives import Archive, Member
from data.readers.layers import first_filled, read_features
from data.readers.limits import Limits
from data.readers.raw_table import ReadOptions
from data.readers.refusing import Refusal
from data.readers.text_encoding import CODECS, known_encoding, likely_two_byte

_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_GDAL_ENCODING = {"utf-8": "UTF-8", "gb18030": "GB18030", "big5": "BIG5-HKSCS"}
_LOOKED_AT = 20_000  # records, spread over the file
_FIELD, _NAME = 32, 11  # bytes of what describes a column, and of its name
_FIELDS_END = 0x0D


def read_shapefile(path: Path, options: ReadOptions, limits: Limits, answer: Answer) -> Described:
    """Read one layer into the answer: the one that is named, or the first that has a feature."""
    archive = Archive(path, limits)
    layers = {member.name[:-4]: member for member in archive.members if member.suffix == "shp"}
    if options.layer is not None:
        wanted = [name for name in layers if options.layer in (name, name.rpartition("/")[2])]
        if len(wanted) != 1:
            raise Refusal("no_such_layer", layer=options.layer, known=", ".join(layers))
    else:
        wanted = list(layers)
    for number, name in enumerate(wanted):
        shape = _unpacked(archive, layers[name], path.with_name(f"layer{number}"))
        if len(wanted) > 1 and first_filled(shape, [shape.stem]) is None:
            continue
        encoding, known_by = _encoding(shape, options.encoding)
        _mend_names(shape.with_suffix(".dbf"), CODECS[encoding])
        described = read_features(shape, limits, answer, encoding=_GDAL_ENCODING[encoding], empty_point_is_bad=True)
        described.facts |= {
            "layer": name, "layers": "\n".join(layers), "encoding": encoding, "encoding_by": known_by
        }  # fmt: skip
        return described
    raise Refusal("no_rows")


def _unpacked(archive: Archive, layer: Member, folder: Path) -> Path:
    folder.mkdir()
    stem = layer.name[:-4]
    parts = {m.suffix: m for m in archive.members if m.name[: -len(m.suffix) - 1] == stem and m.suffix in _PARTS}
    if "dbf" not in parts:
        raise Refusal("no_dbf", layer=stem)
    for suffix, member in parts.items():
        archive.unpack(member, folder / f"layer.{suffix}")
    return folder / "layer.shp"


def _encoding(shape: Path, told: str | None) -> tuple[str, str]:
    if told is not None:
        name = known_encoding(told)
        if name not in _GDAL_ENCODING:
            raise Refusal("wrong_encoding", encoding=name)
        return name, "told"
    try:
        texts = list(_texts(shape.with_suffix(".dbf")))
    except (OSError, struct.error) as problem:  # lengths that no file has
        raise Refusal("damaged") from problem
    if all(_fits(text, full, "utf-8") for text, full in texts):
        return "utf-8", "strict"
    declared = shape.with_suffix(".cpg")
    if declared.exists() and _named(declared.read_bytes()) == "big5":
        return "big5", "declared"
    likely = likely_two_byte(b" ".join(text for text, _ in texts))
    if likely == "big5" and all(_fits(text, full, CODECS["big5"]) for text, full in texts):
        return "big5", "likeness"
    return "gb18030", "strict" if all(_fits(text, full, "gb18030") for text, full in texts) else "likeness"


def _named(cpg: bytes) -> str | None:
    try:
        return known_encoding(cpg[:40].decode("ascii", "replace"))
    except Refusal:
        return None


def _fits(text: bytes, full: bool, codec: str) -> bool:
    """Whether bytes are text; the last character of a full cell may be cut in two."""
    try:
        codecs.getincrementaldecoder(codec)().decode(text, final=not full)
    except UnicodeDecodeError:
        return False
    return True


def _mend_names(dbf: Path, codec: str) -> None:
    """Take the half characters off the names of columns: ten bytes are three and a third Chinese ones in UTF-8."""
    with dbf.open("r+b") as file:
        at = _FIELD
        while True:
            file.seek(at)
            described = file.read(_FIELD)
            if len(described) < _FIELD or described[0] == _FIELDS_END:
                return
            name = described[:_NAME].split(b"\0")[0]
            whole = codecs.getincrementaldecoder(codec)("ignore").decode(name).encode(codec.removesuffix("-sig"))
            if whole != name:
                file.seek(at)
                file.write(whole.ljust(_NAME, b"\0")[:_NAME])
            at += _FIELD


def _texts(dbf: Path) -> Iterator[tuple[bytes, bool]]:
    """Headings and text cells of a .dbf beyond ASCII, each with whether it fills its place."""
    with dbf.open("rb") as file:
        header = file.read(_FIELD)
        if len(header) < _FIELD:
            raise Refusal("damaged")
        records, header_bytes, record_bytes = struct.unpack_from("<IHH", header, 4)
        places, at = [], 1  # the first byte of a record says whether it is deleted
        while file.tell() < header_bytes:
            described = file.read(_FIELD)
            if len(described) < _FIELD or described[0] == _FIELDS_END:
                break
            name = described[:_NAME].split(b"\0")[0]
            if not name.isascii():
                yield name, len(name) >= 10
            if described[11:12] in b"CM":
                places.append((at, described[16]))
            at += described[16]
        step = max(1, records // _LOOKED_AT)
        for number in range(0, records, step):
            file.seek(header_bytes + number * record_bytes)
            record = file.read(record_bytes)
            for start, length in places:
                text = record[start : start + length].rstrip(b" \0")
                if not text.isascii():
                    yield text, len(text) >= length - 1
