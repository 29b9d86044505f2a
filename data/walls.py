"""What a process may still do once it has given up the rest: no network, only some folders, so much memory and time.

A process raises the walls on itself, before it opens what a stranger sent (a hook between fork and exec is not safe in
a server with threads). Of three walls against the network one is enough, and of the others each covers a machine that
refuses one: a network namespace (``unshare``), Landlock (kernel 5.13; TCP from 6.7), and an audit hook of Python.
Landlock is the wall around the file system. It allows no execution, so no program can be started either.
Left out: seccomp, which would need a list of system calls for each release of each library.

Only the standard library is imported, and nothing of ours: a namespace for users needs a process with one thread, and
NumPy and Arrow start more.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
# Landlock has one number for each system call on every architecture since they were unified in Linux 5.1
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_ASK_VERSION = 1

# access rights of linux/landlock.h, by bit
_WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = (
    1 << b for b in (1, 2, 3, 4, 5, 7, 8)
)
_TRUNCATE = 1 << 14
_FIRST_RIGHTS = (1 << 13) - 1
_RIGHTS_SINCE = {2: 1 << 13, 3: _TRUNCATE, 5: 1 << 15}
_TCP_BIND_AND_CONNECT = 0b11  # since 4
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # since 6

_REFUSED_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system")


def raise_walls(
    readable: Iterable[str | Path], writable: str | Path, *, memory_bytes: int, cpu_s: int, file_bytes: int
) -> dict[str, bool]:
    """Raise every wall that this machine has around the process that calls, for good.

    Parameters
    ----------
    readable : iterable of path
        Files and folders that may be read; those that do not exist are passed over.
    writable : path
        The one folder that may be read and written.
    memory_bytes, file_bytes : int
        Address space, and the largest file that may be written.
    cpu_s : int
        Seconds of work, after which the kernel ends the process.

    Returns
    -------
    dict of str to bool
        ``limits``, ``network``, ``files`` and ``sockets``: whether each stands.
    """
    return {
        "limits": limit_resources(memory_bytes, cpu_s, file_bytes),
        "network": leave_network(),
        "files": close_files(readable, writable),
        "sockets": refuse_sockets(),
    }


def limit_resources(memory_bytes: int, cpu_s: int, file_bytes: int) -> bool:
    """Cap memory, work and file size of this process, and write no core; whether the machine knows how."""
    try:
        import resource
    except ImportError:  # Windows
        return False
    caps = {
        resource.RLIMIT_AS: (memory_bytes, memory_bytes),
        resource.RLIMIT_CPU: (cpu_s, cpu_s + 1),  # at the second number comes a signal that does not say what for
        resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
        resource.RLIMIT_CORE: (0, 0),
    }
    try:
        for what, (soft, hard) in caps.items():
            most = resource.getrlimit(what)[1]
            allowed = (soft, hard) if most == resource.RLIM_INFINITY else (min(soft, most), min(hard, most))
            resource.setrlimit(what, allowed)
    except (OSError, ValueError):
        return False
    return True


def leave_network() -> bool:
    """Move this process into an empty network namespace; whether the kernel let it.

    Root may just do so; anybody else needs a user namespace of their own, which some machines forbid.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(spaces) == 0 for spaces in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def close_files(readable: Iterable[str | Path], writable: str | Path) -> bool:
    """Let this process read and write only there (Landlock); whether the kernel let it."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    handled = _FIRST_RIGHTS | sum(right for since, right in _RIGHTS_SINCE.items() if version >= since)
    asked = struct.pack("=Q", handled)
    if version >= 4:
        asked += struct.pack("=Q", _TCP_BIND_AND_CONNECT)
    if version >= 6:
        asked += struct.pack("=Q", _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS)
    rules = libc.syscall(_CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    if rules < 0:
        return False
    read = _READ_FILE | _READ_DIR
    change = _WRITE_FILE | _REMOVE_FILE | _REMOVE_DIR | _MAKE_DIR | _MAKE_REG | _TRUNCATE
    try:
        for path in readable:
            _allow(libc, rules, path, read & handled)
        _allow(libc, rules, writable, (read | change) & handled)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    except OSError:
        return False
    finally:
        os.close(rules)


def refuse_sockets() -> bool:
    """Refuse every socket and every program that Python code of this process asks for."""

    def hook(event: str, _: tuple[object, ...]) -> None:
        if event.startswith(_REFUSED_EVENTS):
            raise PermissionError(f"{event} is refused here")

    sys.addaudithook(hook)
    return True


def _allow(libc: ctypes.CDLL, rules: int, path: str | Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights, place)
        if libc.syscall(_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock_add_rule", str(path))
    finally:
        os.close(place)
