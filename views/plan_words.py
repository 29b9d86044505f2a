"""The plan's own words for a reader: names of duties and units, sections, quotes; translated where we have words.

They are text and no markup: whoever writes them into Markdown escapes them.
"""

from clusters.district_duties import full_names
from clusters.plan import Plan
from clusters.plan_records import Duty
from views.words import Words


def duty_name(duty: Duty, t: Words) -> str:
    """Name of a task or safeguard in the reader's language."""
    return t(f"duty_name.{duty.id}") if f"duty_name.{duty.id}" in t else duty.name


def unit_name(unit: str, t: Words) -> str:
    """Name of a responsible unit; the plan's own words where we have no translation."""
    return t(f"responsible.{unit}") if f"responsible.{unit}" in t else unit


def section(written: str | None, t: Words) -> str:
    """Section of the plan: 三（五） stays in Chinese and is §3.5 in English."""
    if t.language == "zh" or not written:
        return written or ""
    return "; ".join(_arabic(part) for part in written.replace("、", " ").split())


def _arabic(part: str) -> str:
    outer, _, inner = part.partition("（")
    inner = inner.split("）")[0]
    return f"§{_number(outer)}.{_number(inner)}" if inner else f"§{_number(outer)}"


def _number(han: str) -> int:
    digits = "零一二三四五六七八九"
    tens, ten, ones = han.rpartition("十")
    return (digits.find(tens) if tens else 1) * 10 * bool(ten) + (digits.find(ones) if ones else 0)


def quoted(key: str, words: str, t: Words) -> str:
    """The plan's own words, or our translation of them in another language."""
    return t(key) if key in t else words


def quotes_of(duty: Duty, t: Words) -> list[str]:
    """Quotes of a duty, in the order of the text."""
    said = enumerate((duty.quote, duty.quote2, duty.quote3))
    return [quoted(f"quote.{duty.id}_{n}", words, t) for n, words in said if words]


def listed_units(duty: Duty, plan: Plan, t: Words) -> list[str]:
    """Units of a duty by name, in the order of the text."""
    return [unit_name(unit, t) for unit in full_names(plan, duty)]
