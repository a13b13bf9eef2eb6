"""Metrics carry three labels, closed lists of values, and no small number of people."""

import pytest

from bot.observability.metrics import ALERTS, CHANNELS, OTHER, OUTCOMES, Metrics

ID = "mzxw6ytboi2gk3tfon2gs3thee"
CLOSED = {
    "channel": CHANNELS | {OTHER},
    "outcome": OUTCOMES | {OTHER},
    "state": ALERTS | {OTHER},
}


@pytest.fixture
def metrics() -> Metrics:
    """Everything a service tells, once with what is known and once with what must not get through."""
    told = Metrics()
    for channel in ("web", ID):
        told.received(channel, 2, 1)
        told.sent(channel, "delivered")
        told.sent(channel, ID)
        told.watch(channel, lambda: {"token_age": 3.0, "unreadable": 2.0, ID: 1.0})
    told.alerted("nobody")
    told.alerted(ID)
    told.queue(3)
    told.live(7)
    return told


def test_labels_are_channel_outcome_and_state_with_values_of_closed_lists(metrics: Metrics) -> None:
    samples = [sample for metric in metrics.registry.collect() for sample in metric.samples]
    assert len(samples) > 8
    for sample in samples:
        for label, value in sample.labels.items():
            assert value in CLOSED[label], sample.name


def test_no_line_holds_an_id_or_the_moment_something_began(metrics: Metrics) -> None:
    text = metrics.render().decode()
    assert ID not in text
    assert "_created" not in text


def test_what_happened_is_counted(metrics: Metrics) -> None:
    lines = metrics.render().decode().splitlines()
    assert 'hotline_received_total{channel="web"} 2.0' in lines
    assert 'hotline_received_total{channel="other"} 2.0' in lines
    assert 'hotline_poison_total{channel="web"} 1.0' in lines
    assert 'hotline_sent_total{channel="web",outcome="delivered"} 1.0' in lines
    assert 'hotline_alerts_total{state="nobody"} 1.0' in lines


def test_a_channel_s_numbers_are_read_when_somebody_asks() -> None:
    metrics, numbers = Metrics(), {"token_age": 3.0}
    metrics.watch("matrix", lambda: numbers)
    numbers["token_age"] = 4.0
    lines = metrics.render().decode().splitlines()
    assert 'hotline_channel_token_age{channel="matrix"} 4.0' in lines
    assert 'hotline_channel_lost{channel="matrix"} 0.0' in lines


@pytest.mark.parametrize(("people", "shown"), [(0, 0), (1, 1), (4, 1), (5, 5), (60, 5), (-1, 0)])
def test_people_are_shown_in_steps(people: int, shown: int) -> None:
    metrics = Metrics()
    metrics.queue(people)
    metrics.live(people)
    lines = metrics.render().decode().splitlines()
    assert f"hotline_waiting {shown}.0" in lines
    assert f"hotline_live {shown}.0" in lines


def test_two_services_in_one_process_do_not_share_counters() -> None:
    first, second = Metrics(), Metrics()
    first.alerted("nobody")
    assert b'state="nobody"' not in second.render()
