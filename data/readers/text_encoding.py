"""Which encoding a text is in, told apart by what is impossible in each, then by what is likely.

UTF-8 forbids most byte sequences, GB18030 and Big5 hardly any: UTF-8 read as GB18030 is nonsense without an error. So
the order is a byte order mark, UTF-8 without a single exception, GB18030, Big5. Big5 text is nearly always valid
GB18030 as well; it is taken for Big5 only when its characters are common ones there and rare ones in GB18030.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path

from data.readers.refusing import Refusal

CODECS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "gb18030": "gb18030",
    "big5": "big5hkscs",  # Big5 and the characters that Hong Kong added
}
_ALIASES = {
    "utf8": "utf-8", "utf-8-sig": "utf-8", "utf16": "utf-16", "utf-16le": "utf-16", "utf-16be": "utf-16",
    "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "936": "gb18030", "cp950": "big5", "950": "big5",
    "big5hkscs": "big5", "big5-hkscs": "big5", "65001": "utf-8",
}  # fmt: skip
_CHUNK = 1 << 20
_SAMPLE = 1 << 20
_ENOUGH = 20  # characters, below which no likeness is believed
_COMMON, _RARE = 0.9, 0.7
_BROKEN_SHARE = 0.05


def known_encoding(told: str) -> str:
    """The name of ``CODECS`` that an encoding goes by.

    Examples
    --------
    >>> known_encoding("GBK"), known_encoding("UTF8")
    ('gb18030', 'utf-8')
    """
    name = told.strip().lower().replace("_", "-")
    name = _ALIASES.get(name, name)
    if name not in CODECS:
        raise Refusal("unknown_encoding", encoding=told, known=", ".join(CODECS))
    return name


def detect_encoding(path: Path, told: str | None = None) -> tuple[str, str]:
    """Name of the encoding, and how it is known: ``told``, ``mark``, ``strict`` or ``likeness``.

    Raises
    ------
    Refusal
        ``wrong_encoding`` when the told one does not fit; ``damaged_text`` when a few bytes of a UTF-8 text are
        broken, for the next guess would turn the whole text into nonsense; ``undecodable`` when none fits.
    """
    if told is not None:
        name = known_encoding(told)
        if first_failure(path, CODECS[name]) is not None:
            raise Refusal("wrong_encoding", encoding=name)
        return name, "told"
    with path.open("rb") as file:
        mark = file.read(3)
    if mark[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if first_failure(path, "utf-16") is not None:
            raise Refusal("wrong_encoding", encoding="utf-16")
        return "utf-16", "mark"
    broken = first_failure(path, "utf-8-sig")
    if broken is None:
        return "utf-8", "mark" if mark == codecs.BOM_UTF8 else "strict"
    line, around = broken
    if mark == codecs.BOM_UTF8 or _is_mostly_utf8(around):
        raise Refusal("damaged_text", row=line)
    return _of_two_bytes(path, around)


def likely_two_byte(sample: bytes) -> str:
    """``gb18030`` or ``big5`` by how common the characters are that a sample has in each.

    Of GB2312 the rows B0 to D7 hold the 3,755 everyday characters, of Big5 the rows A4 to C6 the 5,401 of the first
    level; both keep punctuation in A1 to A3.
    """
    in_gb, pairs_gb = _common_share(sample, 0xB0, 0xD7, lowest_trail=0xA1)
    in_big5, pairs_big5 = _common_share(sample, 0xA4, 0xC6, lowest_trail=0x40)
    enough = min(pairs_gb, pairs_big5) >= _ENOUGH
    return "big5" if enough and in_big5 >= _COMMON and in_gb < _RARE else "gb18030"


def _of_two_bytes(path: Path, sample: bytes) -> tuple[str, str]:
    fits = [name for name in ("gb18030", "big5") if first_failure(path, CODECS[name]) is None]
    if not fits:
        raise Refusal("undecodable", known=", ".join(CODECS))
    if len(fits) == 1:
        return fits[0], "strict"
    likely = likely_two_byte(sample)
    return likely, "likeness" if likely == "big5" else "strict"


def _common_share(sample: bytes, first: int, last: int, lowest_trail: int) -> tuple[float, int]:
    """Share of the two-byte characters that are everyday ones or punctuation, and how many characters there are."""
    common = pairs = at = 0
    while at < len(sample) - 1:
        lead, trail = sample[at], sample[at + 1]
        if lead < 0x81:
            at += 1
            continue
        pairs += 1
        common += trail >= lowest_trail and (first <= lead <= last or 0xA1 <= lead <= 0xA3)
        at += 2
    return common / max(pairs, 1), pairs


def _is_mostly_utf8(around: bytes) -> bool:
    """Whether so few sequences are broken that this is a damaged UTF-8 text and no other encoding."""
    text = around.decode("utf-8", errors="replace")
    beyond_ascii = sum(char > "\x7f" for char in text)
    return text.count("�") <= _BROKEN_SHARE * beyond_ascii


def first_failure(path: Path, codec: str) -> tuple[int, bytes] | None:
    """Line of the first impossible byte, with the text around it; nothing when the whole file fits."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines = 1
    for chunk in _chunks(path):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as wrong:
            whole = wrong.object if isinstance(wrong.object, bytes) else chunk
            return lines + chunk[: wrong.start].count(b"\n"), whole[max(0, wrong.start - _SAMPLE) :][:_SAMPLE]
        if "\0" in text:
            raise Refusal("binary")
        lines += text.count("\n")
    return None


def _chunks(path: Path) -> Iterator[bytes]:
    """The file in pieces, then an empty piece."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
    yield b""
