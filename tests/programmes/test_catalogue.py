"""The shipped catalogue: complete, cited, and read without loss."""

import json
import re

import pytest

from coordination.directory.reference import geography
from coordination.programmes import catalogue
from coordination.programmes.catalogue import Commitment, EntryMode, Rules


def test_every_programme_has_its_own_slug_and_a_page_of_the_guide():
    slugs = [e.slug for e in catalogue.entries()]
    assert len(slugs) >= 22
    assert len(slugs) == len(set(slugs))
    for e in catalogue.entries():
        assert re.fullmatch(r"[a-z0-9-]+", e.slug)
        assert 10 <= e.page <= 62
        assert all(10 <= page <= 62 and page != e.page for page in e.other_pages)


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("habilitation-premier-niveau-nouvelle-aquitaine", (40, 24, 6)),
        ("adventus", (43, 24, None)),
        ("fil-vers", (54, 18, None)),
        ("dest-1", (49, 15, None)),
        ("mobil-emploi", (52, 12, None)),
        ("prepa-apprentissage-metiers-de-nos-territoires", (34, 10, None)),
        ("daq-bourgogne-franche-comte", (37, None, 6)),
    ],
)
def test_durations_and_suspensions_are_those_of_the_guide(slug, expected):
    found = catalogue.entry(slug)
    rules = found.rules
    assert (found.page, rules.max_duration_months, rules.suspension_max_months) == expected


@pytest.mark.parametrize(
    ("slug", "given"),
    [
        ("demarre-ta-story-cma79", {"block_weeks": 13, "block_renewals": 2, "block_parts": (8, 5)}),
        ("prepa-bretagne", {"interstitial_max_months": 6, "interstitial_status_kept": True}),
        ("parcours-experience-3d", {"contact_every_days": 15, "follow_up_months": (1, 2, 3)}),
        ("realise-tes-reves", {"caseload_active_max": 20, "commitment": Commitment.MORAL}),
        ("combo77", {"commitment": Commitment.SIGNED_BEFORE_ENTRY, "reentry_months": 3}),
        ("adventus", {"follow_up_months": (6,), "follow_up_employer": True}),
        ("dest-1", {"fixed_duration": True, "appointment_delay_days": 1}),
        ("women-in-digital-93", {"mentor_by_choice": True, "exceptional_help": True}),
        ("teame", {"max_duration_weeks": 10, "entry_mode": EntryMode.FIXED_DATES}),
    ],
)
def test_a_rule_of_the_guide_is_in_the_catalogue(slug, given):
    assert given.items() <= catalogue.entry(slug).rules.given().items()


def test_a_block_is_the_sum_of_its_parts_and_blocks_fill_the_longest_stay():
    rules = catalogue.entry("demarre-ta-story-cma79").rules
    assert sum(rules.block_parts) == rules.block_weeks
    assert rules.block_weeks * (1 + rules.block_renewals) == rules.max_duration_weeks


def test_what_is_assumed_names_a_rule_or_a_field_that_exists():
    for e in catalogue.entries():
        said = set(e.rules.given()) | {"kind", "name", "regions"}
        assert e.assumed <= said, e.slug


def test_regions_are_real_ones():
    for e in catalogue.entries():
        assert all(geography.region(code) for code in e.regions), e.slug


def test_rules_that_say_nothing_are_not_given():
    assert Rules().given() == {}
    assert Rules(max_duration_months=9).given() == {"max_duration_months": 9}


def test_the_rules_can_be_kept_as_json():
    for e in catalogue.entries():
        kept = json.loads(json.dumps(e.rules.given()))
        assert kept.keys() == e.rules.given().keys()


def test_an_unknown_rule_in_the_file_is_refused():
    with pytest.raises(TypeError):
        catalogue.read(max_months=3)


def test_a_region_starts_from_its_own_programmes_first():
    occitanie = catalogue.of_region("76")
    own = [e for e in occitanie if "76" in e.regions]
    assert own
    assert list(occitanie[: len(own)]) == own
    assert all(not e.regions for e in occitanie[len(own) :])


def test_a_programme_whose_public_shows_by_itself_is_marked():
    assert catalogue.entry("adventus").sensitive
    assert not catalogue.entry("combo77").sensitive


def test_the_french_of_the_catalogue_keeps_its_spaces_and_apostrophes():
    text = catalogue.FILE.read_text(encoding="utf-8")
    assert not re.search(r" [:;?!»](?!\")|« ", text.replace('": ', '":'))
    assert "'" not in text
