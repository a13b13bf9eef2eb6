"""`hotline channels`: how the ways in stand, and a new Matrix device where the old one's keys are gone."""

import asyncio

from bot.cli.call import DONE, Call, Refused, SubWords, add_format, add_word, add_words, show
from bot.matrix_settings import for_adapter
from bot.services import audit
from bot.services.premises import holding, open_premises
from bot.store.moments import to_moment


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "channels", "How the ways in stand."))
    add_format(
        add_word(words, "status", "Each channel: who we are there, and the fingerprint of our keys.", tell)
    )
    add_word(
        words,
        "replace-device",
        "Make a new Matrix device at the next start, where the keys of the old one are gone. What was "
        "written to the old one and not yet read cannot be read any more.",
        replace,
    )


def tell(call: Call) -> int:
    """Tell who the line is on each channel."""
    settings = call.settings
    web = settings.public_url or "this machine only"
    rows: list[dict[str, object]] = [{"channel": "web", "address": web, "device": "", "fingerprint": ""}]
    if settings.matrix_homeserver is not None:
        from bot.services.channel_checks import matrix_identity  # noqa: PLC0415  it imports the adapter

        with open_premises(settings) as premises:
            mine = asyncio.run(matrix_identity(premises, for_adapter(settings)))
        rows.append(
            {
                "channel": "matrix",
                "address": mine.user,
                "device": mine.device,
                "fingerprint": mine.fingerprint,
            }
        )
    show(call, rows)
    return DONE


def replace(call: Call) -> int:
    """Forget the old device; the service must not run, or it would go on with the old keys."""
    from bot.services.channel_checks import new_matrix_device  # noqa: PLC0415  it imports the adapter

    if call.settings.matrix_homeserver is None:
        raise Refused("HOTLINE_MATRIX_HOMESERVER is not set: this hotline is not on Matrix.")
    with open_premises(call.settings) as premises, holding(call.settings.data_dir) as ours:
        if not ours:
            raise Refused("The service runs on this folder. Stop it first, then start it after this command.")
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
