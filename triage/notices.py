"""What the notice must also say: in what mode the line runs, and what is done in danger (B-032)."""

from triage.model import Script, Tag

_MODES = {"demo": "word.demo_notice", "trial": "word.trial_notice"}


def said_beside(script: Script, key: str, mode: str, rescue_policy: str) -> str | None:
    """Key of the word said under the text `key`: the first notice tells the mode, the last one the policy."""
    notice = script.tagged(Tag.NOTICE)
    if not notice:
        return None
    if key == f"{notice[0].id}.text":
        return _MODES.get(mode)
    if key == f"{notice[-1].id}.text":
        return f"word.rescue_{rescue_policy.replace('-', '_')}"
    return None
