"""`hotline keys`: how the keys stand, and turning them now."""

from bot.cli.call import DONE, REFUSED, Call, SubWords, add_format, add_word, add_words, show_one
from bot.services import audit
from bot.services.premises import ask_and_wait, holding, open_premises, rotate
from bot.store.moments import to_moment
from bot.store.requests import RequestKind, RequestState


def add(sub: SubWords) -> None:
    """Add the words."""
    words = add_words(add_word(sub, "keys", "How the keys stand; turn them now."))
    status = add_word(words, "status", "How old the key epoch is, and where the keys lie.", tell)
    add_format(status)
    add_word(words, "rotate", "Turn the key epoch now: what was erased before can be opened by nobody.", turn)


def tell(call: Call) -> int:
    """Tell ages and places; never a key."""
    settings = call.settings
    with open_premises(settings) as premises:
        vault = premises.vault
        show_one(
            call,
            {
                "epoch": vault.current_epoch,
                "begun": vault.epoch_begun.isoformat(timespec="minutes"),
                "hours": int((call.now - vault.epoch_begun).total_seconds() // 3600),
                "epochs_in_ring": len(vault.epochs),
                "key_ring": str(settings.key_ring_folder),
                "sealed_by": str(settings.master_key_path or "a passphrase"),
            },
        )
    return DONE


def turn(call: Call) -> int:
    """Turn the epoch here, or have the running service do it."""
    with open_premises(call.settings) as premises, holding(call.settings.data_dir) as ours:
        if ours:
            gone = rotate(premises, call.now)
            print(f"Turned. {len(gone)} older epochs are shredded.")
        elif ask_and_wait(premises, RequestKind.ROTATE, "", call.now) is RequestState.ASKED:
            print(
                "The service has been asked and has not done it yet. Look again with `hotline keys status`."
            )
            return REFUSED
        else:
            print("The service has turned the epoch.")
        with premises.engine.begin() as connection:
            moment = to_moment(call.now)
            audit.record(connection, premises.vault, audit.PROGRAM, "rotate", "keys", (), moment)
    return DONE
