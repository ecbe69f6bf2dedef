"""Persons as each agency knows them: identity, contact, a few facts, one category a row."""

from datetime import date

from coordination.consent.models import Reach, ReachKind
from coordination.directory.reference import ingredients
from coordination.persons import tokens
from coordination.persons.categories import ALL
from coordination.persons.models import (
    Person,
    PersonFact,
    PersonIdentifier,
    PersonIdentity,
    PersonToken,
)
from coordination.persons.records import fold, human_hash
from coordination.seed.ground import Ground, House, Place
from coordination.seed.sketch import Human, KnownTo

LANGUAGES = (("fr", 93), ("ar", 2), ("uk", 1.4), ("en", 1.2), ("fa-AF", 1), ("tr", 1), ("es", 0.4))
LEVELS = ("Sans diplôme", "Niveau 3 (CAP, BEP)", "Niveau 3 (CAP, BEP)", "Niveau 4 (bac)",
          "Niveau 5 (bac + 2)", "Niveau 4, non validé")  # fmt: skip
FACTS = (  # category, code, values, share
    ("training", "training_level", LEVELS, 0.9),
    ("mobility", "mobility", ("Permis B et véhicule", "Transports en commun", "Vélo",
                              "Permis en cours, sans véhicule"), 0.5),
    ("resources", "situation", ("Demandeur d’emploi", "Bénéficiaire du RSA",
                                "Stagiaire de la formation professionnelle"), 0.4),
    ("language", "language", ("Français à l’oral, écrit à renforcer", "A2", "B1"), 0.15),
    ("digital", "digital", ("Téléphone seulement", "Autonome"), 0.15),
    ("housing", "housing", ("Hébergement chez un proche", "Locataire", "Foyer"), 0.15),
    ("health", "rqth", ("Oui",), 0.05),
)  # fmt: skip


class People:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._person = shelf(
            Person, "id created_at agency_id reference human_hash salt sharing_version"
        )
        self._identity = shelf(
            PersonIdentity,
            "id created_at person_id agency_id given_names usual_name birth_on phone email postcode"
            " commune_name commune_code language folded",
        )
        self._identifier = shelf(PersonIdentifier, "id created_at person_id agency_id system value")
        self._fact = shelf(
            PersonFact, "id created_at person_id agency_id category code value since_on"
        )
        self._token = shelf(PersonToken, "agency_id token person_id")
        self._reach = shelf(Reach, "id created_at person_id agency_id kind opens from_at until_at")
        self._women, self._men = ingredients.feminine_names(), ingredients.masculine_names()
        self._families = ingredients.family_names()
        self._folded = {name: fold(name) for name in (*self._women, *self._men, *self._families)}
        self._tokens: dict[str, set[str]] = {}
        self._own = ReachKind.OWN.value
        self._count = 0

    def someone(self, place: Place, *, young: bool) -> Human:
        g = self.g
        given = g.pick(self._women if g.random() < 0.53 else self._men)
        age = g.between(16 * 365 + 60, 25 * 365) if young else g.between(18 * 365, 58 * 365)
        return Human(
            given, g.pick(self._families), date.fromordinal(g.days.today.toordinal() - age),
            g.rng.choices(place.communes, place.weights)[0], g.weighted(LANGUAGES),
        )  # fmt: skip

    def known_to(self, human: Human, house: House, since: int) -> KnownTo:
        """The row of this agency for them, drawn once."""
        known = human.rows.get(house.id)
        if known is None:
            known = human.rows[house.id] = KnownTo(self.g.keys.new(), house, since)
        return known

    def write(self, human: Human) -> None:
        """Every row of this human being, once their journeys are known."""
        digest = human_hash(
            given_names=human.given, usual_name=human.usual, birth_on=human.birth_on
        )
        for known in human.rows.values():
            self._write_one(human, known, digest)

    def _write_one(self, human: Human, known: KnownTo, digest: str | None) -> None:
        g, new, key, agency = self.g, self.g.keys.new, known.id, known.house.id
        at, commune = g.days.night(known.since), human.commune
        reference = g.references.new()
        self._person(
            (key, at, agency, f"P-{reference[:4]}-{reference[4:]}", digest,
             f"{g.rng.getrandbits(128):032x}", 1 + known.agreements)
        )  # fmt: skip
        drawn = g.between(0, 99)
        phone = f"06 39 98 {drawn:02} {g.between(0, 99):02}"
        self._identity(
            (new(), at, key, agency, human.given, human.usual, human.birth_on.isoformat(),
             phone, "",
             commune.codes_postaux[0] if commune.codes_postaux else "", commune.nom, commune.code,
             human.language, f"{self._folded[human.usual]} {self._folded[human.given]}")
        )  # fmt: skip
        self._reach((new(), at, key, agency, self._own, ALL, at, None))
        words = {f"ref:p{reference.casefold()}", f"ne:{human.birth_on.isoformat()}",
                 f"tel:{phone.replace(' ', '')[1:]}"}  # fmt: skip
        if drawn < 30:
            self._count += 1
            self._identifier((new(), at, key, agency, "agency", str(10_000 + self._count)))
            words.add(f"ref:{10_000 + self._count}")
        for token in {*map(tokens.sealed, words), *self._found_by(human.usual, human.given)}:
            self._token((agency, token, key))
        for category, code, values, share in FACTS:
            if g.random() < share:
                self._fact((new(), at, key, agency, category, code, g.pick(values),
                            g.days.on(known.since)))  # fmt: skip

    def _found_by(self, *names: str) -> set[str]:
        """The tokens of names, sealed once each."""
        for name in names:
            if name not in self._tokens:
                self._tokens[name] = tokens.of_names(name)
        return set().union(*(self._tokens[name] for name in names))
