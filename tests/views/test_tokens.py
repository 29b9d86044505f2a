"""Text can be read in both themes: WCAG contrast of every pair of colours that meets on a page."""

import pytest

from views.tokens import DARK_INK, LIGHT_INK, Theme, Tokens, contrast, ink_on, seals, tokens

THEMES: tuple[Theme, ...] = ("light", "dark")
TEXT, LARGE, SHAPE = 4.5, 4.2, 3.0


@pytest.fixture(params=THEMES)
def look(request: pytest.FixtureRequest) -> Tokens:
    return tokens(request.param)


def test_contrast_runs_from_one_to_twenty_one_and_ignores_the_order() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1
    assert contrast("#39799A", "#FFFFFF") == contrast("#FFFFFF", "#39799A")
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)  # the grey that WCAG names


def test_text_reads_on_page_panel_and_empty_ground(look: Tokens) -> None:
    palette = look.palette
    for ink in (palette.text, palette.muted, palette.accent):
        for paper in (palette.page, look.panel):
            assert contrast(ink, paper) >= TEXT, (ink, paper)
    for ink in (palette.text, palette.muted):
        assert contrast(ink, palette.no_data) >= TEXT
    for paper in (palette.ground, palette.page):
        assert contrast(palette.muted, paper) >= TEXT


def test_the_name_of_a_tier_reads_on_its_fill(look: Tokens) -> None:
    assert look.tier
    for tier, (fill, ink) in look.tier.items():
        assert contrast(fill, ink) >= TEXT, tier


def test_a_label_reads_on_every_step_of_the_ramp(look: Tokens) -> None:
    palette = look.palette
    assert len(palette.ramp) == len(palette.ramp_ink)
    for fill, ink in zip(palette.ramp, palette.ramp_ink, strict=True):
        assert contrast(fill, ink) >= TEXT, fill


def test_the_ramp_only_gets_further_from_the_page(look: Tokens) -> None:
    away = [contrast(fill, look.palette.page) for fill in look.palette.ramp]
    assert away == sorted(away)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_seal_reads_and_stands_out(theme: Theme, language: str) -> None:
    page = tokens(theme).palette.page
    for subsector, seal in seals(theme, language).items():
        assert contrast(seal.ink, seal.fill) >= LARGE, subsector
        assert contrast(seal.fill, page) >= SHAPE, subsector


@pytest.mark.parametrize("theme", THEMES)
def test_every_subsector_has_a_seal_of_its_own(theme: Theme) -> None:
    zh, en = seals(theme, "zh"), seals(theme, "en")
    assert list(zh) == list(en) == [f"S{n:02d}" for n in range(1, 13)]
    for marks in (zh, en):
        assert len({seal.character for seal in marks.values()}) == 12
        assert len({seal.fill for seal in marks.values()}) == 12


def test_ink_is_the_better_of_the_two() -> None:
    assert ink_on("#FFFFFF") == DARK_INK
    assert ink_on("#000000") == LIGHT_INK
