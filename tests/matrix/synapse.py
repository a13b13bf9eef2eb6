"""A real homeserver on loopback: Synapse in a virtual environment of its own, one process per server."""

import base64
import ctypes
import hashlib
import hmac
import json
import os
import secrets
import signal
import sqlite3
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "peers-synapse" / "bin" / "python"
STARTS_WITHIN = 40.0
UNLIMITED = {"per_second": 100_000, "burst_count": 100_000}
LIMITS = (
    "rc_message", "rc_registration", "rc_joins_per_room", "rc_room_creation", "rc_key_requests",
    "rc_media_create", "rc_admin_redaction", "rc_user_directory", "rc_reports", "rc_3pid_validation",
)  # fmt: skip


def dies_with_us() -> None:
    """In a child process, before it becomes another program: it is killed when the tests are."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Refused(Exception):
    """The homeserver said no: status and body."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def _unlimited() -> dict[str, Any]:
    """No rate limits: what they do is tried in tests of their own."""
    return dict.fromkeys(LIMITS, UNLIMITED) | {
        "rc_login": {"address": UNLIMITED, "account": UNLIMITED, "failed_attempts": UNLIMITED},
        "rc_joins": {"local": UNLIMITED, "remote": UNLIMITED},
        "rc_invites": {"per_room": UNLIMITED, "per_user": UNLIMITED, "per_issuer": UNLIMITED},
        "rc_federation": {"window_size": 1000, "sleep_limit": 100_000, "reject_limit": 100_000,
                          "concurrent": 1000},
    }  # fmt: skip


@dataclass
class Synapse:
    """One homeserver, its files in `folder`. `name` is what stands after the colon of its users."""

    folder: Path
    port: int
    name: str = "localhost"
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    federation: int = 0
    database: dict[str, Any] | None = None
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _running: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "homeserver.yaml").write_text(json.dumps(self._config()), encoding="utf-8")
        (self.folder / "log.yaml").write_text(json.dumps(self._log()), encoding="utf-8")

    def _config(self) -> dict[str, Any]:
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        listeners: list[dict[str, Any]] = [_listener(self.port, "client", tls=False)]
        if self.federation:
            listeners.append(_listener(self.federation, "federation", tls=True))
        file = str(self.folder / "homeserver.db")
        return {
            "server_name": self.name,
            "pid_file": str(self.folder / "pid"),
            "listeners": listeners,
            "database": self.database or {"name": "sqlite3", "args": {"database": file}},
            "log_config": str(self.folder / "log.yaml"),
            "media_store_path": str(self.folder / "media"),
            "registration_shared_secret": self.secret,
            "macaroon_secret_key": secrets.token_urlsafe(24),
            "form_secret": secrets.token_urlsafe(24),
            "signing_key": f"ed25519 a_test {seed}",
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "presence": {"enabled": False},
            "url_preview_enabled": False,
            "enable_registration": False,
            "redaction_retention_period": "1s",
            "federation_domain_whitelist": [],
            "bcrypt_rounds": 4,
            **_unlimited(),
            **self.settings,
        }

    def _log(self) -> dict[str, Any]:
        file = {"class": "logging.FileHandler", "filename": str(self.folder / "homeserver.log")}
        return {
            "version": 1,
            "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
            "handlers": {"file": file | {"formatter": "plain", "encoding": "utf-8"}},
            "root": {"level": "WARNING", "handlers": ["file"]},
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "homeserver.log").read_text(encoding="utf-8", errors="replace")

    def user(self, local: str) -> str:
        return f"@{local}:{self.name}"

    # --- its process ----------------------------------------------------------------------------------
    def start(self) -> None:
        """Start it and wait until it answers."""
        environ = {"PATH": os.environ["PATH"], "SYNAPSE_CACHE_FACTOR": "0.5"}
        if "SSL_CERT_FILE" in os.environ:
            environ["SSL_CERT_FILE"] = os.environ["SSL_CERT_FILE"]
        with (self.folder / "terminal").open("ab") as terminal:
            self._running = subprocess.Popen(
                [PYTHON, "-m", "synapse.app.homeserver", "-c", str(self.folder / "homeserver.yaml")],
                cwd=self.folder, env=environ, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
                preexec_fn=dies_with_us,  # noqa: PLW1509 - nothing is locked by other threads here
            )  # fmt: skip
        end = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end:
            with suppress(OSError, Refused):
                self.ask("GET", "/_matrix/client/versions")
                return
            if self._running.poll() is not None:
                break
            time.sleep(0.03)
        raise AssertionError((self.folder / "terminal").read_text(encoding="utf-8", errors="replace")[-3000:])

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; nothing happens if it does not run."""
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait()
            self._running = None

    def pause(self) -> None:
        """It hangs: connections stay open, nothing is answered."""
        assert self._running is not None
        self._running.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._running is not None
        self._running.send_signal(signal.SIGCONT)

    # --- its API, without any client of ours ------------------------------------------------------------
    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """One request; the decoded answer. Raises `Refused`."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raw = error.read()
            with suppress(ValueError):
                raise Refused(error.code, json.loads(raw)) from None
            raise Refused(error.code, raw) from None

    def register(self, local: str, *, admin: bool = False) -> "Account":
        """A new account; its password is its name, turned round."""
        nonce = self.ask("GET", "/_synapse/admin/v1/register")["nonce"]
        password = local[::-1]
        told = "\0".join((nonce, local, password, "admin" if admin else "notadmin"))
        mac = hmac.new(self.secret.encode(), told.encode(), hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": local, "password": password, "admin": admin, "mac": mac}
        told = self.ask("POST", "/_synapse/admin/v1/register", body)
        return Account(self, told["user_id"], password, told["access_token"], told["device_id"])

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What lies in its database (SQLite)."""
        with sqlite3.connect(f"file:{self.folder / 'homeserver.db'}?mode=ro", uri=True) as connection:
            found = connection.execute(query, values).fetchall()
        connection.close()
        return found


@dataclass
class Account:
    """A user of a homeserver, with one device from its registration."""

    server: Synapse
    user: str
    password: str
    token: str
    device: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.server.ask(method, path, body, self.token)

    def log_in(self, device: str | None = None) -> "Account":
        """The same person on one more device."""
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self.user},
            "password": self.password,
            **({"device_id": device} if device else {}),
        }
        told = self.server.ask("POST", "/_matrix/client/v3/login", body)
        return Account(self.server, self.user, self.password, told["access_token"], told["device_id"])


def _listener(port: int, kind: str, *, tls: bool) -> dict[str, Any]:
    return {
        "bind_addresses": ["127.0.0.1"],
        "port": port,
        "type": "http",
        "tls": tls,
        "resources": [{"names": [kind]}],
    }


def trusting(certificate: Path) -> ssl.SSLContext:
    """A client's trust in one self-signed certificate."""
    return ssl.create_default_context(cafile=str(certificate))
