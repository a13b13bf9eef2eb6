"""Desk and network documents, those shipped and those with faults."""

from datetime import date
from importlib.resources import files

import pytest

from handoff.desks import Desk, Emergency, Hours, Network, RescuePolicy, StaffSurface, read_desk, read_network
from handoff.model import Tier
from handoff.rota.coverage import gaps
from handoff.rota.questions import on_duty
from handoff.rota.reading import read_rota
from tests.handoff.builders import utc

SHIPPED = files("config")
DESK = SHIPPED.joinpath("desks", "demo", "desk.yaml").read_text(encoding="utf-8")


def test_the_shipped_demo_desk_reads_without_complaint() -> None:
    assert read_desk(DESK, "desk.yaml") == (
        Desk(
            id="demo",
            name="Hearthline demo",
            regions=("RO", "CZ", "LT"),
            default_country="RO",
            languages=("en", "ro"),
            zone="Europe/Bucharest",
            rescue_policy=RescuePolicy.CONSENT_ONLY,
            staff_surface=StaffSurface.CONSOLE,
            hours=Hours.ROTA,
        ),
        (),
    )


def test_the_shipped_network_reads_without_complaint() -> None:
    text = SHIPPED.joinpath("network", "network.yaml").read_text(encoding="utf-8")
    assert read_network(text, "network.yaml") == (Network("Hearthline demo", Emergency("EU", "112")), ())
    listed = text.replace("addresses: []", "addresses: ['https://chat.example.org', '@notes_bot']")
    network, complaints = read_network(listed, "network.yaml")
    assert complaints == ()
    assert network is not None
    assert network.addresses == ("https://chat.example.org", "@notes_bot")


def test_the_demo_has_two_volunteers_and_a_supervisor_at_every_moment_of_a_year() -> None:
    text = SHIPPED.joinpath("desks", "demo", "rota.yaml").read_text(encoding="utf-8")
    rota, complaints = read_rota(text, "rota.yaml", date(2026, 1, 1))
    assert complaints == ()
    assert rota is not None
    required = {Tier.PRIMARY: 2, Tier.SUPERVISOR: 1}
    assert gaps(rota, utc(2026, 1, 1), utc(2027, 1, 1), required) == ()
    there = {(d.volunteer, d.tier) for d in on_duty(rota, utc(2026, 5, 4, 3))}
    assert there == {("Maple", Tier.PRIMARY), ("Juniper", Tier.PRIMARY), ("Alder", Tier.SUPERVISOR)}


@pytest.mark.parametrize(
    ("right", "wrong", "part"),
    [
        ("rescue_policy: consent-only", "", "'rescue_policy' is missing"),
        ("consent-only", "always", "'always' is not one of none, consent-only, imminent-risk"),
        ("default_country: RO", "default_country: DE", "not among the regions"),
        ("[RO, CZ, LT]", "[ro]", "two capitals"),
        ("[RO, CZ, LT]", "[RO, RO]", "twice"),
        ("[RO, CZ, LT]", "[]", "at least one"),
        ("[en, ro]", "[romanian]", "not a language tag"),
        ("Europe/Bucharest", "Bucharest", "not a time zone"),
        ("staff_surface: console", "staff_surface: consol", "did you mean 'console'"),
        ("hours: rota", "hours: always", "is not one of rota"),
        ("spec: 1", "spec: one", "whole number"),
        ("name: Hearthline demo", "nmae: Hearthline demo", "did you mean 'name'"),
    ],
)
def test_a_fault_in_a_desk_is_told_and_no_desk_is_made(right: str, wrong: str, part: str) -> None:
    desk, complaints = read_desk(DESK.replace(right, wrong), "desk.yaml")
    assert desk is None
    assert any(part in complaint.message for complaint in complaints), complaints


def test_a_country_that_looks_like_no_is_still_a_country() -> None:
    text = DESK.replace("[RO, CZ, LT]", "[NO]").replace("default_country: RO", "default_country: NO")
    desk, complaints = read_desk(text, "desk.yaml")
    assert complaints == ()
    assert desk is not None
    assert desk.regions == ("NO",)


def test_an_emergency_number_is_digits() -> None:
    network, (complaint,) = read_network(
        "organisation: X\nemergency: {area: EU, number: call 112}\n", "network.yaml"
    )
    assert network is None
    assert complaint.path == "emergency.number"


@pytest.mark.parametrize("text", ["", "a: [", "- 1\n"])
def test_what_is_no_desk_at_all_is_told(text: str) -> None:
    for read in (read_desk, read_network):
        value, complaints = read(text, "x.yaml")
        assert value is None
        assert complaints
