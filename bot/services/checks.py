"""What must be in order before a hotline runs: one list for the start and for `hotline doctor`.

Each check tells what it found and, when something is wrong, what to do. None shows what a person wrote.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from bot.services import audit, checks_published, documents, profiles
from bot.services.checking import Check, Level, fault, good, warning
from bot.services.premises import DatabaseAway, database_file, master_key, reachable_database
from bot.settings import Mode, Settings
from bot.store.folder_lock import holder, is_held
from bot.store.migrate import NewerDatabase, head, refuse_newer, revision_of
from bot.vault.errors import VaultError
from bot.vault.key_ring import KeyRing
from bot.vault.memory import forbid_core_dumps
from bot.vault.vault import Vault

EPOCH_LASTS: Final = timedelta(hours=25)
LEAST_SPACE: Final = 50_000_000
LITTLE_SPACE: Final = 500_000_000


def run_checks(settings: Settings, now: datetime, *, opening: bool = False) -> Iterator[Check]:
    """Every check, in the order of the start. What hangs on something that failed is left out."""
    yield from _addresses(settings)
    yield _title(settings)
    folder = _folder(settings)
    yield folder
    yield _core_dumps()
    if folder.level is Level.FAULT:
        return
    yield _lock(settings)
    yield _space(settings)
    yield _devices(settings)
    vault: Vault | None = None
    try:
        vault = Vault(KeyRing.open(settings.key_ring_folder, master_key(settings)))
    except (VaultError, OSError) as error:
        yield _keys_fault(error)
    else:
        yield good("keys", "the master key opens the key ring")
        yield _epoch(vault, now)
    try:
        with reachable_database(settings) as engine:
            yield from _database(engine, settings, vault, now, opening=opening)
    except DatabaseAway as error:
        yield fault("database", str(error), "Start the database server or mend its address, then try again.")


def has_fault(checks: tuple[Check, ...]) -> bool:
    """Whether anything keeps the hotline from running."""
    return any(check.level is Level.FAULT for check in checks)


def _database(
    engine: Engine, settings: Settings, vault: Vault | None, now: datetime, *, opening: bool
) -> Iterator[Check]:
    with engine.connect() as connection:
        try:
            refuse_newer(connection)
        except NewerDatabase as error:
            yield fault("database", str(error), "Install that version or a newer one.")
            return
        at = revision_of(connection)
        if at is None:
            yield fault(
                "database",
                "the database is empty",
                "Run `hotline init`, or put back database and key ring from one copy.",
            )
            return
        if at != head():
            yield warning(
                "database",
                f"the database is at revision {at}, this program at {head()}",
                "With the service stopped, copy database and key ring; the next start brings it up to date.",
            )
            return
        yield good("database", f"reachable, revision {at}")
        broken = audit.verify(connection)
        if broken is not None:
            yield fault(
                "audit",
                f"the audit chain is broken at entry {broken}",
                "Somebody changed the database by hand. Keep a copy, and tell the steward.",
            )
        else:
            yield good("audit", "the chain is whole")
        if vault is not None:
            yield from checks_published.run_checks(connection, vault, settings, now, opening=opening)


def _addresses(settings: Settings) -> Iterator[Check]:
    if settings.mode is Mode.DEMO:
        return
    missing = [
        name
        for name, value in (
            ("HOTLINE_PUBLIC_URL", settings.public_url),
            ("HOTLINE_CONSOLE_URL", settings.console_url),
        )
        if value is None
    ]
    if missing:
        yield warning(
            "addresses",
            f"{' and '.join(missing)}: not set, so links lead to this machine only",
            "Set them to the https addresses that browsers use.",
        )
    else:
        yield good("addresses", f"{settings.public_url} and {settings.console_url}")
    if not settings.ops_bind.is_loopback:
        yield warning(
            "addresses",
            f"HOTLINE_OPS_BIND is {settings.ops_bind.shown}: others may reach readiness and metrics",
            "Bind it to 127.0.0.1, or keep it from outside with a firewall.",
        )


def _title(settings: Settings) -> Check:
    """Whoever looks over a shoulder, or into a history, reads the page's title (B-023)."""
    config = documents.config_folder(settings.config_dir)
    reveals = profiles.revealing(config, settings.organisation or "")
    if shown := reveals(settings.page_title, documents.word_lists(config)):
        return fault(
            "page title",
            f"HOTLINE_PAGE_TITLE says “{shown}” to whoever sees the phone or its history",
            "Give the page an everyday name, such as Notes.",
        )
    return good("page title", settings.page_title)


def _folder(settings: Settings) -> Check:
    folder = settings.data_dir
    if not folder.is_dir():
        return fault(
            "data folder", f"there is no folder {folder}", "Run `hotline init`, or set HOTLINE_DATA_DIR."
        )
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not os.access(folder, os.W_OK | os.X_OK):
        return fault(
            "data folder",
            f"{folder} cannot be written",
            "It must belong to the account that the service runs as.",
        )
    if mode & 0o077:
        return warning(
            "data folder", f"others may look into {folder} (mode {mode:04o})", f"Run: chmod 700 {folder}"
        )
    return good("data folder", f"{folder}, for its owner only")


def _core_dumps() -> Check:
    refused = forbid_core_dumps()
    if refused:
        return warning("core dumps", "; ".join(refused), "Start the service with LimitCORE=0 (ulimit -c 0).")
    return good("core dumps", "forbidden")


def _lock(settings: Settings) -> Check:
    if not is_held(settings.data_dir):
        return good("lock", "no service runs on this folder")
    return good("lock", f"a service runs on this folder (process {holder(settings.data_dir) or 'unknown'})")


def _space(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.data_dir).free
    found = f"{free // 1_000_000} MB free where the database lies"
    cure = "Free some space: when the disk is full, what she sends is refused."
    if free < LEAST_SPACE:
        return fault("disk", found, cure)
    return warning("disk", found, cure) if free < LITTLE_SPACE else good("disk", found)


def _devices(settings: Settings) -> Check:
    """A thief of one disk should not have all three of master key, ring and database."""
    places = {
        "the master key": settings.master_key_path or settings.passphrase_file,
        "the key ring": settings.key_ring_folder,
        "the database": database_file(settings),
    }
    devices = {name: path.stat().st_dev for name, path in places.items() if path and path.exists()}
    if len(devices) == len(places) and len(set(devices.values())) == 1:
        return warning(
            "devices",
            "master key, key ring and database lie on one device: who takes it has everything",
            "Put HOTLINE_KEY_RING or HOTLINE_MASTER_KEY_FILE on a volume of its own.",
        )
    return good("devices", "master key, key ring and database are not all in one place")


def _keys_fault(error: Exception) -> Check:
    # The errors of the vault carry their cures in their sentences.
    if isinstance(error, OSError):
        return fault(
            "keys", f"a key file cannot be read ({error.strerror})", "Look at its path and its owner."
        )
    return fault("keys", str(error), "")


def _epoch(vault: Vault, now: datetime) -> Check:
    age = now - vault.epoch_begun
    hours = int(age.total_seconds() // 3600)
    if age > EPOCH_LASTS or len(vault.epochs) > 1:
        return warning(
            "epoch",
            f"the key epoch is {hours} hours old, {len(vault.epochs)} in the ring",
            "The running service turns it every 24 hours. If it runs, look at the ring's volume; "
            "then `hotline keys rotate`.",
        )
    return good("epoch", f"{hours} hours old")
