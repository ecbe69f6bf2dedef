"""Facts the product ships with: places, territories, needs, ingredients of the demonstration."""

import csv
import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from coordination.committees.models import DecisionOutcome
from coordination.directory.reference import (
    geography,
    grammar,
    ingredients,
    needs,
    territories,
    vendoring,
)
from coordination.persons.categories import Category
from coordination.signals.models import SignalCode

OCCITANIE = "76"
INSEE = Path(__file__).parents[3] / "shared" / "data" / "geo" / "occitanie_communes.csv"


def test_the_decoupage_covers_france_and_its_codes_fit_together():
    assert len(geography.communes()) > 34_000
    assert len(geography.regions()) >= 18
    departements = {d.code: d for d in geography.departements()}
    regions = {r.code for r in geography.regions()}
    for c in geography.communes():
        assert c.departement in departements or c.departement in regions, c
        assert c.epci is None or geography.epci(c.epci), c
    assert all(d.region in regions for d in departements.values())


def test_leading_zeros_are_kept():
    foix = geography.commune("09122")
    assert (foix.nom, foix.departement, foix.codes_postaux) == ("Foix", "09", ("09000",))
    assert geography.commune("9122") is None


def test_a_region_has_its_own_places_only():
    assert {c.region for c in geography.communes(OCCITANIE)} == {OCCITANIE}
    assert len(geography.departements(OCCITANIE)) == 13
    assert {c.departement for c in geography.communes(departement="48")} == {"48"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("toulouse", "Toulouse"),
        ("st gely du f", "Saint-Gély-du-Fesc"),
        ("STE LIVRADE SUR", "Sainte-Livrade-sur-Lot"),
        ("le vigan", "Le Vigan"),
        ("vigan", "Le Vigan"),
        ("beziers", "Béziers"),
        ("34400", "Lunel"),
        ("2a004", "Ajaccio"),
        ("l'isle-jourd", "L'Isle-Jourdain"),
    ],
)
def test_a_commune_is_found_as_people_type_it(text, first):
    assert geography.search_commune(text)[0].nom == first


def test_a_search_stops_at_its_limit_and_empty_words_find_nothing():
    assert len(geography.search_commune("saint", limit=7)) == 7
    assert geography.search_commune("  -' ") == []
    assert geography.search_commune("toulouse", limit=0) == []
    assert geography.search_commune("qqqq") == []


def test_a_search_can_stay_inside_a_region():
    found = geography.search_commune("mont", limit=20, region=OCCITANIE)
    assert {c.region for c in found} == {OCCITANIE}
    assert geography.search_commune("Lille", region=OCCITANIE)[:1] != [geography.commune("59350")]


@pytest.mark.parametrize(
    ("code", "of", "to"),
    [
        ("34003", "d’Agde", "à Agde"),
        ("30350", "du Vigan", "au Vigan"),
        ("34344", "de La Grande-Motte", "à La Grande-Motte"),
        ("30011", "des Angles", "aux Angles"),
        ("34145", "de Lunel", "à Lunel"),
    ],
)
def test_names_of_communes_take_their_article(code, of, to):
    place = geography.commune(code)
    assert (grammar.de(place), grammar.a(place)) == (of, to)


@pytest.mark.parametrize(
    ("code", "of"),
    [("34", "de l’Hérault"), ("30", "du Gard"), ("48", "de la Lozère"), ("65", "des Hautes-Pyr")],
)
def test_names_of_departements_take_their_article(code, of):
    assert grammar.de(geography.departement(code)).startswith(of)


def test_twenty_four_territories_share_out_the_epcis_of_occitanie():
    shared = Counter(code for b in territories.basins() for code in b.epcis)
    assert len(territories.basins()) == 24
    assert set(shared.values()) == {1}
    assert set(shared) == {e.code for e in geography.epcis(OCCITANIE)}


def test_every_commune_of_occitanie_is_in_one_territory_and_the_seat_is_inside():
    found = [c.code for b in territories.basins() for c in territories.communes(b)]
    assert sorted(found) == [c.code for c in geography.communes(OCCITANIE)]
    for b in territories.basins():
        largest = max(territories.communes(b), key=lambda c: c.population)
        assert b.seat == largest.code


@pytest.mark.skipif(not INSEE.exists(), reason="INSEE's list of communes is not on this machine")
def test_each_epci_went_to_the_zone_of_most_of_its_communes():
    with INSEE.open(encoding="utf-8") as lines:
        zone_of = {row["code_insee"]: row["ze2020"] for row in csv.DictReader(lines)}
    for b in territories.basins():
        for code in b.epcis:
            members = geography.communes_of_epci(code, OCCITANIE)
            votes = Counter(zone_of[c.code] for c in members if zone_of.get(c.code))
            most = max(votes.values())
            assert {z for z, n in votes.items() if n == most} & set(b.zones_emploi), code


def test_the_diagnosis_has_seven_constraints_digital_autonomy_and_twenty_needs():
    codes = [c.code for c in needs.constraints()]
    assert codes == ["23", "24", "25", "26", "27", "28", "29", "numerique"]
    assert len(needs.employment_needs()) == 20
    assert sum(len(c.situations) for c in needs.constraints()[:7]) == 36
    assert sum(len(c.objectives) for c in needs.constraints()[:7]) == 32


def test_the_code_of_a_need_has_one_meaning():
    codes = [c.code for c in needs.constraints()] + [n.code for n in needs.employment_needs()]
    assert len(codes) == len(set(codes))
    assert all(needs.find(code).code == code for code in codes)
    assert needs.find("22") is None


def test_every_theme_pointed_to_exists_in_data_inclusion():
    known = needs.themes()
    pointed = {t for c in needs.constraints() for t in c.themes}
    lines = [line for c in needs.constraints() for line in c.situations + c.objectives]
    pointed |= {t for line in (*lines, *needs.employment_needs()) for t in line.themes}
    pointed |= {t for m in ingredients.agency_models() for s in m.services for t in s.themes}
    assert pointed <= known.keys()


def test_justice_and_dependence_are_known_but_never_proposed():
    shown = [line for c in needs.constraints() for line in needs.proposed(c.objectives)]
    assert not any("judiciaire" in line.label or "dépendances" in line.label for line in shown)


def test_a_line_about_health_is_health_whatever_its_constraint():
    mobility = needs.constraint("23")
    assert mobility.category is Category.MOBILITY
    assert {s.category for s in mobility.situations} == {Category.MOBILITY, Category.HEALTH}


def test_names_are_many_varied_and_written_properly():
    given, family = ingredients.given_names(), ingredients.family_names()
    assert len(set(given)) == len(given) >= 150
    assert len(set(family)) == len(family) >= 300
    for wanted in ("’", "-", " ", "ï"):
        assert any(wanted in name for name in family)
    assert all(name[0].isupper() and name == name.strip() for name in given + family)


def test_agencies_whose_name_alone_tells_something_are_marked():
    marked = {m.code for m in ingredients.agency_models() if m.sensitive}
    assert {"pjj", "spip", "csapa", "cada", "mdph"} <= marked
    assert "mission_locale" not in marked


def test_every_pattern_makes_a_name():
    vigan, gard = geography.commune("30350"), geography.departement("30")
    for m in ingredients.agency_models():
        assert m.services, m.code
        assert m.roles, m.code
        for pattern in m.patterns:
            name = ingredients.agency_name(
                pattern, commune=vigan, departement=gard, territory="Alès – Le Vigan"
            )
            assert "{" not in name
            assert "de Le " not in name
    ccas = ingredients.agency_model("ccas").patterns[0]
    assert ingredients.agency_name(ccas, commune=vigan, departement=gard, territory="") == (
        "CCAS du Vigan"
    )


def _every_sentence():
    return (
        *ingredients.questions(),
        *ingredients.tried(),
        *ingredients.wants(),
        *ingredients.decisions(),
        *ingredients.actions(),
        *(s for of in ("suspension", "absence", "refusal") for s in ingredients.reasons(of)),
    )


def test_there_are_enough_sentences_and_no_two_alike():
    assert len(ingredients.questions()) >= 40
    assert len(ingredients.tried()) >= 30
    assert len(ingredients.wants()) >= 40
    assert len(ingredients.decisions()) >= 40
    assert len(ingredients.actions()) >= 25
    texts = [s.text for s in _every_sentence()]
    assert len(texts) == len(set(texts))


def test_every_slot_can_be_filled():
    lunel = geography.commune("34145")
    values = {slot: ingredients.values(slot)[0] for slot in ("formation", "metier", "montant")}
    values |= {"mois": "3", "semaines": "6", "date": "4 juin", "structure": "S", "service": "V"}
    values |= ingredients.place_slots(lunel)
    for s in _every_sentence():
        assert "{" not in s.fill(**values)
    with pytest.raises(KeyError):
        next(s for s in _every_sentence() if s.slots).fill()


def test_sentences_speak_of_no_justice_no_illness_no_origin_and_judge_nobody():
    forbidden = (
        r"judiciaire|prison|incarcér|détenu|alcool|drogue|addict|dépress|psychiatr|religi|origine"
        r"|manque de motivation|refuse de|paresse|ne fait pas d’effort|assisté"
    )
    for s in _every_sentence():
        assert not re.search(forbidden, s.text, re.IGNORECASE), s.text


def test_questions_know_the_signals_and_every_outcome_has_its_words():
    asked = {s.use for s in ingredients.questions()} & {c.value for c in SignalCode}
    assert {"duree_excessive", "fin_sans_suite", "suspension_longue", "sans_contact"} <= asked
    assert {o.value for o in DecisionOutcome} <= {s.use for s in ingredients.decisions()}


def test_french_is_typeset():
    for s in _every_sentence():
        assert not re.search(r" [:;?!»]|« |'", s.text), s.text


def test_a_release_is_reduced_to_todays_communes_and_always_to_the_same_bytes(tmp_path):
    package, into = tmp_path / "package", tmp_path / "into"
    (package / "data").mkdir(parents=True)
    into.mkdir()
    (package / "LICENSE").write_text("MIT")
    today = {"code": "09122", "nom": "Foix", "departement": "09", "region": "76"}
    former = today | {"code": "09000", "type": "commune-deleguee"}
    tables = {
        "communes": [today | {"type": "commune-actuelle", "codesPostaux": ["09000"]}, former],
        "epci": [{"code": "2", "nom": "CA", "type": "CA", "membres": [{"code": "09122"}]}],
        "departements": [{"code": "09", "nom": "Ariège", "typeLiaison": 5, "region": "76"}],
        "regions": [{"code": "76", "nom": "Occitanie", "typeLiaison": 1}],
    }
    for name, rows in tables.items():
        (package / "data" / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")

    vendoring.reduce(package, into)
    first = (into / "communes.csv.gz").read_bytes()
    vendoring.reduce(package, into)

    assert (into / "communes.csv.gz").read_bytes() == first
    assert gzip.decompress(first).decode().splitlines() == [
        "code;nom;liaison;departement;region;epci;population;codes_postaux",
        "09122;Foix;0;09;76;2;0;09000",
    ]
