"""What responsible units are listed for, as tables; the page and the document show the same."""

from clusters.district_duties import UnitAccount
from clusters.goals import Board
from clusters.plan import Plan
from clusters.plan_records import Duty, QuantifiedTarget, Target, Task
from clusters.standing import firms_known
from clusters.tiers import scale_tier
from data import columns as c
from data.parts import counted_once
from views.document import Cell, Column, Table
from views.document_columns import COUNT, money_column
from views.figures import accounts_of, district_figures, is_withheld
from views.goals_text import actual_text, goal_text
from views.plan_words import duty_name, quoted, quotes_of, section, unit_name
from views.words import Words


def units_table(plan: Plan, t: Words) -> Table:
    """Every unit with the numbers of its subsectors, tasks and safeguards, in the order of the text."""
    keys = ("subsectors", "tasks", "safeguards", "first_n")
    columns = (Column(t("units.unit")), *(Column(t(f"units.{key}"), "right", COUNT) for key in keys))
    rows = tuple(
        (
            Cell(unit_name(unit, t)),
            *(
                Cell(f"{len(ids)}", len(ids))
                for ids in (duties.subsectors, duties.tasks, duties.safeguards, duties.listed_first)
            ),
        )
        for unit, duties in plan.unit_duties().items()
    )
    return Table(t("units.all")[:31], columns, rows, t("units.all"))


def subsectors_table(account: UnitAccount, city: Board, t: Words) -> Table:
    """Subsectors of a unit with where each stands in the city."""
    columns = (
        Column(t("field.subsector")),
        Column(t("units.position")),
        Column(t("units.section")),
        money_column(t("units.total_now"), t),
        Column(t("units.tier")),
        money_column(t("units.gap"), t),
        Column(t("units.firms"), "right", COUNT),
        Column(t("units.known"), "right", COUNT),
        Column(t("units.largest_district")),
    )
    rows = tuple(
        (
            Cell(t(f"subsector.{subsector.id}")),
            _position(account, subsector, t),
            Cell(section(subsector.section, t)),
            *_standing(subsector.id, city, t),
        )
        for subsector in account.subsectors
    )
    return Table(t("units.subsectors")[:31], columns, rows, t("units.subsectors"))


def duties_table(account: UnitAccount, part: str, t: Words) -> Table:
    """Tasks or safeguards of a unit, each with words of the plan and the targets that it serves."""
    duties: tuple[Duty, ...] = account.tasks if part == "tasks" else account.safeguards
    serves = (Column(t("units.serves")),) if part == "tasks" else ()
    columns = (
        Column(t(f"units.{part}")),
        Column(t("units.position")),
        Column(t("units.section")),
        Column(t("units.quote")),
        *serves,
    )
    rows = tuple(
        (
            Cell(duty_name(duty, t)),
            _position(account, duty, t),
            Cell(section(duty.section, t)),
            Cell(" ／ ".join(quotes_of(duty, t)) if t.language == "zh" else " / ".join(quotes_of(duty, t))),
            *((Cell(t.listed(list(duty.serves_targets)) or "—"),) if isinstance(duty, Task) else ()),
        )
        for duty in duties
    )
    return Table(t(f"units.{part}")[:31], columns, rows, t(f"units.{part}"))


def targets_table(account: UnitAccount, city: Board, t: Words) -> Table:
    """Targets that the unit's tasks serve or that count its subsectors: goal, figure, and what is decided."""
    keys = ("target", "goal", "actual", "state", "section")
    rows = tuple((Cell(target.id), *_target(target, city, t)) for target in account.targets)
    columns = (Column(t("units.number")), *(Column(t(f"units.{key}")) for key in keys))
    return Table(t("units.targets")[:31], columns, rows, t("units.targets"))


def districts_table(account: UnitAccount, city: Board, t: Words) -> Table:
    """Districts that a unit stands for, with their totals: facts, no goals."""
    columns = (
        Column(t("field.district")),
        money_column(t("measure.revenue"), t),
        Column(t("measure.share"), "right", "0.0%"),
        Column(t("units.firms"), "right", COUNT),
        Column(t("units.known"), "right", COUNT),
    )
    known_here = counted_once(firms_known(city.dataset, place=city.place)).groupby(c.DISTRICT_ID)[c.KNOWN_FIRMS].sum()
    figures = district_figures(city, list(city.clusters.index))
    names = city.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    kept, rows = accounts_of(city), []
    for district_id in account.districts:
        row = figures.loc[district_id]
        amount = kept.total(district_id=district_id)
        known = row["shown_share"] == row["shown_share"]
        lacking = t.nothing(withheld=is_withheld(row))
        firms = int(row[c.FIRMS]) if row[c.FIRMS] > 0 else 0
        rows.append(
            (
                Cell(str(names[district_id])),
                Cell(t.amount(amount, withheld=is_withheld(row)), amount.cny if amount else None),
                Cell(t.share(row["shown_share"]), float(row["shown_share"])) if known else Cell(lacking),
                Cell(f"{firms:,}", firms),
                _count(known_here.get(district_id, 0)),
            )
        )
    return Table(t("units.districts")[:31], columns, tuple(rows), t("units.districts"), t("units.districts_note"))


def summary(account: UnitAccount, t: Words) -> str:
    """One sentence on how often a unit is listed."""
    duties = account.duties
    return t(
        "units.summary",
        unit=unit_name(account.unit, t),
        subsectors=len(duties.subsectors),
        tasks=len(duties.tasks),
        safeguards=len(duties.safeguards),
        first=len(duties.listed_first),
    )


def _position(account: UnitAccount, duty: Duty, t: Words) -> Cell:
    """Listed first or later; never in charge."""
    return Cell(t("units.first" if account.is_first(duty) else "units.other"))


def _standing(subsector_id: str, city: Board, t: Words) -> tuple[Cell, ...]:
    row, kept = city.clusters.loc[subsector_id], accounts_of(city)
    withheld, amount = is_withheld(row), kept.total(subsectors=[subsector_id])
    firms, known = _count(row[c.FIRMS]), _count(row[c.KNOWN_FIRMS])
    if amount is None:
        lacking = Cell(t.nothing(withheld=withheld))
        return lacking, Cell("—"), Cell("—"), firms, known, Cell("—")
    gap = amount.gap
    return (
        Cell(t.amount(amount), amount.cny),
        Cell(t.tier_mark(scale_tier(amount.cny))),
        Cell(t("district.top_tier")) if gap is None else Cell(t.amount(gap), gap.cny),
        firms,
        known,
        Cell(_largest(subsector_id, city, t)),
    )


def _count(n: float) -> Cell:
    return Cell(f"{int(n):,}", int(n))


def _largest(subsector_id: str, city: Board, t: Words) -> str:
    """The district with the largest part, where every part is known; with its share of the cluster."""
    parts = accounts_of(city).shares([subsector_id]).drop([c.UNPLACED, c.NOT_RELEASED], errors="ignore")
    if parts.empty:
        return "—"
    names = city.dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    first = str(parts.idxmax())
    return f"{names.get(first, first)} {t.share(float(parts.max()))}"


def _target(target: Target, city: Board, t: Words) -> tuple[Cell, ...]:
    where = Cell(section(target.section, t))
    if not isinstance(target, QuantifiedTarget):
        words = quoted(f"quote.{target.id}_0", target.quote or "", t)
        return Cell(words), Cell("—"), Cell("—"), Cell(t("units.not_measured")), where
    tally = city.tally(target.id)
    key = f"target.{city.plan.id}.{target.id}"
    state = t(f"why.{tally.chosen.why}") if tally.met is None else t("card.met" if tally.met else "card.not_met")
    return (
        Cell(t(key) if key in t else target.metric),
        Cell(goal_text(tally, t)),
        Cell(actual_text(tally, city, t)),
        Cell(state),
        where,
    )
