"""Readers' words and figures in one language; the words live in ``text/zh.toml`` and ``text/en.toml``."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from clusters.accounts import Amount
from clusters.tiers import ScaleTier

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SMALL_CNY = 10**7
TEXT = Path(__file__).parent / "text"


class Words:
    """Words of one language; call it with a key, as in ``t("measure.revenue")``.

    A key that does not exist raises ``KeyError``: a test compares the files, so no reader ever meets one. What the
    figures are a sum over (a sample, a register, ...) is named by ``evidence`` and stands wherever the words say it.
    """

    def __init__(self, language: Language, evidence: str = "listed_sample") -> None:
        self.language = language
        table = _flat(tomllib.loads((TEXT / f"{language}.toml").read_text("utf-8")))
        bodies = {f"{{{name}}}": table[f"{name}.{evidence}"] for name in ("body", "whole_body")}
        self._table = {key: _named(text, bodies) for key, text in table.items()}

    def __call__(self, key: str, /, **named: object) -> str:
        """Words under a key, with its named placeholders filled."""
        return self._table[key].format(**named) if named else self._table[key]

    def __contains__(self, key: str) -> bool:
        return key in self._table

    @property
    def keys(self) -> frozenset[str]:
        """Every key of this language."""
        return frozenset(self._table)

    @property
    def table(self) -> dict[str, str]:
        """Every key with its words."""
        return dict(self._table)

    # figures -------------------------------------------------------------------------------------------------------

    @property
    def money_unit(self) -> str:
        """Unit of money in this language: 亿元, or billions of CNY."""
        return self("unit.money")

    @property
    def money_scale(self) -> int:
        """CNY in one ``money_unit``."""
        return 10**8 if self.language == "zh" else 10**9

    def money_value(self, cny: float | None) -> float | None:
        """Money as a number in ``money_unit``."""
        return None if cny is None or cny != cny else cny / self.money_scale

    def money(self, cny: float | None, *, unit: bool = True) -> str:
        """Money as a reader's figure: one decimal of 亿元, or two of a billion CNY; missing is said in words.

        With its unit, an amount below 1,000 万元 (10 million CNY) is written in 万元 (million CNY).
        """
        value = self.money_value(cny)
        if cny is None or value is None:
            return self("word.no_data")
        if unit and 0 < abs(cny) < SMALL_CNY:
            return self(
                "figure.small_money", value=f"{cny / 10**4:,.0f}" if self.language == "zh" else f"{cny / 10**6:,.2f}"
            )
        digits = f"{value:,.1f}" if self.language == "zh" else f"{value:,.2f}"
        return self("figure.money", value=digits) if unit else digits

    def amount(self, amount: Amount | None, *, unit: bool = True, withheld: bool = False) -> str:
        """An amount of a table that adds up, as it is shown there; ``<`` stands before one that only seems a tier.

        With its unit, what the table shows as nothing is written in 万元 (million CNY). Of none the words say whether
        it is ``withheld`` from the reader or nobody knows it.
        """
        if amount is None:
            return self.nothing(withheld=withheld)
        if unit and amount.cny and not amount.shown_cny and abs(amount.cny) < SMALL_CNY:
            return self.money(amount.cny)
        value = self.money_value(amount.shown_cny)
        digits = f"{value:,.1f}" if self.language == "zh" else f"{value:,.2f}"
        said = self("figure.money", value=digits) if unit else digits
        return f"< {said}" if amount.seems else said

    def nothing(self, *, withheld: bool) -> str:
        """What stands for a figure that is not shown: there is none, or it is not for this reader."""
        return self("word.withheld" if withheld else "word.no_data")

    def density(self, cny_per_km2: float | None) -> str:
        """Money per km²."""
        value = self.money_value(cny_per_km2)
        if value is None:
            return self("word.no_data")
        return self("figure.density", value=f"{value:,.2f}" if self.language == "zh" else f"{value:,.3f}")

    def share(self, value: float | None) -> str:
        """Share from 0 to 1 as a percentage with one decimal."""
        return self("word.no_data") if value is None or value != value else f"{value:.1%}"

    def firms(self, count: float | None) -> str:
        """Number of firms with its measure word."""
        return self("figure.firms", n=f"{int(count or 0):,}")

    def money_step(self, cny: int) -> str:
        """A round threshold of money, without unit and without idle zeros."""
        value = self.money_value(cny) or 0
        return f"{value:,.4f}".rstrip("0").rstrip(".")

    # names ---------------------------------------------------------------------------------------------------------

    def tier(self, tier: ScaleTier | None) -> str:
        """Name of a tier; a cluster without data has none."""
        return self(f"tier.{tier.value if tier else 'none'}")

    def tier_name(self, name: str) -> str:
        """Name of a tier by its code."""
        return self(f"tier.{name}")

    def tier_mark(self, tier: ScaleTier | None) -> str:
        """Star and name of a tier."""
        return f"{TIER_STAR.get(tier, '')} {self.tier(tier)}".strip()

    def sentences(self, parts: list[str]) -> str:
        """Sentences one after the other; Chinese sets no space between them."""
        return ("" if self.language == "zh" else " ").join(parts)

    def listed(self, items: list[str]) -> str:
        """Items as a list in a sentence."""
        return self("word.comma").join(items)


TIER_STAR: dict[ScaleTier | None, str] = {ScaleTier.CNY_1E11: "★", ScaleTier.CNY_1E10: "☆"}


@cache
def words(language: Language, evidence: str = "listed_sample") -> Words:
    """Words of a language, read once."""
    return Words(language, evidence)


_MARKUP = frozenset("\\`*_{}[]()#+-.!|<>~$:&^=@")


def plain(text: str) -> str:
    """Text of a file for Markdown: what Markdown would read as markup is escaped, and no address becomes a link."""
    unlinked = text.replace("\n", " ").replace("://", ":\u2060//").replace("www.", "www\u2060.")
    return "".join(f"\\{ch}" if ch in _MARKUP else ch for ch in unlinked)


def caution(text: str) -> str:
    """A sentence as Markdown that a reader should not miss."""
    return f":orange[:material/warning: {plain(text)}]"


def capital(text: str) -> str:
    """Words as they begin a line; Chinese has no capitals and stays."""
    return text[:1].upper() + text[1:]


def _named(text: str, bodies: dict[str, str]) -> str:
    for placeholder, body in bodies.items():
        text = text.replace(placeholder, body)
    return text


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
