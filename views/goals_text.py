"""The board as lines for a terminal."""

from clusters.goals import Board, Tally
from data import columns as c
from views.figures import accounts_of, is_withheld
from views.provenance import release_sentence, sample_sentence
from views.seeming import seeming
from views.words import Words


def board_text(board: Board, t: Words) -> str:
    """Goals first, then the clusters from the largest down, then what the sums cover."""
    clusters = board.clusters.sort_values(c.TOTAL_CNY, ascending=False, na_position="last")
    kept, names = accounts_of(board), board.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    district_id = None if board.area_id == board.dataset.city_adcode else board.area_id
    lines = [f"{board.plan.title} · {board.year}"]
    if any(not tally.official for tally in board.tallies):
        lines.append(f"{names.get(board.area_id, board.area_id)} · {t('word.derived')}")
    lines.append("")
    lines += [
        f"{tally.target.id:<4}{tally.target.metric}: {actual_text(tally, board, t)} / {goal_text(tally, t)}"
        for tally in board.tallies
    ]
    lines.append("")
    for subsector_id, row in clusters.iterrows():
        amount = kept.total(subsectors=[str(subsector_id)], district_id=district_id)
        gap = "" if amount is None or amount.gap is None else t("card.gap", gap=t.amount(amount.gap))
        total = t.amount(amount, withheld=is_withheld(row))
        tier = "" if is_withheld(row) else t.tier_mark(row[c.TIER] if row[c.FIRMS] else None)
        lines.append(f"{t(f'subsector.{subsector_id}')}  {total}  {tier}  {gap}".rstrip())
    warnings = seeming(board, t, map(str, clusters.index), district_id=district_id or "")
    told = filter(None, (sample_sentence(board, t), release_sentence(board, t)))
    return "\n".join([*lines, *warnings, "", *told])


def goal_text(tally: Tally, t: Words) -> str:
    """Goal with its sign: ≥ 3, > 1,900; strict words of the plan stay strict, a bare number stays bare."""
    target = tally.target
    sign = {">": "> ", ">=": "≥ ", "=": ""}[target.operator]
    if target.kind == "level":
        return sign + t("figure.money", value=t.money_step(target.goal))
    return f"{sign}{target.goal:,} {t(f'count.{target.kind}')}"


def actual_text(tally: Tally, board: Board, t: Words) -> str:
    """The figure that a reader meets first, or that there is none, or none for this reader."""
    if tally.shown is None:
        return no_figure(tally, board, t)
    return figure_text(tally, tally.shown.value, t)


def no_figure(tally: Tally, board: Board, t: Words) -> str:
    """What stands for a missing figure: what is counted from firms that are not for this reader is not public."""
    counted = tally.target.kind in ("firm_count", "cluster_count") and bool(board.coverage["firms"])
    well_covered = board.dataset.is_well_covered(board.year)
    return t.nothing(withheld=counted and well_covered and board.dataset.release is not None)


def figure_text(tally: Tally, value: int, t: Words) -> str:
    """A figure of a goal with its unit: money of a level, else a number of things."""
    return t.money(value) if tally.target.kind == "level" else f"{value:,} {t(f'count.{tally.target.kind}')}"
