"""What a cluster has reached and what would close its gap: ``goals``, ``gaps``."""

import json
from typing import Annotated, Any

import typer

from clusters.plan import open_plan
from clusters.release import visible_dataset
from data.settings import settings
from views.goals_json import board_document
from views.verbs.asked import board_of, district_of
from views.verbs.options import DEFAULT_PLAN, District, Json, Lang, Place, PlanId, Year
from views.verbs.telling import stop, words_in

YEARS_AHEAD = 3
"""A gap is closed within these years where the plan has ended."""


def goals(
    year: Year = None,
    plan: PlanId = DEFAULT_PLAN,
    district: District = None,
    place: Place = "registered",
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """Goals of a plan and the clusters behind them."""
    t = words_in(lang)
    board = board_of(year, plan, district, place, t)
    document = board_document(board, t)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))
        return
    from views.goals_text import board_text

    print(board_text(board, t))


def gaps(
    subsector: Annotated[str, typer.Option(help="Subsector id or name.")],
    district: District = None,
    year: Year = None,
    until: Annotated[int | None, typer.Option(help="Year by which the gap is to close; the plan's last.")] = None,
    target_cny: Annotated[int | None, typer.Option(help="Target in CNY; the next tier when left out.")] = None,
    growth: Annotated[float | None, typer.Option(help="Growth a year to assume, as 0.05; else that observed.")] = None,
    firm_cny: Annotated[int | None, typer.Option(help="Revenue of a new firm in CNY; else the sizes observed.")] = None,
    floor_m2: Annotated[float | None, typer.Option(help="Floor area that a new firm needs, m².")] = None,
    plan: PlanId = DEFAULT_PLAN,
    place: Place = "registered",
    seed: Annotated[int, typer.Option(help="The same seed gives the same intervals and chances.")] = 0,
    as_json: Json = False,
    lang: Lang = "zh",
) -> None:
    """What would close the gap of a cluster to its next tier, in the city or in a district, and by whom it stands."""
    t = words_in(lang)
    if place not in ("registered", "operating"):
        stop(t("cli.unknown_place", place=place))
    import numpy as np

    from clusters.dependence import without_largest
    from clusters.gaps import close_gap
    from views.gaps_json import GapAnswer, gap_document
    from views.gaps_text import gap_text

    dataset, opened = visible_dataset(), open_plan(plan, *settings().plan_folders)
    district_id, subsector_id = district_of(dataset, district), opened.subsector(subsector).id
    since = dataset.default_year if year is None else year
    by = until or (opened.period.end if opened.period.end > since else since + YEARS_AHEAD)
    if by <= since:
        stop(t("cli.until_too_early", until=by, year=since))
    asked: dict[str, Any] = {"subsector_id": subsector_id, "district_id": district_id, "place": place}
    closing = close_gap(
        dataset, until=by, rng=np.random.default_rng(seed), year=since, target_cny=target_cny, growth=growth,
        firm_cny=firm_cny, floor_m2_per_firm=floor_m2, **asked,
    )  # fmt: skip
    left = without_largest(dataset, year=since, **asked)
    answer = GapAnswer(opened, dataset, subsector_id, district_id, closing, left)
    if as_json:
        print(json.dumps(gap_document(answer, t), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        print(gap_text(answer, t))
