"""Several app processes on one PostGIS: is every acknowledged import there, whole, and seen by all?

``python -m bench.postgis_soak [--imports 200] [--reads 10000] [--kills 100] [--crashes 20]`` starts a server of its own
(Debian's packages, ``fsync`` on), prints one line a campaign, and fails when a version is lost, or when a control is
not: importers that do not take the lock must lose here, and so must imports without a transaction, or the harness is
too weak and its zeros prove nothing. App processes have a workspace each, as on machines of their own, so that what one
shows of another's import has come from the rows. Linux, and root or the server's user.
"""

import argparse
import contextlib
import json
import logging
import os
import random
import select
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.postgis_server import Server, server
from bench.store_soak import FIRMS, SEED, asked, child, ended, firms_of, home_of, number_in
from data.brought import Brought
from data.errors import StoreError
from data.postgis import shelf as postgis_shelf
from data.postgis.database import database_of
from data.reference import load_reference
from data.settings import settings
from data.store import check_store, commit, current_dataset, current_version, list_versions, open_version

EMPTY = "empty_store"
WARM_WRITES, SPREAD = 5, 1.6
AFTER_THE_FIRST = 0.8
"""Part of the kills that wait for an acknowledgement."""
PATIENCE_S = 120.0
Figures = dict[str, Any]


@contextlib.contextmanager
def store_on(made: Server, name: str) -> Iterator[str]:
    """A database of its own, which this process and its children keep versions in."""
    made.run(f"CREATE DATABASE {name} TEMPLATE {EMPTY}")
    try:
        _use(made.url(name))
        yield made.url(name)
    finally:
        _use("")
        made.run(f"DROP DATABASE {name} WITH (FORCE)")


def _use(url: str, home: Path | None = None) -> None:
    os.environ["JIQUN_STORE"] = url
    if home is not None:
        os.environ["JIQUN_HOME"] = str(home)
    settings.cache_clear()


# ---------------------------------------------------------------- two apps


def two_apps(url: str, imports: int, reads: int, *, locked: bool = True) -> Figures:
    """Two apps lay one firm after the other over the current version; readers of both look at every moment."""
    with home_of("a") as one, home_of("b") as other:
        homes = {"A": one, "B": other}
        asked(lambda: commit(one, load_reference(), firms_of(1)).id)
        start = time.perf_counter()
        stop = one / "stop"
        readers = [
            child(lambda pipe, home=home: _look_on(home, stop, reads // 2, pipe)) for home in homes.values()
        ] if reads else []  # fmt: skip
        share = imports // 2
        writers = [
            child(lambda pipe, mark=mark, home=home: _lay_over(home, mark, share, pipe, locked=locked))
            for mark, home in homes.items()
        ]
        told = "".join(ended(*writer) for writer in writers).splitlines()
        seconds = time.perf_counter() - start
        last = asked(lambda: current_version(one))
        stop.write_text(last)
        looked = [json.loads(said) if said.startswith("{") else {"reads": 0, "errors": 1, "first": said}
                  for said in (ended(*reader) for reader in readers)]  # fmt: skip
        acknowledged = {line for line in told if not line.startswith("ERROR")}
        with home_of("fresh") as fresh:
            held = asked(lambda: json.dumps(_firms_in(fresh)))
            chain = asked(lambda: _chain(fresh)) if locked else ""
    errors = [line for line in told if line.startswith("ERROR")]
    lost = len(acknowledged - set(json.loads(held) if held.startswith("[") else []))
    mixed = sum(one["errors"] for one in looked)
    whole = not lost and not errors and len(acknowledged) == 2 * share and chain == str(2 * share + 1)
    seen = all(one.get("last") == last for one in looked)
    return {"campaign": f"two apps{'' if locked else ' without a lock'}", "imports": 2 * share,
            "acknowledged": len(acknowledged), "lost": lost, "errors": len(errors),
            "first_error": errors[0] if errors else "", "reads": sum(one["reads"] for one in looked),
            "read_errors_or_mixed": mixed, "first_read_error": "".join(one.get("first", "") for one in looked)[:200],
            "versions_seen": [one.get("versions") for one in looked], "seconds": round(seconds, 1),
            "as_expected": (whole and seen and not mixed) if locked else bool(lost or errors)}  # fmt: skip


def _lay_over(home: Path, mark: str, writes: int, pipe: int, *, locked: bool) -> None:
    if not locked:
        postgis_shelf._take_turn = lambda _: None
    for number in range(writes):
        one = firms_of(number + 2, 1, number, mark)
        merged = Brought(one.about, one.firms, one.observations, merge=True)
        try:
            commit(home, load_reference(), merged)
            os.write(pipe, f"{mark}{number:06d}\n".encode())
        except Exception as error:
            os.write(pipe, f"ERROR {type(error).__name__}: {' '.join(str(error).split())[:200]}\n".encode())


def _look_on(home: Path, stop: Path, least: int, pipe: int) -> None:
    """Look at the current version as a page does, until the writers are done and it is the last one."""
    _use(os.environ["JIQUN_STORE"], home)
    reads = errors = 0
    seen: set[str] = set()
    first = last = ""
    checked = None
    until = time.monotonic() + 3600
    while time.monotonic() < until:
        reads += 1
        try:
            dataset = current_dataset()
            if dataset is not checked:  # every row of each version that comes, once
                _one_base(dataset)
                checked = dataset
            last = dataset.version
            seen.add(last)
        except Exception as error:
            errors += 1
            first = first or f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
        if reads >= least and stop.exists() and (last == stop.read_text() or errors > reads // 2):
            break
        time.sleep(0.001)
    told = {"reads": reads, "errors": errors, "versions": len(seen), "last": last, "first": first}
    os.write(pipe, json.dumps(told).encode())


def _one_base(dataset: Any) -> None:
    """Raise unless the firms of the first import are all there, and each later import is there with all of its rows."""
    if dataset.version == "0":
        return
    known = sorted(map(str, dataset.firms.index))
    base = [one for one in known if one.startswith("F")]
    rows = dataset.observations["firm_id"].astype(str).value_counts()
    if len(base) != FIRMS or set(rows) != {2} or sorted(rows.index) != known or len(known) != int(dataset.version) + 39:
        raise RuntimeError(f"version {dataset.version} holds {len(known)} firms, {len(dataset.observations)} revenues")


def _firms_in(home: Path) -> list[str]:
    return sorted(map(str, open_version(home, current_version(home), load_reference()).firms.index))


def _chain(home: Path) -> int:
    """How many versions there are, each made from the one before."""
    records = list_versions(home, load_reference())
    if any(later.parent != earlier.id for earlier, later in pairwise(records)):
        raise RuntimeError("a version was not made from the one before")
    return len(records) - 1


# ---------------------------------------------------------------- kills


def importer_killed(url: str, kills: int, *, whole: bool = True) -> Figures:
    """kill -9 of an importer at random moments; after each, a process with an empty workspace reads the rows."""
    chance = random.Random(SEED)  # noqa: S311
    problems: list[str] = []
    acknowledged: dict[str, int] = {}
    last = told_of = 0
    with home_of("killed") as home:
        seconds = float(asked(lambda: _seconds_an_import(home)))
        last = int(asked(lambda: number_in(_current(home))))
        for kill in range(kills):
            process, read = child(lambda pipe, first=last + 1: _import_on(home, first, pipe, whole=whole))
            if chance.random() < AFTER_THE_FIRST:
                _wait_for(read)
            time.sleep(chance.random() * SPREAD * seconds)
            os.kill(process, signal.SIGKILL)
            lines = ended(process, read).splitlines()
            told = {line.split()[0]: int(line.split()[1]) for line in lines if not line.startswith("ERROR")}
            told_of += len(told)
            last = max(told.values(), default=last)
            with home_of("looks") as fresh:
                said = asked(lambda: _checked(fresh, told, last))  # noqa: B023
            if not said.isdigit() or any(line.startswith("ERROR") for line in lines):
                problems.append(f"kill {kill}: {said} {lines[-1:]}")
                if not whole:
                    break
                continue
            acknowledged |= told
            last = int(said)
        with home_of("end") as fresh:
            everything = asked(lambda: _checked(fresh, acknowledged, last)) if whole else ""
    good = not problems and everything == str(last) and told_of > 0
    name = "kill -9 of importers" if whole else "kill -9 of importers without a transaction"
    return {"campaign": name, "kills": kill + 1, "seconds_an_import": round(seconds, 3), "acknowledged": told_of,
            "lost": len(problems), "first_problem": "".join(problems[:1])[:300],
            "as_expected": good if whole else bool(problems)}  # fmt: skip


def server_killed(made: Server, url: str, crashes: int) -> Figures:
    """The server crashes while imports are at work and pages look; it starts again, and so do they, by themselves."""
    chance = random.Random(SEED + 1)  # noqa: S311
    problems: list[str] = []
    acknowledged: dict[str, int] = {}
    refused = reads = away = 0
    with home_of("crashed") as home, home_of("reader") as reading:
        seconds = float(asked(lambda: _seconds_an_import(home)))
        last = int(asked(lambda: number_in(_current(home))))
        stop = reading / "stop"
        reader = child(lambda pipe: _look_through(reading, stop, pipe))
        for crash in range(crashes):
            halt = home / f"halt-{crash}"
            process, read = child(lambda pipe, first=last + 1: _import_through(home, first, halt, pipe))  # noqa: B023
            if chance.random() < AFTER_THE_FIRST:
                _wait_for(read)
            time.sleep(chance.random() * SPREAD * seconds)
            made.stop("immediate")
            time.sleep(chance.random() * 0.5)
            made.start()
            halt.touch()
            lines = ended(process, read).splitlines()
            told = {line.split()[0]: int(line.split()[1]) for line in lines if line[:1].isdigit()}
            refused += sum(line.startswith("AWAY") for line in lines)
            last = max(told.values(), default=last)
            with home_of("looks") as fresh:
                said = asked(lambda: _checked(fresh, told, last))  # noqa: B023
            if not said.isdigit() or any(line.startswith("ERROR") for line in lines):
                problems.append(f"crash {crash}: {said} {[line for line in lines if line.startswith('ERROR')][:1]}")
                continue
            acknowledged |= told
            last = int(said)
        stop.write_text(asked(lambda: current_version(home)))
        looked = ended(*reader)
        if looked.startswith("{"):
            reads, away = (json.loads(looked)[name] for name in ("reads", "errors"))
        with home_of("end") as fresh:
            everything = asked(lambda: _checked(fresh, acknowledged, last))
    whole = not problems and everything == str(last) and reads > 0 and not away
    return {"campaign": "crashes of the server", "crashes": crashes, "acknowledged": len(acknowledged),
            "refused_in_one_sentence": refused, "lost": len(problems), "reads": reads, "read_errors": away,
            "reader": looked[:200] if away or not reads else "", "first_problem": "".join(problems[:1])[:300],
            "as_expected": whole}  # fmt: skip


def _wait_for(read: int) -> None:
    """Until a process has acknowledged something: its first import is slow, and no kill should find only that."""
    select.select([read], [], [], PATIENCE_S)


def _seconds_an_import(home: Path) -> float:
    check_store(home)
    times = []
    for number in range(1, WARM_WRITES + 1):
        start = time.perf_counter()
        commit(home, load_reference(), firms_of(number))
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _import_on(home: Path, first: int, pipe: int, *, whole: bool = True) -> None:
    if not whole:
        _without_transactions()
    number = first
    while True:
        version_id = commit(home, load_reference(), firms_of(number)).id
        os.write(pipe, f"{version_id} {number}\n".encode())
        number += 1


class _Loose:
    """A connection on which every statement of an import is committed alone."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, query: Any, *values: Any) -> Any:
        """Leave out what would make one of many."""
        return self._connection.execute("SELECT 1" if query in ("BEGIN", "COMMIT") else query, *values)


def _without_transactions() -> None:
    """The control: the same statements in the same order, each for itself; a kill leaves what came before it."""
    told = postgis_shelf._Turn.name

    def in_pieces(self: Any, *given: Any) -> None:
        self.connection = _Loose(self.connection)
        told(self, *given)

    postgis_shelf._Turn.name = in_pieces


def _import_through(home: Path, first: int, halt: Path, pipe: int) -> None:
    """Import on until told to halt; an import that the store refuses is begun again with the same number."""
    number, until = first, time.monotonic() + PATIENCE_S
    while not halt.exists() and time.monotonic() < until:
        try:
            version_id = commit(home, load_reference(), firms_of(number)).id
            os.write(pipe, f"{version_id} {number}\n".encode())
            number += 1
        except StoreError as error:
            os.write(pipe, f"AWAY {' '.join(str(error).split())[:200]}\n".encode())
            time.sleep(0.05)
            number = _current_number(home, number)


def _current_number(home: Path, number: int) -> int:
    """The import to go on with: the next one when the refused one turns out to be there."""
    with contextlib.suppress(StoreError):
        return number_in(_current(home)) + 1
    return number


def _look_through(home: Path, stop: Path, pipe: int) -> None:
    """Look at the current version through every crash; once opened, a version must stay and another must follow."""
    _use(os.environ["JIQUN_STORE"], home)
    logging.disable(logging.CRITICAL)
    reads = errors = 0
    first, last = "", ""
    until = time.monotonic() + 3600
    while time.monotonic() < until and not (stop.exists() and last == stop.read_text()):
        reads += 1
        try:
            dataset = current_dataset()
            last = dataset.version
            number_in(dataset)
        except StoreError as error:  # another version is current and its rows cannot be had: told, and tried again
            first = first or str(error)
            if "password" in str(error):
                errors += 1
        except Exception as error:
            errors += 1
            first = f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
        time.sleep(0.002)
    errors += last != stop.read_text()
    os.write(pipe, json.dumps({"reads": reads, "errors": errors, "first": first}).encode())


def _checked(home: Path, acknowledged: dict[str, int], last: int) -> int:
    """Number of the current import; raises unless it is `last` or the next, and all acknowledged ones are whole."""
    check_store(home)
    for version_id, number in acknowledged.items():
        if number_in(open_version(home, version_id, load_reference())) != number:
            raise RuntimeError(f"version {version_id} is not import {number}")
    number = number_in(_current(home))
    if number not in (last, last + 1):
        raise RuntimeError(f"import {number} is current; import {last} was acknowledged")
    database = database_of(settings().store)
    if (stray := database.ask("SELECT count(*) FROM parts p LEFT JOIN version_parts v ON v.part = p.id"
                              " WHERE v.part IS NULL")[0][0]):  # fmt: skip
        raise RuntimeError(f"{stray} parts belong to no version")
    return number


def _current(home: Path) -> Any:
    return open_version(home, current_version(home), load_reference())


# ---------------------------------------------------------------- all


def soak(imports: int, reads: int, kills: int, crashes: int) -> Iterator[Figures]:
    """All campaigns, controls included; each in a database of its own."""
    with home_of("warm") as home:
        _use("")
        commit(home, load_reference(), firms_of(1))
        number_in(_current(home))
    with server() as made:
        made.run(f"CREATE DATABASE {EMPTY}")
        _use(made.url(EMPTY))
        with home_of("empty") as home:
            asked(lambda: check_store(home))
        runs: list[tuple[str, Callable[[str], Figures]]] = [
            ("apps", lambda url: two_apps(url, imports, reads)),
            ("loose", lambda url: two_apps(url, max(imports // 5, 16), 0, locked=False)),
            ("killed", lambda url: importer_killed(url, kills)),
            ("pieces", lambda url: importer_killed(url, max(kills, 40), whole=False)),
            ("crashed", lambda url: server_killed(made, url, crashes)),
        ]
        for name, run in runs:
            with store_on(made, name) as url:
                start = time.perf_counter()
                yield run(url) | {"took_s": round(time.perf_counter() - start, 1)}


def main() -> None:
    """Run, print, fail when something was lost or a control was not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--imports", type=int, default=200)
    parser.add_argument("--reads", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--crashes", type=int, default=20)
    told = parser.parse_args()
    logging.disable(logging.WARNING)
    failed = 0
    for figures in soak(told.imports, told.reads, told.kills, told.crashes):
        print(json.dumps(figures, ensure_ascii=False), flush=True)
        failed += not figures["as_expected"]
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
