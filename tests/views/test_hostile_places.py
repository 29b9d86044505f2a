"""Names that try to run, of parks among sites and of clusters on the ground: one server for both."""

from pathlib import Path

from playwright.sync_api import expect

from clusters.found_clusters import find_clusters
from data import columns as c
from tests.views.conftest import Guarded, Reader, Server, read_cards
from tests.views.serve_hostile import PAYLOADS, hostile_dataset, hostile_parks
from tests.views.test_ground import ON, board_of, searched
from views.map_page import map_page
from views.selection import Focus
from views.words import Words


def test_a_hostile_name_in_a_cluster_is_read_as_it_is(
    guarded: Guarded, hostile_server: Server, t: Words, tmp_path: Path
) -> None:
    found = find_clusters(hostile_dataset(), year=hostile_dataset().default_year)
    names = [hostile_dataset().firms[c.SHORT_NAME][firm] for firm in found.clusters[c.TOP_FIRM_ID]]
    at = next(n for n, name in enumerate(names, 1) if name in PAYLOADS)
    reader = Reader(guarded.page(hostile_server.base), hostile_server.base)
    reader.open("overview", show="ground", focus=f"ground:{at}")
    reader.card_says(names[at - 1])
    assert names[at - 1] in {cell for row in reader.cells("ground") for cell in row}
    assert all(frame.evaluate("() => typeof window.pwned") == "undefined" for frame in reader.page.frames)

    board = board_of(hostile_dataset())
    searched(board)
    file = tmp_path / "map.html"
    file.write_text(map_page(board, ON, t), "utf-8")
    page = guarded.page()
    page.goto(file.as_uri())
    _, card = read_cards(page)[f"ground:{at}"]
    assert " ".join(names[at - 1].split()) in card
    assert page.evaluate("() => typeof window.pwned") == "undefined"
    assert hostile_server.tracebacks() == []


def test_hostile_names_stay_text_on_the_page(guarded: Guarded, hostile_server: Server) -> None:
    parks = hostile_parks()
    reader = Reader(guarded.page(hostile_server.base), hostile_server.base)
    held, focus = ",".join(parks[:5]), Focus("park", parks[2])
    reader.page.goto(f"{reader.base}/sites?subsector=S01&area=440305&shortlist={held}&focus={focus}")
    expect(reader.key("shortlisted_5")).to_be_visible(timeout=60_000)  # a server that nobody has asked yet
    reader.settled()
    expect(reader.key("park")).to_contain_text(PAYLOADS[2])
    expect(reader.key("shortlisted_2")).to_contain_text(PAYLOADS[1])
    assert all(frame.evaluate("() => typeof window.pwned") == "undefined" for frame in reader.page.frames)
    expect(reader.page.locator('img[alt="x"]')).to_have_count(0)
    assert hostile_server.tracebacks() == []
