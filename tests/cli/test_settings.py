"""Settings: one file, one environment, every complaint at once, and no secret ever shown."""

import re
from pathlib import Path

import pytest

from bot.settings import Bind, Mode, Settings, SettingsProblem, load_settings, secret_file
from handoff.desks import RescuePolicy


def complaints(environ: dict[str, str], cwd: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsProblem) as raised:
        load_settings(environ, cwd)
    return raised.value.complaints


def test_with_nothing_set_a_trial_runs_in_the_data_folder_on_loopback(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)
    assert settings.mode is Mode.TRIAL
    assert settings.data_dir == tmp_path / "data"
    assert settings.database == f"sqlite:///{tmp_path}/data/hotline.db"
    assert settings.key_ring_folder == tmp_path / "data/keys"
    assert settings.master_key_path == tmp_path / "data/master-key"
    assert settings.public_bind == ("127.0.0.1", 8080)
    assert settings.rescue_policy is None


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text(
        'mode = "open"\ndesk = "north"\ntrusted_proxies = ["10.0.0.0/8"]\n'
    )
    settings = load_settings({"HOTLINE_DESK": "south", "HOTLINE_RESCUE_POLICY": "none"}, tmp_path)
    assert (settings.mode, settings.desk) == (Mode.OPEN, "south")
    assert settings.trusted_proxies == ("10.0.0.0/8",)
    assert settings.rescue_policy is RescuePolicy.NONE


def test_a_path_in_the_file_is_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/line.toml").write_text('data_dir = "there"\n')
    settings = load_settings({"HOTLINE_SETTINGS_FILE": "etc/line.toml"}, tmp_path)
    assert settings.data_dir == tmp_path / "etc/there"


def test_every_fault_is_told_at_once_by_the_name_it_was_written_under(tmp_path: Path) -> None:
    (tmp_path / "hotline.toml").write_text('mode = "live"\nexit_url = "ftp://x"\n')
    told = complaints(
        {"HOTLINE_PUBLIC_BIND": "8080", "HOTLINE_PUBLIC_URL": "http://chat.example.org"}, tmp_path
    )
    assert [one.partition(":")[0] for one in told] == [
        "mode in hotline.toml",
        "HOTLINE_PUBLIC_BIND",
        "HOTLINE_PUBLIC_URL",
        "exit_url in hotline.toml",
    ]
    assert "127.0.0.1:8080" in told[1]
    assert "https://" in told[2]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HOTLINE_PUBLIC_BINDS", "HOTLINE_PUBLIC_BIND"),
        ("HOTLINE_DATABASE_URLFILE", "HOTLINE_DATABASE_URL_FILE"),
    ],
)
def test_an_unknown_name_is_refused_and_the_near_one_named(written: str, meant: str, tmp_path: Path) -> None:
    (told,) = complaints({written: "x"}, tmp_path)
    assert told.startswith(f"{written}: ")
    assert f"Did you mean {meant}?" in told


def test_settings_of_channels_that_do_not_exist_yet_are_refused(tmp_path: Path) -> None:
    (told,) = complaints({"HOTLINE_MATRIX_PASSWORD": "open sesame"}, tmp_path)
    assert "HOTLINE_MATRIX_PASSWORD" in told
    assert "sesame" not in told


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TELEGRAM_API_URL", "http://api.example.org", "https://"),
        ("TELEGRAM_API_URL", "https://api.example.org/bot", "without a path|scheme and host only"),
        ("TELEGRAM_WEBHOOK_URL", "http://chat.example.org/telegram/x", "https://"),
        ("TELEGRAM_WEBHOOK_URL", "https://chat.example.org/x", "/telegram/"),
        ("TELEGRAM_WEBHOOK_URL", "https://chat.example.org/telegram/x?y", "/telegram/"),
        ("TELEGRAM_LIMITS", "none", "published"),
    ],
)
def test_a_setting_of_telegram_that_cannot_work_says_what_would(
    name: str, value: str, words: str, tmp_path: Path
) -> None:
    (told,) = complaints({f"HOTLINE_{name}": value}, tmp_path)
    assert re.search(words, told)


def test_a_bot_api_server_of_ones_own_may_be_near_and_in_clear(tmp_path: Path) -> None:
    for url in ("http://127.0.0.1:8081", "http://10.0.0.7:8081", "http://botapi:8081", "https://a.example"):
        assert load_settings({"HOTLINE_TELEGRAM_API_URL": url}, tmp_path).telegram_api_url == url


def test_the_token_may_lie_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("123:abcdef\n")
    environ = {"HOTLINE_TELEGRAM_TOKEN_FILE": "token", "HOTLINE_TELEGRAM_WEBHOOK_SECRET": "s3cret"}
    settings = load_settings(environ, tmp_path)
    assert settings.telegram_token == "123:abcdef"
    assert "abcdef" not in repr(settings)
    assert "s3cret" not in repr(settings)
    assert secret_file(environ, tmp_path, "telegram_token") == tmp_path / "token"
    (tmp_path / "hotline.toml").write_text('telegram_token_file = "elsewhere"\n')
    assert secret_file({}, tmp_path, "telegram_token") == tmp_path / "elsewhere"
    assert secret_file({"HOTLINE_TELEGRAM_TOKEN": "123:abc"}, tmp_path, "telegram_token") is None


def test_a_demo_refuses_a_token_that_reaches_somebody(tmp_path: Path) -> None:
    token = {"HOTLINE_TELEGRAM_TOKEN": "123:abc"}
    with pytest.raises(SettingsProblem, match="HOTLINE_TELEGRAM_TOKEN"):
        load_settings(token, tmp_path).for_demo()
    here = {**token, "HOTLINE_TELEGRAM_API_URL": "http://127.0.0.1:9"}
    assert load_settings(here, tmp_path).for_demo().telegram_token == "123:abc"


def test_names_of_the_environment_that_are_not_ours_are_left_alone(tmp_path: Path) -> None:
    assert load_settings({"PATH": "/bin", "HOTLINES": "x"}, tmp_path).mode is Mode.TRIAL


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert load_settings({"HOTLINE_PUBLIC_URL": ""}, tmp_path).public_url is None


def test_demo_cannot_be_set(tmp_path: Path) -> None:
    (told,) = complaints({"HOTLINE_MODE": "demo"}, tmp_path)
    assert "hotline demo" in told


def test_a_secret_can_be_given_as_a_file_and_is_never_shown(tmp_path: Path) -> None:
    url = "postgresql+psycopg://hotline:sesame@database/hotline"
    (tmp_path / "url").write_text(url + "\n")
    settings = load_settings({"HOTLINE_DATABASE_URL_FILE": "url"}, tmp_path)
    assert settings.database == url
    assert "sesame" not in repr(settings)


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("sqlite:///x")
    (told,) = complaints(
        {"HOTLINE_DATABASE_URL_FILE": "url", "HOTLINE_DATABASE_URL": "sqlite:///y"}, tmp_path
    )
    assert "Keep one" in told


def test_a_wrong_database_is_told_without_its_password(tmp_path: Path) -> None:
    (told,) = complaints({"HOTLINE_DATABASE_URL": "mysql://hotline:sesame@database/hotline"}, tmp_path)
    assert "postgresql" in told
    assert "sesame" not in told


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    told = complaints({"HOTLINE_DATABASE_URL_FILE": "nowhere"}, tmp_path)
    assert "HOTLINE_DATABASE_URL_FILE" in told[0]
    assert str(tmp_path / "nowhere") in told[0]


def test_a_credential_of_the_service_is_the_master_key_unless_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "creds").mkdir()
    (tmp_path / "creds/master_key").write_text("x")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "creds")}
    assert load_settings(environ, tmp_path).master_key_path == tmp_path / "creds/master_key"
    named = load_settings({**environ, "HOTLINE_MASTER_KEY_FILE": "own"}, tmp_path)
    assert named.master_key_path == tmp_path / "own"


def test_a_passphrase_takes_the_place_of_the_master_key_and_both_are_refused(tmp_path: Path) -> None:
    assert load_settings({"HOTLINE_PASSPHRASE_FILE": "words"}, tmp_path).master_key_path is None
    (told,) = complaints({"HOTLINE_PASSPHRASE_FILE": "words", "HOTLINE_MASTER_KEY_FILE": "key"}, tmp_path)
    assert "Keep one" in told


def test_a_settings_file_that_was_named_must_be_there_and_be_toml(tmp_path: Path) -> None:
    assert "HOTLINE_SETTINGS_FILE" in complaints({"HOTLINE_SETTINGS_FILE": "gone.toml"}, tmp_path)[0]
    (tmp_path / "hotline.toml").write_text("mode: trial\n")
    assert "is not TOML" in complaints({}, tmp_path)[0]


@pytest.mark.parametrize("proxies", ["10.0.0.1, 172.30.77.0/28", "10.0.0.1,172.30.77.0/28,"])
def test_proxies_are_a_list_with_commas(proxies: str, tmp_path: Path) -> None:
    settings = load_settings({"HOTLINE_TRUSTED_PROXIES": proxies}, tmp_path)
    assert settings.trusted_proxies == ("10.0.0.1", "172.30.77.0/28")


def test_a_proxy_that_is_no_address_is_refused(tmp_path: Path) -> None:
    assert "front" in complaints({"HOTLINE_TRUSTED_PROXIES": "front"}, tmp_path)[0]


@pytest.mark.parametrize(
    ("written", "bind", "loopback"),
    [
        ("[::1]:9000", Bind("::1", 9000), True),
        ("0.0.0.0:8080", Bind("0.0.0.0", 8080), False),  # noqa: S104 - the point of the test
        ("localhost:0", Bind("localhost", 0), True),
    ],
)
def test_an_address_to_listen_at_is_read_and_shown(
    written: str,
    bind: Bind,
    loopback: bool,
    tmp_path: Path,
) -> None:
    found = load_settings({"HOTLINE_OPS_BIND": written}, tmp_path).ops_bind
    assert found == bind
    assert found.is_loopback is loopback
    assert found.shown == written


def test_a_demo_keeps_to_its_own_folder_and_to_this_machine(tmp_path: Path) -> None:
    environ = {"HOTLINE_KEY_RING": "ring", "HOTLINE_DATABASE_URL": "postgresql://real"}
    demo = load_settings(environ, tmp_path).for_demo()
    assert demo.mode is Mode.DEMO
    assert demo.database == f"sqlite:///{tmp_path}/data/demo/hotline.db"
    assert demo.key_ring_folder == tmp_path / "data/demo/keys"
    with pytest.raises(SettingsProblem, match="HOTLINE_CONSOLE_BIND"):
        load_settings({"HOTLINE_CONSOLE_BIND": "0.0.0.0:80"}, tmp_path).for_demo()


def test_settings_cannot_be_changed_and_making_them_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "open")
    monkeypatch.setenv("HOTLINE_MODE", "open")
    settings = Settings()
    assert settings.mode is Mode.TRIAL
    with pytest.raises(ValueError, match="frozen"):
        settings.mode = Mode.OPEN  # pyright: ignore[reportAttributeAccessIssue]


def test_every_setting_has_a_sentence_of_help() -> None:
    silent = [
        name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")
    ]
    assert silent == []


@pytest.mark.parametrize("title", ["x" * 41, "two\nlines"])
def test_a_page_title_is_one_short_line(title: str, tmp_path: Path) -> None:
    (told,) = complaints({"HOTLINE_PAGE_TITLE": title}, tmp_path)
    assert told.startswith("HOTLINE_PAGE_TITLE: ")
    assert load_settings({"HOTLINE_PAGE_TITLE": " Recipes "}, tmp_path).page_title == "Recipes"
