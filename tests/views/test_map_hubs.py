"""Hubs on a map: off until asked for, a letter for each kind and no colour alone, no more than a page can bear."""

from dataclasses import replace

import pandas as pd
import pytest

from clusters.goals import tally_goals
from clusters.plan import open_plan
from data import columns as c
from data.dataset import Dataset
from data.hub_kinds import HUB_KINDS
from views.loaded import PLAN_ID
from views.map_hubs import DRAWN_FIRST, MOST_DRAWN, drawn_hubs, has_hubs, hub_layer, hub_precision
from views.map_scene import Scene
from views.selection import Selection, read_selection
from views.tokens import tokens
from views.words import Language, words


def scene_of(dataset: Dataset, *, language: Language = "zh", show: bool = True, served: bool = True) -> Scene:
    chosen = Selection(show=("hubs",) if show else ())
    return Scene(tally_goals(open_plan(PLAN_ID), dataset), chosen, tokens("light"), words(language), "", served)


def script_of(scene: Scene) -> str:
    """What the layer tells the browser."""
    return " ".join(str(getattr(child, "options", "")) for child in hub_layer(scene)._children.values())


def test_the_layer_is_off_and_sends_nothing_until_it_is_asked_for(dataset: Dataset) -> None:
    assert '"hub"' not in script_of(scene_of(dataset, show=False))
    assert script_of(scene_of(dataset)).count('"kind":"hub"') == len(dataset.hubs)
    document = script_of(scene_of(dataset, show=False, served=False))
    assert document.count('"kind":"hub"') == len(dataset.hubs), "a document has no server to bring them later"


def test_the_choice_lives_in_the_address_beside_the_other_extra_layer(dataset: Dataset) -> None:
    chosen = Selection(show=("ground", "hubs"))
    assert chosen.query()["show"] == "ground,hubs"
    assert read_selection(chosen.query(), dataset, ()).show == ("ground", "hubs")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_kind_has_a_letter_of_its_own_in_both_languages(language: Language, dataset: Dataset) -> None:
    t = words(language)
    assert set(DRAWN_FIRST) == set(HUB_KINDS)
    letters = [t(f"hub_letter.{kind}") for kind in HUB_KINDS]
    assert len(set(letters)) == len(HUB_KINDS)
    script = script_of(scene_of(dataset, language=language))
    for kind, letter in zip(HUB_KINDS, letters, strict=True):
        assert f">{letter}<" in script.replace("\\u003c", "<"), kind
        assert t(f"hub_kind.{kind}") in script


def test_a_point_says_how_well_it_is_known(dataset: Dataset) -> None:
    t = words("zh")
    assert {hub_precision(text, t) for text in dataset.hubs[c.PRECISION]} == {t("map.hub_precision")}
    assert hub_precision("出入口测量，约 10 m", t) == "出入口测量，约 10 m"
    assert hub_precision(None, t) == hub_precision(float("nan"), t) == t("word.no_data")


def test_rare_kinds_are_drawn_first_and_very_many_are_cut_with_a_word(dataset: Dataset) -> None:
    assert drawn_hubs(dataset.hubs)[c.KIND].unique().tolist() == list(DRAWN_FIRST)
    many = pd.concat([dataset.hubs] * 8, ignore_index=True)
    script = script_of(scene_of(replace(dataset, hubs=many)))
    assert script.count('"kind":"hub"') == MOST_DRAWN
    assert words("zh")("map.hubs_cut", drawn=f"{MOST_DRAWN:,}", n=f"{len(many):,}") in script


def test_a_version_without_hubs_has_no_such_layer(dataset: Dataset) -> None:
    assert has_hubs(scene_of(dataset))
    assert not has_hubs(scene_of(replace(dataset, hubs=pd.DataFrame())))
    assert not has_hubs(scene_of(replace(dataset, hubs=dataset.hubs.iloc[:0])))
