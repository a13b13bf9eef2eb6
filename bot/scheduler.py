"""The job clock: APScheduler inserts periodic due rows, and does nothing else (design §6)."""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.model import Job

EVERY_SECONDS = {
    Job.TURN_KEYS: 3600,  # turned once the epoch is a day old
    Job.FORGET_OLD: 3600,
    Job.REPAIR_DEADLINES: 15,
    Job.LOOK_FOR_CHANGES: 2,
}


class JobClock:
    """Rings `insert(job)` for every periodic job; the due loop does the work."""

    def __init__(self, insert: Callable[[str], Awaitable[None]]) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job, seconds in EVERY_SECONDS.items():
            self._scheduler.add_job(  # pyright: ignore[reportUnknownMemberType]  untyped library
                insert,
                "interval",
                args=[job.value],
                seconds=seconds,
                id=job.value,
                max_instances=1,
                coalesce=True,
            )

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """End at once; jobs that run are left to finish."""
        self._scheduler.shutdown(wait=False)
