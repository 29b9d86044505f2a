"""Scale tiers: 千亿级 is at least 100 billion CNY, 百亿级 at least 10 billion; always decided on unrounded integers."""

from enum import StrEnum


class ScaleTier(StrEnum):
    """The tier of a cluster's total.

    The digits are the threshold in CNY, so that 千亿 (1E11) and 百亿 (1E10) cannot be mistranslated.
    """

    CNY_1E11 = "CNY_1E11"
    CNY_1E10 = "CNY_1E10"
    BELOW = "BELOW"


THRESHOLD_CNY: dict[ScaleTier, int] = {ScaleTier.CNY_1E11: 10**11, ScaleTier.CNY_1E10: 10**10, ScaleTier.BELOW: 0}


def scale_tier(total_cny: int | None) -> ScaleTier | None:
    r"""Tier of a total.

    Parameters
    ----------
    total_cny : int or None
        Total in CNY; ``None`` when there is no observation.

    Returns
    -------
    ScaleTier or None
        ``None`` when there is no observation: missing is not below.

    Notes
    -----

    .. math::

        \mathrm{tier}(T) = \begin{cases}
        1\mathrm{E}11 & T \ge 10^{11}\ \mathrm{CNY} \\
        1\mathrm{E}10 & 10^{10} \le T < 10^{11}\ \mathrm{CNY} \\
        - & T < 10^{10}\ \mathrm{CNY}
        \end{cases}

    Reading: the upper tier starts at 100 billion CNY, the lower at 10 billion; a total of 99,999,999,999 CNY is of the
    lower, whatever its rounded figure shows.

    Limits: a tier says nothing of the number of firms; one firm can be a tier. Without an observation there is no tier,
    which is not the lowest.

    References
    ----------
    .. [1] Shenzhen Municipal Bureau of Industry and Information Technology. "Implementation Plan for the Innovative
       Development of the Digital Economy Industry in Shenzhen, 2021-2023" (in Chinese).

    Examples
    --------
    >>> scale_tier(100_000_000_000), scale_tier(99_999_999_999), scale_tier(None)
    (<ScaleTier.CNY_1E11: 'CNY_1E11'>, <ScaleTier.CNY_1E10: 'CNY_1E10'>, None)
    """
    if total_cny is None:
        return None
    return next(tier for tier, threshold in THRESHOLD_CNY.items() if total_cny >= threshold or tier is ScaleTier.BELOW)


def next_tier(total_cny: int | None) -> ScaleTier | None:
    """Tier above the one that a total has reached; ``None`` at the top. A cluster without data looks to 百亿级.

    Examples
    --------
    >>> next_tier(30_000_000_000), next_tier(120_000_000_000)
    (<ScaleTier.CNY_1E11: 'CNY_1E11'>, None)
    """
    above = {None: ScaleTier.CNY_1E10, ScaleTier.BELOW: ScaleTier.CNY_1E10, ScaleTier.CNY_1E10: ScaleTier.CNY_1E11}
    return above.get(scale_tier(total_cny))


def gap_to_next_cny(total_cny: int | None) -> int | None:
    r"""Distance in CNY to the next tier's threshold; 0 at the top, ``None`` when there is no observation.

    Parameters
    ----------
    total_cny : int or None
        Total in CNY; ``None`` when there is no observation.

    Returns
    -------
    int or None
        CNY, 0 or more.

    Notes
    -----
    With :math:`B_{\mathrm{next}}` the threshold of the tier above,

    .. math:: \mathrm{gap}(T) = B_{\mathrm{next}} - T

    Reading: CNY that are missing for the next tier; 0 when there is none above.

    Limits: the gap of a total over observed firms is an upper bound, since firms that were not observed would make it
    smaller. Needs one observation.

    References
    ----------
    .. [1] Shenzhen Municipal Bureau of Industry and Information Technology. "Implementation Plan for the Innovative
       Development of the Digital Economy Industry in Shenzhen, 2021-2023" (in Chinese).

    Examples
    --------
    >>> gap_to_next_cny(8_660_000_000), gap_to_next_cny(120_000_000_000)
    (1340000000, 0)
    """
    if total_cny is None:
        return None
    upper = next_tier(total_cny)
    return 0 if upper is None else THRESHOLD_CNY[upper] - total_cny


def tier_of_display_only(total_cny: int | None, shown_cny: int | None) -> ScaleTier | None:
    """Tier whose threshold a total reaches only because it was rounded for display; ``None`` when there is none.

    A reader must be warned of it: a tier is decided on the unrounded total.

    Examples
    --------
    >>> tier_of_display_only(9_996_000_000, 10_000_000_000), tier_of_display_only(10_030_000_000, 10_000_000_000)
    (<ScaleTier.CNY_1E10: 'CNY_1E10'>, None)
    """
    shown = scale_tier(shown_cny)
    return shown if total_cny is not None and shown is not None and total_cny < THRESHOLD_CNY[shown] else None
