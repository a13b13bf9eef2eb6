"""The words of `hotline channels` that concern Matrix: who we are there, and a new device."""

import asyncio

from bot.cli.call import DONE, Call, Refused
from bot.matrix_settings import for_adapter
from bot.services import audit
from bot.services.premises import holding, open_premises, served_elsewhere
from bot.store.moments import to_moment


def facts(call: Call) -> dict[str, object]:
    """Who the line is on Matrix, and the fingerprint of its keys."""
    from bot.services.channel_checks import matrix_identity  # noqa: PLC0415  it imports the adapter

    with open_premises(call.settings) as premises:
        mine = asyncio.run(matrix_identity(premises, for_adapter(call.settings)))
    return {"account": mine.user, "device": mine.device, "fingerprint": mine.fingerprint}


def replace_device(call: Call) -> int:
    """Forget the old device; the service must not run, or it would go on with the old keys."""
    from bot.services.channel_checks import new_matrix_device  # noqa: PLC0415  it imports the adapter

    if call.settings.matrix_homeserver is None:
        raise Refused("HOTLINE_MATRIX_HOMESERVER is not set: this hotline is not on Matrix.")
    with open_premises(call.settings) as premises, holding(call.settings.data_dir) as ours:
        if not ours:
            raise Refused("The service runs on this folder. Stop it first, then start it after this command.")
        if served_elsewhere(premises):
            raise Refused("The service runs on another machine. Stop it everywhere, then start it again.")
        kept = asyncio.run(new_matrix_device(premises))
        with premises.engine.begin() as connection:
            moment = to_moment(call.now)
            audit.record(connection, premises.vault, audit.PROGRAM, "replace-device", "matrix", (), moment)
    if kept:
        print("The next start makes a new device, trusted by everybody who trusted the old one.")
    else:
        print(
            "The next start makes a new device and a new identity: it needs HOTLINE_MATRIX_PASSWORD once. "
            "Publish the new fingerprint (`hotline channels status`): people's clients will warn them."
        )
    return DONE
