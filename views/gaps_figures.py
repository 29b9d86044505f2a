"""The gap lab's charts for paper: ranges of new firms, and the fan of years to come."""

from math import ceil, floor, log10

from matplotlib.ticker import MaxNLocator

from clusters.gap_records import Mix
from clusters.prospects import WIDE
from data import columns as c
from views.gaps_answer import GapPage
from views.gaps_charts import ENDLESS, mix_name, range_text
from views.static_figure import FULL_IN, SMALL_PT, drawable, new_figure, quiet, svg_of
from views.tokens import tokens
from views.words import Words

ROW_IN = 0.28


def mixes_svg(mixes: tuple[Mix, ...], t: Words, *, width_in: float = FULL_IN) -> str:
    """Number of new firms at each growth: a dot for typical ones, a line from the fewest to the most."""
    palette = tokens("light").palette
    told = [mix for mix in mixes if mix.typical is not None]
    height = 0.35 + ROW_IN * len(told)
    figure = new_figure(width_in, height)
    axes = figure.add_axes((0.22, 0.25 / height, 0.55, 1 - 0.3 / height))
    quiet(axes, palette.line, palette.muted)
    most = max((n for mix in told for n in (mix.typical, mix.most) if n is not None), default=1)
    for row, mix in enumerate(told):
        end = most if mix.most is None else mix.most
        axes.plot([mix.fewest or 0, end], [row, row], color=palette.accent, linewidth=1.2)
        axes.plot([mix.typical or 0], [row], "o", color=palette.accent, markersize=5)
    axes.set_xlim(0, most * 1.06 or 1)
    axes.set_ylim(len(told) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_yticks(range(len(told)), [drawable(mix_name(mix, t)) for mix in told])
    axes.tick_params(axis="y", labelcolor=palette.text)
    for row, mix in enumerate(told):
        axes.annotate(
            drawable(range_text(mix, t)), (1, row), xycoords=("axes fraction", "data"), xytext=(6, 0),
            textcoords="offset points", va="center", fontsize=SMALL_PT, color=palette.text,
        )  # fmt: skip
    return svg_of(figure)


def fan_svg(page: GapPage, t: Words, *, width_in: float = FULL_IN) -> str:
    """Observed years, median and 80 % band of the total, and the target as a line; log where the band is wide."""
    bands, panel, target = page.bands, page.closing.panel, page.closing.target_cny or 1
    look = tokens("light")
    palette = look.palette
    figure = new_figure(width_in, 2.3)
    axes = figure.add_axes((0.09, 0.1, 0.82, 0.76))
    quiet(axes, palette.line, palette.muted)
    if bands is None:
        return svg_of(figure)

    def money(values: "list[float]") -> list[float]:
        return [t.money_value(float(v)) or 0.0 for v in values]

    years = [int(y) for y in bands.index]
    lows, medians = money(list(bands[c.LOW])), money(list(bands[c.MEDIAN]))
    highs = money([min(float(v), target * ENDLESS) for v in bands[c.HIGH]])
    past = money(list(panel.totals / panel.coverage))
    goal = t.money_value(target) or 0.0
    axes.fill_between(years, lows, highs, color=palette.ramp[1], alpha=0.55, linewidth=0, label=t("lab.band_area"))
    axes.plot(years, medians, "o--", color=palette.accent, linewidth=1.4, markersize=3, label=t("lab.median_line"))
    axes.plot(list(panel.years), past, "o-", color=palette.text, linewidth=1.4, markersize=3, label=t("lab.seen"))
    axes.axhline(goal, color=look.outline, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate(
        drawable(t("lab.target_line")), (1, goal), xycoords=("axes fraction", "data"), xytext=(4, 0),
        textcoords="offset points", va="center", fontsize=SMALL_PT, color=palette.text,
    )  # fmt: skip
    if highs[-1] > WIDE * lows[-1]:
        known = [v for v in (*lows, *highs, *past, goal) if v > 0]
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_ylim(10.0 ** floor(log10(min(known))), 10.0 ** ceil(log10(max(known))))
    else:
        axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xticks(sorted({*panel.years, *years}))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}")
    axes.grid(visible=False, axis="x")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=SMALL_PT)
    return svg_of(figure)
