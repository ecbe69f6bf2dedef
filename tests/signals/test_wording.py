import pytest

from coordination.web import wording


@pytest.mark.parametrize(
    ("text", "word", "subject"),
    [
        ("Sorti de prison en mars.", "prison", "la justice"),
        ("Incarcéré jusqu’en mai", "Incarcéré", "la justice"),
        ("bracelet-électronique", "bracelet-électronique", "la justice"),
        ("Elle fait le ramadan.", "ramadan", "la religion"),
        ("Famille d’origine algérienne", "d’origine algérienne", "l’origine"),
        ("Il est SYNDIQUÉ.", "SYNDIQUÉ", "l’engagement syndical"),
        ("Parle de son homosexualité", "homosexualité", "la vie sexuelle"),
        ("Suivie pour dépression", "dépression", "un diagnostic"),
        ("Un burn-out l’an dernier", "burn-out", "un diagnostic"),
    ],
)
def test_a_delicate_word_is_shown_as_typed_with_a_neutral_wording(text, word, subject):
    (said,) = wording.warnings(text)
    assert f"«\u00a0{word}\u00a0»" in said
    assert subject in said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Quelle suite après la remobilisation ? Deux immersions en espaces verts.",
        "Parle arabe et portugais ; souhaite apprendre le français.",
        "Le projet d’origine était la vente.",
        "Transport : rien avant 9 h. Permis en cours, voiture partagée.",
        "Orientation vers la mission locale, entretien de diagnostic fait.",
        "Syndicat mixte des transports contacté ; course contre la montre.",
    ],
)
def test_ordinary_texts_raise_nothing(text):
    assert wording.warnings(text) == []


def test_one_sentence_per_subject_whatever_the_number_of_words():
    said = wording.warnings("Prison, puis sursis, et un diabète ; encore la prison.")
    assert len(said) == 2
    assert "«\u00a0Prison\u00a0», «\u00a0sursis\u00a0», «\u00a0prison\u00a0»" in said[0]


def test_the_advice_after_a_form_leaves_names_alone_and_says_two_subjects_at_most():
    assert wording.advice(["Gay", "Rue de la Prison", ""]) == wording.advice(["Rue de la Prison"])
    assert wording.advice(["Gay", "Marie Gay"]) == ""
    said = wording.advice(["Il sort de prison, il a un diabète", "Elle est syndiquée, je crois"])
    assert said.startswith("À relire")
    assert said.count("touche à") == 2
