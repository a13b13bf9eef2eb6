"""What goes wrong on the way, when a test wants it to."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How a call fails."""

    BAD_GATEWAY = "502"  # an answer of a front, not of the Bot API: HTML
    DROPPED = "dropped"  # the connection ends without an answer
    SILENT = "silent"  # no answer ever comes
    TORN = "torn"  # half an answer
    PORTAL = "portal"  # something else answers, with 200 and JSON: a page to sign in at, a broken proxy
    LIST = "list"  # the same, and its JSON is no object
    EMPTY = "empty"  # an empty result at once, however long one would have waited


@dataclass
class Mishap:
    """The next `times` calls of `method` ("" for any) fail; `after` the effect, or before it."""

    kind: Kind
    method: str = ""
    after: bool = False
    times: int = 1


@dataclass
class Mishaps:
    """Those that are still to come, and whether the network is away altogether."""

    planned: list[Mishap] = field(default_factory=list[Mishap])
    away: bool = False
    happened: int = 0

    def plan(self, kind: Kind, method: str = "", *, after: bool = False, times: int = 1) -> None:
        self.planned.append(Mishap(kind, method.lower(), after, times))

    def meet(self, method: str, *, after: bool) -> Kind | None:
        """What happens to this call at this point."""
        for mishap in self.planned:
            if mishap.after == after and mishap.method in {"", method}:
                mishap.times -= 1
                if not mishap.times:
                    self.planned.remove(mishap)
                self.happened += 1
                return mishap.kind
        return None
