"""The journal as the data protection officer reads it."""

from tests.conftest import soup


def test_every_agencys_openings_are_there_and_at_whom_is_not(town, visit):
    assert visit("alice").get(f"/parcours/{town.journey.id}").status_code == 200
    assert visit("chloe").get("/orientations").status_code == 200
    said = soup(visit("diane").get("/administration/journal")).get_text(" ", strip=True)
    assert town.alice.name in said and town.chloe.name in said
    assert "BENALI" not in said


def test_nobody_else_opens_it(visit):
    assert visit("alice").get("/administration/journal").status_code == 403
