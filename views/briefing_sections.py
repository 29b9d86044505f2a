"""A district's briefing to take away: the sentences of its page, and a table for everything that stands behind them.

Maps and charts are drawn elsewhere and given as figures. No Streamlit.
"""

from collections.abc import Mapping

from clusters.briefing_records import Briefing
from clusters.profile import FEWEST_FIRMS
from data import columns as c
from data import lookup
from views.briefing_tables import change_table, dependence_table
from views.briefing_words import (
    caution_rules,
    caution_sentence,
    cautions_note,
    headline_sentence,
    path_name,
    path_quotes,
    path_sentence,
    shown_share,
    told_headlines,
)
from views.document import Block, Cell, Column, Figure, Section, Table, Text
from views.document_columns import COUNT, RATIO, SHARE, money_column
from views.plan_words import duty_name, quoted, quotes_of, section, unit_name
from views.profile_words import interval, quotient
from views.quadrant_chart import quadrant_lines
from views.words import Words


def briefing_sections(
    found: Briefing, t: Words, *, figures: Mapping[str, tuple[Figure, ...]] | None = None
) -> tuple[Section, ...]:
    """Sections of a briefing, those without anything to say left out.

    Parameters
    ----------
    found : Briefing
    t : Words
    figures : mapping of str to tuple of Figure
        Maps and charts at the end of a section: ``title``, ``clusters`` or ``quadrant``.
    """
    drawn = {f"briefing.{name}": each for name, each in (figures or {}).items()}
    derived = t("word.derived")
    changes = change_table(found, t)
    parts: list[tuple[str, list[Block], str]] = [
        ("briefing.title", _findings(found, t), derived),
        ("briefing.clusters", [clusters_table(found, t)] if found.progress.firms else [], derived),
        ("briefing.quadrant", _quadrant(found, t), derived),
        ("briefing.paths", _paths(found, t), derived),
        ("briefing.dependence_title", [dependence_table(found, t)] if found.dependence else [], derived),
        ("briefing.top_firms", [firms_table(found, t)] if len(found.top_firms) else [], ""),
        ("briefing.changes", [changes] if changes is not None and changes.rows else [], ""),
        ("briefing.parks", [parks_table(found, t)] if found.parks else [], ""),
        ("briefing.duties", [duties_table(found, t), *_tasks(found, t)], ""),
        ("briefing.method", [Text(tuple(method_lines(found, t)), as_list=True)], ""),
    ]
    return tuple(Section(t(key), (*blocks, *drawn.get(key, ())), label) for key, blocks, label in parts if blocks)


def clusters_table(found: Briefing, t: Words) -> Table:
    """Each cluster's part in the district: total, tier, gap, firms, share of the city, growth and pace."""
    columns = (
        Column(t("field.subsector")),
        money_column(t("measure.revenue"), t),
        Column(t("field.tier")),
        money_column(t("units.gap"), t),
        Column(t("briefing.firms_n"), "right", COUNT),
        Column(t("briefing.city_share"), "right", SHARE),
        Column(t("briefing.growth_n")),
        money_column(t("briefing.pace"), t),
    )
    rows = []
    for subsector_id, row in found.board.clusters.iterrows():
        s = str(subsector_id)
        cell, firms = found.accounts.cell(s, found.district_id), int(row[c.FIRMS])
        lacking = t.nothing(withheld=firms > 0)
        grown = found.progress.clusters.loc[s] if s in found.progress.clusters.index else None
        ahead = float("nan") if grown is None else float(grown[c.MATCHED_CNY] - grown[c.PATH_CNY])
        gap = None if cell is None else cell.gap
        share = shown_share(found, s)
        rows.append(
            (
                Cell(t(f"subsector.{s}")),
                Cell(t.amount(cell, withheld=firms > 0), cell.cny if cell else None),
                Cell(t.tier_mark(cell.tier) if cell else lacking),
                Cell(t.amount(gap), gap.cny) if gap else Cell(t("district.top_tier") if cell else lacking),
                Cell(f"{firms:,}", firms),
                Cell(t.share(share), share) if cell and share == share else Cell(lacking),
                Cell("—" if grown is None else _growth(float(grown[c.GROWTH]), int(grown[c.MATCHED_FIRMS]), t)),
                Cell("—") if ahead != ahead else Cell(_signed(ahead, t), round(ahead)),
            )
        )
    return Table(t("briefing.clusters")[:31], columns, tuple(rows), note=t("district.derived"))


def quadrant_table(found: Briefing, t: Words) -> Table:
    """Presence and specialization of each subsector with limits, n, and the class where there is one."""
    columns = (
        Column(t("field.subsector")),
        Column(t("briefing.firms_n"), "right", COUNT),
        Column(t("briefing.city_share"), "right", SHARE),
        Column(t("measure.location_quotient.name"), "right", RATIO),
        Column(t("briefing.limits"), "right"),
        Column(t("briefing.class")),
    )
    rows = []
    for point in found.points:
        share, figure = point.presence, point.quotient
        rows.append(
            (
                Cell(t(f"subsector.{point.subsector_id}")),
                Cell(f"{point.firms:,}", point.firms),
                Cell(t.share(share), share) if share == share else Cell(t.nothing(withheld=point.firms > 0)),
                Cell(quotient(figure), None if figure != figure else figure),
                Cell(interval(point.lower, point.upper)),
                Cell(t(f"quadrant.{point.quadrant}") if point.quadrant else t(f"quotient_finding.{point.finding}")),
            )
        )
    return Table(t("briefing.quadrant")[:31], columns, tuple(rows), note=t("read.quadrant"))


def firms_table(found: Briefing, t: Words) -> Table:
    """The largest firms with their share of the district."""
    columns = (
        Column(t("field.name")),
        Column(t("field.code")),
        Column(t("field.subsector")),
        money_column(t("measure.revenue"), t),
        Column(t("briefing.first_share"), "right", SHARE),
    )
    rows = tuple(
        (
            Cell(lookup.short_name(found.board.dataset, str(firm_id))),
            Cell(str(firm_id)),
            Cell(t(f"subsector.{row[c.SUBSECTOR_ID]}")),
            Cell(t.money(int(row[c.REVENUE_CNY])), int(row[c.REVENUE_CNY])),
            Cell(t.share(float(row["share"])), float(row["share"])) if row["share"] == row["share"] else Cell("—"),
        )
        for firm_id, row in found.top_firms.iterrows()
    )
    return Table(t("briefing.top_firms")[:31], columns, rows)


def parks_table(found: Briefing, t: Words) -> Table:
    """Parks with what is known of their room; what nobody entered says so."""
    columns = (
        Column(t("field.park")),
        Column(t("briefing.vacant"), "right", COUNT),
        Column(t("briefing.floor_area"), "right", COUNT),
        Column(t("field.sample_firms"), "right", COUNT),
        Column(t("field.operator")),
        Column(t("field.focus")),
    )
    nothing = t("word.no_data")
    rows = tuple(
        (
            Cell(park.name),
            *(
                Cell(nothing) if area is None else Cell(f"{area:,.0f}", area)
                for area in (park.vacant_m2, park.floor_area_m2, park.firms)
            ),
            Cell(park.operator or nothing),
            Cell(park.focus or nothing),
        )
        for park in found.parks
    )
    room = [headline_sentence(each, found, t) for each in found.headlines if each.kind == "room"]
    return Table(t("briefing.parks")[:31], columns, rows, note=t.sentences(room))


def duties_table(found: Briefing, t: Words) -> Table:
    """Units of the district's subsectors and tasks: listed first, then the others."""
    columns = tuple(Column(t(f"duty.{key}")) for key in ("subject", "first", "others", "section"))
    named = [
        *((t(f"subsector.{subsector.id}"), units, subsector.section) for subsector, units in found.duties.subsectors),
        *(
            (duty_name(task, t), tuple(found.board.plan.units_full.get(u, u) for u in task.units), task.section)
            for task in found.duties.tasks
        ),
    ]
    rows = tuple(
        (
            Cell(name),
            Cell(unit_name(units[0], t) if units else "—"),
            Cell(t.listed([unit_name(unit, t) for unit in units[1:]]) or "—"),
            Cell(section(where, t)),
        )
        for name, units, where in named
    )
    return Table(t("briefing.duties")[:31], columns, rows, note=t("duty.note"))


def method_lines(found: Briefing, t: Words) -> list[str]:
    """How the figures came about: rules, what is derived, what cannot be told, where more is said."""
    return [
        t("briefing.derived_note"),
        *caution_rules(t),
        t("read.paths"),
        t("read.dependence"),
        t("briefing.paths_overlap"),
        t("briefing.method_page"),
    ]


def _findings(found: Briefing, t: Words) -> list[Block]:
    lines = tuple(headline_sentence(each, found, t) for each in told_headlines(found))
    warned = tuple(caution_sentence(each, found, t) for each in found.cautions)
    note = cautions_note(found, t)
    blocks: list[Block] = [Text(lines, as_list=True) if lines else Text((t("briefing.empty"),))]
    if warned:
        blocks.append(Text(warned, as_list=True, caution=True))
    return [*blocks, *([Text((note,))] if note else [])]


def _quadrant(found: Briefing, t: Words) -> list[Block]:
    if not found.profile.firms:
        return []
    return [Text(tuple(quadrant_lines(found.points, FEWEST_FIRMS, t))), quadrant_table(found, t)]


def _paths(found: Briefing, t: Words) -> list[Block]:
    if not found.profile.firms or not found.paths:
        return []
    basis = [
        line
        for fit in found.paths
        for line in (
            t(
                "briefing.paths_fields",
                path=path_name(fit, t),
                subsectors=t.listed([t(f"subsector.{s}") for s in fit.path.subsectors]),
            ),
            *path_quotes(fit, t),
        )
    ]
    return [Text(tuple(path_sentence(fit, t) for fit in found.paths), as_list=True), Text(tuple(basis))]


def _tasks(found: Briefing, t: Words) -> list[Block]:
    """Words of the plan on the tasks of the district, and where it names the district."""
    quotes = [f"{section(task.section, t)} {line}" for task in found.duties.tasks for line in quotes_of(task, t)]
    why = [(place, quoted(f"named.{place.district_id}", place.why, t)) for place in found.duties.places]
    named = [f"{section(place.section, t)} {words}" for place, words in why]
    return [Text((*quotes, *named), as_list=True)] if quotes or named else []


def _growth(growth: float, firms: int, t: Words) -> str:
    return t("profile.no_growth", n=f"{firms:,}") if growth != growth else f"{growth:+.1%} (n={firms:,})"


def _signed(cny: float, t: Words) -> str:
    return ("+" if cny > 0 else "") + t.money(cny)
