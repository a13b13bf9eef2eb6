"""What the notice must also say: in what mode the line runs, and what is done in danger (B-032)."""

from triage.model import Script, Tag

_MODES = {"demo": "word.demo_notice", "trial": "word.trial_notice"}


def said_beside(script: Script, key: str, mode: str, rescue_policy: str) -> tuple[str, ...]:
    """Keys of the words said under the text `key`: the first notice tells the mode, the last one the policy.

    A notice of one message is the first and the last at once.
    """
    notice = script.tagged(Tag.NOTICE)
    said: list[str] = []
    if notice and key == f"{notice[0].id}.text" and mode in _MODES:
        said.append(_MODES[mode])
    if notice and key == f"{notice[-1].id}.text":
        said.append(f"word.rescue_{rescue_policy.replace('-', '_')}")
    return tuple(said)
