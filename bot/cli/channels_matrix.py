"""The words of `hotline channels` that concern Matrix: who we are there, and a new device."""

import asyncio

from bot.cli.call import DONE, Call, Refused
from bot.matrix_settings import for_adapter, for_staff
from bot.services import audit
from bot.services.premises import holding, open_premises, served_elsewhere
from bot.store.moments import to_moment
from channels.matrix.settings import MatrixSettings


def accounts(call: Call) -> list[MatrixSettings]:
    """Who we are on Matrix: the line, and the account volunteers write with."""
    settings = call.settings
    found = [for_adapter(settings)] if settings.matrix_homeserver is not None else []
    return [*found, for_staff(settings)] if settings.matrix_staff_user is not None else found


def facts(call: Call, account: MatrixSettings) -> dict[str, object]:
    """Who an account is on Matrix, and the fingerprint of its keys."""
    from bot.services.channel_checks import matrix_identity  # noqa: PLC0415  it imports the adapter

    with open_premises(call.settings) as premises:
        mine = asyncio.run(matrix_identity(premises, account))
    return {"account": mine.user, "device": mine.device, "fingerprint": mine.fingerprint}


def replace_device(call: Call) -> int:
    """Forget the old device; the service must not run, or it would go on with the old keys."""
    from bot.services.channel_checks import new_matrix_device  # noqa: PLC0415  it imports the adapter

    staff, settings = bool(call.words.staff), call.settings
    if (settings.matrix_staff_user if staff else settings.matrix_homeserver) is None:
        unset = "HOTLINE_MATRIX_STAFF_USER" if staff else "HOTLINE_MATRIX_HOMESERVER"
        raise Refused(
            f"{unset} is not set: {'volunteers are' if staff else 'this hotline is'} not on Matrix."
        )
    account = for_staff(settings) if staff else for_adapter(settings)
    with open_premises(settings) as premises, holding(settings.data_dir) as ours:
        if not ours:
            raise Refused("The service runs on this folder. Stop it first, then start it after this command.")
        if served_elsewhere(premises):
            raise Refused("The service runs on another machine. Stop it everywhere, then start it again.")
        kept = asyncio.run(new_matrix_device(premises, account.name))
        with premises.engine.begin() as connection:
            moment = to_moment(call.now)
            audit.record(
                connection, premises.vault, audit.PROGRAM, "replace-device", account.name, (), moment
            )
    if kept:
        print("The next start makes a new device, trusted by everybody who trusted the old one.")
    else:
        print(
            "The next start makes a new device and a new identity: it needs the password once. "
            "Publish the new fingerprint (`hotline channels status`): people's clients will warn them."
        )
    return DONE
