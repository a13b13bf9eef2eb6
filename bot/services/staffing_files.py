"""Escalation, care and training in the configuration folder: the desk's file, else the network's."""

from collections.abc import Callable
from typing import Final, TypeVar

from bot.services.documents import Folder, UnusableFile, blocking, text_of
from handoff.issue import Complaint
from handoff.staffing import Care, Escalation, Staffing
from handoff.staffing_reading import read_care, read_escalation, read_training
from handoff.training import NO_TRAINING, Training

ESCALATION: Final = "escalation.yaml"
CARE: Final = "care.yaml"
TRAINING: Final = "training.yaml"
Value = TypeVar("Value")
Reader = Callable[[str, str], tuple[Value | None, tuple[Complaint, ...]]]


def staffing(config: Folder, desk: str) -> Staffing:
    """How a desk looks after who waits and who answers. Raises `UnusableFile`."""
    return Staffing(
        escalation=_read(config, desk, ESCALATION, read_escalation) or Escalation(),
        care=_read(config, desk, CARE, read_care) or Care(),
        training=training(config),
    )


def training(config: Folder) -> Training:
    """The organisation's modules, and what needs them; the same at every desk. Raises `UnusableFile`."""
    file = config / "network" / TRAINING
    if not file.is_file():
        return NO_TRAINING
    return _told(read_training(text_of(file), f"network/{TRAINING}"))


def _read(config: Folder, desk: str, name: str, read: Reader[Value]) -> Value | None:
    for place in (("desks", desk), ("network",)):
        file = config.joinpath(*place, name)
        if file.is_file():
            return _told(read(text_of(file), "/".join((*place, name))))
    return None


def _told(read: tuple[Value | None, tuple[Complaint, ...]]) -> Value:
    value, complaints = read
    if value is None:
        raise UnusableFile(blocking(complaints))
    return value
