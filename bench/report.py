"""Writes ``docs/performance.md`` from the kept tables: what each says, its targets, and how to measure again.

``python -m bench.report`` writes the page anew without measuring anything.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bench import (
    browser,
    delineation,
    features,
    growth,
    importing,
    locate,
    memory,
    pages,
    point_patterns,
    sessions_soak,
    tables,
    tiles,
)
from bench.results import Rows, Verdict, kept
from bench.server import ROOT

PAGE = ROOT / "docs" / "performance.md"
HEAD = """# Performance

Written by `python -m bench.report` from the tables in `bench/results/`; do not edit it by hand.

Ratios, not seconds: every table comes from one run on one machine with the contestants in turns, so a ratio means more
than a time. Answers are compared before anything is timed. Peers run queries of ours that their authors have not
tuned. Registers are synthetic (`cli.py synthesize`). A target that was not reached says **missed**.
"""
FOOT = """## How to measure again

`make bench` installs the peers, runs all of the above and writes this page. One table alone: `python -m bench.locate`,
`bench.tables`, `bench.growth`, `bench.importing`, `bench.delineation`, `bench.point_patterns`, `bench.tiles`,
`bench.features`, `bench.pages`, `bench.memory`, `bench.sessions_soak` or `bench.browser`, then
`python -m bench.report`. With arguments a run is smaller, is printed and is not kept; the head of each file says which.
Keep the machine quiet meanwhile: the load is in the line below each table. A peer that is not installed is listed as
not run. What stands near a bound may cross it in another run: the four ratios of a tile's p95 came out at 3.9 to 5.1 in
the run before the one that is kept.
"""


@dataclass(frozen=True)
class Section:
    """A table of the page: its file, its columns with their headings, and what it says."""

    title: str
    name: str
    columns: dict[str, str]
    says: Callable[[Rows], Iterable[str]]
    verdicts: Callable[[Rows], Iterable[Verdict]]


def find(rows: Rows, **cells: object) -> dict[str, Any]:
    """The first row with these cells; empty when there is none."""
    return next((row for row in rows if all(row.get(key) == value for key, value in cells.items())), {})


def locate_says(rows: Rows) -> Iterator[str]:
    """Point in polygon."""
    mine = find(rows, case="1M x 9", method=locate.NUMBA_COLD)
    peer = next((r for r in rows if r["case"] == "1M x 9" and "median_s" in r and "jiqun" not in r["method"]), {})
    if mine and peer:
        ratio = peer["median_s"] / mine["median_s"]
        yield (
            f"A million firms find their district among nine in {1000 * mine['median_s']:.0f} ms with the index built "
            f"inside, {ratio:.0f} times as fast as {peer['method']}, the best peer."
        )


def tables_says(rows: Rows) -> Iterator[str]:
    """File to table, and the filter."""
    mine = find(rows, case="file 1M, Parquet", method=tables.OURS)
    within = find(rows, case="file 1M, Parquet", method="sjoin(within)")
    if mine and within:
        yield (
            f"A Parquet file of a million firms becomes a table of districts and subsectors in {mine['median_ms']:.0f} "
            f"ms, {within['times_jiqun']:.0f} times as fast as GeoPandas (`within`)."
        )
    few, many = (find(rows, case=f"filter {size}", method=tables.OURS) for size in ("1M", "10M"))
    if few and many:
        yield (
            f"A filter is answered from the cube in {few['median_ms']:.2g} ms for a million observations and "
            f"{many['median_ms']:.2g} ms for ten million."
        )


def growth_says(rows: Rows) -> Iterator[str]:
    """Slopes."""
    most = find(rows, job=growth.FILE_JOB, firms=max(growth.SIZES))
    if most:
        yield (
            f"`cli.py locate` over {most['firms']:,} rows takes {most['seconds']:.0f} s and {most['peak_mb']:,} MB at "
            "its peak."
        )
    slopes = growth.slopes(rows)
    if slopes:
        told = "; ".join(f"{job} {seconds:.2f} and {memory:.2f}" for job, (seconds, memory) in slopes.items())
        yield f"Log-log slopes of seconds and of memory (1 is in step with the firms): {told}."


def importing_says(rows: Rows) -> Iterator[str]:
    """A file of a district on its way in."""
    for row in rows:
        yield (
            f"{row['file']} ({row['mb']} MB) becomes a version in {row['seconds']:.0f} s, of which reading takes "
            f"{row['reading_s']:.0f} s; the process holds {row['peak_mb']:,} MB at its peak, its reader "
            f"{row['reader_peak_mb']:,} MB."
        )


def delineation_says(rows: Rows) -> Iterator[str]:
    """Clusters from points, and what cells change."""
    many = find(rows, firms=delineation.MANY, job=delineation.POINTS)
    if many:
        yield (
            f"Clusters of a million points are found in {many['seconds']:.0f} s, of which the processor was at work "
            f"for {many['cpu_s']:.0f} s, and {many['peak_mb']:,} MB at the peak, in {many['places']:,} cells of "
            f"{many['cell_m']:.0f} m."
        )
    beside = [row for row in rows if row["job"] == delineation.BESIDE]
    if beside:
        rand, moved = min(row["rand"] for row in beside), max(row["revenue_moved"] for row in beside)
        yield (
            "Cells move a firm by 35 m at most. Where points can be taken as they are, the labels of cells agree with "
            f"theirs to an adjusted Rand index of {rand:.2f} or more, and {100 * moved:.1f} % of the revenue or less "
            "lies in another cluster: where one cluster and its parts have nearly the same mass, either may be chosen."
        )


def point_patterns_says(rows: Rows) -> Iterator[str]:
    """Distances between all firms."""
    most = max(point_patterns.SIZES)
    for job in (point_patterns.ELLISON_GLAESER, point_patterns.K_TRANSLATION, point_patterns.DENSITY):
        row = find(rows, firms=most, job=job)
        if row:
            yield f"{job}: {most:,} firms take {row['seconds']:.0f} s and {row['peak_mb']:,} MB."
    errors = [row["largest_error"] for row in rows if "largest_error" in row]
    if errors:
        yield f"What is interpolated or binned is off by at most {max(errors):.1e} (see the head of the file)."


def tiles_says(rows: Rows) -> Iterator[str]:
    """Latency alone and in a crowd."""
    cell = {"case": f"{tiles.FIRMS:,} firms", "tile": "png"}
    first, again = (find(rows, **cell, state=tiles.IDLE, asked=turn) for turn in tiles.ASKED)
    crowd = find(rows, **cell, state=f"{tiles.AT_ONCE} at once")
    if first and again and crowd:
        yield (
            f"A tile with cells takes {first['p50_ms']:.1f} ms the first time and {again['p50_ms']:.1f} ms again; "
            f"{crowd['tiles_per_s']:,.0f} come each second when {tiles.AT_ONCE} are asked for at once."
        )


def features_says(rows: Rows) -> Iterator[str]:
    """A window of firms."""
    first, again = (
        find(rows, case=f"{features.FIRMS:,} firms", what=features.WINDOW, asked=turn)
        for turn in (features.FIRST, features.AGAIN)
    )
    if first and again:
        yield (
            f"With a million firms {features.WINDOW}, comes in {first['p50_ms']:.0f} ms; a client that holds the "
            f"answer is told so in {again['p50_ms']:.0f} ms."
        )


def memory_says(rows: Rows) -> Iterator[str]:
    """Sessions above shared data."""
    one, ten = (
        find(rows, firms=memory.TARGET_FIRMS, state=state) for state in ("1 session", f"{memory.MANY} sessions")
    )
    if one and ten:
        each = (ten["own_mb"] - one["own_mb"]) / (memory.MANY - 1)
        small = find(rows, firms=0, state=ten["state"])["own_mb"] - find(rows, firms=0, state=one["state"])["own_mb"]
        yield (
            f"With a million firms the app holds {ten['rss_mb']:,} MB for {memory.MANY} sessions. A session more costs "
            f"{each:.1f} MB; with the bundled data it costs {small / (memory.MANY - 1):.1f} MB."
        )


def browser_says(rows: Rows) -> Iterator[str]:
    """The map of a million firms, alone and on its page."""
    alone = find(rows, firms=1_000_000, page=browser.MAP)
    if "visible_s" in alone:
        yield f"The map of a million firms is visible after {alone['times_empty']:.2f} times the empty map's time."
    mine = find(rows, firms=1_000_000, page=browser.OURS)
    if "visible_s" in mine:
        yield (
            f"The overview of a million firms is visible after {mine['visible_s']:.1f} s, "
            f"{mine['times_empty']:.1f} times the empty map, with {mine['received_kb']:,.0f} KB received and "
            f"{mine['heap_mb']:.0f} MB of JavaScript memory."
        )
    change = find(rows, firms=1_000_000, page=browser.CHANGE)
    if "visible_s" in change:
        stays = "stays" if change["frame_kept"] == "yes" else "is mounted again"
        yield (
            f"One more subsector is drawn after {change['visible_s']:.1f} s, with {change['socket_kb']:,.0f} KB on the "
            f"WebSocket; the map's frame {stays}."
        )


def pages_says(rows: Rows) -> Iterator[str]:
    """One class of time, and the slowest row."""
    same = sum(row["class"] == pages.SAME for row in rows)
    yield (
        f"Of {len(rows)} openings and changes of pages {same} are in one class of time with {rows[0]['firms']:,} firms "
        f"and with the bundled ones: at most {pages.MOST_TIMES:g} times as long, or at most {pages.MOST_MORE_S:g} s "
        "longer."
    )
    slowest = max(rows, key=lambda row: row["many_s"])
    yield (
        f"The slowest is {slowest['page']}, {slowest['what']}, with {slowest['many_s']:.2f} s; the bundled firms take "
        f"{slowest['few_s']:.2f} s there."
    )


def sessions_says(rows: Rows) -> Iterator[str]:
    """A filter in a crowd."""
    for row in rows:
        yield (
            f"While {row['sessions']} readers use {row['firms']:,} firms at the same time, each with "
            f"{row['think_s']:g} s of looking between two clicks, a change of a filter takes "
            f"{row['change_p50_s']:.2f} s (median), {row['change_p95_s']:.2f} s (95 %), {row['change_max_s']:.2f} s at "
            f"most; {row['runs_per_s']} pages run a second, and {row['errors']} of {row['page_runs']:,} failed."
        )


SECTIONS = (
    Section(
        "Which district, which parks",
        "locate",
        {"case": "case", "method": "method", "runs": "runs", "median_s": "median s", "times_jiqun NumPy": "× NumPy",
         "times_jiqun numba, index built inside": "× numba, built inside", "note": ""},
        locate_says,
        locate.verdicts,
    ),
    Section(
        "From a file to a table, and a filter",
        "tables",
        {"case": "case", "method": "method", "runs": "runs", "median_ms": "median ms", "times_jiqun": "× jiqun",
         "note": ""},
        tables_says,
        tables.verdicts,
    ),
    Section(
        "Ten times as many firms",
        "growth",
        {"firms": "firms", "job": "job", "seconds": "s", "peak_mb": "peak MB", "note": ""},
        growth_says,
        growth.verdicts,
    ),
    Section(
        "A file of one's own, on its way in",
        "importing",
        {"file": "file", "seconds": "s", "reading_s": "reading", "understanding_s": "understanding", "datum_s": "datum",
         "placing_s": "placing", "classifying_s": "classifying", "checking_s": "checking", "writing_s": "writing",
         "deriving_s": "deriving", "peak_mb": "peak MB", "reader_peak_mb": "reader MB"},
        importing_says,
        importing.verdicts,
    ),
    Section(
        "Clusters from points",
        "delineation",
        {"firms": "firms", "job": "job", "seconds": "s", "cpu_s": "CPU s", "peak_mb": "peak MB",
         "places": "places", "cell_m": "cell m",
         "clusters": "clusters", "clusters_exact": "clusters of points", "rand": "Rand index",
         "rand_shaken": "of shaken points",
         "revenue_moved": "revenue elsewhere"},
        delineation_says,
        delineation.verdicts,
    ),
    Section(
        "Firms and the distances between them",
        "point_patterns",
        {"firms": "firms", "job": "job", "seconds": "s", "peak_mb": "peak MB", "largest_error": "largest error"},
        point_patterns_says,
        point_patterns.verdicts,
    ),
    Section(
        "Tiles from the running app",
        "tiles",
        {"case": "case", "tile": "tile", "asked": "asked", "state": "state", "p50_ms": "p50 ms", "p95_ms": "p95 ms",
         "tiles_per_s": "tiles/s", "page_runs_per_s": "page runs/s", "median_bytes": "bytes", "note": ""},
        tiles_says,
        tiles.verdicts,
    ),
    Section(
        "Features from the running app",
        "features",
        {"case": "case", "what": "what", "asked": "asked", "p50_ms": "p50 ms", "p95_ms": "p95 ms",
         "median_features": "features", "median_bytes": "bytes", "server_peak_mb": "server peak MB", "note": ""},
        features_says,
        features.verdicts,
    ),
    Section(
        "What the server works for a page",
        "pages",
        {"page": "page", "what": "opening or change", "runs": "runs", "few_s": "bundled s", "many_s": "many s",
         "ratio": "×", "more_s": "s more", "class": "class", "few_cpu_s": "bundled CPU s", "many_cpu_s": "many CPU s",
         "first_few_s": "bundled first s", "first_many_s": "many first s"},
        pages_says,
        pages.verdicts,
    ),
    Section(
        "What the app holds in memory",
        "memory",
        {"firms": "firms", "state": "state", "rss_mb": "RSS MB", "own_mb": "own MB"},
        memory_says,
        memory.verdicts,
    ),
    Section(
        "Many readers at once",
        "sessions_soak",
        {"firms": "firms", "sessions": "sessions", "seconds": "s", "page_runs": "page runs", "errors": "errors",
         "change_p50_s": "filter, median s", "change_p95_s": "filter, p95 s", "change_max_s": "filter, most s",
         "opening_p95_s": "opening, p95 s", "tile_p95_s": "tile, p95 s", "rss_start_mb": "RSS MB, start",
         "rss_most_mb": "most", "rss_end_mb": "end", "rss_after_mb": "all gone"},
        sessions_says,
        sessions_soak.verdicts,
    ),
    Section(
        "When the reader sees the map",
        "browser",
        {"firms": "firms", "page": "page", "runs": "runs", "visible_s": "visible s", "times_empty": "× empty map",
         "received_kb": "KB received", "heap_mb": "heap MB", "frame_kept": "frame kept", "note": ""},
        browser_says,
        browser.verdicts,
    ),
)  # fmt: skip


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(part(section, kept(section.name)) for section in SECTIONS), FOOT])


def part(section: Section, rows: Rows) -> str:
    """One section: what the table says, its targets, the table, the machine."""
    if not rows:
        return f"## {section.title}\n\nNot measured yet: `python -m bench.{section.name}`.\n"
    blocks = [f"## {section.title}", " ".join(section.says(rows))]
    verdicts = list(section.verdicts(rows))
    if verdicts:
        blocks.append(
            grid(
                ["target", "bound", "measured", ""],
                ([v.what, v.bound, v.shown, "met" if v.met else "**missed**"] for v in verdicts),
            )
        )
    columns = {key: heading for key, heading in section.columns.items() if any(key in row for row in rows)}
    blocks.append(grid(columns.values(), ([str(row.get(key, "")) for key in columns] for row in rows)))
    blocks.append(f"Machine: {rows[0]['machine']}")
    return "\n\n".join(block for block in blocks if block) + "\n"


def grid(headings: Iterable[str], lines: Iterable[list[str]]) -> str:
    """A Markdown table."""
    headings = list(headings)
    rule = ["---"] * len(headings)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rule, *lines))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
