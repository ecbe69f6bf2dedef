"""The programmes of the catalogue with their rules, and how people pass from one to the next."""

import json
from enum import Enum
from typing import Any

from coordination.agencies.models import AgencyKind
from coordination.programmes import catalogue, rules
from coordination.programmes.models import Programme, ProgrammeRule
from coordination.seed.ground import Course, Ground

SINCE = -2400
K = AgencyKind
TRAINING = (K.TRAINING_BODY,)
# Who carries which programme in the demonstration, and its usual length in days.
CARRIED: dict[str, tuple[tuple[AgencyKind, ...], int]] = {
    "remobilisation-occitanie": (TRAINING, 118),
    "parcours-experience-3d": ((K.MISSION_LOCALE,), 170),
    "teame": ((K.MDE,), 68),
    "promo-16-18": ((K.MISSION_LOCALE,), 120),
    "prequalifiant-occitanie": (TRAINING, 260),
    "prepa-competences-afpa": (TRAINING, 84),
    "qualifiant-occitanie": (TRAINING, 340),
    "graines-de-patissier": (TRAINING, 190),
    "prepa-apprentissage-metiers-de-nos-territoires": (TRAINING, 300),
    "demarre-ta-story-cma79": (TRAINING, 230),
    "mobil-emploi": ((K.MDE, K.MISSION_LOCALE), 330),
    "suivi-post-parcours": ((K.MISSION_LOCALE, K.MDE), 175),
}
Odds = tuple[tuple[str, int], ...]
FIRST: Odds = (
    ("remobilisation-occitanie", 26), ("parcours-experience-3d", 12), ("teame", 8),
    ("promo-16-18", 6), ("prequalifiant-occitanie", 24), ("prepa-competences-afpa", 8),
    ("qualifiant-occitanie", 9), ("graines-de-patissier", 4), ("mobil-emploi", 8),
    ("prepa-apprentissage-metiers-de-nos-territoires", 2), ("demarre-ta-story-cma79", 2),
)  # fmt: skip
NEXT: dict[str, Odds] = {
    "remobilisation": (
        ("prequalifiant-occitanie", 48), ("qualifiant-occitanie", 18), ("mobil-emploi", 12),
        ("graines-de-patissier", 8), ("prepa-competences-afpa", 10), ("promo-16-18", 4),
    ),
    "pre_qualification": (
        ("qualifiant-occitanie", 62), ("mobil-emploi", 18), ("remobilisation-occitanie", 8),
        ("graines-de-patissier", 12),
    ),
    "qualification": (
        ("mobil-emploi", 46), ("suivi-post-parcours", 44), ("prequalifiant-occitanie", 10),
    ),
    "prepa_apprentissage": (("qualifiant-occitanie", 55), ("mobil-emploi", 45)),
    "emploi": (
        ("suivi-post-parcours", 58), ("qualifiant-occitanie", 22),
        ("prequalifiant-occitanie", 20),
    ),
    "suivi": (("mobil-emploi", 60), ("remobilisation-occitanie", 40)),
}  # fmt: skip


def teach(ground: Ground, regions: dict[str, str]) -> None:
    """Write the whole catalogue; `regions` maps INSEE codes to the planted ones."""
    programme = ground.store.shelf(
        Programme, "id created_at region_id slug name kind carrier summary guide_page"
    )
    rule = ground.store.shelf(
        ProgrammeRule, " ".join(("id created_at programme_id from_on", *rules.COLUMNS, "more"))
    )
    days = ground.days
    for entry in catalogue.entries():
        key = ground.keys.new()
        own = next((regions[code] for code in entry.regions if code in regions), None)
        programme((key, days.night(SINCE), own, entry.slug, entry.name, entry.kind.value,
                   entry.carrier, entry.description, entry.page))  # fmt: skip
        row = rules.as_row(entry.rules)
        more = json.dumps(row["more"], ensure_ascii=False)
        said = (_kept(row[name]) for name in rules.COLUMNS)
        rule((ground.keys.new(), days.night(SINCE), key, "2020-01-01", *said, more))
        if entry.slug in CARRIED:
            months = entry.rules.max_duration_months
            ground.courses[entry.slug] = Course(
                key, entry.slug, entry.name, entry.kind.value, CARRIED[entry.slug][1],
                int(months * 30.4) if months else None, entry.rules.contact_every_days,
                entry.sensitive, entry.rules,
            )  # fmt: skip


def _kept(value: Any) -> Any:
    """As the drivers keep it: an enum by its word."""
    return value.value if isinstance(value, Enum) else value
