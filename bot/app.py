"""The composition root: everything that can fail fails here, before the first message is taken.

Reads top to bottom: folder, keys, database, library, channels, loops, listeners.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from aiohttp.web import RouteDef

from bot.clock import Clock, SystemClock
from bot.identifiers import Identifiers
from bot.messengers import CannotStart, open_messengers
from bot.model import Job
from bot.observability.metrics import Metrics
from bot.scheduler import JobClock
from bot.services import deadlines, outgoing, restoring, sign_in
from bot.services.house import House
from bot.services.library import Library
from bot.services.loading import load_library
from bot.services.premises import master_key
from bot.services.staff import outgoing as staff_outgoing
from bot.settings import Settings
from bot.store.cursors import load_cursor
from bot.store.engine import open_engine
from bot.store.folder_lock import hold_folder
from bot.store.migrate import upgrade
from bot.store.moments import to_moment
from bot.store.store import Store
from bot.vault.key_ring import KeyRing
from bot.vault.memory import forbid_core_dumps
from bot.vault.vault import Vault
from bot.web.console.app import console_app
from bot.web.console.doors import ConsoleDoors
from bot.web.feeds import feed_routes
from bot.web.holding import HoldPage
from bot.web.ops import ops_app
from bot.web.public import public_app
from bot.web.servers import Listener, listening
from bot.workers.aftermath import Aftermath
from bot.workers.due import DueLoop
from bot.workers.inbox import InboxLoop
from bot.workers.intake import IntakeDesk
from bot.workers.jobs import Jobs
from bot.workers.outbox import OutboxLoop
from bot.workers.staff_desk import StaffDesk
from bot.workers.wakes import Wakes
from channels.port import Channel, Measured
from channels.webchat.channel import WebChat
from channels.webchat.settings import WebChatSettings
from triage.directory_lines import emergency_line
from triage.model import GlobalAction
from triage.rendering import fill

log = logging.getLogger(__name__)
GARBAGE_LOOKED_FOR_AFTER = 20_000  # new objects; Python's 700 look through a batch of turns many times over
RING_TRUSTED = 0.05  # seconds; a ring that is pulled out opens nothing more after that


@runtime_checkable
class Routed(Protocol):
    """A channel with addresses of its own at the public listener."""

    def routes(self) -> list[RouteDef]:
        """What is mounted there."""
        ...


@dataclass(slots=True)
class Hotline:
    """A hotline whose every part is open and in order, not yet taking messages."""

    settings: Settings
    store: Store
    house: House
    channels: dict[str, Channel]
    staff: dict[str, Channel]  # the volunteers' messengers
    clock: Clock
    metrics: Metrics
    wakes: Wakes


@asynccontextmanager
async def open_hotline(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Hotline]:
    """Open folder, keys, database and library, in that order; the first fault ends the start."""
    clock = clock or SystemClock()
    if undone := forbid_core_dumps():
        log.warning("core dumps are not off", extra={"count": len(undone)})
    async with AsyncExitStack() as stack:
        stack.enter_context(hold_folder(settings.data_dir))
        ring = KeyRing.open(settings.key_ring_folder, master_key(settings))
        ring.trust_for(RING_TRUSTED)
        vault = Vault(ring)
        engine = open_engine(settings.database)
        upgrade(engine)
        store = stack.enter_context(Store(engine))
        config_dir = settings.config_dir
        mode = settings.mode.value
        library = await store.write(lambda c: load_library(c, vault, config_dir, clock.now(), mode))
        _refuse_other_policy(settings, library)
        sign_key = vault.organisation_index("web-handle", "key")

        def is_urgent(text: str) -> bool:
            return house.library.globals.recognise_urgent(text) is not None

        def is_waiting(text: str) -> bool:
            words = house.library.globals
            return words.recognise(text, house.library.languages) is GlobalAction.WAIT

        web_settings = replace(
            _web_settings(settings, library, clock.now()),
            urgent=is_urgent,
            waits=is_waiting,
        )
        web = WebChat(web_settings, clock.now, Identifiers().token, sign_key)
        messengers = await open_messengers(settings, vault, library, store, clock)
        channels = {web.name: web, **messengers.hers}
        staff = messengers.staff
        for channel in (*channels.values(), *staff.values()):
            stack.push_async_callback(channel.close)
        house = House(
            vault=vault,
            identifiers=Identifiers(),
            library=library,
            channels={name: channel.capabilities for name, channel in channels.items()},
            staff_channels={name: channel.capabilities for name, channel in staff.items()},
            console_url=settings.console_url or "",
            desk=settings.desk,
            mode=mode,
            organisation=settings.organisation or library.organisation,
        )
        if forgotten := await store.write(lambda c: restoring.forget_unopenable(c, house)):
            # The database is older than the ring: a copy was put back, and nothing of it goes out by itself.
            log.warning("what no key opens was erased", extra={"count": forgotten})
            await store.write(restoring.hold_everything)
        await store.write(lambda c: outgoing.recover(c, house, to_moment(clock.now())))
        for name in staff:
            await store.write(lambda c, n=name: staff_outgoing.recover(c, n))
        await store.write(lambda c: deadlines.repair(c, house, to_moment(clock.now())))
        yield Hotline(settings, store, house, channels, staff, clock, Metrics(), Wakes())


async def run_loops(hotline: Hotline, ready: Callable[[dict[str, int]], None]) -> None:
    """Serve until cancelled; `ready` gets the ports once everything listens."""
    store, house, clock, wakes = hotline.store, hotline.house, hotline.clock, hotline.wakes
    aftermath = Aftermath(hotline.channels, hotline.metrics)
    intake = IntakeDesk(store, house, clock, wakes, aftermath, hotline.metrics)
    jobs = Jobs(store, house, clock, wakes, aftermath, hotline.settings.config_dir, hotline.metrics)
    jobs.watch(hotline.channels | hotline.staff)
    due = DueLoop(store, house, clock, wakes, aftermath, jobs.do)
    inbox = InboxLoop(store, house, clock, wakes, aftermath)

    async def insert_job(job: str) -> None:
        now = to_moment(clock.now())
        await store.write(lambda c: deadlines.insert_periodic(c, house, job, now))
        wakes.due.set()

    for name, channel in (hotline.channels | hotline.staff).items():
        if isinstance(channel, Measured):
            hotline.metrics.watch(name, channel.vitals)

    ticking = JobClock(insert_job)
    async with AsyncExitStack() as stack:
        settings = hotline.settings
        public = [
            route
            for channel in hotline.channels.values()
            if isinstance(channel, Routed)
            for route in channel.routes()
        ]
        public += [*HoldPage(house, settings.exit_url).routes(), *feed_routes(store, house, clock)]
        servers = [
            Listener("HOTLINE_PUBLIC_BIND", public_app(public, jobs.health), *settings.public_bind),
            Listener(
                "HOTLINE_CONSOLE_BIND", console_app(_doors(hotline, aftermath.follow)), *settings.console_bind
            ),
            Listener("HOTLINE_OPS_BIND", ops_app(hotline.metrics, jobs.readiness), *settings.ops_bind),
        ]
        ports = await stack.enter_async_context(listening(servers))
        for job in Job:  # what came due while nobody served is not an hour late besides
            with suppress(Exception):  # a full disk must not keep it from serving: the clock rings again
                await insert_job(job.value)
        ticking.start()
        stack.callback(ticking.stop)
        stack.push_async_callback(aftermath.close)
        async with asyncio.TaskGroup() as group:
            for name, channel in hotline.channels.items():
                outbox = OutboxLoop(channel, store, house, clock, wakes, hotline.metrics)
                aftermath.on_hide(outbox.overtake)
                cursor = await store.write(lambda c, n=name: load_cursor(c, house.vault, n))
                group.create_task(outbox.run())
                group.create_task(channel.listen(cursor, intake.take))
            for name, channel in hotline.staff.items():
                claim = staff_outgoing.record_and_claim
                outbox = OutboxLoop(channel, store, house, clock, wakes, hotline.metrics, claim)
                desk = StaffDesk(channel, store, house, clock, wakes, aftermath, hotline.metrics)
                cursor = await store.write(lambda c, n=name: load_cursor(c, house.vault, n))
                group.create_task(outbox.run())
                group.create_task(channel.listen(cursor, desk.take))
            group.create_task(inbox.run())
            group.create_task(due.run())
            ready(ports)


async def serve(settings: Settings, *, demo: bool = False, announce: Callable[[str], None] = print) -> None:
    """Open and serve until SIGTERM or SIGINT; raises what keeps it from starting."""
    async with open_hotline(settings) as hotline:
        loop = asyncio.get_running_loop()
        main = asyncio.current_task()
        assert main is not None  # noqa: S101  a coroutine runs in a task
        stopping = asyncio.Event()

        def stop() -> None:
            stopping.set()
            main.cancel()

        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop)
        links = await demo_links(hotline) if demo else []
        # Modules and the library stay for the life of the process: the collector need not walk them again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_LOOKED_FOR_AFTER, 10, 10)

        def ready(ports: dict[str, int]) -> None:
            for line in addresses(settings, ports, links):
                announce(line)

        try:
            await run_loops(hotline, ready)
        except asyncio.CancelledError:
            if not stopping.is_set():
                raise
            log.info("stopped")


async def demo_links(hotline: Hotline) -> list[tuple[str, str, str]]:
    """The demo's people, each with a one-time link: (alias, role, token); their hours are open now."""
    house, now = hotline.house, hotline.clock.now()
    config_dir = hotline.settings.config_dir
    links = await hotline.store.write(lambda c: sign_in.demo_links(c, house, to_moment(now)))
    house.library = await hotline.store.write(
        lambda c: load_library(c, house.vault, config_dir, now, house.mode)
    )
    return links


def addresses(settings: Settings, ports: dict[str, int], links: list[tuple[str, str, str]]) -> list[str]:
    """What `run` and `demo` print once everything listens."""
    chat = settings.public_url or f"http://{settings.public_bind.host}:{ports['HOTLINE_PUBLIC_BIND']}"
    desk = settings.console_url or f"http://{settings.console_bind.host}:{ports['HOTLINE_CONSOLE_BIND']}"
    lines = [f"Web chat   {chat}/", f"Console    {desk}/"]
    lines += [f"Sign in as {alias} ({role}), once:  {desk}/enter/{token}" for alias, role, token in links]
    return lines


def _refuse_other_policy(settings: Settings, library: Library) -> None:
    desk = library.desks.get(settings.desk)
    if desk is None:
        known = ", ".join(sorted(library.desks)) or "none"
        raise CannotStart(f"HOTLINE_DESK: there is no desk {settings.desk!r}; known are: {known}.")
    if settings.rescue_policy is not None and settings.rescue_policy is not desk.rescue_policy:
        raise CannotStart(
            f"HOTLINE_RESCUE_POLICY is {settings.rescue_policy.value}, but desk {desk.id} tells women "
            f"{desk.rescue_policy.value}. The notice must say what you do: make both the same (B-032)."
        )


def _web_settings(settings: Settings, library: Library, now: datetime) -> WebChatSettings:
    desk = library.desks[settings.desk]
    busy: dict[str, str] = {}
    for language in library.languages:
        number = emergency_line(
            library.directory,
            region=None,
            desk_country=desk.default_country,
            names=library.region_names.get(language, {}),
            now=now,
            mode=settings.mode.value,
        )
        busy[language], _ = fill(library.words(language)("word.busy"), {"emergency": number})
    return WebChatSettings(
        public_url=settings.public_url,
        exit_url=settings.exit_url,
        trusted_proxies=settings.trusted_proxies,
        busy=busy,
    )


def _doors(hotline: Hotline, follow: Callable[[tuple[tuple[str, str, str], ...]], None]) -> ConsoleDoors:
    return ConsoleDoors(
        store=hotline.store,
        house=hotline.house,
        clock=hotline.clock,
        wakes=hotline.wakes,
        follow=follow,
        config_dir=hotline.settings.config_dir,
        url=hotline.settings.console_url,
    )
