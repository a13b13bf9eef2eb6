"""The console as one aiohttp application: every route a row of a table, every row behind the gate."""

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.console.blocks import BlocksPage
from bot.web.console.chat_tools import ChatTools
from bot.web.console.chats import Chats
from bot.web.console.doors import ConsoleDoors
from bot.web.console.entrance import Entrance
from bot.web.console.gate import Door, Gate, guarding
from bot.web.console.me import MePage
from bot.web.console.now import NowPage
from bot.web.console.own_shifts import OwnShifts
from bot.web.console.pages import Pages, static_files
from bot.web.console.people import PeoplePages
from bot.web.console.rota import RotaPages
from bot.web.console.rota_acts import RotaActs
from bot.web.console.rota_plan import RotaPlan
from bot.web.console.rota_swaps import RotaSwaps
from bot.web.console.script_acts import ScriptActs
from bot.web.console.script_editing import ScriptEditing
from bot.web.console.script_trying import ScriptTrying
from bot.web.console.scripts import ScriptPages
from bot.web.console.shift import Shift

LARGEST_BODY = 256 * 1024  # bytes; the longest reply takes three for each letter


def console_app(doors: ConsoleDoors) -> web.Application:
    """Sign-in, Now, the chat pane and the texts."""
    pages = Pages(doors)
    gate = Gate(doors, pages)
    entrance = Entrance(doors, pages, gate)
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[guarding(doors, pages)])
    app.add_routes(entrance.open_routes())
    app.add_routes([gate.route(door) for door in all_doors(doors, pages, entrance)])
    for name, (kind, body) in static_files().items():
        app.router.add_get(f"/static/{name}", _static(kind, body))
    return app


def all_doors(doors: ConsoleDoors, pages: Pages, entrance: Entrance) -> list[Door]:
    """Every route that needs someone to be signed in, with what it needs."""
    now_page = NowPage(doors, pages)
    scripts = ScriptPages(doors, pages)
    rota = RotaPages(doors, pages)
    chats = Chats(doors, pages)
    return [
        *entrance.doors(),
        *now_page.doors(),
        *Shift(doors, pages, now_page).doors(),
        *chats.doors(),
        *ChatTools(doors, pages, chats).doors(),
        *BlocksPage(doors, pages).doors(),
        *MePage(doors, pages).doors(),
        *OwnShifts(doors, pages).doors(),
        *PeoplePages(doors, pages).doors(),
        *rota.doors(),
        *RotaPlan(doors, pages, rota).doors(),
        *RotaActs(doors, rota).doors(),
        *RotaSwaps(doors, pages, rota).doors(),
        *scripts.doors(),
        *ScriptEditing(doors, scripts).doors(),
        *ScriptTrying(doors, scripts).doors(),
        *ScriptActs(doors, scripts).doors(),
    ]


def _static(kind: str, body: bytes) -> Handler:
    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return serve
