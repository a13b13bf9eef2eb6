"""`python -m tests.bench`: floor and pipeline in one run, so that ratios hold on another machine."""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from tests.bench import destroying, floor, growth, pipeline, rota, scripts, telegram
from tests.bench.pipeline import Round
from tests.bench.rig import running

SIZES = [1_000, 20_000, 200_000]
SLOW_COMMIT = 0.005  # seconds


def main() -> None:
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
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        for part in asked.parts or list(PARTS):
            if asked.profile and part == "telegram":
                asyncio.run(_profile(Path(name), asked.seconds))
            else:
                asyncio.run(PARTS[part](Path(name), asked.seconds))


async def _pipeline(folder: Path, seconds: float) -> None:
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


async def _growth(folder: Path, seconds: float) -> None:
    found = await growth.measure(folder, SIZES, 50, seconds / 2, 3)
    _head()
    for size, rounds in found.items():
        for one in rounds:
            _row(f"{size:,} contacts stored", one)
    ratio = growth.cpu(found[SIZES[-1]]) / growth.cpu(found[SIZES[0]])
    print(f"CPU per act, {SIZES[-1]:,} to {SIZES[0]:,} contacts: x{ratio:.2f} (medians of three)")


async def _destroy(folder: Path, _seconds: float) -> None:
    gone, ended = await destroying.seconds(folder / "destroy")
    print(f"destroy-now beside a running service: keys gone after {gone:.2f} s, all done after {ended:.2f} s")


async def _telegram(folder: Path, seconds: float) -> None:
    names = [field.name.replace("_per_", "/") for field in fields(telegram.Round)][1:]
    print(f"{'':42}" + "".join(f"{name:>18}" for name in names))

    def tell(one: telegram.Round) -> None:
        values = [getattr(one, field.name) for field in fields(telegram.Round)][1:]
        print(f"{one.what:42}" + "".join(f"{value:18.2f}" for value in values), flush=True)

    for aim in await telegram.measure(folder, seconds, tell):
        asked = f"asked for: at {'least' if aim.least else 'most'} {aim.asked:g}"
        print(f"{aim.what:42}{aim.found:10.2f}   {asked}{'' if aim.reached else '   MISSED'}")


async def _profile(folder: Path, seconds: float) -> None:
    async for people, parts in telegram.profile(folder, seconds):
        for part, places in parts.items():
            whole = sum(places.values())
            print(f"{people} people, {whole:.1f} s of CPU by {part}:")
            for name, spent in sorted(places.items(), key=lambda item: -item[1])[:20]:
                print(f"  {spent / whole:6.1%}  {name}")


async def _scripts(_folder: Path, _seconds: float) -> None:
    found = scripts.measure()
    print(
        f"pure engine on the shipped script: {found.turns:,.0f} turns per CPU second\n"
        f"reading every shipped script: {found.loading:.3f} CPU s\n"
        f"every rule on {scripts.STEPS} steps in {len(scripts.LANGUAGES)} languages "
        f"({found.texts:,} texts): {found.linting:.2f} CPU s"
    )


async def _rota(_folder: Path, _seconds: float) -> None:
    for name, duties, seconds in rota.figures():
        print(f"{name:48}{duties:>8,} duties{seconds:>9.3f} s of CPU", flush=True)


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
    main()
