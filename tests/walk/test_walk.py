"""The walk: an empty base, one committee, one session, one answer. Each person in turn."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from coordination import settings
from coordination.postman.delivery import KeptMail
from tests.browser import visitor
from tests.walk.installation import Installation, Walker, link_in

pytestmark = pytest.mark.browser
LIST = Path(__file__).with_name("liste.csv")
LISTED = "VASSEUR"  # the name of all those of the list
TODAY = date.today()
AGENCIES = {  # name → (kind, address for referrals)
    "Mission locale du Lodévois": ("Mission locale", "mission@example.org"),
    "GRETA du Lodévois": ("Organisme de formation", "greta@example.org"),
    "CCAS de Lodève": ("CCAS", "ccas@example.org"),
    "Maison de l’emploi": ("Maison de l’emploi", "mde@example.org"),
    "Auto-école solidaire": ("Association", "permis@example.org"),
}
MEMBERS = (  # given, usual, agency, seat
    ("Paul", "Le Goff", "Maison de l’emploi", "Présidence"),
    ("Alice", "Martin", "Mission locale du Lodévois", "Titulaire"),
    ("Bruno", "Da Silva", "GRETA du Lodévois", "Titulaire"),
    ("Chloé", "Ndiaye", "CCAS de Lodève", "Titulaire"),
)
SOPHIE, PAUL, ALICE, BRUNO, CHLOE = (
    f"{name}@example.org" for name in ("sophie", "paul", "alice", "bruno", "chloe")
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with pytest.MonkeyPatch.context() as patch:
        yield Installation(tmp_path, patch)
    settings.load.cache_clear()


def day(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def test_from_an_empty_base_to_what_everyone_takes_home(
    home: Installation, browser: Browser
) -> None:
    said = home.command(
        "init", "--email", "adam@example.org", "--given-name", "Adam", "--usual-name", "Petit"
    )
    with home.served(), visitor(browser) as page:
        w = Walker(page, home)
        the_administrator_founds_agencies_and_a_committee(w, said.split()[-1])
        links = {mail.to: link_in(mail) for mail in home.carry()}
        meeting = the_secretary_seats_its_members_and_plans_a_meeting(w, links[SOPHIE])
        mails = home.carry()
        each_member_is_invited(mails)
        links = {mail.to: link_in(mail) for mail in mails if "/lien/" in mail.text}
        the_training_body_imports_its_list(w, links[BRUNO])
        journey = the_adviser_types_a_journey_asks_and_collects_an_agreement(w, links[ALICE])
        home.carry()
        the_secretary_prepares_the_agenda(w, meeting)
        the_secretary_holds_the_session(w, meeting)
        reminders = home.carry()  # agreements awaited for the agenda: no decision has left yet
        assert all(mail.subject.startswith("Accord à recueillir") for mail in reminders)
        the_chair_lifts_the_meeting(w, meeting)
        mails = home.carry()
        link = next(link_in(mail) for mail in mails if mail.to == "permis@example.org")
        partners_page = a_partner_answers_without_an_account(browser, home, link)
        another_refuses_and_says_why(w)
        home.carry()
        the_sender_sees_both_answers(w, journey)
        what_was_refused_comes_back_by_itself(w)
        the_secretary_sends_the_minutes(w, meeting)
        each_agency_reads_its_own(w, meeting)
        she_withdraws_everything(w, journey)
        at_the_next_request_nobody_reads_her_name(w, browser, meeting, partners_page)
        assert not re.search("benali|nadia|fondue", home.every_word_sent(), re.IGNORECASE)
        assert w.found == []


def the_administrator_founds_agencies_and_a_committee(w: Walker, link: str) -> None:
    with w.acting("adam@example.org", link=link):
        assert w.path == "/administration"
        for name, (kind, email) in AGENCIES.items():
            with w.form("new-agency"):
                w.fill(name=name, kind=kind, email=email)
                w.press("Créer la structure")
            w.go("/administration")
        w.look()
        w.follows("Créer un comité")
        w.fill(kind_id="COPASS", name="COPASS du Lodévois", territory_name="Lodévois")
        w.fill(region_code="Occitanie", place="Salle du conseil, Lodève")
        w.fill(controllers="La Région et les structures membres du comité")
        w.tick(*AGENCIES)
        w.tick("Une autre personne, à inviter par courriel")
        w.opens_details("L’autre personne")
        w.fill(usual_name="Bernard", given_name="Sophie", email=SOPHIE, function="Secrétaire")
        w.fill(secretary_agency="Maison de l’emploi")
        w.look()
        w.press("Créer le comité")
        assert "Comité créé" in w.text


def the_secretary_seats_its_members_and_plans_a_meeting(w: Walker, link: str) -> str:
    """The address of the meeting."""
    with w.acting(SOPHIE, link=link):
        w.look()
        w.go("/comites")
        w.look()
        w.follows("COPASS du Lodévois")
        w.look()
        w.follows("Membres")
        for given, usual, agency, seat in MEMBERS:
            email = f"{given.lower().replace('é', 'e')}@example.org"
            with w.form("add"):
                w.fill(usual_name=usual, given_name=given, email=email)
                w.fill(agency_id=agency, role=seat)
                w.press("Ajouter")
            assert f"{usual.upper()} {given} siège au comité" in w.text
        w.look()
        w.follows("COPASS du Lodévois")
        w.follows("Prévoir une séance")
        w.fill(day=day(1), starts="09:30", ends="12:30")
        w.look()
        w.press("Prévoir la séance")
        meeting = w.path
        w.look()
        w.follows("Invitation")
        w.look()
        assert w.text.count("@example.org") == 5
        w.press("Envoyer les 5 invitations")
        w.go(meeting + "/invitation")
        assert "Tout le monde est invité." in w.text
    return meeting


def each_member_is_invited(mails: list[KeptMail]) -> None:
    invited = [mail for mail in mails if "invitation.ics" in mail.attachments]
    assert {mail.to for mail in invited} == {SOPHIE, PAUL, ALICE, BRUNO, CHLOE}
    assert all("COPASS du Lodévois" in mail.text for mail in invited)


def the_training_body_imports_its_list(w: Walker, link: str) -> None:
    with w.acting(BRUNO, link=link):
        w.look()
        w.go("/parcours")
        w.look()
        for again in (False, True):
            w.go("/parcours")
            w.follows("Importer une liste")
            w.page.set_input_files("[name=file]", LIST)
            w.fill(programme="Formation pré-qualifiante", entered_on=day(-310))
            w.fill(planned_end_on=day(20))
            w.look()
            w.press("Lire le fichier")
            w.look()
            if not again:  # the columns, asked once for this agency's file
                w.press("Voir ce qui sera fait")
                w.look()
            assert "(NIR) n’est pas lue" in w.text
            if again:
                assert "Ce fichier ne change rien" in w.text
            else:
                assert "3 Créés" in w.text and "doublon" in w.text
                w.press("Enregistrer tout ceci")
        w.go("/parcours")
        assert "3 parcours" in w.text
        assert "Fin prévue le" in w.text and "ni étape ni orientation ensuite" in w.text
        w.follows(f"{LISTED} Charlotte")
        w.look()
        assert "Durée dépassée" in w.text


def the_adviser_types_a_journey_asks_and_collects_an_agreement(w: Walker, link: str) -> str:
    """The address of the journey."""
    with w.acting(ALICE, link=link):
        w.go("/parcours")
        w.follows("Nouveau parcours")
        w.fill(usual_name="Benali", given_names="Nadia", birth_on="1999-03-08")
        w.fill(programme="Sas de remobilisation", entered_on=day(-150), planned_end_on=day(10))
        w.look()
        w.press("Ouvrir le parcours")
        journey = w.path
        w.look()
        w.follows("Demander un examen")
        w.fill(question="Quelle suite après la remobilisation, sans permis de conduire ?")
        w.fill(tried="Deux simulateurs, une demande de bourse.", wish="Travailler près de chez moi")
        w.tick("Oui, la personne le sait")
        w.look()
        w.press("Déposer la demande")
        assert "Votre demande est déposée" in w.text
        w.go(journey + "/accords")
        w.look()
        printed = w.pdf(journey + "/accords/formulaire.pdf?phrase=comite")
        assert "BENALI Nadia" in printed and "CCAS de Lodève" in printed
        it_is_agreed_orally(w)
        assert "L’accord oral est enregistré" in w.text
        w.look()
        w.go(journey + "/accords?phrase=orientation")
        w.tick("CCAS de Lodève", "Auto-école solidaire")
        it_is_agreed_orally(w)
        w.go(journey + "/accords")
        assert w.text.count("Oral, signature attendue") == 2
    return journey


def it_is_agreed_orally(w: Walker) -> None:
    w.tick("Accord oral, que j’atteste")
    w.fill(words_used="Oui, vous pouvez en parler entre vous.")
    w.tick("J’atteste avoir informé la personne")
    w.press("Enregistrer l’accord")


def the_secretary_prepares_the_agenda(w: Walker, meeting: str) -> None:
    with w.acting(SOPHIE):
        w.go(meeting + "/ordre-du-jour")
        w.press("Proposer l’ordre du jour")
        w.look()
        assert "« Quelle suite après la remobilisation" in w.text
        w.press(re.compile(r"^Tout retenir"))
        last = w.page.locator("#section-situations + form .agenda-item").last
        last.locator("summary", has_text="Ne pas retenir").click()
        last.get_by_label("Pourquoi ce point").fill("À revoir avec la structure d’abord")
        w.press(re.compile("^Ne pas retenir : "), inside=last)
        assert "À revoir avec la structure d’abord" in w.text
        in_order = w.page.locator("#section-situations + form .agenda-item")
        before = [in_order.nth(n).get_attribute("data-id") for n in range(in_order.count())]
        w.swapped(lambda: drag(w, in_order.nth(0), in_order.nth(1)))
        after = [in_order.nth(n).get_attribute("data-id") for n in range(in_order.count())]
        assert after == [before[1], before[0], *before[2:]]
        up = in_order.nth(1).get_by_role("button", name=re.compile("^Monter"))
        up.focus()
        w.swapped(lambda: w.page.keyboard.press("Enter"))
        again = [in_order.nth(n).get_attribute("data-id") for n in range(in_order.count())]
        assert again == before
        w.press("Figer l’ordre du jour")
        assert "les numéros ne changent plus" in w.text
        w.look()
        printed = w.pdf(meeting + "/ordre-du-jour.pdf")
        assert "BENALI Nadia" in printed and LISTED not in printed
        assert "LE GOFF Paul" in w.pdf(meeting + "/emargement.pdf")


def drag(w: Walker, item: Locator, below: Locator) -> None:
    item.scroll_into_view_if_needed()
    box, other = item.locator(".agenda-handle").bounding_box(), below.bounding_box()
    assert box and other
    w.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    w.page.mouse.down()
    w.page.mouse.move(other["x"] + 20, other["y"] + other["height"] - 4, steps=6)
    w.page.mouse.up()


def the_secretary_holds_the_session(w: Walker, meeting: str) -> None:
    with w.acting(SOPHIE):
        w.go(meeting + "/presences")
        w.look()
        seats = w.page.locator(".attendance > li")
        for n in range(seats.count()):
            seats.nth(n).get_by_label("Présent·e", exact=True).check()
        w.press("Enregistrer et ouvrir la séance")
        assert w.path == meeting + "/en-seance"
        w.look()
        room = w.page.context.new_page()
        room.goto(w.home.address + meeting + "/ecran")
        w.page.bring_to_front()  # a tab behind is slowed down by the browser
        nobody_who_did_not_agree_is_on_the_screen(w, room)
        w.look(room)
        room.close()
        w.go(meeting + "/lever")
        w.look()
        assert "La présidence du comité confirme" in w.text


def nobody_who_did_not_agree_is_on_the_screen(w: Walker, room: Page) -> None:
    w.follows(re.compile("BENALI Nadia"))
    w.press("Examiner ce point maintenant")
    assert "Toutes les structures présentes sont couvertes" in w.text
    expect(room.locator("#room-title")).to_have_text("BENALI Nadia")
    decide(
        w, "Orientation", text="Financer et préparer le permis", need_code="Développer sa mobilité",
        destination_1="Auto-école solidaire",
    )  # fmt: skip
    decide(
        w, "Orientation", text="Chercher un logement plus proche",
        need_code="Faire face à des difficultés de logement", destination_1="CCAS de Lodève",
    )  # fmt: skip
    w.look()
    for outcome, more in (
        ("Maintien", {"text": "Le parcours continue"}),
        ("Prolongation", {"text": "Trois mois de plus", "until_on": day(120)}),
    ):
        w.press("Point suivant →")
        assert "l’accord ne couvre pas" in w.text
        assert LISTED not in w.text
        expect(room.locator("#room-title")).to_contain_text("Situation n°")
        assert LISTED not in room.inner_text("body")
        decide(w, outcome, **more)
    w.opens_details("Ajouter une action")
    with w.form("actions-title"):
        w.fill(what="Prendre rendez-vous avec la personne", agency="GRETA", due_on=day(20))
        w.press("Ajouter l’action")
    assert "Prendre rendez-vous avec la personne" in w.text


def decide(w: Walker, outcome: str, **said: str) -> None:
    w.tick(outcome)
    w.fill(**said)
    w.press("Enregistrer la décision")
    assert "Rien ne part avant" in w.text


def the_chair_lifts_the_meeting(w: Walker, meeting: str) -> None:
    with w.acting(PAUL, asks=True):
        w.go(meeting + "/lever")
        assert "2 orientations partiront" in w.text and "1 action" in w.text
        w.press("Confirmer et lever la séance")
        w.look()


def a_partner_answers_without_an_account(browser: Browser, home: Installation, link: str) -> str:
    """Accepts with an appointment; the address of the page, to come back to."""
    with visitor(browser) as page:
        guest = Walker(page, home)
        guest.opens(link)
        guest.look()
        assert "BENALI Nadia" in guest.text and "Santé" not in guest.text
        guest.follows("Accepter")
        guest.fill(day=day(9), hour="14:00", ask_for="Madame Costes", note="À très bientôt.")
        guest.look()
        guest.press("Accepter")
        assert "Acceptée" in guest.text and "Madame Costes" in guest.text
        assert guest.found == []
        return guest.path


def another_refuses_and_says_why(w: Walker) -> None:
    with w.acting(CHLOE):
        w.look()
        w.go("/orientations?sens=recues")
        w.look()
        w.follows("BENALI Nadia")
        w.look()
        w.follows("Refuser")
        w.tick("Session complète")
        w.fill(note="Plus de logement disponible avant l’été.")
        w.press("Envoyer le refus")
        assert "Refusée par la structure" in w.text


def the_sender_sees_both_answers(w: Walker, journey: str) -> None:
    with w.acting(ALICE):
        w.look()
        w.go("/orientations?sens=envoyees")
        assert "Acceptée" in w.text
        w.go(journey)
        assert "Refusée par la structure" in w.text and "Acceptée" in w.text
        w.look()
        w.follows("Auto-école solidaire")
        assert "Madame Costes" in w.text


def what_was_refused_comes_back_by_itself(w: Walker) -> str:
    """On the proposal of the next meeting, whose address this is."""
    with w.acting(SOPHIE):
        w.go("/comites")
        w.follows("Prévoir une séance")
        w.fill(day=day(43), starts="09:30", ends="12:30")
        w.press("Prévoir la séance")
        coming = w.path
        w.go(coming + "/ordre-du-jour")
        w.press("Proposer l’ordre du jour")
        found = w.page.locator("#section-follow_up + form .agenda-item", has_text="refusée le")
        assert found.count() == 1
        assert "Orientation décidée le" in found.inner_text()
        assert "BENALI Nadia" in found.inner_text()
    return coming


def the_secretary_sends_the_minutes(w: Walker, meeting: str) -> None:
    with w.acting(SOPHIE):
        w.go(meeting + "/releve")
        w.look()
        w.press("Envoyer le relevé")
        w.home.carry()
        w.go(meeting + "/releve")
        w.look()
        w.go(meeting + "/suivi")
        w.look()


def each_agency_reads_its_own(w: Walker, meeting: str) -> None:
    for who, reads, never in (
        (ALICE, "BENALI Nadia", LISTED),
        (CHLOE, "BENALI Nadia", LISTED),
        (BRUNO, f"{LISTED} Charlotte", "—nobody—"),
    ):
        with w.acting(who):
            whole = w.pdf(meeting + "/releve.pdf")
            assert "BENALI" not in whole and LISTED not in whole
            assert "Développer" in whole or "permis" in whole
            own = w.pdf(meeting + "/annexe.pdf")
            assert reads in own and never not in own


def she_withdraws_everything(w: Walker, journey: str) -> None:
    with w.acting(ALICE):
        w.go(journey + "/accords")
        w.page.get_by_role("button", name="Tout retirer…").click()
        w.press("Tout retirer")
        assert "Le retrait est enregistré" in w.text


def at_the_next_request_nobody_reads_her_name(
    w: Walker, browser: Browser, meeting: str, partners_page: str
) -> None:
    told = [mail for mail in w.home.carry() if mail.to == "permis@example.org"]
    assert told and not any("enali" in mail.text.lower() for mail in told)
    with visitor(browser) as page:
        guest = Walker(page, w.home)
        guest.go(partners_page, status=410)
        assert "BENALI" not in guest.text and "Ce lien n’ouvre plus rien" in guest.text
        guest.look()
        assert guest.found == []
    with w.acting(SOPHIE):
        assert "BENALI" not in w.pdf(meeting + "/ordre-du-jour.pdf")
        for page in ("/ecran", "/ordre-du-jour", "/releve", "/suivi"):
            w.go(meeting + page)
            assert "BENALI" not in w.text, page
    with w.acting(CHLOE):
        answer = w.page.request.get(w.home.address + meeting + "/annexe.pdf")
        assert answer.status == 410 or "BENALI" not in w.pdf(meeting + "/annexe.pdf")
        w.go("/orientations?sens=recues")
        assert "BENALI" not in w.text
