"""The pure side: turns of the engine, reading every script, linting a long one. CPU seconds of one core."""

import io
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from bot.services import documents
from tests.config.shipped import CONFIG, GLOBALS, LISTS, around, script
from triage import engine
from triage.lint.check import check
from triage.model import Script
from triage.reading import SourceFile, read_script
from triage.reading_texts import required_keys
from triage.run import Reply, Run, SentMedia, Tapped, Typed

WALKS = 20_000
LANGUAGES = ("en", "ro", "cs", "lt", "es", "uk", "ru", "de")
STEPS = 500
WORDS = ("help now", "person", "menu", "I wrote a few words of my own", "7", "hm")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Attributes:
        turns: turns of the engine in a second.
        loading: seconds to read every shipped script, from files to `Script`.
        linting: seconds for every rule on a script of 500 steps in 8 languages; `texts` is how many it has.
    """

    turns: float
    loading: float
    linting: float
    texts: int


def measure() -> Figures:
    """All three, the best of three rounds each."""
    acts = walks(WALKS)
    shipped, surroundings = script(), around()

    def play() -> None:
        for run, reply in acts:
            engine.resume(shipped, run, reply, surroundings)

    long = long_script(STEPS, LANGUAGES)
    lists = {tag: LISTS.get(tag, LISTS["en"]) for tag in LANGUAGES}
    words = {tag: GLOBALS.get(tag, GLOBALS["en"]) for tag in LANGUAGES}
    return Figures(
        turns=len(acts) / best(play),
        loading=best(load),
        linting=best(lambda: check(long, lists, words)),
        texts=sum(map(len, long.texts.values())),
    )


def best(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of three."""
    took: list[float] = []
    for _ in range(3):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def load() -> None:
    """Every shipped script, as it is read at start and by the linter."""
    for source in documents.script_sources(Path(CONFIG) / documents.SCRIPTS):
        read, _ = read_script(source.document, source.texts)
        assert read is not None


def walks(count: int) -> list[tuple[Run, Reply]]:
    """Acts of people who mostly tap, sometimes write, and begin anew when it is over; from a seed."""
    dice, surroundings = random.Random("bench"), around()
    run = engine.start(script(), None, surroundings).run
    acts: list[tuple[Run, Reply]] = []
    for _ in range(count):
        offered = engine.offered(script(), run, surroundings)
        own = [choice.token for choice in offered if not choice.token.startswith("!")]
        reply: Reply = Tapped(dice.choice(own)) if own else Typed("hello")
        if dice.random() < 0.2:
            reply = dice.choice([Typed(dice.choice(WORDS)), SentMedia()])
        acts.append((run, reply))
        run = engine.resume(script(), run, reply, surroundings).run
    return acts


def long_script(steps: int, languages: tuple[str, ...]) -> Script:
    """The shipped script, its menu repeated until it has `steps` steps, in `languages`."""
    document = YAML(typ="safe", pure=True).load(
        (Path(CONFIG) / "scripts/default.yaml").read_text(encoding="utf-8")
    )
    own = dict(document["steps"])
    copies = [name for name in own if not {"tags"} & own[name].keys() or name.startswith(("plan", "t_"))]
    number = 0
    while len(document["steps"]) < steps:
        number += 1
        for name in copies[: steps - len(document["steps"])]:
            document["steps"][f"{name}_{number}"[-28:].lstrip("_")] = own[name]
    document["languages"] = list(languages)
    texts = {tag: _texts(document, own, tag) for tag in languages}
    plain = SourceFile("long.yaml", _dumped(document))
    read, issues = read_script(plain, texts)
    assert read is not None, [str(issue) for issue in issues][:5]
    missing = set(required_keys(read)) - read.texts["en"].keys()
    assert not missing, sorted(missing)[:5]
    return read


def _texts(document: dict[str, dict[str, object]], own: dict[str, object], tag: str) -> SourceFile:
    shipped = script().texts["ro" if tag == "ro" else "en"]
    lines = {key: entry.text for key, entry in shipped.items()}
    for name in document["steps"]:
        if name not in own:
            base = next(one for one in own if f"{one}_" in f"{name}_" and document["steps"][name] is own[one])
            for key, entry in shipped.items():
                if key.startswith(f"{base}."):
                    lines[f"{name}.{key.split('.', 1)[1]}"] = entry.text
    mark = "" if tag in {"en", "ro"} else f" {tag}"
    written = (f'{key}: "{text}{mark if key.endswith("text") else ""}"' for key, text in lines.items())
    return SourceFile(f"long.{tag}.yaml", "\n".join(written))


def _dumped(document: dict[str, dict[str, object]]) -> str:

    stream = io.StringIO()
    writer = YAML()
    writer.representer.ignore_aliases = lambda *_: True
    writer.width = 4_000
    writer.dump(document, stream)
    return stream.getvalue()
