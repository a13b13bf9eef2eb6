"""`python -m tests.bench`: floor and pipeline in one run, so that ratios hold on another machine."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from tests.bench import destroying, floor, growth, pipeline, rota, scripts, telegram
from tests.bench.aims import Aim, ending
from tests.bench.pipeline import Round
from tests.bench.rig import running
from tests.stamp import last_run

SIZES = [1_000, 20_000, 200_000]
SLOW_COMMIT = 0.005  # seconds
MOST_GROWTH = 1.2  # times the cost of an act at the smallest size
MOST_TO_DESTROY = 5.0  # seconds


def main() -> int:
    """0 when everything that was asked for was reached, else 1."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help="scripts, rota, pipeline, telegram, growth, destroy; default: all"
    )
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument(
        "--profile",
        action="store_true",
        help="telegram: where the service's CPU time goes, instead of figures",
    )
    parser.add_argument("--folder", type=Path, help="on the disk to measure; default: the temporary folder")
    asked = parser.parse_args()
    aims: list[Aim] = []
    print(last_run())
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        for part in asked.parts or list(PARTS):
            if asked.profile and part == "telegram":
                asyncio.run(_profile(Path(name), asked.seconds))
            else:
                aims += asyncio.run(PARTS[part](Path(name), asked.seconds))
    return ending(aims)


async def _pipeline(folder: Path, seconds: float) -> list[Aim]:
    best = floor.measure(folder)
    print(
        f"floor: {best.commits:,.0f} durable commits/s of one row, "
        f"{best.rows_in_groups:,.0f} rows/s in commits of 50\n"
        f"       per CPU second {best.seals:,.0f} seals, {best.opens:,.0f} opens, "
        f"{best.loops:,.0f} plain loops"
    )
    _head()
    for people in (1, 50, 500):
        async with running(folder / f"p{people}") as rig:
            _row(f"{people} people", await pipeline.closed_loop(rig, people, seconds))
    async with running(folder / "arrivals") as rig:
        _row("500 acts/s at random", await pipeline.arrivals(rig, 500, seconds))
    async with running(folder / "late", SLOW_COMMIT) as rig:
        _row("50 people, commits 5 ms late", await pipeline.closed_loop(rig, 50, seconds))
    return []


async def _growth(folder: Path, seconds: float) -> list[Aim]:
    found = await growth.measure(folder, SIZES, 50, seconds / 2, 3)
    _head()
    for size, rounds in found.items():
        for one in rounds:
            _row(f"{size:,} contacts stored", one)
    ratio = growth.cpu(found[SIZES[-1]]) / growth.cpu(found[SIZES[0]])
    what = f"CPU per act, {SIZES[-1]:,} to {SIZES[0]:,} contacts, times"
    return [Aim(what, ratio, MOST_GROWTH, least=False)]  # medians of three


async def _destroy(folder: Path, _seconds: float) -> list[Aim]:
    gone, ended = await destroying.seconds(folder / "destroy")
    print(f"destroy-now beside a running service: keys gone after {gone:.2f} s, all done after {ended:.2f} s")
    return [Aim("destroy-now, s", ended, MOST_TO_DESTROY, least=False)]


async def _telegram(folder: Path, seconds: float) -> list[Aim]:
    names = [field.name.replace("_per_", "/") for field in fields(telegram.Round)][1:]
    print(f"{'':42}" + "".join(f"{name:>18}" for name in names))

    def tell(one: telegram.Round) -> None:
        values = [getattr(one, field.name) for field in fields(telegram.Round)][1:]
        print(f"{one.what:42}" + "".join(f"{value:18.2f}" for value in values), flush=True)

    return await telegram.measure(folder, seconds, tell)


async def _profile(folder: Path, seconds: float) -> None:
    async for people, parts in telegram.profile(folder, seconds):
        for part, places in parts.items():
            whole = sum(places.values())
            print(f"{people} people, {whole:.1f} s of CPU by {part}:")
            for name, spent in sorted(places.items(), key=lambda item: -item[1])[:20]:
                print(f"  {spent / whole:6.1%}  {name}")


async def _scripts(_folder: Path, _seconds: float) -> list[Aim]:
    found = scripts.measure()
    print(
        f"pure engine on the shipped script: {found.turns:,.0f} turns per CPU second\n"
        f"reading every shipped script: {found.loading:.3f} CPU s\n"
        f"every rule on {scripts.STEPS} steps in {len(scripts.LANGUAGES)} languages "
        f"({found.texts:,} texts): {found.linting:.2f} CPU s"
    )
    return [
        Aim("pure engine, turns per CPU second", found.turns, 50_000),
        Aim("reading every shipped script, CPU s", found.loading, 1.0, least=False),
        Aim("every rule on the long script, CPU s", found.linting, 2.0, least=False),
    ]


async def _rota(_folder: Path, _seconds: float) -> list[Aim]:
    for name, duties, seconds in rota.figures():
        print(f"{name:48}{duties:>8,} duties{seconds:>9.3f} s of CPU", flush=True)
    return []


PARTS = {
    "scripts": _scripts,
    "rota": _rota,
    "pipeline": _pipeline,
    "telegram": _telegram,
    "growth": _growth,
    "destroy": _destroy,
}


def _head() -> None:
    names: Sequence[str] = [field.name.replace("_per_", "/") for field in fields(Round)][1:]
    print(f"{'':28}" + "".join(f"{name:>18}" for name in names))


def _row(what: str, one: Round) -> None:
    values = [getattr(one, field.name) for field in fields(Round)][1:]
    print(f"{what:28}" + "".join(f"{value:18.2f}" for value in values), flush=True)


if __name__ == "__main__":
    sys.exit(main())
