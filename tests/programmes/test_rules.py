"""Rules as rows, as sentences, as fields: none is forgotten on the way."""

import contextlib
import json
import random
from dataclasses import fields as of_dataclass
from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.audit import AuditEntry
from coordination.errors import Invalid
from coordination.programmes import (
    catalogue,
    checks,
    command,
    editing,
    fields,
    planting,
    rules,
    sentences,
)
from coordination.programmes.catalogue import Rules
from coordination.programmes.models import Programme, ProgrammeRule

# Every system of the guide that is a programme, with its page there.
GUIDE = {
    "habilitation-premier-niveau-nouvelle-aquitaine": 40, "daq-bourgogne-franche-comte": 37,
    "prepa-bretagne": 41, "itineraires-competences-grand-est": 38, "combo77": 33,
    "prepa-apprentissage-metiers-de-nos-territoires": 34, "adventus": 43,
    "plateforme-integration-competences-asld41": 35, "graines-de-patissier": 42,
    "parcours-experience-3d": 45, "demarre-ta-story-cma79": 46, "realise-tes-reves": 48,
    "dest-1": 49, "teame": 51, "mobil-emploi": 52, "tous-mobilises-aurore": 17, "promo-16-18": 17,
    "fil-vers": 54, "women-in-digital-93": 55, "insertion-reussie-perigueux": 56,
    "iper-actifs-21": 26, "passerelles-formation-emploi": 16,
    "parcours-emploi-competences-advf": 16,
}  # fmt: skip


def test_each_system_of_the_guide_ships_with_its_page():
    shipped = {entry.slug: entry.page for entry in catalogue.entries()}
    assert GUIDE.items() <= shipped.items()


def test_every_rule_has_its_field_once():
    named = [field.name for field in fields.every()]
    assert sorted(named) == sorted(f.name for f in of_dataclass(Rules))


def test_every_rule_alone_makes_a_sentence_or_completes_one():
    completes = {
        "fixed_duration", "block_renewals", "contact_target_days", "commitment_within_days",
        "follow_up_continuous", "follow_up_employer",
    }  # fmt: skip
    for entry in catalogue.entries():
        for name in entry.rules.given().keys() - completes:
            alone = catalogue.read(**{name: getattr(entry.rules, name)})
            assert sentences.flat(alone), name


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda e: e.slug)
def test_shipped_rules_hold_together_and_go_through_a_row_unchanged(entry):
    assert checks.contradictions(entry.rules) == {}
    row = ProgrammeRule(**rules.as_row(entry.rules))
    assert rules.of_row(row) == entry.rules


def test_the_sentences_of_a_programme_are_exact():
    def said(slug):
        told = sentences.flat(catalogue.entry(slug).rules)
        return [sentence.replace("\u00a0", " ") for sentence in told]

    assert said("demarre-ta-story-cma79")[:4] == [
        "39 semaines au plus, pauses déduites.",
        "2 semaines au moins.",
        "Périodes de 13 semaines, renouvelables 2 fois ; un entretien termine chacune.",
        "Dans une période : 8 semaines puis 5 semaines.",
    ]
    assert said("dest-1") == [
        "15 mois pour chacun, pauses comprises.",
        "L’accompagnement continue après un emploi trouvé.",
        "Les rendez-vous sont donnés pour le lendemain (jour ouvré).",
        "2 référents par lieu, qui se remplacent pendant les absences.",
    ]
    assert said("parcours-experience-3d")[0] == (
        "Un contact tous les 15 jours au moins, en général chaque semaine."
    )


def test_planting_twice_changes_nothing_and_keeps_what_was_edited(db):
    assert planting.plant(db).added == len(catalogue.entries())
    fil = db.exec(select(Programme).where(Programme.slug == "fil-vers")).one()
    fil.name, fil.summary = "Fil Vers, deuxième saison", "Revu par la Région."
    row = db.exec(select(ProgrammeRule).where(ProgrammeRule.programme_id == fil.id)).one()
    row.max_duration_months = 20
    db.flush()
    assert planting.plant(db) == planting.Planted(0, 0)
    assert (fil.name, row.max_duration_months) == ("Fil Vers, deuxième saison", 20)


def test_a_rule_kept_before_it_had_a_column_finds_it(db, town):
    row = db.exec(select(ProgrammeRule)).one()
    row.more = {"caseload_active_max": 20, "tracks": ["emploi"]}
    db.flush()
    planting.plant(db)
    assert (row.caseload_active_max, row.more) == (20, {"tracks": ["emploi"]})
    assert row.max_duration_months == 12


def test_no_rule_holds_before_the_first_day(db, town):
    assert rules.in_force(db, town.programme.id, date(2019, 12, 31)) == Rules()


def test_the_command_loads_what_is_missing_and_says_it_once(engine, town, db):
    before = len(db.exec(select(Programme)).all())
    db.commit()
    added = command.plant(engine)
    assert added.added == len(catalogue.entries())
    assert len(db.exec(select(Programme)).all()) == before + added.added
    db.commit()
    assert command.plant(engine) == planting.Planted(0, 0)
    written = [json.loads(entry.entry)["verb"] for entry in db.exec(select(AuditEntry))]
    assert written.count("programme.planted") == 1


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_changed_or_dropped_no_day_has_two_rules_and_no_past_day_changes(
    db, town, stopped_clock, seed
):
    draw, adam = random.Random(seed), town.actor("adam")
    programme = db.get_one(Programme, town.programme.id)
    first = town.today - timedelta(days=30)
    lived: dict[date, int | None] = {}
    for _ in range(25):
        known = db.exec(rules.history(programme.id)).all()
        planned = [row for row in known if row.from_on > clock.today()]
        if planned and draw.random() < 0.3:
            editing.drop(db, programme, draw.choice(planned), actor=adam)
        else:
            on = clock.today() + timedelta(days=draw.randint(0, 40))
            wanted = Rules(max_duration_months=draw.randint(1, 36))
            with contextlib.suppress(Invalid):  # the same rules again
                editing.change(db, programme, wanted=wanted, from_on=on, actor=adam)
        db.flush()
        rows = db.exec(rules.history(programme.id)).all()
        for day in (first + timedelta(days=n) for n in range((clock.today() - first).days + 60)):
            held = [r for r in rows if r.from_on <= day and (r.until_on or day) >= day]
            assert len(held) == 1, day
            months = held[0].max_duration_months
            if day < clock.today():
                assert lived.setdefault(day, months) == months
        asked = first + timedelta(days=draw.randint(0, 90))
        (row,) = db.exec(select(ProgrammeRule).where(rules.holds_on(asked)))
        assert row.from_on <= asked <= (row.until_on or asked)
        stopped_clock.later(days=draw.randint(0, 6))
