"""The composition root: everything that can fail fails here, before the first message is taken.

Reads top to bottom: folder, keys, database, library, channels, loops, listeners.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, runtime_checkable

from aiohttp.web import RouteDef

from bot.clock import Clock, SharedClock, SystemClock
from bot.identifiers import Identifiers
from bot.messengers import CannotStart, open_messengers
from bot.model import Job
from bot.observability.metrics import Metrics
from bot.pages import open_pages
from bot.scheduler import JobClock
from bot.services import deadlines, epochs, leaves, outgoing, restoring, sign_in
from bot.services.erased_address import erased_address
from bot.services.house import House
from bot.services.library import Library
from bot.services.loading import load_library
from bot.services.premises import database_file, master_key
from bot.services.staff import outgoing as staff_outgoing
from bot.settings import Settings
from bot.store.crew import HOUSE, Term, channel_lead
from bot.store.engine import Engine, open_engine
from bot.store.folder_lock import hold_folder
from bot.store.membership import Alone, Membership
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
from bot.workers.beside import Beside
from bot.workers.channel_service import ChannelService
from bot.workers.correspondents import Correspondents
from bot.workers.due import DueLoop
from bot.workers.ear import Ear
from bot.workers.inbox import InboxLoop
from bot.workers.intake import IntakeDesk
from bot.workers.jobs import Jobs
from bot.workers.own_rows import KeptRows
from bot.workers.staff_desk import StaffDesk
from bot.workers.wakes import Wakes
from channels.port import Channel, Measured
from channels.webchat.channel import WebChat

log = logging.getLogger(__name__)
GARBAGE_LOOKED_FOR_AFTER = 20_000  # new objects; Python's 700 look through a batch of turns many times over
SETTLED_AFTER = 5.0  # seconds; until then whoever wrote during an outage is answered first
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
    crew: Alone | Membership = field(default_factory=Alone)

    def serves(self, channel: str) -> bool:
        """Whether this process, among several, is the one that has the channel."""
        return self.crew.term_of(channel_lead(channel)) is not None


@asynccontextmanager
async def open_hotline(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Hotline]:
    """Open folder, keys, database and library, in that order; the first fault ends the start."""
    if undone := forbid_core_dumps():
        log.warning("core dumps are not off", extra={"count": len(undone)})
    async with AsyncExitStack() as stack:
        member = "" if database_file(settings) is not None else Identifiers().new_id()
        stack.enter_context(hold_folder(settings.data_dir, shared=bool(member)))
        ring = KeyRing.open(settings.key_ring_folder, master_key(settings))
        if not member:  # an epoch that another process retires must not be used for a moment longer
            ring.trust_for(RING_TRUSTED)
        vault = Vault(ring)
        engine = open_engine(settings.database, member)
        upgrade(engine)
        shared = SharedClock()
        clock = clock or (shared if member else SystemClock())
        crew = await _join_crew(stack, settings, engine, member, vault, shared) if member else Alone()
        store = stack.enter_context(Store(engine))
        config_dir = settings.config_dir
        mode = settings.mode.value
        library = await store.write(lambda c: load_library(c, vault, config_dir, clock.now(), mode))
        _refuse_other_policy(settings, library)
        web = open_pages(settings, vault, clock, lambda: house.library)
        messengers = await open_messengers(
            settings, vault, library, lambda name: KeptRows(store, vault, Identifiers(), name, crew), clock
        )
        channels, staff = {web.name: web, **messengers.hers}, messengers.staff
        for channel in (*channels.values(), *staff.values()):
            stack.push_async_callback(channel.close)
        house = House(
            vault=vault,
            identifiers=Identifiers(),
            library=library,
            channels={name: channel.capabilities for name, channel in channels.items()},
            staff_channels={name: channel.capabilities for name, channel in staff.items()},
            console_url=settings.console_url or "",
            public_url=settings.public_url or "",
            desk=settings.desk,
            mode=mode,
            organisation=settings.organisation or library.organisation,
            member=member,
        )
        if crew.term_of(HOUSE) is not None:
            await _set_in_order(store, house, clock.now())
        yield Hotline(settings, store, house, channels, staff, clock, Metrics(), Wakes(), crew)


async def _join_crew(
    stack: AsyncExitStack, settings: Settings, engine: Engine, member: str, vault: Vault, clock: SharedClock
) -> Membership:
    """Come in beside the processes that serve this database already, if there are any."""
    folder = settings.key_ring_folder
    membership = Membership(engine, member, folder, clock, lambda c: epochs.refuse_other_ring(c, vault))
    membership.start()
    stack.callback(membership.resign)
    await asyncio.to_thread(membership.wait_until_admitted)
    return membership


async def _set_in_order(store: Store, house: House, now: datetime) -> None:
    """What was left lying when the last process ended, before any loop runs."""
    await store.write(lambda c: epochs.refuse_other_ring(c, house.vault))
    if forgotten := await store.write(lambda c: restoring.forget_unopenable(c, house)):
        # The database is older than the ring: a copy was put back, and nothing of it goes out by itself.
        log.warning("what no key opens was erased", extra={"count": forgotten})
        await store.write(restoring.hold_everything)
    await store.write(lambda c: epochs.forget_missing(c, house.vault))
    await store.write(lambda c: epochs.note(c, house.vault))
    await store.write(lambda c: leaves.bring_over(c, house, to_moment(now)))
    if not house.member:  # in a crew others may be sending: whoever takes a channel over does it then
        await store.write(lambda c: outgoing.recover(c, house, to_moment(now)))
        for name in house.staff_channels:
            await store.write(lambda c, n=name: staff_outgoing.recover(c, house, to_moment(now), n))
    await store.write(lambda c: deadlines.repair(c, house, to_moment(now)))


def _vitals(hotline: Hotline, channel: Measured, name: str) -> Mapping[str, float]:
    """A channel that another process serves has no numbers here."""
    return channel.vitals() if hotline.serves(name) else {}


def _channel_services(
    hotline: Hotline, intake: IntakeDesk, aftermath: Aftermath, correspondents: Correspondents
) -> Iterator[Coroutine[None, None, None]]:
    """What serves each channel, of hers and of the volunteers', while this process has it."""
    store, house, clock, wakes, metrics = (
        hotline.store, hotline.house, hotline.clock, hotline.wakes, hotline.metrics
    )  # fmt: skip
    for channel in hotline.channels.values():
        serving = ChannelService(channel, store, house, clock, wakes, metrics, correspondents)
        yield serving.run(hotline.crew, intake, aftermath)
    for channel in hotline.staff.values():
        serving = ChannelService(channel, store, house, clock, wakes, metrics, None, staff_outgoing)
        desk = StaffDesk(channel, store, house, clock, wakes, aftermath, metrics)
        yield serving.run(hotline.crew, desk, aftermath)


def _listeners(hotline: Hotline, jobs: Jobs, aftermath: Aftermath) -> list[Listener]:
    """What listens where: her pages, the console, the figures."""
    settings, house = hotline.settings, hotline.house
    public = [
        route
        for channel in hotline.channels.values()
        if isinstance(channel, Routed)
        for route in channel.routes()
    ]
    public += HoldPage(house, settings.exit_url).routes()
    public += feed_routes(hotline.store, house, hotline.clock)
    console = console_app(_doors(hotline, aftermath.follow))
    return [
        Listener("HOTLINE_PUBLIC_BIND", public_app(public, jobs.health), *settings.public_bind),
        Listener("HOTLINE_CONSOLE_BIND", console, *settings.console_bind),
        Listener("HOTLINE_OPS_BIND", ops_app(hotline.metrics, jobs.readiness), *settings.ops_bind),
    ]


async def run_loops(hotline: Hotline, ready: Callable[[dict[str, int]], None]) -> None:
    """Serve until cancelled; `ready` gets the ports once everything listens."""
    store, house, clock, wakes = hotline.store, hotline.house, hotline.clock, hotline.wakes
    aftermath = Aftermath(hotline.channels, hotline.metrics)
    correspondents = Correspondents()
    intake = IntakeDesk(store, house, clock, wakes, aftermath, hotline.metrics, correspondents)
    crew = hotline.crew

    def house_term() -> Term | None:
        return crew.term_of(HOUSE)

    config_dir = hotline.settings.config_dir
    jobs = Jobs(store, house, clock, wakes, aftermath, config_dir, hotline.metrics, house_term)
    due = DueLoop(store, house, clock, wakes, aftermath, jobs.do, lambda: house_term() is not None)
    jobs.watch(hotline.channels | hotline.staff, hotline.serves)
    inbox = InboxLoop(store, house, clock, wakes, aftermath)

    async def insert_job(job: str, later: float = 0.0) -> None:
        if house_term() is None:
            return
        at = to_moment(clock.now() + timedelta(seconds=later))
        await store.write(lambda c: deadlines.insert_periodic(c, house, job, at))
        wakes.due.set()

    for name, channel in (hotline.channels | hotline.staff).items():
        if isinstance(channel, Measured):
            hotline.metrics.watch(name, partial(_vitals, hotline, channel, name))

    ticking = JobClock(insert_job)
    web = hotline.channels["web"]
    assert isinstance(web, WebChat)  # noqa: S101  the pages are opened always
    async with AsyncExitStack() as stack:
        ports = await stack.enter_async_context(listening(_listeners(hotline, jobs, aftermath)))
        stack.push_async_callback(web.close)  # a page that is told goes elsewhere at once
        for job in Job:  # what came due while nobody served is not an hour late besides
            with suppress(Exception):  # a full disk must not keep it from serving: the clock rings again
                await insert_job(job.value, SETTLED_AFTER)
        ticking.start()
        stack.callback(ticking.stop)
        stack.push_async_callback(aftermath.close)
        if isinstance(crew, Membership):  # the others go on while this one is still closing its doors
            stack.push_async_callback(asyncio.to_thread, crew.resign)
        async with asyncio.TaskGroup() as group:
            for coroutine in _channel_services(hotline, intake, aftermath, correspondents):
                group.create_task(coroutine)
            group.create_task(inbox.run())
            group.create_task(due.run())
            if isinstance(crew, Membership):
                open_address = partial(erased_address, house)
                ear = Ear(wakes, aftermath, correspondents, web.give_up, open_address, _end_at_once)
                beside = Beside(crew, ear, store, house, clock, hotline.metrics, insert_job)
                group.create_task(beside.run(jobs))
            ready(ports)


def _keep_what_stays() -> None:
    """Modules and the library stay for the life of the process: the collector need not walk them again."""
    gc.collect()
    gc.freeze()


def _end_at_once() -> None:
    """The keys are destroyed: what this process holds in memory goes too."""
    log.warning("told to end")
    signal.raise_signal(signal.SIGTERM)


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
        gc.set_threshold(GARBAGE_LOOKED_FOR_AFTER, 10, 10)
        gc.enable()
        loop.call_later(SETTLED_AFTER, _keep_what_stays)

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
