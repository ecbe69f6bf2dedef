"""The catalogue's pages: whoever works here reads, the Région changes, nothing is rewritten."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination.programmes import fields, rules
from coordination.programmes.models import Programme, ProgrammeRule
from tests.conftest import soup

pytestmark = pytest.mark.sqlite_first


def told(response) -> str:
    text = soup(response).select_one("main").get_text(" ", strip=True)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def address(town) -> str:
    return f"/dispositifs/{town.programme.id}"


@pytest.fixture
def fill(visit, address):
    """fill(max_duration_months="18") → the form of rules as it opens, with these answers."""

    def filled(visitor=None, **said):
        page = soup((visitor or visit("adam")).get(f"{address}/regles"))
        form = page.select_one("main form")
        values = {}
        for field in form.select("input[name], textarea[name]"):
            if field.get("type") != "checkbox" or field.has_attr("checked"):
                values[field["name"]] = field.get("value", field.text)
        for field in form.select("select[name]"):
            chosen = field.select_one("option[selected]")
            values[field["name"]] = chosen["value"] if chosen else ""
        return values | said

    return filled


@pytest.mark.parametrize("who", ["alice", "regine", "sophie", "eva"])
def test_whoever_works_here_reads_the_rules_in_sentences(visit, address, who):
    said = told(visit(who).get(address))
    assert "12 mois au plus, pauses déduites." in said
    assert "Pause de 6 mois au plus, puis reprise." in said
    assert "Un contact tous les 15 jours au moins." in said
    assert "Changer les règles" not in said


def test_the_list_leads_to_each_programme(visit, address):
    page = soup(visit("alice").get("/dispositifs"))
    assert page.select_one(f'main a[href="{address}"]').text == "Déclic"
    assert "Aucun dispositif" in visit("alice").get("/dispositifs?q=zzz").text


@pytest.mark.parametrize("who", ["alice", "regine", "diane"])
def test_only_the_region_changes(visit, address, who, key):
    for path in ("/dispositifs/nouveau", f"{address}/presentation", f"{address}/regles"):
        assert visit(who).get(path).status_code == 403
        assert visit(who).post(path, data={"_key": key()}).status_code == 403


def test_a_programme_that_does_not_exist_is_said(visit, town):
    for path in ("", "/presentation", "/regles"):
        assert visit("adam").get(f"/dispositifs/{town.dana.id}{path}").status_code == 404


def test_a_rule_changed_in_august_does_not_rewrite_june(visit, address, fill, db, town):
    august = date(2026, 8, 1)
    sent = fill(max_duration_months="18", from_on=august.isoformat(), note="Délibération du 2 juin")
    answer = visit("adam").post(f"{address}/regles", data=sent)
    assert answer.status_code == 200
    older, newer = db.exec(select(ProgrammeRule).order_by(ProgrammeRule.from_on)).all()
    assert (older.max_duration_months, older.until_on) == (12, date(2026, 7, 31))
    assert (newer.max_duration_months, newer.from_on, newer.until_on) == (18, august, None)
    assert newer.contact_every_days == older.contact_every_days
    assert rules.in_force(db, town.programme.id, town.today).max_duration_months == 12
    assert rules.in_force(db, town.programme.id, august).max_duration_months == 18
    alice = visit("alice")
    assert "12 mois au plus" in told(alice.get(f"{address}?le=2026-07-31")).split("Historique")[0]
    assert "18 mois au plus" in told(alice.get(f"{address}?le=2026-08-01")).split("Historique")[0]
    history = told(alice.get(address)).split("Historique")[1]
    assert "Délibération du 2 juin" in history
    assert "Ne vaut plus : 12 mois au plus" in history


def test_the_past_is_not_rewritten(visit, address, fill, db):
    sent = fill(max_duration_months="18", from_on="2026-03-01")
    answer = visit("adam").post(f"{address}/regles", data=sent)
    assert answer.status_code == 422
    assert soup(answer).select_one("#f-max_duration_months")["value"] == "18"
    assert db.exec(select(ProgrammeRule)).one().until_on is None


def test_a_planned_change_can_be_dropped_and_what_held_goes_on(visit, address, fill, db, key):
    sent = fill(max_duration_months="18", from_on="2026-08-01")
    visit("adam").post(f"{address}/regles", data=sent)
    page = soup(visit("adam").get(address))
    form = page.select_one('form[action$="/annuler"]')
    sent = {field["name"]: field["value"] for field in form.select("input")}
    assert visit("adam").post(form["action"], data=sent).status_code == 200
    assert db.exec(select(ProgrammeRule)).one().until_on is None
    assert visit("adam").post(form["action"], data={"_key": key()}).status_code == 404


def test_a_change_between_two_keeps_both(visit, address, fill, db):
    for months, day in (("18", "2026-10-01"), ("15", "2026-08-01")):
        sent = fill(max_duration_months=months, from_on=day)
        assert visit("adam").post(f"{address}/regles", data=sent).status_code == 200
    spans = [
        (r.max_duration_months, r.until_on)
        for r in db.exec(select(ProgrammeRule).order_by(ProgrammeRule.from_on))
    ]
    assert spans == [(12, date(2026, 7, 31)), (15, date(2026, 9, 30)), (18, None)]


def test_two_people_at_once_see_both_texts(visit, address, fill):
    adam = visit("adam")
    first, second = fill(adam), fill(adam)
    adam.post(f"{address}/regles", data=first | {"max_duration_months": "18"})
    answer = adam.post(f"{address}/regles", data=second | {"max_duration_months": "20"})
    assert answer.status_code == 409
    said = told(answer)
    assert "Texte enregistré 18" in said
    assert "Votre texte 20" in said


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"max_duration_weeks": "39"}, "max_duration_weeks"),
        ({"max_duration_months": "", "fixed_duration": "1"}, "fixed_duration"),
        ({"suspension_allowed": "0"}, "suspension_max_months"),
        ({"block_parts": "8, 5"}, "block_parts"),
        ({"block_weeks": "13", "block_parts": "8, 6"}, "block_parts"),
        ({"caseload_active_max": "20", "caseload_total_max": "10"}, "caseload_total_max"),
        ({"follow_up_months": "3, 1"}, "follow_up_months"),
        ({"follow_up_months": "bientôt"}, "follow_up_months"),
        ({"follow_up_employer": "1"}, "follow_up_employer"),
        ({"contract_makes_entry": "1"}, "contract_makes_entry"),
        ({"age_min": "30", "age_max": "25"}, "age_max"),
        ({"contact_every_days": "0"}, "contact_every_days"),
    ],
)
def test_rules_that_do_not_hold_together_say_where(visit, address, fill, db, said, field):
    answer = visit("adam").post(f"{address}/regles", data=fill(**said))
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#f-{field}-error")
    assert db.exec(select(ProgrammeRule)).one().max_duration_months == 12


def test_rules_already_in_force_are_not_written_twice(visit, address, fill, db):
    assert visit("adam").post(f"{address}/regles", data=fill()).status_code == 422
    assert db.exec(select(ProgrammeRule)).one()


def test_every_rule_of_every_programme_can_be_typed_again(visit, fill, db, key):
    """What the form shows of shipped rules, sent back, is the same rules."""
    from coordination.programmes import catalogue, forms
    from coordination.web.forms import Form

    for entry in catalogue.entries():
        shown = forms.written(entry.rules) | {"from_on": "2026-08-01"}
        sent = {n: v for n, v in shown.items() if v != "0" or n in _ASKED}
        read = forms.change(Form(sent), earliest=date(2026, 6, 4))
        assert read.rules == entry.rules, entry.slug


_ASKED = {f.name for f in fields.every() if f.typed is fields.Typed.YES_OR_NO}


def test_a_programme_of_ones_own_is_added_then_described(visit, key, db):
    adam = visit("adam")
    answer = adam.post("/dispositifs/nouveau", data={
        "_key": key(), "name": "Été des possibles", "kind": "insertion"})  # fmt: skip
    assert "Changer les règles" in told(answer)
    made = db.exec(select(Programme).where(Programme.slug == "ete-des-possibles")).one()
    db.commit()
    sent = {"_key": key(), "_version": "1", "name": "L’été des possibles", "kind": "emploi"}
    adam.post(f"/dispositifs/{made.id}/presentation", data=sent)
    db.commit()
    db.refresh(made)
    assert (made.name, made.active) == ("L’été des possibles", False)
    stale = adam.post(f"/dispositifs/{made.id}/presentation", data=sent | {"_key": key()})
    assert stale.status_code == 409


def test_a_programme_closed_to_entries_leaves_the_lists(visit, address, key, db, town):
    adam = visit("adam")
    sent = {"_key": key(), "_version": "1", "name": "Déclic", "kind": "remobilisation"}
    adam.post(f"{address}/presentation", data=sent)
    assert "Déclic" not in visit("alice").get("/parcours/nouveau").text
    assert "fermé aux entrées" in told(visit("alice").get(address))


def test_the_journey_page_leads_to_the_rules(visit, address, town):
    page = soup(visit("alice").get(f"/parcours/{town.journey.id}"))
    assert page.select_one(f'main a[href="{address}"]')


def test_a_first_rule_may_begin_in_the_past(visit, key, db):
    adam = visit("adam")
    adam.post("/dispositifs/nouveau", data={
        "_key": key(), "name": "Tremplin", "kind": "emploi"})  # fmt: skip
    made = db.exec(select(Programme).where(Programme.slug == "tremplin")).one()
    db.commit()
    answer = adam.post(f"/dispositifs/{made.id}/regles", data={
        "_key": key(), "_version": "1", "from_on": "2025-01-01",
        "max_duration_months": "9"})  # fmt: skip
    assert answer.status_code == 200
    assert rules.in_force(db, made.id, date(2025, 6, 1)).max_duration_months == 9
    assert rules.in_force(db, made.id, date(2024, 12, 31) - timedelta(days=1)).given() == {}
