"""Weights from judging criteria two by two (AHP): the judgments, the weights, and whether they agree."""

from functools import partial

import pandas as pd
import streamlit as st

from clusters.pairwise_weights import MOST_INCONSISTENT, ahp_weights, least_consistent_judgment
from clusters.site_records import CRITERIA
from views import state
from views.how_to_read import how_to_read
from views.sites_choices import LEAST_COMPARED, MOST_COMPARED, MOST_JUDGED, SitesChoices, pairs, written
from views.words import Words, caution

SCALE = (*range(MOST_JUDGED, 1, -1), 1, *range(-2, -MOST_JUDGED - 1, -1))
"""Saaty's scale from the first criterion to the second."""


def show_pairs(mine: SitesChoices, off: set[str], t: Words) -> None:
    """Which criteria are compared, every judgment, and the consistency ratio."""
    options = [name for name in CRITERIA if name not in off or name in mine.compared]
    st.multiselect(
        t("sites.compared", most=MOST_COMPARED),
        options,
        format_func=lambda name: t(f"site.criterion.{name}"),
        max_selections=MOST_COMPARED,
        key=state.bound("compared", list(mine.compared)),
        on_change=_compared_changed,
    )
    if st.session_state.pop("too_few_compared", False):
        st.caption(f":orange[:material/warning: {t('sites.too_few_compared', least=LEAST_COMPARED)}]")
    for at, ((first, second), judged) in enumerate(zip(pairs(mine.compared), mine.all_judged(), strict=True)):
        st.select_slider(
            t("sites.pair", first=t(f"site.criterion.{first}"), second=t(f"site.criterion.{second}")),
            SCALE,
            format_func=partial(judgment_text, first=first, second=second, t=t),
            key=state.bound(f"judged_{at}", judged),
            on_change=_judged,
            args=(at,),
        )
    _agreement(mine, t)


def _agreement(mine: SitesChoices, t: Words) -> None:
    table = mine.comparisons()
    found = ahp_weights(table)
    bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small")
    ratio = t("sites.ratio", ratio=f"{found.consistency_ratio:.2f}", most=f"{MOST_INCONSISTENT:.2f}")
    agrees = bool(found.consistent)
    colour, icon = ("green", "check_circle") if agrees else ("orange", "warning")
    bar.markdown(f":{colour}-badge[:material/{icon}: {ratio}]", width="content")
    how_to_read(bar, "sites_pairs", t, method="ahp_weights")
    odd = None if agrees else least_consistent_judgment(table)
    if odd is not None:
        first, second = (t(f"site.criterion.{name}") for name in (odd.row, odd.column))
        times = {"judged": f"{odd.judged:.0f}", "implied": f"{odd.implied:.1f}"}
        st.markdown(f":small[{caution(t('sites.inconsistent', first=first, second=second, **times))}]")
    weights = pd.DataFrame(
        {
            t("sites.criterion"): [t(f"site.criterion.{name}") for name in found.weights.index],
            t("sites.weight"): [t.share(w) for w in found.weights],
        }
    )
    st.table(weights, border="horizontal", hide_index=True)


def judgment_text(judged: int, first: str, second: str, t: Words) -> str:
    """A judgment in words."""
    if judged == 1:
        return t("sites.alike")
    name = t(f"site.criterion.{first if judged > 0 else second}")
    return t("sites.times", criterion=name, n=abs(judged))


def _judged(at: int) -> None:
    held = list(state.current().sites.all_judged())
    held[at] = int(st.session_state[f"judged_{at}"])
    state.choose_on("sites", judged=written(held))


def _compared_changed() -> None:
    asked = st.session_state["compared"]
    if len(asked) < LEAST_COMPARED:
        st.session_state["too_few_compared"] = True
        return
    state.choose_on("sites", **state.current().sites.compared_again(asked))
