"""What a zip holds, judged by its list before anything of it is unpacked.

Names that lead out of the folder, links, members that unpack to a thousand times their size, passwords and archives in
archives are refused. Only members that are asked for are unpacked, to names of ours.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.readers.limits import MIB, Limits
from data.readers.refusing import Refusal

_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file of an archive; ``name`` is what a person called it, ``/`` between folders."""

    name: str
    info: zipfile.ZipInfo

    @property
    def suffix(self) -> str:
        """What the name ends with, in small letters and without the dot."""
        return self.name.rpartition("/")[2].rpartition(".")[2].lower()


class Archive:
    """A zip whose list has been judged.

    Raises
    ------
    Refusal
        On opening, when the list holds anything that a table has no need for.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
            raise Refusal("damaged") from problem
        self._limits = limits
        self.members = self._judged()

    def unpack(self, member: Member, target: Path) -> None:
        """Write one member to a file."""
        with target.open("wb") as file:
            for block in self.blocks(member):
                file.write(block)

    def blocks(self, member: Member) -> Iterator[bytes]:
        """The bytes of one member, piece by piece; no more than its entry in the list says."""
        try:
            with self._zip.open(member.info) as file:
                while block := file.read(_BLOCK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
            raise Refusal("damaged") from problem

    def _judged(self) -> tuple[Member, ...]:
        infos = self._zip.infolist()
        limits = self._limits
        if len(infos) > limits.members:
            raise Refusal("too_many_members", count=len(infos), limit=limits.members)
        members: dict[str, Member] = {}
        unpacked = 0
        for info in infos:
            name = _name(info)
            if (
                name.startswith("/")
                or "\\" in name
                or "\0" in name
                or ".." in name.split("/")
                or re.match("[A-Za-z]:", name)
            ):
                raise Refusal("unsafe_member", member=name)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise Refusal("linked_member", member=name)
            if info.flag_bits & _ENCRYPTED:
                raise Refusal("encrypted")
            unpacked += info.file_size
            swollen = info.file_size > limits.ratio * max(1, info.compress_size)
            if unpacked > limits.unpacked_bytes or (swollen and info.file_size > limits.ratio_from_bytes):
                raise Refusal(
                    "unpacks_too_large", member=name, limit_mib=limits.unpacked_bytes // MIB, ratio=limits.ratio
                )
            if name.lower() in members:
                raise Refusal("repeated_member", member=name)
            members[name.lower()] = Member(name, info)
        return tuple(
            member
            for member in members.values()
            if not member.info.is_dir() and not member.name.startswith("__MACOSX/")
        )


def _name(info: zipfile.ZipInfo) -> str:
    """The member's name. Tools that do not set its flag write UTF-8 (macOS) or GBK (Windows in China) all the same.

    GBK is decoded before anybody looks for a backslash, which is the second byte of some of its characters.
    """
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return info.orig_filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return info.orig_filename
