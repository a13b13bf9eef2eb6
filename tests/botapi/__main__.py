"""`python -m tests.botapi`: the double in a process of its own, with a page for each phone.

Point a hotline at it with HOTLINE_TELEGRAM_API_URL and HOTLINE_TELEGRAM_TOKEN as printed, open a phone, press
Start.
"""

import argparse
import asyncio

from aiohttp import web

from tests.botapi.drawing import page, screen
from tests.botapi.phone import Phone
from tests.botapi.server import Double


class PhoneServer(Double):
    """The double, and `/phone/1`, `/phone/2`, … for whoever wants to look or play."""

    async def other(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        parts = path.strip("/").split("/")
        phones = self.phones()
        if parts[0] != "phone" or len(parts) < 2 or not parts[1].isdigit() or int(parts[1]) > len(phones):
            return await super().other(request, path)
        phone = phones[int(parts[1]) - 1]
        asked = parts[2] if len(parts) > 2 else ""
        if request.method == "POST":
            self._act(phone, asked, (await request.read()).decode())
            return web.Response(status=204)
        shown = screen(phone) if asked == "screen" else page(phone)
        return web.Response(text=shown, content_type="text/html", charset="utf-8")

    def _act(self, phone: Phone, what: str, given: str) -> None:
        if what == "start":
            phone.starts()
        elif what == "write":
            phone.writes(given)
        elif what == "answer":
            number, _, text = given.partition(" ")
            line = phone.chat.messages.get(int(number))
            phone.writes(text, to=line, thread=line.thread if line is not None else None)
        elif what == "tap":
            number, _, data = given.partition(" ")
            phone.taps_data(data, phone.chat.messages.get(int(number)))


async def serve(port: int, people: int, token: str, staff: int, *, topics: bool) -> None:
    double = PhoneServer()
    bot = double.world.add_bot(token)
    for _ in range(people):
        double.phone(bot, language="en")
    second = double.world.add_bot(topics=topics)
    for _ in range(staff):
        double.phone(second, language="en")
    await double.start(port)
    print(f"HOTLINE_TELEGRAM_API_URL={double.url}")
    print(f"HOTLINE_TELEGRAM_TOKEN={bot.token}")
    if staff:
        print(f"HOTLINE_TELEGRAM_STAFF_TOKEN={second.token}")
    for number in range(1, people + staff + 1):
        whose = "phone" if number <= people else "volunteer's phone"
        print(f"{whose} {number}: {double.url}/phone/{number}", flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.botapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--token", default="")
    parser.add_argument("--staff", type=int, default=0, help="volunteers with a phone, and a bot for them")
    parser.add_argument("--topics", action="store_true", help="the volunteers' bot has topics")
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, asked.people, asked.token, asked.staff, topics=asked.topics))


if __name__ == "__main__":
    main()
