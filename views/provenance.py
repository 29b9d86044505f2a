"""Where the figures on a page, map or export come from, in words: versions, basis, scope, boundaries, notices."""

from clusters.goals import Board
from data import columns as c
from data.dataset import Dataset
from data.exporting import STAMP
from data.settings import settings
from views.words import Words


def map_notice(board: Board, t: Words) -> str:
    """Printed on every map: data and plan version, a sketch and no legal line, approval number, further attribution."""
    versions = t("notice.versions", data=_version(board), plan=board.plan.origin.sha256[:8])
    parts = (_synthetic(board, t), versions, legal_notice(t), settings().map_attribution)
    return " · ".join(part for part in parts if part)


def _synthetic(board: Board, t: Words) -> str:
    return t("synthetic.notice") if board.dataset.synthetic else ""


def legal_notice(t: Words) -> str:
    """A sketch, no legal boundary, and the map's approval number."""
    approval = settings().map_approval or t("notice.not_configured")
    return " · ".join((t("notice.sketch"), t("notice.approval", number=approval)))


def _version(board: Board) -> str:
    return f"{board.dataset.version}/{board.dataset.digest}"


def release_sentence(board: Board, t: Words) -> str:
    """Whom the figures were made fit for and what is not shown; empty when nothing was taken out."""
    return released_for(board.dataset, t)


def released_for(dataset: Dataset, t: Words) -> str:
    """As ``release_sentence``, of a dataset."""
    release = dataset.release
    if release is None:
        return ""
    role, _, district_id = release.audience.partition(":")
    names = dataset.districts[c.NAME if t.language == "zh" else c.NAME_EN]
    who = (
        t(f"release.{role}") if not district_id else t("release.district", district=names.get(district_id, district_id))
    )
    return t("release.sentence", who=who, firms=f"{release.firms:,}", cells=f"{release.withheld_cells:,}")


def footer_lines(board: Board, t: Words) -> list[str]:
    """Footer of a page or an exported document; for whom it was made when figures were taken out comes first."""
    release = release_sentence(board, t)
    return [*([release] if release else []), *_origin_lines(board, t)]


def _origin_lines(board: Board, t: Words) -> list[str]:
    lines = [
        " · ".join(
            (
                t("footer.data", version=board.dataset.version, digest=board.dataset.digest, year=board.year),
                t(
                    "footer.plan",
                    title=t(f"plan.{board.plan.id}") if f"plan.{board.plan.id}" in t else board.plan.title,
                    digest=board.plan.origin.sha256[:8],
                ),
                t("footer.basis", basis=t(f"basis.{board.dataset.basis.value}")),
                t("footer.method", place=t(f"place.{board.place}")),
            )
        ),
        " · ".join((t("footer.areas"), t("footer.crs"), t("footer.boundaries"), legal_notice(t))),
    ]
    return [f"{_synthetic(board, t)} · {lines[0]}", *lines[1:]] if board.dataset.synthetic else lines


def stamp(board: Board, t: Words) -> dict[str, str | bool]:
    """Columns that every exported row carries; one more when the data are synthetic."""
    made_up: dict[str, str | bool] = {c.SYNTHETIC: True} if board.dataset.synthetic else {}
    told = (
        f"{board.dataset.version} ({board.dataset.digest})",
        f"{board.plan.id} ({board.plan.origin.sha256[:8]})",
        " · ".join(filter(None, (t(f"basis.{board.dataset.basis.value}"), release_sentence(board, t)))),
        legal_notice(t),
    )
    return made_up | dict(zip(STAMP, told, strict=True))


def sample_sentence(board: Board, t: Words) -> str:
    """One sentence on what the sums cover; it stands beside every total."""
    coverage = board.coverage
    begin = [t("synthetic.sentence")] if board.dataset.synthetic else []
    if not coverage["firms"]:
        return t.sentences([*begin, t("sample.none", of=f"{coverage['of_firms']:,}", year=board.year)])
    named = {"n": f"{coverage['firms']:,}", "of": f"{coverage['of_firms']:,}", "year": board.year}
    named |= {"sourced_n": f"{coverage['sourced_firms']:,}", "sourced": t.share(coverage["sourced_share"])}
    scope = "sample.sentence" if board.dataset.basis == "listed_sample" else "sample.register"
    source = "sample.all_sourced" if coverage["sourced_firms"] == coverage["firms"] else "sample.sourced"
    if coverage["sourced_share"] is None and source == "sample.sourced":
        source = "sample.sourced_firms"
    sourced = [] if board.dataset.synthetic else [t(source, **named)]
    end = [t("sample.no_verdict")] if board.dataset.basis == "listed_sample" else []
    return t.sentences([*begin, t(scope, **named), *sourced, *end])
