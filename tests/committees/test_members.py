"""Who sits: agencies, mandates with their grants, first access by mail."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import db as base
from coordination.agencies import actors
from coordination.agencies.models import (
    Agency,
    AgencyKind,
    Grant,
    Membership,
    Professional,
    Role,
    Territory,
)
from coordination.committees import members, queries
from coordination.committees.models import Committee, Mandate, MandateRole
from coordination.errors import Invalid, Refused
from coordination.outbox import Notice
from tests.committees.worlds import another_committee
from tests.conftest import soup

DAY = timedelta(days=1)


def mandate_of(db, who):
    return db.exec(select(Mandate).where(Mandate.professional_id == who.id)).one()


def seat(db, town, who, role=MandateRole.SUBSTITUTE, agency=None, **dates):
    return members.give(
        db,
        db.get_one(Committee, town.committee.id),
        who,
        role=role,
        agency_id=(agency or town.ccas).id,
        actor=town.actor("sophie"),
        **dates,
    )


def newcomer(db, email="farid@example.org"):
    return members.professional(db, given_name="Farid", usual_name="Haddad", email=email)


def quiet_agency(db, town, name="PLIE du Cœur d’Hérault"):
    """An agency that holds nobody's file yet."""
    made = Agency(name=name, kind=AgencyKind.PLIE, region_id=town.region.id)
    db.add(made)
    db.flush()
    return made


def sits(db, town, who) -> bool:
    """Whether they hold a member's grant now, in this transaction."""
    actor = actors.of_professional(db, who.id)
    return actor.holds(Role.MEMBER, town.committee.id)


def test_a_mandate_opens_the_committee_to_someone_new(db, town):
    who, new = newcomer(db)
    agency = quiet_agency(db, town)
    seat(db, town, who, agency=agency)
    actor = actors.of_professional(db, who.id)
    assert new
    assert actor.agency_id == agency.id
    assert actor.holds(Role.MEMBER, town.committee.id)
    assert queries.one_committee(db, actor, town.committee.id).id == town.committee.id


def test_an_address_already_known_is_the_same_person_whatever_the_case(db, town):
    who, new = newcomer(db, "ALICE@example.org")
    assert (who.id, new) == (town.alice.id, False)
    assert who.usual_name == "Martin"


def test_a_secretary_does_not_open_the_files_of_an_agency_to_whom_she_likes(db, town):
    """The mission locale holds files: a seat for it gives the committee, never its files."""
    who, _ = newcomer(db)
    seat(db, town, who, agency=town.mission)
    db.flush()
    held = select(Membership).where(Membership.professional_id == who.id)
    assert db.exec(held).first() is None
    assert actors.of_professional(db, who.id).holds(Role.MEMBER, town.committee.id)


def test_the_administration_may_write_any_account(db, town):
    assert members.may_enrol(db, town.actor("adam"), town.mission.id)
    assert members.may_enrol(db, town.actor("alice"), town.mission.id)
    assert not members.may_enrol(db, town.actor("sophie"), town.mission.id)


def test_a_second_seat_of_the_same_kind_is_refused(db, town):
    with pytest.raises(Invalid, match="déjà"):
        seat(db, town, town.chloe)


def test_ended_today_the_pages_close_at_once(db, town):
    members.end(db, town.committee, mandate_of(db, town.chloe), actor=town.actor("sophie"))
    db.flush()
    assert not sits(db, town, town.chloe)
    assert mandate_of(db, town.chloe).until_on == town.today


def test_ended_later_the_pages_stay_open_until_then(db, town, stopped_clock):
    last = town.today + 10 * DAY
    members.end(db, town.committee, mandate_of(db, town.chloe), on=last, actor=town.actor("sophie"))
    db.flush()
    assert sits(db, town, town.chloe)
    stopped_clock.later(days=11)
    assert not sits(db, town, town.chloe)


def test_a_seat_written_by_mistake_closes_the_same_day(db, town):
    who, _ = newcomer(db)
    mandate = seat(db, town, who, agency=quiet_agency(db, town))
    members.end(db, town.committee, mandate, actor=town.actor("sophie"))
    db.flush()
    grants = db.exec(select(Grant).where(Grant.professional_id == who.id)).all()
    assert grants == []


def test_a_committee_keeps_a_secretary(db, town):
    with pytest.raises(Refused, match="secrétariat"):
        members.end(db, town.committee, mandate_of(db, town.sophie), actor=town.actor("paul"))
    seat(db, town, town.alice, role=MandateRole.SECRETARY, agency=town.mission)
    members.end(db, town.committee, mandate_of(db, town.sophie), actor=town.actor("paul"))
    assert mandate_of(db, town.sophie).until_on == town.today


def test_an_agency_that_leaves_takes_its_mandates_along(db, town):
    members.remove_agency(db, town.committee, town.ccas.id, actor=town.actor("sophie"))
    db.flush()
    after = town.today + DAY
    left = {a.id for a in db.exec(queries.member_agencies(town.committee.id, on=after))}
    assert left == {town.mission.id, town.greta.id}
    assert not sits(db, town, town.chloe)


def test_two_agencies_of_one_name_in_one_territory_are_refused(db, town):
    with pytest.raises(Invalid, match="existe déjà"):
        members.new_agency(
            db, town.committee, name="ccas de lunel", kind=AgencyKind.CCAS, actor=town.actor("paul")
        )


def here(town, rest=""):
    return f"/comites/{town.committee.id}/membres{rest}"


def person(town, key, **more):
    return {
        "_which": "person",
        "usual_name": "Haddad",
        "given_name": "Farid",
        "email": "farid@example.org",
        "agency_id": str(town.greta.id),
        "role": "substitute",
        "_key": key(),
    } | more


def test_the_secretary_adds_a_member_who_receives_an_access(visit, town, key, db):
    db.commit()
    answer = visit("sophie").post(here(town), data=person(town, key))
    assert answer.status_code == 200
    assert "HADDAD Farid siège au comité" in answer.text
    notice = db.exec(select(Notice).where(Notice.kind == "signin.invited")).one()
    farid = db.get(Professional, notice.professional_id)
    assert farid.email == "farid@example.org"


def test_a_secretary_enrols_nobody_in_an_agency_whose_files_she_cannot_see(visit, town, key, db):
    with base.reading(town.web, context=town.actor("sophie").context) as session:
        assert not members.may_enrol(session, town.actor("sophie"), town.mission.id)
    form = person(town, key, agency_id=str(town.mission.id))
    assert "Sa structure devra encore" in visit("sophie").post(here(town), data=form).text
    who = db.exec(select(Professional).where(Professional.email == "farid@example.org")).one()
    assert db.exec(select(Membership).where(Membership.professional_id == who.id)).all() == []


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "farid", "adresse complète"),
        ("usual_name", "", "nécessaire"),
        ("usual_name", "x" * 300, "80 caractères au plus"),
        ("role", "king", "Choisissez"),
        ("agency_id", "not-an-id", "Choisissez"),
        ("from_on", "31/02/2026", "n’existe pas"),
        ("until_on", "2020-01-01", "finir avant de commencer"),
    ],
)
def test_a_wrong_field_is_named_and_nobody_is_written(visit, town, key, db, field, value, says):
    db.commit()
    answer = visit("sophie").post(here(town), data=person(town, key, **{field: value}))
    assert answer.status_code == 422
    assert says in answer.text
    assert soup(answer).select_one("[name=given_name]")["value"] == "Farid"
    assert (
        db.exec(select(Professional).where(Professional.email == "farid@example.org")).first()
        is None
    )


def test_a_seat_for_an_agency_outside_the_committee_is_refused(visit, town, key):
    sent = person(town, key, agency_id=str(town.elsewhere.id))
    answer = visit("sophie").post(here(town), data=sent)
    assert answer.status_code == 422
    assert "structure membre" in answer.text


def test_an_agency_written_in_place_is_a_member(visit, town, key):
    sent = {"_which": "new", "agency_name": "L’Étape <b>", "agency_kind": "siae", "_key": key()}
    answer = visit("sophie").post(here(town, "/creer"), data=sent)
    assert answer.status_code == 200
    assert "L’Étape &lt;b&gt;" in answer.text


def test_an_existing_agency_joins_and_leaves(visit, town, key):
    sent = {"_which": "known", "known_agency_id": str(town.elsewhere.id), "_key": key()}
    joined = visit("sophie").post(here(town, "/structure"), data=sent)
    assert "Cap emploi Aubrac est membre" in joined.text
    gone = {"agency_id": str(town.ccas.id), "_key": key()}
    assert visit("sophie").post(here(town, "/retirer"), data=gone).status_code == 200


def test_a_mandate_of_another_committee_is_not_found(visit, town, key, act):
    with act() as db:
        other = another_committee(db, town, "eva")
        foreign = db.exec(select(Mandate).where(Mandate.committee_id == other.id)).one()
    answer = visit("sophie").post(here(town, f"/{foreign.id}/fin"), data={"_key": key()})
    assert answer.status_code == 404


def test_a_member_reads_the_committee_and_changes_nothing(visit, town, key):
    assert visit("alice").get(f"/comites/{town.committee.id}").status_code == 200
    assert visit("alice").get(here(town)).status_code == 403
    assert visit("alice").post(here(town), data=person(town, key)).status_code == 403


def test_for_the_secretary_of_another_committee_it_does_not_exist(visit, town, key, act):
    with act() as db:
        another_committee(db, town, "eva")
    assert visit("eva").get(here(town)).status_code == 404
    assert visit("eva").post(here(town), data=person(town, key)).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_members(visit, town, act, counting):
    browser = visit("sophie")
    browser.get(here(town))
    counting.clear()
    browser.get(here(town))
    few = len(counting)
    with act() as db:
        sophie = actors.of_professional(db, town.sophie.id)
        committee = db.get_one(Committee, town.committee.id)
        for number in range(12):
            who, _ = newcomer(db, f"n{number}@example.org")
            members.give(
                db, committee, who, role=MandateRole.TITULAR, agency_id=town.greta.id, actor=sophie
            )
    counting.clear()
    browser.get(here(town))
    assert len(counting) == few


def test_an_agency_without_a_place_takes_the_territory_of_its_first_committee(db, town):
    agency = Agency(name="AFPA de Lodève", kind=AgencyKind.TRAINING_BODY)
    db.add(agency)
    db.flush()
    committee = db.get_one(Committee, town.committee.id)
    members.add_agency(db, committee, agency, actor=town.actor("sophie"))
    assert (agency.region_id, agency.territory_id) == (town.region.id, town.territory.id)


def test_an_agency_that_has_a_place_keeps_it(db, town):
    there = Territory(region_id=town.region.id, name="Aubrac")
    db.add(there)
    db.flush()
    agency = quiet_agency(db, town)
    agency.territory_id = there.id
    members.add_agency(
        db, db.get_one(Committee, town.committee.id), agency, actor=town.actor("sophie")
    )
    assert agency.territory_id == there.id


def test_a_journey_comes_before_the_committees_of_its_territory_or_of_its_carrier(db, town):
    journey, carrier = town.journey, db.get_one(Agency, town.mission.id)
    roaming = another_committee(db, town, "eva")  # of no territory

    def found():
        return {c.id for c in db.exec(queries.that_may_examine(journey, carrier))}

    assert found() == {town.committee.id}
    members.add_agency(db, roaming, carrier, actor=town.actor("eva"))
    assert found() == {town.committee.id, roaming.id}
    roaming.closed_on = town.today
    assert found() == {town.committee.id}
