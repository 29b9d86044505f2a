"""Layers: the base map stays the same while layers change, text is safe, precision shows, no data is no class."""

import re

import pytest
from shapely.geometry import box

from geo.atlas import make_atlas
from geo.layer_records import NO_DATA, Area, Card, Focus, Frame, Inset, Key, Legend, Palette, Stack
from geo.layers import base_map, draw_areas, draw_focus, draw_rings, draw_stacks, standalone_page

HOSTILE = "坏{{ 7*7 }}<img src=x onerror=pwn()>`${pwn()}`</script>{% if %}"
PALETTE = Palette(
    page="#FFFFFF",
    text="#1B2730",
    muted="#56646E",
    line="#DDE3E7",
    accent="#0B6080",
    ground="#E8EDF0",
    no_data="#F8FAFA",
    edge="#FFFFFF",
    edge_no_data="#7C8A93",
    halo="#FFFFFF",
    ramp=("#DCEAF1", "#97C0D3", "#39799A", "#0B435D"),
    ramp_ink=("#1B2730", "#1B2730", "#FFFFFF", "#FFFFFF"),
)
ATLAS = make_atlas({"district:A1": box(114, 22.5, 114.2, 22.7)}, {}, "/layers/atlas.js?lang=zh")
HOME = ((22.4, 113.9), (22.8, 114.5))
WORDS = {"map": "map", "zoom_in": "in", "zoom_out": "out", "home": "home", "layers": "layers", "close": "close"}


def area(name: str = "甲", step: int = 2) -> Area:
    return Area("A1", name, "12", step, 114.1, 22.6, (name, "12"), Card(name, ((name, name),)))


def stack(**changes: object) -> Stack:
    told = {"kind": "firm", "stack_id": "F1", "lon": 114.1, "lat": 22.55, "radius_px": 12.0, "fill": "#2644A7"}
    told |= {"ink": "#fff", "ring": "park", "tip": ("乙",), "cards": (Card("乙"),)}
    return Stack(**(told | changes))  # type: ignore[arg-type]


def page(name: str = "名", *, step: int = 2, stacks: list[Stack] | None = None) -> str:
    legend, far = Legend(((name, (Key(name, "#f00"),)),), name), Inset(area(name, step), name, name, "hint")
    groups = [
        draw_areas([area(name, step)], PALETTE, name=name, legend=legend, inset=far),
        draw_stacks([stack(tip=(name,), label=name)] if stacks is None else stacks, PALETTE, name="企业"),
        draw_focus(Focus("x", HOME), PALETTE, name="focus"),
    ]
    return standalone_page(Frame(HOME, name, ATLAS, words=WORDS), PALETTE, groups, title=name, lead=name, foot=[name])


def test_a_hostile_name_is_inert_in_every_part_of_a_page() -> None:
    drawn = page(HOSTILE)
    ours = drawn[drawn.index("<body") :]
    assert "<img src=x" not in ours
    assert "${pwn" not in ours
    assert "{{ 7*7" not in ours
    assert "坏49" not in ours
    assert ours.count("</script>") == 1


def test_a_page_links_to_nothing_and_forbids_connections() -> None:
    drawn = page()
    assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//", drawn)
    assert "default-src 'none'" in drawn


def test_the_base_map_is_the_same_text_each_time_so_that_a_page_keeps_it() -> None:
    def script() -> str:
        drawn = base_map(Frame(HOME, "示意图", ATLAS, words=WORDS), PALETTE)
        return re.sub(r"map_[0-9a-f]{32}", "map", drawn.get_root().render())

    assert script() == script()


def test_no_data_is_a_broken_edge_and_no_step_of_the_ramp() -> None:
    drawn = page(step=NO_DATA)
    assert '"dashArray":"3 3"' in drawn
    assert '"fillColor":"#39799A"' not in drawn


@pytest.mark.parametrize(("ring", "dash"), [("street", "4 3"), ("district", "1 4")])
def test_the_ring_of_a_firm_shows_the_precision_of_its_place(ring: str, dash: str) -> None:
    assert f'"dashArray":"{dash}"' in page(stacks=[stack(ring=ring)])
    assert f'"dashArray":"{dash}"' not in page(stacks=[stack(ring="park")])


def test_firms_at_one_point_are_one_mark_with_their_number_and_all_cards() -> None:
    drawn = page(stacks=[stack(kind="stack", count=2, cards=(Card("丙公司"), Card("丁公司")))])
    assert drawn.count('"kind":"stack"') == 1
    assert "jq-count" in drawn
    assert all(name in drawn for name in ("丙公司", "丁公司"))


def test_a_layer_without_features_is_drawn_empty() -> None:
    assert "jiqun.view" in page(stacks=[])


def test_a_mark_holds_its_number_above_others_and_keeps_its_size() -> None:
    drawn = page(stacks=[stack(mark="1", edge="#0B6080", front=900), stack(stack_id="F2", count=3)])
    assert '<div class=\\"jq-rank\\"' in drawn or "jq-rank" in drawn
    assert re.search(r"jq-rank.{0,120}background:#2644A7.{0,120}>1", drawn)
    assert re.search(r'"keep": ?true', drawn)
    hostile = page(stacks=[stack(mark=HOSTILE)])
    ours = hostile[hostile.index("<body") :]
    assert "<img src=x" not in ours
    assert "坏49" not in ours


def test_rings_have_their_radius_in_words() -> None:
    group = draw_rings(114.1, 22.5, [(1_000.0, "1 公里"), (5_000.0, HOSTILE)], PALETTE, name="圈")
    frame = Frame(HOME, "", ATLAS, words=WORDS)
    drawn = standalone_page(
        frame, PALETTE, [group, draw_focus(Focus("x", HOME), PALETTE, name="f")], title="", lead="", foot=[]
    )
    ours = drawn[drawn.index("<body") :]
    assert re.search(r"jiqun\.rings\(.*1000\.0", ours)
    assert "<img src=x" not in ours
    assert "坏49" not in ours
