"""`python -m tests.bench.sampled run`: the program, and a thread that notes where its CPU time goes.

Every few milliseconds each thread's own CPU clock is read, and what it used since goes to the line of Python
it stands at. Written as JSON to the file in SAMPLES_TO when the program ends.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.003  # seconds
STARTS = 4.0  # seconds of the process's life that are not counted: it begins, and people come
OURS = ("bot", "channels", "triage", "handoff")


def _place(frame: FrameType) -> str:
    module = str(frame.f_globals.get("__name__", "?"))
    return f"{module}.{frame.f_code.co_name}"


def _ours(frame: FrameType | None) -> str:
    """The innermost function of ours, on whose behalf the time is spent."""
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] in OURS:
            return _place(frame)
        frame = frame.f_back
    return "(the event loop)"


class Sampler:
    """Counts CPU seconds by thread and place until told to write them down."""

    def __init__(self) -> None:
        self.package: Counter[str] = Counter()
        self.function: Counter[str] = Counter()
        self.ours: Counter[str] = Counter()
        self.threads: Counter[str] = Counter()
        self._clocks: dict[int, float] = {}
        self._me = 0

    def run(self) -> None:
        self._me = threading.get_ident()
        time.sleep(STARTS)
        while True:
            time.sleep(EVERY)
            self._look()

    def _look(self) -> None:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        for ident, frame in sys._current_frames().items():
            if ident == self._me or ident not in names:
                continue
            try:
                used = time.clock_gettime(time.pthread_getcpuclockid(ident))
            except OSError:
                continue  # it has just ended
            spent = used - self._clocks.get(ident, used)
            self._clocks[ident] = used
            place = _place(frame)
            self.threads[names[ident]] += spent
            self.function[place] += spent
            self.package[place.partition(".")[0]] += spent
            self.ours[_ours(frame)] += spent

    def write(self, to: Path) -> None:
        parts = {
            "threads": self.threads, "packages": self.package, "functions": self.function, "for": self.ours,
        }  # fmt: skip
        to.write_text(json.dumps({name: dict(part) for name, part in parts.items()}), encoding="utf-8")


def main() -> int:
    from bot.cli.main import main as hotline  # noqa: PLC0415  what it imports is part of the program

    sys.setswitchinterval(0.0005)  # else the sampler sees mostly what lets go of the interpreter by itself
    sampler = Sampler()
    threading.Thread(target=sampler.run, name="sampler", daemon=True).start()
    try:
        return hotline(sys.argv[1:])
    finally:
        sampler.write(Path(os.environ["SAMPLES_TO"]))


if __name__ == "__main__":
    sys.exit(main())
