"""What the screen says before: who would see what, and how much; and after: narrowing, widening,
the easy-to-read form, who helped to understand."""

import io
from urllib.parse import parse_qsl, urlsplit

import pytest
from pypdf import PdfReader
from sqlmodel import select

from coordination.consent.models import ConsentCover, ConsentEvent, EventKind, Purpose
from coordination.persons.categories import Category, bits
from coordination.persons.models import PersonFact
from coordination.rights import notice, withdrawal
from tests.conftest import HTMX, soup
from tests.rights.test_pages import LEAST, consents, covered, here, looked, proof, said


@pytest.fixture
def facts(act, town):
    with act() as db:
        for code, category in (("housing", Category.HOUSING), ("rome", Category.EMPLOYMENT)):
            db.add(
                PersonFact(person_id=town.sami.id, agency_id=town.mission.id, category=category,
                           code=code, value="hébergé par un proche")
            )  # fmt: skip


def shown(visit, town, recipients, categories, **headers):
    address = f"{here(town)}/apercu?phrase=comite&choisi=1"
    address += "".join(f"&recipients={agency.id}" for agency in recipients)
    address += "".join(f"&categories={category}" for category in categories)
    return soup(visit("alice").get(address, headers=headers)).select_one("#apercu")


def test_each_agency_has_its_categories_with_how_much_is_in_them(visit, town, facts):
    part = shown(visit, town, [town.ccas], ["identity", "housing", "training"], **HTMX)
    said_of = {d.dt.text: d.dd.text for d in part.select("dl")[0].select("div")}
    assert said_of == {
        "Identité et coordonnées": "2\u00a0informations",
        "Formation": "rien de noté à ce jour",
        "Logement": "1\u00a0information",
    }
    assert "hébergé par un proche" in part.select_one("details").text
    assert "Emploi et projet" in part.text.split("Jamais montré")[1]


def test_a_refusal_in_force_is_taken_away_from_what_would_be_seen(visit, town, act, facts):
    with act() as db:
        withdrawal.refuse(
            db, db.merge(town.sami), purpose=Purpose.COMMITTEE, recipients=[town.ccas.id],
            categories=[Category.HOUSING], actor=town.actor("alice"),
        )  # fmt: skip
    part = shown(visit, town, [town.ccas, town.greta], ["identity", "housing"])
    seen = {
        b.select_one("strong").text: [dt.text for dt in b.select("dt")]
        for b in part.select("div.stack-tight")
    }
    assert seen["CCAS de Lunel"] == ["Identité et coordonnées"]
    assert seen["Atelier des savoirs"] == ["Identité et coordonnées", "Logement"]
    assert "Refusé par la personne" in part.text


def test_what_another_agreement_opens_already_is_said(visit, town, key):
    visit("alice").post(here(town), data=said(town, key), files=proof())
    part = shown(visit, town, [town.ccas], ["housing"])
    assert "(ouvert par un autre accord)" in part.text
    assert "Étapes et contacts" in part.text


def test_nobody_chosen_shows_that_nothing_is_shared(visit, town):
    part = shown(visit, town, [], ["identity"])
    assert "Aucune structure choisie" in part.text
    assert "ORTEGA" not in part.text


def test_the_preview_is_the_same_with_and_without_javascript(visit, town):
    chosen = ([town.ccas], ["identity"])
    assert str(shown(visit, town, *chosen, **HTMX)) == str(shown(visit, town, *chosen))


def signed(visit, town, key, **changes):
    fields = said(town, key, recipients=[str(town.ccas.id), str(town.greta.id)], **changes)
    answer = visit("alice").post(here(town), data=fields, files=proof(), follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def narrow(visit, key, page, recipients, categories):
    fields = {"narrowing": "1", "kept_recipients": [str(a.id) for a in recipients],
              "kept_categories": categories, "_key": key()}  # fmt: skip
    return visit("alice").post(f"{page}/restreindre", data=fields)


def test_what_is_unticked_is_no_longer_read(visit, town, db, key):
    page = signed(visit, town, key)
    assert narrow(visit, key, page, [town.ccas], ["identity", "steps"]).status_code == 200
    assert covered(db, town.sami, town.ccas) == bits((Category.IDENTITY, Category.STEPS))
    assert covered(db, town.sami, town.greta) == 0
    kinds = {e.kind for e in looked(db, select(ConsentEvent))}
    assert EventKind.NARROWED in kinds


def test_narrowing_to_nobody_or_nothing_ends_the_agreement(visit, town, db, key):
    for recipients, categories in (((), ["identity"]), ((town.ccas,), [])):
        page = signed(visit, town, key)
        narrow(visit, key, page, recipients, categories)
        assert "Retiré par la personne" in visit("alice").get(page).text
        assert covered(db, town.sami, town.ccas) == 0


def test_narrowing_never_adds(visit, town, db, key):
    page = signed(visit, town, key)
    narrow(visit, key, page, [town.ccas, town.greta, town.mde],
           ["identity", "training", "steps", "health"])  # fmt: skip
    assert covered(db, town.sami, town.ccas) == LEAST
    assert covered(db, town.sami, town.mde) == 0


def test_widening_is_a_new_agreement_and_the_first_one_holds_meanwhile(visit, town, db, key):
    page = soup(visit("alice").get(signed(visit, town, key)))
    form = next(f for f in page.select("form") if "plus large" in f.text)
    fields = [(i["name"], i["value"]) for i in form.select("input")]
    wider = soup(visit("alice").get(form["action"].split("#")[0], params=fields))
    chosen = {i["value"] for i in wider.select("input[name=recipients][checked]")}
    assert chosen == {str(town.ccas.id), str(town.greta.id)}
    more = said(town, key, way="later", categories=["identity", "training", "steps", "housing"])
    visit("alice").post(here(town), data=more)
    assert covered(db, town.sami, town.ccas) == LEAST
    assert len(consents(db, town.sami)) == 2


def test_an_agency_that_joins_the_committee_later_is_not_covered(visit, town, db, key):
    page = soup(visit("alice").get(here(town)))
    table = [i["value"] for i in page.select("input[name=recipients][checked]")]
    assert str(town.elsewhere.id) not in table
    visit("alice").post(here(town), data=said(town, key, recipients=table), files=proof())
    covers = looked(db, select(ConsentCover.agency_id).where(
        ConsentCover.person_id == town.sami.id))  # fmt: skip
    assert {str(agency) for agency in covers} == set(table)
    assert covered(db, town.sami, town.elsewhere) == 0


def test_the_easy_form_is_another_text_with_its_own_version(visit, town):
    query = f"?phrase=comite&choisi=1&recipients={town.ccas.id}&categories=identity&months=12"
    texts = {}
    for kind in ("", "&format=falc"):
        printed = visit("alice").get(f"{here(town)}/formulaire.pdf{query}{kind}").content
        pages = PdfReader(io.BytesIO(printed)).pages
        texts[kind] = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert notice.given("falc").version in texts["&format=falc"]
    assert "Je peux dire oui. Je peux dire non." in texts["&format=falc"]
    assert "Je peux dire oui." not in texts[""]


def test_each_text_has_its_own_version_and_hash():
    ages = (0, 13, 15, 16)
    given = [notice.given(written, alone_from=age) for written in ("standard", "falc")
             for age in ages]  # fmt: skip
    assert len({n.version for n in given}) == len({n.sha256 for n in given}) == len(given)


@pytest.mark.parametrize("written", ["oral_with_witness", "interpreter"])
def test_who_helped_is_named_and_kept_with_the_language(visit, town, db, key, written):
    fields = {"format": written, "language": "prs" if written == "interpreter" else "fr"}
    refused = visit("alice").post(here(town), data=said(town, key, **fields), files=proof())
    assert refused.status_code == 422
    fields["assisted_by"] = "KARIMI Ali"
    page = signed(visit, town, key, **fields)
    [made] = consents(db, town.sami)
    assert (made.format, made.assisted_by, made.language) == (
        written, "KARIMI Ali", fields["language"]
    )  # fmt: skip
    assert "KARIMI Ali" in visit("alice").get(page).text


def test_an_interpreter_spoke_another_language(visit, town, db, key):
    fields = said(town, key, format="interpreter", assisted_by="KARIMI Ali", language="fr")
    assert visit("alice").post(here(town), data=fields, files=proof()).status_code == 422
    assert consents(db, town.sami) == []


def test_the_print_button_asks_for_what_is_on_the_screen(visit, town):
    form = shown(visit, town, [town.ccas], ["identity"]).select_one("form")
    asked = {(i["name"], i["value"]) for i in form.select("input")}
    assert asked >= {("recipients", str(town.ccas.id)), ("categories", "identity")}
    assert dict(parse_qsl(urlsplit(form["action"]).query)) == {}


def test_words_that_have_no_place_here_are_said_with_a_neutral_wording(visit, town, db, key):
    words = "Oui, il sort de prison jeudi et il veut bien."
    answer = visit("alice").post(
        here(town), data=said(town, key, way="oral", words_used=words, place="Bureau de la SPIP")
    )
    assert "L’accord oral est enregistré" in answer.text
    assert "prison" in answer.text and "touche à la justice" in answer.text
    assert "disponible à partir du" in answer.text
    plain = visit("alice").post(
        here(town), data=said(town, key, way="oral", words_used="Oui, parlez-en ensemble.")
    )
    assert "À relire" not in plain.text
