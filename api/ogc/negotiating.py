"""Which media type an answer gets: the first of those offered that the reader takes, after RFC 9110 section 12.5.1."""

from collections.abc import Sequence


def chosen_type(accept: str, offered: Sequence[str]) -> str | None:
    """Media type of the answer.

    Parameters
    ----------
    accept : str
        The Accept header; empty takes everything.
    offered : sequence of str
        Types that the answer may have, the preferred first; of parameters only their type is compared.

    Returns
    -------
    str or None
        ``None`` when the reader takes none of them.

    Examples
    --------
    >>> offered = ("application/geo+json", "application/json")
    >>> chosen_type("text/html,application/xhtml+xml,*/*;q=0.8", offered)
    'application/geo+json'
    >>> chosen_type("application/json", offered), chosen_type("text/html, application/*;q=0", offered)
    ('application/json', None)
    """
    if not accept.strip():
        return offered[0]
    ranges = [_weighed(part) for part in accept.split(",") if part.strip()]
    weights = [(_weight(ranges, kind.partition(";")[0]), kind) for kind in offered]
    best = max(weight for weight, _ in weights)
    return next((kind for weight, kind in weights if weight == best and weight > 0), None)


def _weighed(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    told = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return kind, min(max(float(told), 0.0), 1.0)
    except ValueError:
        return kind, 1.0


def _weight(ranges: Sequence[tuple[str, float]], kind: str) -> float:
    """Weight of the most exact range that holds a type; 0 when none does."""
    for held in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        found = [weight for name, weight in ranges if name == held]
        if found:
            return max(found)
    return 0.0
