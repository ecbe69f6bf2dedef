"""Régions, territories, agencies with their services, and who works there."""

import hashlib
import re
from collections.abc import Iterator

from coordination.agencies.models import Agency, Membership, Professional, Role, Territory
from coordination.agencies.models import Region as RegionRow
from coordination.directory.models import Service
from coordination.directory.reference import geography, ingredients, territories
from coordination.directory.reference.geography import Commune
from coordination.directory.reference.ingredients import AgencyModel
from coordination.files import File
from coordination.persons.records import fold
from coordination.seed.ground import Ground, House, Place

OCCITANIE = "76"
ALWAYS = ("france_travail", "mission_locale", "maison_emploi", "region", "training_body",
          "training_body", "greta", "mds", "ccas", "mobility")  # fmt: skip
ONE_OF = (
    ("housing", "fjt", "chrs"),
    ("cidff", "centre_social", "digital", "plie", "siae_aci"),
    ("cap_emploi", "csapa", "pjj", "cada", "mdph"),
)
STAGE = "Montpellier"  # where the personas work
PERSONAS = {
    "region": "presidence", "maison_emploi": "secretariat", "mission_locale": "referent",
    "training_body": "formation", "ccas": "partenaire",
}  # fmt: skip
SINCE = -1500  # everyone has been there for four years
_PROOF = b"%PDF-1.4\n% Formulaire d'accord de la demonstration : aucune signature.\n%%EOF\n"


class Places:
    """Writes them and keeps, on the ground, what the journeys will need."""

    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._region = shelf(RegionRow, "id created_at code name")
        self._territory = shelf(Territory, "id created_at region_id name epci_codes")
        self._agency = shelf(
            Agency,
            "id created_at region_id territory_id name kind commune_code commune_name postcode"
            " address phone email sensitive records_contacts",
        )
        self._service = shelf(
            Service, "id created_at agency_id name theme is_training places starts_on updated_on"
        )
        self._file = shelf(
            File, "id created_at name media_type size sha256 content agency_id category"
        )
        self._professional = shelf(
            Professional,
            "id created_at given_name usual_name email phone function persona",
        )
        self._membership = shelf(
            Membership, "id created_at professional_id agency_id role from_on until_on"
        )
        self._taken: set[str] = set()

    def settle(self, regions: int) -> dict[str, str]:
        """Occitanie first, with its 24 basins; then other régions, one territory a département.
        Returns the key of each by INSEE code."""
        others = [
            r for r in geography.regions() if len(r.code) == 2 and r.code not in {OCCITANIE, "06"}
        ]
        others.sort(key=lambda r: (-len(geography.departements(r.code)), r.code))
        settled = {OCCITANIE: self._settle_region(OCCITANIE, "Occitanie", list(_basins()))}
        for region in others[: regions - 1]:
            areas = list(_departements(region.code))
            settled[region.code] = self._settle_region(region.code, region.nom, areas)
        return settled

    def person_of_house(self, house: House, function: str, persona: str | None = None) -> str:
        """Someone who works there; the first one keeps the agency's members."""
        g = self.g
        women = g.chance(0.62)
        names = ingredients.feminine_names() if women else ingredients.masculine_names()
        given, usual = g.pick(names), g.pick(ingredients.family_names())
        key = g.keys.new()
        self._professional(
            (key, g.days.night(SINCE), given, usual, self._address(given, usual, house),
             _phone(g), function, persona)
        )  # fmt: skip
        roles = [Role.ADVISER] if house.staff else [Role.MANAGER, Role.AGENCY_ADMIN]
        for role in roles:
            self._membership(
                (g.keys.new(), g.days.night(SINCE), key, house.id, role.value, g.days.on(SINCE),
                 None)
            )  # fmt: skip
        house.staff.append(key)
        g.names[key] = (f"{usual.upper()} {given}", function)
        return key

    def outsider(self, persona: str, given: str, usual: str, function: str) -> str:
        """Someone of no agency: the Région's figures, administration, data protection."""
        key = self.g.keys.new()
        address = f"{persona}@demonstration.example"
        self._professional(
            (key, self.g.days.night(SINCE), given, usual, address, "", function, persona)
        )
        return key

    def _settle_region(
        self, code: str, name: str, areas: list[tuple[str, str, list[str], list[Commune]]]
    ) -> str:
        g = self.g
        region = g.keys.new()
        self._region((region, g.days.night(SINCE), code, name))
        for area, seat, epcis, communes in areas:
            found = geography.commune(seat)
            assert found is not None
            place = Place(
                g.keys.new(), region, area, found, communes, [c.population + 50 for c in communes]
            )
            self._territory((place.id, g.days.night(SINCE), region, area, " ".join(epcis)))
            for model in self._models():
                self._settle_house(place, model)
            g.places.append(place)
        return region

    def _models(self) -> Iterator[AgencyModel]:
        for code in (*ALWAYS, *(self.g.pick(codes) for codes in ONE_OF)):
            model = ingredients.agency_model(code)
            assert model is not None
            yield model

    def _settle_house(self, place: Place, model: AgencyModel) -> None:
        g = self.g
        commune = place.seat
        if model.scale == "commune" and g.chance(0.35):
            commune = g.rng.choices(place.communes, place.weights)[0]
        house = House(
            g.keys.new(), self._name(place, model, commune), model.kind, model.code, place.id,
            model.sensitive is not None, commune,
        )  # fmt: skip
        postcode = commune.codes_postaux[0] if commune.codes_postaux else ""
        self._agency(
            (house.id, g.days.night(SINCE), place.region, place.id, house.name, house.kind.value,
             commune.code, commune.nom, postcode, f"{g.between(1, 90)} {g.pick(_STREETS)}",
             _phone(g), f"accueil@{_slug(house.name)}.example", int(house.sensitive), 1)
        )  # fmt: skip
        self._keep_proof(house)
        for offered in model.services:
            training = model.side == "training" and offered.type == "formation"
            key = g.keys.new()
            self._service(
                (key, g.days.night(SINCE), house.id, offered.name, offered.themes[0],
                 int(training), None, g.days.on(g.between(20, 90)) if training else None,
                 g.days.on(-g.between(1, 60)))
            )  # fmt: skip
            house.services.append(key)
        place.houses.append(house)
        persona = PERSONAS.get(house.code) if place.name == STAGE else None
        for rank in range(g.between(3, 4)):
            function = model.roles[rank % len(model.roles)]
            wanted = persona if rank == 0 and persona not in self._taken else None
            self._taken.add(wanted or "")
            self.person_of_house(house, function, wanted)

    def _keep_proof(self, house: House) -> None:
        """One stand-in for the signed forms that this agency attached."""
        content = _PROOF + house.id.encode()
        house.proof, house.proof_sha256 = self.g.keys.new(), hashlib.sha256(content).hexdigest()
        self._file(
            (house.proof, self.g.days.night(SINCE), "formulaire-signe.pdf", "application/pdf",
             len(content), house.proof_sha256, content, house.id, "documents")
        )  # fmt: skip

    def _name(self, place: Place, model: AgencyModel, commune: Commune) -> str:
        departement = geography.departement(commune.departement)
        assert departement is not None
        options = [
            ingredients.agency_name(
                pattern, commune=commune, departement=departement, territory=place.name
            )
            for pattern in self.g.rng.sample(model.patterns, len(model.patterns))
        ]
        options += [f"{name} – {place.seat.nom}" for name in options]
        options += [f"{name} {rank}" for rank in range(2, 99) for name in options[:1]]
        name = next(name for name in options if name not in self._taken)
        self._taken.add(name)
        return name

    def _address(self, given: str, usual: str, house: House) -> str:
        stem = f"{_slug(given)}.{_slug(usual)}"
        site = f"@{_slug(house.name)}.example"
        options = (f"{stem}{rank or ''}{site}" for rank in range(99))
        address = next(option for option in options if option not in self._taken)
        self._taken.add(address)
        return address


def _basins() -> Iterator[tuple[str, str, list[str], list[Commune]]]:
    for basin in territories.basins():
        yield basin.name, basin.seat, list(basin.epcis), list(territories.communes(basin))


def _departements(region: str) -> Iterator[tuple[str, str, list[str], list[Commune]]]:
    for departement in geography.departements(region):
        communes = list(geography.communes(departement=departement.code))
        epcis = sorted({c.epci for c in communes if c.epci})
        seat = max(communes, key=lambda c: (c.population, c.code))
        yield departement.nom, seat.code, epcis, communes


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:60]


def _phone(g: Ground) -> str:
    """Numbers kept for fiction by the French regulator."""
    return f"04 65 71 {g.between(0, 99):02} {g.between(0, 99):02}"


_STREETS = (
    "avenue de la République",
    "rue Jean-Jaurès",
    "place de la Mairie",
    "rue des Écoles",
    "boulevard Gambetta",
    "allée des Platanes",
    "rue du Canal",
    "avenue de la Gare",
)
