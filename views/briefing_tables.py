"""Tables of a briefing as rows of words, the same on the page and in the document."""

from clusters.accounts import UNIT_CNY, part_and_rest
from clusters.briefing_records import Briefing, Dependence
from clusters.rounding import round_largest_remainder
from clusters.version_changes import AFTER_FIRMS, AFTER_TIER, BEFORE_FIRMS, BEFORE_TIER
from data import lookup
from data.differences import AFTER, BEFORE
from views.document import Cell, Column, Table
from views.document_columns import COUNT, SHARE, money_column
from views.words import Words


def dependence_table(found: Briefing, t: Words) -> Table:
    """Largest firm of the district and of each cluster's part, and what is left without it."""
    columns = (
        Column(t("field.subsector")),
        Column(t("briefing.firms_n"), "right", COUNT),
        Column(t("briefing.first_firm")),
        Column(t("briefing.first_share"), "right", SHARE),
        money_column(t("briefing.rest"), t),
        Column(t("briefing.tier_now")),
        Column(t("briefing.tier_then")),
    )
    rows = tuple(_dependence_row(each, found, t) for each in found.dependence)
    return Table(t("briefing.dependence_title")[:31], columns, rows, t("briefing.dependence_title"))


def change_table(found: Briefing, t: Words) -> Table | None:
    """Subsectors that the last version changed; before and difference make after. ``None`` without one."""
    if found.changes is None:
        return None
    columns = (
        Column(t("field.subsector")),
        money_column(t("briefing.changes_before"), t),
        money_column(t("briefing.changes_after"), t),
        money_column(t("briefing.changes_difference"), t),
        Column(t("briefing.changes_firms"), "right"),
        Column(t("briefing.changes_tier")),
    )
    rows = []
    for subsector_id, row in found.changes.clusters.iterrows():
        before, after = (int(row[name]) for name in (BEFORE, AFTER))
        shown = [round_largest_remainder([cny], UNIT_CNY)[0] for cny in (before, after)]
        change = shown[1] - shown[0]
        sign = "+" if change > 0 else ""
        tiers = [t.tier(row[name]) for name in (BEFORE_TIER, AFTER_TIER)]
        rows.append(
            (
                Cell(t(f"subsector.{subsector_id}")),
                Cell(t.money(shown[0]), before),
                Cell(t.money(shown[1]), after),
                Cell(sign + t.money(change), after - before),
                Cell(f"{row[BEFORE_FIRMS]:,} → {row[AFTER_FIRMS]:,}"),
                Cell(tiers[0] if tiers[0] == tiers[1] else " → ".join(tiers)),
            )
        )
    return Table(t("briefing.changes")[:31], columns, tuple(rows), t("briefing.changes"))


def dependence_rows(found: Briefing, t: Words) -> list[dict[str, str]]:
    """The same as mappings of heading to words."""
    return _worded(dependence_table(found, t))


def change_rows(found: Briefing, t: Words) -> list[dict[str, str]]:
    """The same as mappings of heading to words."""
    table = change_table(found, t)
    return [] if table is None else _worded(table)


def _worded(table: Table) -> list[dict[str, str]]:
    return [{head.title: cell.text for head, cell in zip(table.columns, row, strict=True)} for row in table.rows]


def _dependence_row(each: Dependence, found: Briefing, t: Words) -> tuple[Cell, ...]:
    district, s = found.district_id, each.subsector_id
    whole = found.accounts.cell(s, district) if s else found.accounts.total(district_id=district)
    rest = None if whole is None else part_and_rest(whole, each.top1_cny)[1]
    return (
        Cell(t(f"subsector.{s}") if s else t("briefing.whole")),
        Cell(f"{each.firms:,}", each.firms),
        Cell(lookup.short_name(found.board.dataset, each.top_firm_id)),
        Cell(t.share(each.top1_share), None if each.top1_share != each.top1_share else each.top1_share),
        Cell(t.amount(rest), each.without_cny),
        Cell(t.tier_mark(each.tier) if s else "—"),
        Cell(t.tier_mark(each.tier_without) if s else "—"),
    )
