"""Counters and gauges for whoever watches the machine: no ids, no exact small numbers, three labels (PR6)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, generate_latest

from channels.message import DeliveryState

CHANNELS: Final = frozenset({"web", "telegram", "matrix", "telegram-staff", "matrix-staff"})
OUTCOMES: Final = frozenset(state.value for state in DeliveryState)
ALERTS: Final = frozenset(
    {
        *(
            "nudge",
            "supervisor",
            "coordinator",
            "second_number",
            "nobody",
            "long_wait",
            "late",
            "unguarded",
            "unsent",
        ),
        *("away", "exposure", "debrief", "stale_resource", "epoch", "deletion", "channel"),
    }
)
VITALS: Final = {
    "token_age": "Seconds since the network answered.",
    "one_time_keys": "Keys of the device left at the homeserver.",
    "unreadable": "Words that wait for their key now.",
    "lost": "Words given up since the start, as their key never came.",
}
"""What a connection tells of itself: each is a gauge of its own, `hotline_channel_<name>`."""
OTHER: Final = "other"
STEPS: Final = (0, 1, 5)
"""A gauge of people shows the step at or below their number: 0, 1 for 1 to 4, 5 for 5 and more."""


class Metrics:
    """What this process did since it began. Values outside the closed lists are counted as `other`."""

    def __init__(self) -> None:
        # A counter's birth would tell the moment of the first message of a channel.
        disable_created_metrics()
        self.registry = CollectorRegistry(auto_describe=True)
        self._received = Counter(
            "hotline_received", "Messages taken in.", ["channel"], registry=self.registry
        )
        self._poison = Counter(
            "hotline_poison", "Updates that could not be read.", ["channel"], registry=self.registry
        )
        self._sent = Counter(
            "hotline_sent",
            "Messages put on the wire, by what became of them.",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self._alerts = Counter(
            "hotline_alerts", "Times people were alerted, by what about.", ["state"], registry=self.registry
        )
        # Looking a label up costs more than counting.
        self._received_of = _Children(self._received)
        self._sent_as = _Children(self._sent)
        self._vitals = {
            name: Gauge(f"hotline_channel_{name}", told, ["channel"], registry=self.registry)
            for name, told in VITALS.items()
        }
        self._waiting = Gauge(
            "hotline_waiting", "Waiting for a person: 0, 1 (1 to 4), 5 (5 or more).", registry=self.registry
        )
        self._live = Gauge(
            "hotline_live", "Talking to a person: 0, 1 (1 to 4), 5 (5 or more).", registry=self.registry
        )

    def received(self, channel: str, messages: int, poison: int) -> None:
        """A batch was stored: how many messages, and how many updates that could not be read."""
        name = _listed(channel, CHANNELS)
        self._received_of[name].inc(messages)
        if poison:
            self._poison.labels(name).inc(poison)

    def sent(self, channel: str, outcome: str) -> None:
        """A message was put on the wire; `outcome` is a delivery state."""
        self._sent_as[_listed(channel, CHANNELS), _listed(outcome, OUTCOMES)].inc()

    def alerted(self, kind: str) -> None:
        """Somebody was alerted."""
        self._alerts.labels(_listed(kind, ALERTS)).inc()

    def watch(self, channel: str, vitals: Callable[[], Mapping[str, float]]) -> None:
        """Show a channel's numbers as they are whenever somebody asks."""
        for name, gauge in self._vitals.items():
            shown = gauge.labels(_listed(channel, CHANNELS))
            shown.set_function(lambda what=name: vitals().get(what, 0.0))

    def queue(self, waiting: int) -> None:
        """So many wait for a person now."""
        self._waiting.set(_step(waiting))

    def live(self, talking: int) -> None:
        """So many talk to a person now."""
        self._live.set(_step(talking))

    def render(self) -> bytes:
        """Everything in the text format Prometheus reads."""
        return generate_latest(self.registry)


class _Children(dict[Any, Counter]):
    """A counter's children by label or labels, looked up once each."""

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def __missing__(self, labels: Any) -> Counter:
        child = self[labels] = self._counter.labels(*([labels] if isinstance(labels, str) else labels))
        return child


def _listed(value: str, known: frozenset[str]) -> str:
    return value if value in known else OTHER


def _step(number: int) -> int:
    return max(step for step in STEPS if step <= max(number, 0))
