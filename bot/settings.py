"""Settings: the TOML file, overridden by the environment; read once, handed down as one frozen value.

The only reader of `os.environ`. Every complaint is told at once, each with its cure (design §8).
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot import canary_settings, matrix_settings
from bot.setting_forms import (
    Bind,
    is_this_machine,
    read_api,
    read_bind,
    read_database,
    read_desk,
    read_origin,
    read_proxies,
    read_title,
    read_web_address,
    read_webhook,
)
from handoff.desks import RescuePolicy

PREFIX: Final = "HOTLINE_"
FILE_SETTING: Final = "HOTLINE_SETTINGS_FILE"
DEFAULT_FILE: Final = "hotline.toml"
CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
CREDENTIAL: Final = "master_key"
SECRETS: Final = (
    frozenset({"database_url", "telegram_token", "telegram_staff_token", "telegram_webhook_secret"})
    | matrix_settings.SECRETS
    | canary_settings.SECRETS
)
"""Settings that may be given as a file: the same name with `_file`."""


class Mode(StrEnum):
    """How the hotline runs (design §7)."""

    DEMO = "demo"
    TRIAL = "trial"
    OPEN = "open"


class Limits(StrEnum):
    """Whether we stay below a network's published limits ourselves."""

    PUBLISHED = "published"
    OFF = "off"


class SettingsProblem(Exception):
    """The settings cannot be used; `complaints` holds a sentence for each fault, with its cure."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = tuple(complaints)


Listening = Annotated[Bind, BeforeValidator(read_bind)]
Origin = Annotated[str, BeforeValidator(read_origin)]


class Settings(matrix_settings.MatrixFields, canary_settings.CanaryFields, BaseSettings):  # pyright: ignore[reportIncompatibleVariableOverride]  each brings its own `model_config`; ours holds
    """What an operator can set. Making one reads nothing; `load_settings` does."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    mode: Mode = Field(
        Mode.TRIAL,
        description="`trial` works in full and says that it is being tried out; `open` starts only when "
        "`hotline doctor --opening` passes. `demo` exists through `hotline demo` only.",
    )
    data_dir: Path = Field(
        Path("data"), description="Folder of the database and the lock; one service at a time."
    )
    config_dir: Path | None = Field(
        None, description="Folder of scripts, words, resources and desks to import; default the shipped one."
    )
    database_url: Annotated[str, BeforeValidator(read_database)] | None = Field(
        None,
        repr=False,
        description="Default a SQLite file in the data folder; or postgresql+psycopg://….",
    )
    key_ring: Path | None = Field(
        None, description="Folder of the key ring, default `keys` in the data folder; best on its own volume."
    )
    master_key_file: Path | None = Field(
        None,
        description="File of the master key: 32 bytes in base64, mode 0600; default the service's credential "
        "`master_key`, else `master-key` in the data folder.",
    )
    passphrase_file: Path | None = Field(
        None, description="File that holds the passphrase of the key ring, instead of a master key."
    )
    public_bind: Listening = Field(
        Bind("127.0.0.1", 8080), description="Where the web chat and `/healthz` listen."
    )
    console_bind: Listening = Field(Bind("127.0.0.1", 8081), description="Where the console listens.")
    ops_bind: Listening = Field(
        Bind("127.0.0.1", 8082),
        description="Where `/readyz` and `/metrics` listen; not for others to reach.",
    )
    public_url: Origin | None = Field(
        None, description="How browsers reach the web chat, such as https://chat.example.org."
    )
    console_url: Origin | None = Field(
        None, description="How browsers reach the console, such as https://console.example.org."
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(read_proxies)] = Field(
        (),
        description="Addresses of the front; forwarded headers are believed from these only.",
    )
    rescue_policy: RescuePolicy | None = Field(
        None,
        description="What the organisation does when a life is in danger: none, consent-only or "
        "imminent-risk. No default: people decide this; a desk may have its own.",
    )
    desk: Annotated[str, BeforeValidator(read_desk)] = Field(
        "demo", description="The desk that answers whoever writes first; a folder of `config/desks/`."
    )
    organisation: str | None = Field(
        None, description="Name told in the notice; default the one in `config/network/network.yaml`."
    )
    exit_url: Annotated[str, BeforeValidator(read_web_address)] = Field(
        "https://www.wikipedia.org/", description="The everyday page the exit button leads to."
    )
    page_title: Annotated[str, BeforeValidator(read_title)] = Field(
        "Notes", description="Neutral name of the web chat in the tab and in the browser's history."
    )

    telegram_token: str | None = Field(
        None, repr=False, description="Token of the bot women write to; without it there is no Telegram."
    )
    telegram_staff_token: str | None = Field(
        None,
        repr=False,
        description="Token of a second bot, for volunteers; without it they are not on Telegram.",
    )
    telegram_api_url: Annotated[str, BeforeValidator(read_api)] = Field(
        "https://api.telegram.org", description="The Bot API server; another one if you run your own."
    )
    telegram_webhook_url: Annotated[str, BeforeValidator(read_webhook)] | None = Field(
        None,
        description="Where Telegram brings messages, such as https://chat.example.org/telegram/updates; "
        "unset, they are fetched, which hides the server and needs no open port.",
    )
    telegram_webhook_secret: str | None = Field(
        None, repr=False, description="What Telegram says in a header of each call to the webhook."
    )
    telegram_limits: Limits = Field(
        Limits.PUBLISHED, description="`published` stays below Telegram's limits; `off` is for benchmarks."
    )

    @classmethod
    def settings_customise_sources(  # pyright: ignore[reportImplicitOverride]  typing.override came with 3.12
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  pydantic-settings passes it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  same
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  same
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed: the environment reaches a test or a library through `load_settings` alone."""
        return (init_settings,)

    @property
    def database(self) -> str:
        """URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'hotline.db'}"

    @property
    def key_ring_folder(self) -> Path:
        """Folder of the key ring."""
        return self.key_ring or self.data_dir / "keys"

    @property
    def master_key_path(self) -> Path | None:
        """File of the master key, None where a passphrase takes its place."""
        if self.passphrase_file is not None:
            return None
        return self.master_key_file or self.data_dir / "master-key"

    def for_demo(self) -> Self:
        """The same for `hotline demo`: everything of its own, in `demo` of the data folder, loopback only.

        Raises `SettingsProblem` when an address could be reached from outside.
        """
        complaints = [
            f"{PREFIX}{name.upper()}: `hotline demo` is for this machine only, and {bind.shown} can be "
            "reached from outside. Leave the setting out."
            for name, bind in (
                ("public_bind", self.public_bind),
                ("console_bind", self.console_bind),
                ("ops_bind", self.ops_bind),
            )
            if not bind.is_loopback
        ]
        told = {"TELEGRAM_TOKEN": self.telegram_token, "TELEGRAM_STAFF_TOKEN": self.telegram_staff_token}
        given = [name for name, token in told.items() if token is not None]
        if given and not is_this_machine(self.telegram_api_url):
            complaints.append(
                f"{PREFIX}{given[0]}: `hotline demo` reaches nobody real, and this token would. Leave it "
                "out; a Bot API server for tests on this machine may be named in "
                f"{PREFIX}TELEGRAM_API_URL."
            )
        if complaints:
            raise SettingsProblem(complaints)
        own: dict[str, Any] = dict.fromkeys(
            ("database_url", "key_ring", "master_key_file", "passphrase_file", "public_url", "console_url")
        )
        return self.model_copy(
            update={
                **own,
                **matrix_settings.without(),
                **canary_settings.without(),
                "mode": Mode.DEMO,
                "data_dir": self.data_dir / "demo",
                "desk": "demo",
            }
        )


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as it was written, and where: "HOTLINE_MODE" or "mode in hotline.toml"."""

    value: object
    origin: str
    folder: Path


def environment() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


def load_settings(environ: Mapping[str, str], cwd: Path) -> Settings:
    """The settings of this start. Raises `SettingsProblem` with all complaints."""
    complaints: list[str] = []
    given: dict[str, _Given] = {}
    for source in (_from_file(environ, cwd, complaints), _from_environment(environ, cwd)):
        given |= _secrets_read(_known(source, complaints), complaints)
    if "master_key_file" not in given and "passphrase_file" not in given:
        credential = Path(environ.get(CREDENTIALS, "")) / CREDENTIAL
        if environ.get(CREDENTIALS) and credential.exists():
            given["master_key_file"] = _Given(str(credential), f"${CREDENTIALS}", cwd)
    settings = _checked(given, cwd, complaints)
    if settings is not None:
        complaints += (*matrix_settings.complaints(settings), *canary_settings.complaints(settings))
    if settings is None or complaints:
        raise SettingsProblem(complaints)
    return settings


def secret_file(environ: Mapping[str, str], cwd: Path, secret: str) -> Path | None:
    """The file a secret comes from, None where it stands in the settings themselves."""
    found: Path | None = None
    for source in (_from_file(environ, cwd, []), _from_environment(environ, cwd)):
        if secret in source:
            found = None
        if (one := source.get(f"{secret}_file")) is not None:
            found = one.folder / str(one.value)
    return found


def _from_environment(environ: Mapping[str, str], cwd: Path) -> dict[str, _Given]:
    # Compose and systemd write `NAME=` for what is left out: empty means not set.
    return {
        name.removeprefix(PREFIX).lower(): _Given(value, name, cwd)
        for name, value in sorted(environ.items())
        if name.startswith(PREFIX) and name != FILE_SETTING and value.strip()
    }


def _from_file(environ: Mapping[str, str], cwd: Path, complaints: list[str]) -> dict[str, _Given]:
    named = environ.get(FILE_SETTING)
    path = cwd / (named or DEFAULT_FILE)
    if named is None and not path.exists():
        return {}
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        complaints.append(f"{FILE_SETTING}: {path} cannot be read ({error.strerror}). Name a file that can.")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        complaints.append(f'{path} is not TOML: {error}. Write lines such as: mode = "trial"')
        return {}
    return {name: _Given(value, f"{name} in {path.name}", path.parent) for name, value in plain.items()}


def _known(given: Mapping[str, _Given], complaints: list[str]) -> dict[str, _Given]:
    names = [*Settings.model_fields, *(f"{secret}_file" for secret in SECRETS)]
    for name, one in given.items():
        if name in names:
            continue
        near = difflib.get_close_matches(name, names, n=1)
        shown = PREFIX + near[0].upper() if near and one.origin.startswith(PREFIX) else "".join(near)
        meant = f" Did you mean {shown}?" if near else ""
        complaints.append(f"{one.origin}: this version has no such setting.{meant} Correct or remove it.")
    return {name: one for name, one in given.items() if name in names}


def _secrets_read(given: dict[str, _Given], complaints: list[str]) -> dict[str, _Given]:
    """Put the content of each `…_file` in the place of its secret."""
    for secret in SECRETS:
        one = given.pop(f"{secret}_file", None)
        if one is None:
            continue
        if secret in given:
            complaints.append(f"{one.origin}: the setting itself is given as well. Keep one of them.")
        path = one.folder / str(one.value)
        try:
            given[secret] = _Given(path.read_text(encoding="utf-8").strip(), one.origin, one.folder)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not text"
            complaints.append(f"{one.origin}: {path} cannot be read ({reason}). Name a file that can.")
    return given


def _checked(given: Mapping[str, _Given], cwd: Path, complaints: list[str]) -> Settings | None:
    if str(given["mode"].value if "mode" in given else "") == Mode.DEMO:
        complaints.append(
            f"{given['mode'].origin}: only `hotline demo` starts the demo. Choose trial or open."
        )
    if "master_key_file" in given and "passphrase_file" in given:
        complaints.append(
            f"{given['passphrase_file'].origin}: a master key file is given as well. Keep one of them."
        )
    try:
        settings = Settings(**{name: one.value for name, one in given.items()})  # pyright: ignore[reportArgumentType]  checked by pydantic here
    except ValidationError as error:
        complaints.extend(_told(error, given))
        return None
    return settings.model_copy(update=dict(_absolute(settings, given, cwd)))


def _absolute(settings: Settings, given: Mapping[str, _Given], cwd: Path) -> Iterator[tuple[str, Path]]:
    """Paths are meant from the folder they were written in: that of the file, or where the program starts."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, Path):
            yield name, (given[name].folder if name in given else cwd) / value.expanduser()


def _told(error: ValidationError, given: Mapping[str, _Given]) -> Iterator[str]:
    # Never the value itself: it may be a secret given under the wrong name.
    for fault in error.errors(include_url=False, include_input=False):
        name = str(fault["loc"][0])
        reason = str(fault.get("ctx", {}).get("error") or fault["msg"])
        reason = reason[:1].lower() + reason[1:]
        field = Settings.model_fields[name]
        yield f"{given[name].origin}: {reason.rstrip('.')}. ({field.description})"
