"""The library as `init` would publish it, built straight from the shipped files, once per process."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

from bot.services import documents, resources as published
from bot.services.library import DutyBoard, Library, StaffWords
from bot.services.staffing_files import staffing
from handoff.desks import read_desk
from handoff.rota.pattern import Rota
from handoff.rota.reading import read_rota
from triage.directory import Directory
from triage.global_words import GlobalWords
from triage.reading import SourceFile, read_script
from triage.signals import Signals

LANGUAGES = ("en", "ro")
NOON = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # a Wednesday


def shipped(*parts: str) -> str:
    """The text of a shipped configuration file."""
    return resources.files("config").joinpath(*parts).read_text(encoding="utf-8")


def plain(*parts: str) -> Any:
    """A shipped YAML file as plain data."""
    return YAML(typ="safe", pure=True).load(shipped(*parts))


def board_of(rota: str) -> DutyBoard:
    """A duty board for a rota written as YAML."""
    read, complaints = read_rota(rota, "rota.yaml", NOON.date())
    assert read is not None, complaints
    return DutyBoard(read)


def shipped_library() -> Library:
    """The library as `init` would publish it, built straight from the files; boards are the caller's own."""
    return replace(_read_once(), boards={"demo": DutyBoard(_demo_rota())})


@cache
def _demo_rota() -> Rota:
    return board_of(shipped("desks", "demo", "rota.yaml")).rota


@cache
def _read_once() -> Library:
    texts = {
        tag: SourceFile(f"default.{tag}.yaml", shipped("scripts", f"default.{tag}.yaml")) for tag in LANGUAGES
    }
    script, issues = read_script(SourceFile("default.yaml", shipped("scripts", "default.yaml")), texts)
    assert script is not None, [str(issue) for issue in issues]
    demo, complaints = read_desk(shipped("desks", "demo", "desk.yaml"), "desk.yaml")
    assert demo is not None, complaints
    return Library(
        scripts={1: script},
        live={"demo": 1},
        globals=GlobalWords({tag: plain("words", f"globals.{tag}.yaml") for tag in LANGUAGES}),
        signals=Signals({tag: plain("signals", f"{tag}.yaml") for tag in LANGUAGES}),
        directory=Directory.of(published.read_folder(published.shipped(), NOON.date()).resources),
        desks={"demo": demo},
        boards={},
        grid={
            tag: tuple(tuple(r) for r in plain("words", f"grid.{tag}.yaml")["rounds"]) for tag in LANGUAGES
        },
        region_names={tag: published.names(tag) for tag in LANGUAGES},
        staff={tag: StaffWords.from_plain(plain("words", f"staff.{tag}.yaml")) for tag in LANGUAGES},
        staffing={"demo": staffing(documents.config_folder(None), "demo")},
        pings={tag: plain("sheets", f"pings.{tag}.yaml")["texts"] for tag in LANGUAGES},
        answers={tag: plain("sheets", f"canned.{tag}.yaml")["texts"] for tag in LANGUAGES},
    )
