"""Words of the features that machines read, in both languages: titles, names of subsectors, labels of a dataset."""

from clusters.plan import open_plan
from data.dataset import Dataset
from data.settings import settings
from views.loaded import PLAN_ID
from views.provenance import legal_notice, released_for
from views.words import words


def feature_words() -> dict[str, tuple[str, str]]:
    """Words that are the same for every version, by key, Chinese and English.

    The titles of the service and of its collections and what they are about; ``subsector.<id>``, ``derived``, and
    ``plan``: the plan whose subsectors these are.
    """
    zh, en = words("zh"), words("en")
    plan = open_plan(PLAN_ID, *settings().plan_folders)
    prefix = "features."
    told = {key.removeprefix(prefix): (zh(key), en(key)) for key in zh.keys if key.startswith(prefix)}
    told |= {
        f"subsector.{one.id}": (one.name, en(key) if (key := f"subsector.{one.id}") in en else one.name)
        for one in plan.subsectors
    }
    stamp = f"{plan.id} ({plan.origin.sha256[:8]})"
    return told | {"derived": (zh("word.derived"), en("word.derived")), "plan": (stamp, stamp)}


def feature_labels(dataset: Dataset) -> dict[str, tuple[str, str]]:
    """What must stand beside the figures of a dataset: ``basis``, ``notice``, and ``release`` when it is one."""
    zh, en = words("zh"), words("en")
    found = {
        "basis": tuple(t(f"basis.{dataset.basis.value}") for t in (zh, en)),
        "notice": tuple(
            " · ".join([*([t("synthetic.sentence")] if dataset.synthetic else []), legal_notice(t)]) for t in (zh, en)
        ),
    }
    if dataset.release is not None:
        found["release"] = tuple(released_for(dataset, t) for t in (zh, en))
    return {key: (told[0], told[1]) for key, told in found.items()}
