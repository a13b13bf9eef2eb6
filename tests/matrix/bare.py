"""A line as one would write it with nio alone, following its examples: the control of the hostile tests."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nio

from tests.matrix.synapse import Account


@dataclass
class Bare:
    """nio's client, its own store, its own sync: what a callback is told lies in `heard`."""

    account: Account
    folder: Path
    url: str
    heard: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    client: Any = None

    @property
    def user(self) -> str:
        return self.account.user

    def open(self) -> None:
        """As at a start: the keys are read from nio's own file."""
        config = nio.AsyncClientConfig(max_timeouts=0, max_limit_exceeded=0, request_timeout=10)
        self.client = nio.AsyncClient(
            self.url, self.account.user, self.account.device, str(self.folder), config
        )
        self.client.restore_login(self.account.user, self.account.device, self.account.token)
        self.client.add_event_callback(self._hear, nio.RoomMessageText)
        self.client.add_event_callback(self._invited, nio.InviteMemberEvent)

    async def _hear(self, room: Any, event: Any) -> None:
        del room
        self.heard.append((event.sender, event.body))

    async def _invited(self, room: Any, event: Any) -> None:
        del event
        await self.client.join(room.room_id)

    async def turn(self) -> None:
        """One round of `sync_forever`."""
        client = self.client
        await client.send_to_device_messages()
        if client.should_upload_keys:
            await client.keys_upload()
        if client.should_query_keys:
            await client.keys_query()
        if client.should_claim_keys:
            await client.keys_claim(client.get_users_for_key_claiming())
        await client.sync(timeout=200, full_state=not client.rooms)

    async def turns(self, count: int = 4) -> None:
        """Several rounds; what one raises ends it, and the next goes on."""
        for _ in range(count):
            with contextlib.suppress(Exception):
                await self.turn()

    async def says(self, room: str, text: str, within: float = 2.0) -> bool:
        """One message; False if it was not sent within so many seconds."""
        content = {"msgtype": "m.text", "body": text}
        try:
            async with asyncio.timeout(within):
                answer = await self.client.room_send(
                    room, "m.room.message", content, ignore_unverified_devices=True
                )
        except Exception:  # noqa: BLE001 - however it fails, it was not sent
            return False
        return isinstance(answer, nio.RoomSendResponse)

    async def close(self) -> None:
        if self.client is not None:
            await self.client.close()


@contextlib.asynccontextmanager
async def bare(account: Account, url: str = "") -> AsyncGenerator[Bare, None]:
    """A bare line that has published its keys."""
    with TemporaryDirectory() as folder:
        made = Bare(account, Path(folder), url or account.server.url)
        made.open()
        await made.turns(2)
        try:
            yield made
        finally:
            await made.close()
