"""Versions under kill -9, two writers, readers beside a writer and a full disk: is every acknowledged version whole?

``python -m bench.store_soak [--kills 500] [--writes 200] [--pages 40]`` prints one line a campaign and fails when a
version is lost, or when a control is not: a store that overwrites its files in place, and writers without a lock, must
lose here, or the harness is too weak and its zeros prove nothing. Every check is made by a process of its own, row by
row, and never takes the writer's word. Processes are forked from one that has imported and tried everything, so that
no slow first write keeps the kills before the first acknowledgement. Linux only; a power cut is another test.
"""

import argparse
import contextlib
import gc
import json
import logging
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

import data.dataset
from data import columns as c
from data import room, workspace
from data.brought import About, Brought
from data.dataset import Dataset
from data.derived import DERIVED, load_table
from data.firm_points import load_points
from data.reference import load_reference
from data.store import check_store, commit, current_version, list_versions, open_version
from data.version_files import VersionRecord

FIRMS = 40
SEED, READY = 7, 12  # bytes that say how long the first write took
WARM_WRITES = 7
SPREAD = 2.2  # a kill falls within about two writes
OF_OBSERVATIONS = 2 * FIRMS // 10
DISK_MB = 8
BIG_FIRMS = 200_000
MOST_PAGES, PAGE = 40, 4096
MOST_LEFT_BYTES = 100_000  # SQLite's shared index has 32 KiB
Figures = dict[str, Any]


def firms_of(number: int, firms: int = FIRMS, start: int = 0, mark: str = "F") -> Brought:
    """A register whose every row says which import it is of."""
    rows = range(start, start + firms)
    ids = [f"{mark}{row:06d}" for row in rows]
    table = pa.table(
        {
            c.FIRM_ID: ids,
            c.NAME: [f"{number} {one}" for one in ids],
            c.SUBSECTOR_ID: ["S01"] * firms,
            c.LON: [113.9 + row % 97 / 500 for row in rows],
            c.LAT: [22.55 + row % 89 / 900 for row in rows],
        }
    )
    seen = pa.table(
        {c.FIRM_ID: ids * 2, c.YEAR: [2020] * firms + [2021] * firms, c.REVENUE_CNY: [number * 1000 + 7] * 2 * firms}
    )
    return Brought(About("firms", "soak.csv", f"{number:064d}", accepted=firms, note=str(number)), table, seen)


def number_in(dataset: Dataset, firms: int = FIRMS) -> int:
    """The import that every row of a version is of; raises when a row is of another, or one is missing."""
    numbers = {int(str(name).split()[0]) for name in dataset.firms[c.NAME]}
    numbers |= {int(revenue) // 1000 for revenue in dataset.observations[c.REVENUE_CNY]}
    ids = sorted(map(str, dataset.firms.index))
    if len(numbers) != 1 or ids != [f"F{row:06d}" for row in range(firms)] or len(dataset.observations) != 2 * firms:
        held = f"{len(ids)} firms, {len(dataset.observations)} revenues"
        raise RuntimeError(f"a version holds {held} of imports {sorted(numbers)[:4]}")
    return numbers.pop()


class Store(Protocol):
    """What the harness knows of a store."""

    def write(self, home: Path, number: int) -> str:
        """Make an import the current version, and get its id."""

    def check(self, home: Path, acknowledged: dict[str, int], last: int) -> int:
        """Number of the current import; raises unless it is `last` or the next, and all acknowledged ones are whole."""


class Versions:
    """The store of the product; with `many`, versions have all that is derived for many firms."""

    def __init__(self, *, many: bool = False) -> None:
        self.many = many

    def write(self, home: Path, number: int) -> str:
        """By the door that every import takes."""
        self._take_few_for_many()
        return commit(home, load_reference(), firms_of(number)).id

    def check(self, home: Path, acknowledged: dict[str, int], last: int) -> int:
        """Start as a server does, and read everything."""
        self._take_few_for_many()
        check_store(home)
        _, *listed = (record.id for record in list_versions(home, load_reference()))
        folders = {path.name for path in (home / "versions").glob("*")} - {workspace.POINTER, workspace.LOCK}
        if folders != set(listed):
            raise RuntimeError(f"folders {sorted(folders ^ set(listed))} without a row, or rows without a folder")
        held = {one: self._whole(home, one) for one in {*acknowledged, *listed[-2:]}}
        if wrong := [version_id for version_id, number in acknowledged.items() if held[version_id] != number]:
            raise RuntimeError(f"version {wrong[0]} is not import {acknowledged[wrong[0]]}")
        number = 0 if current_version(home) == "0" else number_in(_current(home))
        if number not in (last, last + 1):
            raise RuntimeError(f"import {number} is current; import {last} was acknowledged")
        return number

    def _take_few_for_many(self) -> None:
        if self.many:
            data.dataset.MANY_FIRMS = FIRMS - 1

    def _whole(self, home: Path, version_id: str) -> int:
        """Import that a version is of, its derived tables and its points there as well."""
        dataset, folder = open_version(home, version_id, load_reference()), home / "versions" / version_id
        if self.many:
            for name in DERIVED:
                load_table(folder / f"{name}.parquet", digest=dataset.firms_stamp)
            if len(load_points(folder, dataset).pyramid) != FIRMS:
                raise RuntimeError(f"version {version_id} lacks points")
        return number_in(dataset)


class InPlace:
    """A control: the same tables, written over the old ones. It must lose."""

    def write(self, home: Path, number: int) -> str:
        """One file after the other, as it comes."""
        brought = firms_of(number)
        pq.write_table(brought.firms, home / "firms.parquet")
        for part in range(OF_OBSERVATIONS):
            pq.write_table(brought.observations.slice(part * 10, 10), home / f"observations-{part}.parquet")
        (home / "current").write_text(str(number))
        return str(number)

    def check(self, home: Path, acknowledged: dict[str, int], last: int) -> int:
        """Read everything."""
        if not last and not any(home.iterdir()):
            return 0
        numbers = {int(name.split()[0]) for name in pq.read_table(home / "firms.parquet")[c.NAME].to_pylist()}
        for part in range(OF_OBSERVATIONS):
            seen = pq.read_table(home / f"observations-{part}.parquet")[c.REVENUE_CNY].to_pylist()
            numbers |= {revenue // 1000 for revenue in seen}
        if numbers not in ({last}, {last + 1}) or int((home / "current").read_text()) not in numbers:
            raise RuntimeError(f"rows of {numbers}; import {last} was acknowledged")
        return numbers.pop()


# ---------------------------------------------------------------- processes


def child(run: Callable[[int], None]) -> tuple[int, int]:
    """Run in a forked process with the write end of a pipe; its id, and the read end."""
    read, write = os.pipe()
    gc.freeze()  # a collection in the child would touch, and so copy, all that it shares with this process
    process = os.fork()
    if process:
        os.close(write)
        return process, read
    os.close(read)
    code = 1
    try:
        run(write)
        code = 0
    except BaseException as error:
        os.write(write, f"ERROR {type(error).__name__}: {' '.join(str(error).split())[:300]}\n".encode())
    os._exit(code)


def ended(process: int, read: int) -> str:
    """What a process wrote until its end."""
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read().decode(errors="replace")
    os.waitpid(process, 0)
    return told


def asked(run: Callable[[], object]) -> str:
    """The answer of a fresh process, as text; an error begins with ERROR."""
    return ended(*child(lambda pipe: os.write(pipe, str(run()).encode()) and None)).strip()


@contextlib.contextmanager
def home_of(name: str) -> Iterator[Path]:
    """A folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"soak-{name}-") as folder:
        yield Path(folder)


# ---------------------------------------------------------------- campaigns


def kill_campaign(name: str, tested: Store, kills: int, *, loses: bool) -> Figures:
    """Kill a writer at random moments; after each, a fresh process checks what was acknowledged."""
    chance, problems, acknowledged = random.Random(SEED), [], {}  # noqa: S311
    last, told_of, within = 0, 0, SPREAD
    with home_of(name) as folder:
        home = folder / "0"
        home.mkdir()
        seconds = float(asked(lambda: _seconds_a_write(tested, folder)))
        if (sound := asked(lambda: tested.check(folder / "timed", {}, WARM_WRITES))) != str(WARM_WRITES):
            raise RuntimeError(f"the check fails without a kill: {sound}")
        for kill in range(kills):
            process, read = child(lambda pipe, first=last + 1: _write_on(tested, home, first, pipe))  # noqa: B023
            time.sleep(chance.random() * within * float(os.read(read, READY)))
            os.kill(process, signal.SIGKILL)
            lines = ended(process, read).splitlines()
            told = {line.split()[0]: int(line.split()[1]) for line in lines if not line.startswith("ERROR")}
            told_of += len(told)
            within = SPREAD if told else 1.5 * within  # a machine that has become slower acknowledges later
            last = max(told.values(), default=last)
            said = asked(lambda: tested.check(home, told, last))  # noqa: B023
            if not said.isdigit() or len(told) < len(lines):
                problems.append(f"kill {kill}: {said} {lines[-1:]}")
                home, acknowledged, last = folder / f"after-{kill}", {}, 0
                home.mkdir()
                continue
            acknowledged |= told
            last = int(said)  # what was in flight may have been committed
        everything = asked(lambda: tested.check(home, acknowledged, last))
    whole = not problems and everything == str(last)
    return {"campaign": f"kill -9, {name}", "kills": kills, "seconds_a_write": round(seconds, 4), "lost": len(problems),
            "acknowledged": told_of, "whole_at_the_end": everything == str(last),
            "first_problem": "".join(problems[:1]), "as_expected": bool(problems) if loses else whole}  # fmt: skip


def _seconds_a_write(tested: Store, folder: Path) -> float:
    home = folder / "timed"
    home.mkdir()
    times = []
    for number in range(1, WARM_WRITES + 1):
        start = time.perf_counter()
        tested.write(home, number)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _write_on(tested: Store, home: Path, first: int, pipe: int) -> None:
    with home_of("first") as elsewhere:  # the first write of a process is slow, and no kill should find only that
        start = time.perf_counter()
        tested.write(elsewhere, first)
        os.write(pipe, f"{time.perf_counter() - start:{READY}.6f}".encode())
    number = first
    while True:
        version_id = tested.write(home, number)
        os.write(pipe, f"{version_id} {number}\n".encode())  # the acknowledgement: only after the write returned
        number += 1


def two_writers(writes: int, *, locked: bool = True) -> Figures:
    """Two processes lay one firm after the other over the current version; none may be lost."""
    with home_of("writers") as home:
        asked(lambda: commit(home, load_reference(), firms_of(1)).id)
        start = time.perf_counter()
        writers = [child(lambda pipe, mark=mark: _lay_over(home, mark, writes, pipe, locked=locked)) for mark in "AB"]
        told = "".join(ended(*writer) for writer in writers).splitlines()
        seconds = time.perf_counter() - start
        acknowledged = {line for line in told if not line.startswith("ERROR")}
        held = asked(lambda: json.dumps(sorted(map(str, _current(home).firms.index))))
        present = set(json.loads(held)) if held.startswith("[") else set()
        lost = len(acknowledged - present)
        chain = asked(lambda: _chain(home)) if locked else ""
        errors = [line for line in told if line.startswith("ERROR")]
    whole = not lost and not errors and len(acknowledged) == 2 * writes and chain == str(2 * writes + 1)
    failed = bool(lost or errors)
    return {"campaign": f"two writers{'' if locked else ' without a lock'}", "commits": 2 * writes,
            "acknowledged": len(acknowledged), "lost": lost, "errors": len(errors),
            "first_error": errors[0] if errors else "", "seconds": round(seconds, 1),
            "as_expected": whole if locked else failed}  # fmt: skip


def _lay_over(home: Path, mark: str, writes: int, pipe: int, *, locked: bool) -> None:
    if not locked:
        workspace.alone = lambda *_, **__: contextlib.nullcontext()
        workspace.sweep = lambda *_: None
    for number in range(writes):
        one = firms_of(number + 2, 1, number, mark)
        merged = Brought(one.about, one.firms, one.observations, merge=True)
        try:
            commit(home, load_reference(), merged)
            os.write(pipe, f"{mark}{number:06d}\n".encode())
        except Exception as error:
            os.write(pipe, f"ERROR {type(error).__name__}: {' '.join(str(error).split())[:200]}\n".encode())


def _current(home: Path) -> Dataset:
    return open_version(home, current_version(home), load_reference())


def _chain(home: Path) -> int:
    """How many versions there are, each made from the one before."""
    records: list[VersionRecord] = list_versions(home, load_reference())
    if any(later.parent != earlier.id for earlier, later in pairwise(records)):
        raise RuntimeError("a version was not made from the one before")
    return len(records) - 1


def readers(writes: int) -> Figures:
    """A process opens the current version again and again while another replaces it."""
    with home_of("readers") as home:
        asked(lambda: commit(home, load_reference(), firms_of(1)).id)
        writer = child(lambda _: _commit_all(home, range(2, writes + 2)))
        reader = child(lambda pipe: _read_on(home, writes + 1, pipe))
        failed = ended(*writer)
        told = ended(*reader).split()
    reads, errors, versions = (int(one) for one in told[:3]) if told and told[0] != "ERROR" else (0, 1, 0)
    return {"campaign": "readers beside a writer", "commits": writes, "reads": reads, "errors_or_mixed": errors,
            "versions_seen": versions, "as_expected": reads > writes and not errors and not failed}  # fmt: skip


def _commit_all(home: Path, numbers: range) -> None:
    for number in numbers:
        commit(home, load_reference(), firms_of(number))


def _read_on(home: Path, last: int, pipe: int) -> None:
    reads = errors = number = 0
    seen = set()
    while number != last:
        reads += 1
        try:
            number = number_in(_current(home))
            seen.add(number)
        except Exception:
            errors += 1
    os.write(pipe, f"{reads} {errors} {len(seen)}".encode())


def disk_full(pages: int) -> Iterator[Figures]:
    """An import that does not fit: refused beforehand, refused on the way, and what an in-place store makes of it."""
    for name, run in (("refused beforehand", _too_big), ("full on the way", _full_on_the_way)):
        with small_disk() as (home, how):
            asked(lambda: commit(home, load_reference(), firms_of(1)).id)
            free = room.free_bytes(home)
            said = asked(lambda: run(home))  # noqa: B023
            left = free - room.free_bytes(home)
            still = asked(lambda: number_in(_current(home)))
            filled = asked(lambda: _read_on_full_disk(home)) if how == "tmpfs" else "1"
        kept = still == filled == "1" and left < MOST_LEFT_BYTES
        yield {"campaign": f"disk full, {name} ({how})", "said": said[:90], "old_version": still == "1",
               "read_on_a_disk_without_a_byte": filled == "1", "bytes_left_behind": left,
               "as_expected": said.startswith("ERROR StoreFull") and kept}  # fmt: skip
    with small_disk() as (home, how):
        if how == "tmpfs":
            yield _full_at_every_page(home, pages)
    with small_disk() as (home, how):
        asked(lambda: InPlace().write(home, 1))
        said = asked(lambda: _write_big(home))
        after = asked(lambda: InPlace().check(home, {}, 1))
        yield {"campaign": f"disk full, in place ({how})", "said": said[:90], "old_version": after == "1",
               "as_expected": said.startswith("ERROR") and after != "1"}  # fmt: skip


def _full_at_every_page(home: Path, most: int) -> Figures:
    """The same small import with ever more pages free: refused and nothing seen of it, or whole."""
    asked(lambda: commit(home, load_reference(), firms_of(1)).id)
    told: dict[str, int] = {"refused": 0, "written": 0}
    problems = []
    for pages in range(most):
        _fill(home, pages)
        said = asked(lambda: _in_what_is_left(home))
        (home / "filler").unlink()
        number = told["written"] + 1
        if said.startswith("ERROR StoreFull"):
            told["refused"] += 1
        elif said.isdigit():
            told["written"] += 1
            number += 1
        else:
            problems.append(said)
        held = asked(lambda: Versions().check(home, {}, number))  # noqa: B023
        if held != str(number):
            problems.append(f"{pages} pages: {said}; then {held}, expected import {number}")
    return {"campaign": "disk full, with ever more pages free (tmpfs)", **told, "problems": len(problems),
            "first_problem": "".join(problems[:1]),
            "as_expected": not problems and min(told.values()) > 0}  # fmt: skip


def _fill(home: Path, pages: int) -> None:
    filled = room.free_bytes(home) - pages * PAGE
    with (home / "filler").open("wb", buffering=0) as filler:
        os.posix_fallocate(filler.fileno(), 0, max(filled, 1))


def _in_what_is_left(home: Path) -> int:
    room.FACTOR = room.LEAST_FREE_BYTES = 0
    number = number_in(_current(home)) + 1
    return int(commit(home, load_reference(), firms_of(number)).note)


def _write_big(home: Path) -> None:
    if not os.path.ismount(home):
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_MB << 19, DISK_MB << 19))
    table = firms_of(2, BIG_FIRMS).firms
    pq.write_table(table, home / "firms.parquet", compression="none", use_dictionary=False)


def _too_big(home: Path) -> None:
    if not os.path.ismount(home):  # the limit of a process is none of the disk: say that there is no room
        room.free_bytes = lambda _: 0
    commit(home, load_reference(), firms_of(2, BIG_FIRMS))


def _full_on_the_way(home: Path) -> None:
    room.FACTOR = 0
    if not os.path.ismount(home):
        resource.setrlimit(resource.RLIMIT_FSIZE, (DISK_MB << 19, DISK_MB << 19))
    commit(home, load_reference(), firms_of(2, BIG_FIRMS))


def _read_on_full_disk(home: Path) -> int:
    with contextlib.suppress(OSError), (home / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"0" * 4096):
            pass
    for beside in home.glob("store.db-*"):
        if not beside.stat().st_size or beside.name.endswith("-shm"):
            beside.unlink()
    with contextlib.suppress(OSError), (home / "filler").open("ab", buffering=0) as filler:
        while filler.write(b"0" * 512):
            pass
    return number_in(_current(home))


@contextlib.contextmanager
def small_disk() -> Iterator[tuple[Path, str]]:
    """A disk of ``DISK_MB``; a folder, and a limit on the size of files, where nobody may mount one."""
    with home_of("disk") as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)],
                                 capture_output=True, check=False).returncode == 0  # fmt: skip
        try:
            yield folder, "tmpfs" if mounted else "limit on files"
        finally:
            if mounted:
                subprocess.run(["umount", str(folder)], check=True)


def soak(kills: int, writes: int, pages: int) -> Iterator[Figures]:
    """All campaigns, controls included.

    Parameters
    ----------
    kills : int
        Kills of the store; a tenth of them of versions of many firms.
    writes : int
        Commits of each of two writers.
    pages : int
        Imports on a full disk, each with one free page more than the one before; the first ten or so do not fit.

    Yields
    ------
    dict
        What was done and counted; ``as_expected`` says whether the store kept its promise, or the control broke it.
    """
    many = kills // 10
    with home_of("warm") as home:
        Versions().write(home, 1)
        number_in(_current(home))
    yield kill_campaign("versions", Versions(), kills - many, loses=False)
    yield kill_campaign("versions of many firms", Versions(many=True), max(many, 1), loses=False)
    yield kill_campaign("in place", InPlace(), max(kills // 5, 15), loses=True)
    yield two_writers(writes)
    yield two_writers(max(writes // 5, 10), locked=False)
    yield readers(max(writes // 2, 10))
    yield from disk_full(pages)


def main() -> None:
    """Run, say what came, and fail when anything was not as expected."""
    asked_for = argparse.ArgumentParser(description=__doc__)
    asked_for.add_argument("--kills", type=int, default=500)
    asked_for.add_argument("--writes", type=int, default=200)
    asked_for.add_argument("--pages", type=int, default=MOST_PAGES)
    given = asked_for.parse_args()
    logging.disable(logging.WARNING)  # what is swept is what this is about
    wrong = 0
    for figures in soak(given.kills, given.writes, given.pages):
        print(json.dumps(figures, ensure_ascii=False), flush=True)
        wrong += not figures["as_expected"]
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
