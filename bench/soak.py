"""The long campaigns, one after the other, and ``docs/reliability.md`` with what they printed.

``python -m bench.soak [name ...]`` runs all or these, prints what they print, and keeps it; a campaign that found
something fails the run. ``make test`` runs a short form of each.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from tempfile import gettempdir

from bench.machine import machine
from bench.results import FOLDER
from bench.server import ROOT

PAGE = ROOT / "docs" / "reliability.md"
PACKAGES = ("numpy", "pandas", "pyarrow", "shapely", "pyogrio")
HEAD = """# Reliability

Written by `make soak` from what its campaigns printed; do not edit it by hand. Where a zero says that nothing was lost
or leaked, a control in the same run must lose or leak, or the zero would prove nothing. Zero of n bounds the true rate
to about 3/n (95 %).
"""
FOOT = """## How to run again

`make soak` runs all of it, `python -m bench.soak NAME` one. Each also runs alone, as `python -m bench.NAME_soak`, with
the options that its head names. The names: {names}.
"""


@dataclass(frozen=True)
class Campaign:
    """A module under ``bench`` and what it is about."""

    name: str
    title: str
    about: str

    @property
    def module(self) -> str:
        """Name for ``python -m``."""
        return f"bench.{self.name}_soak"


CAMPAIGNS = (
    Campaign(
        "locate",
        "Points in polygons",
        "Ten million points, half of them on or beside vertices and edges, each answer compared with Shapely's.",
    ),
    Campaign(
        "datum",
        "The datum of a file",
        "Registers and layers drawn in WGS84, GCJ-02 and BD-09 over the real city, with wrong district names: is the "
        "datum found, asked about, or wrong, and how far are the places off after the repair?",
    ),
    Campaign(
        "reader",
        "Files of strangers",
        "Mutated and hostile files of every format through the whole check, behind the walls, with a secret file and a "
        "listener beside them; GDAL without the walls is the control.",
    ),
    Campaign(
        "store",
        "Versions",
        "kill -9 at random moments of an import, two writers, readers beside a writer, a full disk; in-place writing "
        "and writing without a lock are the controls.",
    ),
    Campaign(
        "ogc",
        "Features over HTTP",
        "Requests made from the OpenAPI document of the features and tiles, half of them against its rules, at a real "
        "server of each kind of reader: no server error, no answer that the document does not describe. An app that "
        "fails by design is the control.",
    ),
    Campaign(
        "backup",
        "Backups",
        "Backups while imports run, kill -9 of restores, archives cut off or changed before and after they are packed; "
        "a restore in place, a plain copy of the folder and an unpacking that checks nothing are the controls.",
    ),
    Campaign(
        "bundle",
        "Installing without a network",
        "The offline bundle is built, then installed and served where there is no network but a loopback, as nobody, "
        "on a disk that is read-only. A listener outside that may not be reached, and changed bundles to be refused, "
        "are the controls.",
    ),
    Campaign(
        "image",
        "The image without Docker",
        "The steps of the Dockerfile, run as they are written in layers that are thrown away; then its command as its "
        "user on a disk that is read-only, its health check, and SIGTERM.",
    ),
    Campaign(
        "scale",
        "Cluster",
        "Ten million firms counted on the threads of one process and on two workers, one of which is killed with "
        "partitions in hand: is every count the same to the last bit, and every located file to the byte? A partition "
        "left out, a yuan more and sums of floats are the controls.",
    ),
    Campaign(
        "sessions",
        "Fifty readers at once",
        "WebSocket clients with a million firms for ten minutes: does any page, tile or connection fail, and does "
        "memory settle? A server with fewer places than readers and one that is killed meanwhile are the controls.",
    ),
    Campaign(
        "crash",
        "The app killed at work",
        "kill -9 of the app while readers read and files come in, and a new start, over and over: is every version "
        "that was told of still there and whole, does the app start, is no half import seen? A door that tells of "
        "imports before they are kept is the control.",
    ),
    Campaign(
        "postgis",
        "Versions in PostGIS",
        "Two app processes with workspaces of their own on one database: imports of both while readers of both look, "
        "kill -9 of importers, and crashes of the server in the middle of an import; importing without the lock and "
        "without a transaction are the controls.",
    ),
    Campaign(
        "suppression",
        "Withheld cells",
        "Random tables of skewed firms with giants, empty cells and holdings in many cells: is any unsafe cell given "
        "away to the public, to a contributor or by a line? The control withholds the unsafe cells only.",
    ),
    Campaign(
        "intervals",
        "Limits of a location quotient",
        "Regions whose true quotient is known, drawn again and again: do 95 % limits hold it in 95 draws of 100? And "
        "firms thrown at regions at random: is their concentration 0 on average?",
    ),
    Campaign(
        "hot_spots",
        "Hot spots where there are none",
        "Cities of cells with nothing there, and with a planted block: how often is a cell named, with p of the normal "
        "distribution and with p that is drawn? Cells named without adjusting p are the control.",
    ),
    Campaign(
        "similarity",
        "Districts that duplicate each other",
        "Cities in which every firm's subsector is drawn from one mix, and cities with a pair that leans to one "
        "subsector: is p uniform, how often is any pair named, and is the planted one found? The indices of shares "
        "alone are the control.",
    ),
    Campaign(
        "outlook",
        "Projections",
        "How often the band of 80 % holds what comes: on random walks of the model, where it must; on walks whose "
        "drift changes or that a crisis hits, where it must not, or the count would prove nothing; and on the bundled "
        "data. How often a target is crossed beside the chance that was said. And how often an interval of 95 % holds "
        "the growth of the many firms that a few were drawn from.",
    ),
    Campaign(
        "patterns",
        "Patterns by chance",
        "Industries drawn at random from all firms, measured against random labelling: is p uniform "
        "(Kolmogorov–Smirnov), and do 5 % leave the local band at one radius and the global band at any? An industry "
        "that gathers is the control, whose p must be small.",
    ),
)


def run(campaign: Campaign) -> bool:
    """Run one campaign and keep what it prints; whether it found nothing wrong."""
    command, start = [sys.executable, "-m", campaign.module], time.perf_counter()
    said = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said.append(line.rstrip().replace(gettempdir(), "TMP"))
    ended = "passed" if process.returncode == 0 else f"FAILED ({process.returncode})"
    took = f"{ended} in {time.perf_counter() - start:.0f} s; {machine(PACKAGES)}"
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{campaign.module.removeprefix('bench.')}.txt").write_text("\n".join([took, *said]) + "\n", "utf-8")
    return process.returncode == 0


def page() -> str:
    """The whole page."""
    names = ", ".join(f"`{campaign.name}`" for campaign in CAMPAIGNS)
    return "\n".join([HEAD, *map(_part, CAMPAIGNS), FOOT.format(names=names)])


def _part(campaign: Campaign) -> str:
    kept = FOLDER / f"{campaign.name}_soak.txt"
    if not kept.is_file():
        return f"## {campaign.title}\n\n{campaign.about}\n\nNot run yet: `python -m bench.soak {campaign.name}`.\n"
    took, *said = kept.read_text("utf-8").splitlines()
    printed = "\n".join(said)
    return f"## {campaign.title}\n\n{campaign.about}\n\n```\n$ python -m {campaign.module}\n{printed}\n```\n\n{took}\n"


def main(wanted: list[str]) -> None:
    """Run, keep, write the page."""
    chosen = [campaign for campaign in CAMPAIGNS if not wanted or campaign.name in wanted]
    failed = [campaign.name for campaign in chosen if not run(campaign)]
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    if failed:
        sys.exit(f"found something: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
