"""Backups while imports run, restores under kill -9, and archives that were damaged or tampered with.

``python -m bench.backup_soak [--kills 200] [--backups 100] [--damages 600] [--short]`` prints one line a campaign and
fails when one is not as expected. The controls must lose: a restore that empties the workspace and unpacks in place, a
plain copy of the folder while imports run, and an unpacking that checks nothing; in short, each ends with its first
loss. A fresh process reads every row after each. Linux only.
"""

import argparse
import contextlib
import gzip
import io
import json
import logging
import os
import random
import shutil
import signal
import statistics
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from bench.store_soak import SEED, SPREAD, Figures, asked, child, ended, firms_of, home_of, number_in
from data.backup import write_backup
from data.errors import BadBackup
from data.reference import load_reference
from data.restore import restore_backup
from data.store import check_store, commit, current_version, list_versions, open_version
from data.workspace import versions_folder

Restore = Callable[[Path, Path], object]
PATIENCE_S, BEGUN = 60.0, ".begun"
MOST_A_COPY = (
    3  # imports while one copy is made; each copy is read whole, and more would be read again in all later ones
)


def held(home: Path) -> str:
    """What a workspace holds: the import of every version, and of the current one; raises when a row is not whole."""
    check_store(home)
    numbers = {
        record.id: number_in(open_version(home, record.id, load_reference()))
        for record in list_versions(home, load_reference())[1:]
    }
    folders = {path.name for path in versions_folder(home).glob("[0-9]*")}
    if folders != set(numbers):
        raise RuntimeError(f"folders {sorted(folders ^ set(numbers))} without a row, or rows without a folder")
    current = current_version(home)
    if current != "0" and current not in numbers:
        raise RuntimeError(f"version {current} is current and not there")
    return json.dumps([numbers, current])


def made(home: Path, numbers: range) -> None:
    """A workspace of these imports."""
    for number in numbers:
        commit(home, load_reference(), firms_of(number))


def in_place(backup: Path, home: Path) -> None:
    """A control: the old workspace goes, then the new one comes, file by file."""
    shutil.rmtree(home)
    home.mkdir()
    with pa.input_stream(str(backup), compression="zstd") as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        archive.extractall(home, filter="data")


def restored(backup: Path, home: Path) -> None:
    """By the door of the product; what gave way is taken away."""
    told = restore_backup(backup, home, replace=True)
    shutil.rmtree(told["before"])


def kills_of(name: str, restore: Restore, kills: int, *, loses: bool, short: bool = False) -> Figures:
    """Kill a process that restores one backup after the other; the workspace must be the one or the other."""
    chance, torn, first = random.Random(SEED), 0, ""  # noqa: S311
    with home_of("restore") as folder:
        backups = []
        for one, numbers in enumerate((range(1, 4), range(11, 16))):
            source, backup = folder / f"source-{one}", folder / f"{one}.tar.zst"
            asked(lambda: made(source, numbers) or write_backup(source, backup))  # noqa: B023
            backups.append(backup)
        right = {asked(lambda: held(folder / f"source-{one}")) for one in (0, 1)}  # noqa: B023
        home = folder / "home"
        shutil.copytree(folder / "source-0", home)
        seconds = float(asked(lambda: _seconds(restore, backups[1], folder / "timed")))
        for kill in range(kills):
            process, read = child(lambda pipe: _restore_on(restore, backups, home, pipe))
            os.read(read, 1)
            time.sleep(chance.random() * SPREAD * seconds)
            os.kill(process, signal.SIGKILL)
            ended(process, read)
            if (said := asked(lambda: held(home))) not in right:
                torn, first = torn + 1, first or f"kill {kill}: {said}"
                if loses and short:
                    break
                shutil.rmtree(home, ignore_errors=True)
                shutil.copytree(folder / "source-0", home)
        asked(lambda: restore(backups[0], home))
        left = sorted(path.name for path in folder.glob(".home.*"))
    return {"campaign": f"kill -9 of a restore, {name}", "kills": kill + 1, "seconds_a_restore": round(seconds, 4),
            "torn": torn, "first_problem": first[:300], "left_behind": left,
            "as_expected": bool(torn) if loses else not torn and not left and len(right) == 2}  # fmt: skip


def _seconds(restore: Restore, backup: Path, home: Path) -> float:
    times = []
    home.mkdir()
    for _ in range(5):
        (home / "something").touch()
        start = time.perf_counter()
        restore(backup, home)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _restore_on(restore: Restore, backups: list[Path], home: Path, pipe: int) -> None:
    os.write(pipe, b".")
    while True:
        for backup in backups:
            restore(backup, home)


def beside_imports(backups: int, *, plain: bool = False, short: bool = False) -> Figures:
    """Copy a workspace while another process imports; each copy must hold what was acknowledged when it began.

    A plain copy is as slow as that of a large workspace, so that the first one is sure to lose.
    """
    problems, versions = [], []
    with home_of("backup") as folder:
        home = folder / "home"
        asked(lambda: made(home, range(1, 3)))
        importer, read = child(lambda _: _made_in_step(home, folder))
        try:
            for number in range(backups):
                acknowledged = int(asked(lambda: current_version(home)))
                copied = folder / f"copy-{number}"
                copied.with_suffix(BEGUN).touch()
                said = asked(lambda: _copied(home, copied, plain=plain))  # noqa: B023
                whole = asked(lambda: held(copied)) if not said.startswith("ERROR") else said  # noqa: B023
                numbers = json.loads(whole)[0] if whole.startswith("[") else {}
                versions.append(len(numbers))
                if numbers != {str(n): n for n in range(1, len(numbers) + 1)} or len(numbers) < acknowledged:
                    problems.append(f"{acknowledged} acknowledged: {whole}")
                shutil.rmtree(copied, ignore_errors=True)
                if problems and plain and short:
                    break
        finally:
            os.kill(importer, signal.SIGKILL)
            ended(importer, read)
    grew = len(set(versions)) > min(backups, 3) - 1
    return {"campaign": f"{'plain copies' if plain else 'backups'} beside imports", "copies": len(versions),
            "most_versions": max(versions), "not_whole": len(problems), "first_problem": "".join(problems[:1])[:300],
            "as_expected": bool(problems) if plain else not problems and grew}  # fmt: skip


def _made_in_step(home: Path, folder: Path) -> None:
    """Import for ever, a few for each copy that has begun."""
    for number in range(3, 10_000):
        while number >= 3 + MOST_A_COPY * sum(1 for _ in folder.glob(f"*{BEGUN}")):
            time.sleep(0.01)
        made(home, range(number, number + 1))


def _copied(home: Path, copied: Path, *, plain: bool) -> None:
    if plain:
        _copied_slowly(home, copied)
        return
    backup = copied.with_suffix(".tar.zst")
    write_backup(home, backup)
    restore_backup(backup, copied)


def _copied_slowly(home: Path, copied: Path) -> None:
    """The catalogue and, after another import, the versions."""
    versions = versions_folder(home)
    shutil.copytree(home, copied, ignore=lambda _, names: {versions.name} & set(names))
    before, until = current_version(home), time.monotonic() + PATIENCE_S
    while current_version(home) == before and time.monotonic() < until:
        time.sleep(0.01)
    shutil.copytree(versions, versions_folder(copied))


def damages_of(damages: int, *, checked: bool = True, short: bool = False) -> Figures:
    """Cut archives off, and change bytes before and after they are packed; nothing wrong may come out."""
    chance, told = random.Random(SEED), Counter()  # noqa: S311
    first = ""
    with home_of("damage") as folder:
        asked(lambda: made(folder / "source", range(1, 4)))
        whole = {}
        for suffix in (".tar.zst", ".tar.gz"):
            asked(lambda: write_backup(folder / "source", folder / f"whole{suffix}"))  # noqa: B023
            whole[suffix] = (folder / f"whole{suffix}").read_bytes()
        right = asked(lambda: held(folder / "source"))
        for number in range(damages):
            suffix = chance.choice(tuple(whole))
            damaged = folder / f"damaged-{number}{suffix}"
            damaged.write_bytes(_harmed(whole[suffix], suffix, chance))
            home = folder / "home"
            said = asked(lambda: _opened(damaged, home, checked=checked))  # noqa: B023
            if said.startswith("ERROR BadBackup"):
                told["refused"] += 1
                if home.exists():
                    told["left_behind"] += 1
            elif said.startswith("ERROR"):
                told["other_errors"] += 1
                first = first or said
            elif said == right:
                told["harmless"] += 1
            else:
                told["wrong"] += 1
                first = first or said
            damaged.unlink()
            shutil.rmtree(home, ignore_errors=True)
            if first and short and not checked:
                break
    bad = told["wrong"] + told["other_errors"] + told["left_behind"]
    expected = not bad and told["refused"] > damages // 2 if checked else told["wrong"] + told["other_errors"] > 0
    name = "damaged archives" if checked else "damaged archives, unpacked unchecked"
    kinds = {kind: told[kind] for kind in ("refused", "harmless", "wrong", "other_errors", "left_behind")}
    return {"campaign": name, "archives": number + 1, **kinds, "first_problem": first[:300],
            "as_expected": expected}  # fmt: skip


def _harmed(whole: bytes, suffix: str, chance: random.Random) -> bytes:
    how = chance.choice(("cut", "packed", "unpacked", "unpacked"))
    if how == "cut":
        return whole[: chance.randrange(len(whole))]
    if how == "packed":
        return _changed(whole, chance)
    unpacked = gzip.decompress(whole) if suffix == ".tar.gz" else _zstd(whole)
    changed = _changed(unpacked, chance)
    return gzip.compress(changed, 1) if suffix == ".tar.gz" else _packed(changed)


def _changed(held_bytes: bytes, chance: random.Random) -> bytes:
    changed = bytearray(held_bytes)
    changed[chance.randrange(len(changed))] ^= chance.randrange(1, 256)
    return bytes(changed)


def _zstd(whole: bytes) -> bytes:
    with pa.CompressedInputStream(io.BytesIO(whole), "zstd") as packed:
        return bytes(packed.read())


def _packed(unpacked: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as packed:
        packed.write(unpacked)
    return bytes(sink.getvalue())


def _opened(backup: Path, home: Path, *, checked: bool) -> str:
    if checked:
        restore_backup(backup, home)
        return held(home)
    compression = "gzip" if backup.name.endswith("gz") else "zstd"
    try:
        with (
            pa.input_stream(str(backup), compression=compression) as packed,
            tarfile.open(fileobj=packed, mode="r|") as archive,
        ):
            archive.extractall(home, filter="data")
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise BadBackup(str(backup), "damaged", str(error)) from error
    return held(home)


def soak(kills: int, backups: int, damages: int, *, short: bool = False) -> Iterator[Figures]:
    """All campaigns, controls included; in short, a control ends with its first loss."""
    with home_of("warm") as folder:
        made(folder / "home", range(1, 2))
        write_backup(folder / "home", folder / "warm.tar.zst")
        restored(folder / "warm.tar.zst", folder / "home")
        held(folder / "home")
    yield kills_of("beside and exchanged", restored, kills, loses=False)
    yield kills_of("in place", in_place, max(kills // 5, 8), loses=True, short=short)
    yield beside_imports(backups)
    yield beside_imports(max(backups // 2, 12), plain=True, short=short)
    yield damages_of(damages)
    yield damages_of(max(damages // 4, 24), checked=False, short=short)


def main() -> None:
    """Run, say what came, and fail when anything was not as expected."""
    asked_for = argparse.ArgumentParser(description=__doc__)
    asked_for.add_argument("--kills", type=int, default=200)
    asked_for.add_argument("--backups", type=int, default=100)
    asked_for.add_argument("--damages", type=int, default=600)
    asked_for.add_argument("--short", action="store_true", help="let a control end with its first loss")
    given = asked_for.parse_args()
    logging.disable(logging.WARNING)
    wrong = 0
    with contextlib.suppress(BrokenPipeError):
        for figures in soak(given.kills, given.backups, given.damages, short=given.short):
            print(json.dumps(figures, ensure_ascii=False), flush=True)
            wrong += not figures["as_expected"]
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
