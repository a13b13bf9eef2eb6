"""The page without a script: every step is a form, every answer a page. All of it lives at "/".

A GET shows the neutral start page and nothing else, so no page of the chat can be reloaded or gone
back to. Forms carry the view and a page number; a form sent a second time (reload, back) ends in the
neutral page, and new words in it are kept all the same.
"""

import asyncio
import hashlib
from dataclasses import dataclass

from aiohttp import web

from channels.message import Address
from channels.webchat import admission, protocol
from channels.webchat.gathering import Full
from channels.webchat.pages import Pages, her_line
from channels.webchat.polling import busy_text
from channels.webchat.protocol import Act, Unreadable
from channels.webchat.reception import CHANNEL, Ended, Reception
from channels.webchat.views import View

QUIET = 0.3  # seconds without a further line before an answer is taken as whole


@dataclass(frozen=True, slots=True)
class Form:
    """One form as sent."""

    view: str
    page: int
    act: str  # "begin", "send", "look", "exit"
    text: str
    choice: str

    def digest(self) -> bytes:
        """Tells the same form from one with other words."""
        return hashlib.sha256(f"{self.act}\0{self.choice}\0{self.text}".encode()).digest()[:16]


def read_form(fields: dict[str, str]) -> Form:
    """The form in these fields; what is missing or odd becomes a begin."""
    page = fields.get("page", "")
    view = fields.get("view", "")
    choice = fields.get("choice", "")
    act = fields.get("act", "send" if choice else "begin")
    whole = page.isascii() and page.isdigit() and len(page) < 10 and protocol.is_token(view)
    if act == "exit" or not whole:
        return Form(view, 0, "exit" if act == "exit" else "begin", "", "")
    return Form(view, int(page), "look" if act == "look" else "send", fields.get("text", ""), choice)


class Forms:
    """Answers GET and POST of "/"."""

    def __init__(self, reception: Reception, pages: Pages) -> None:
        self._reception = reception
        self._pages = pages

    async def start(self, request: web.Request) -> web.Response:
        """The neutral page. It changes nothing and says nothing, whoever asks."""
        return self._page(self._pages.start(self._language(request)))

    async def post(self, request: web.Request) -> web.Response:
        """One step of a page without a script."""
        language = self._language(request)
        words = self._reception.settings.words[language]
        if admission.same_origin(request, self._reception.settings) is False:
            return self._page(self._pages.note(language, words.refused), 403)
        try:
            raw = await admission.body(request)
            form = read_form(admission.form(raw, request.headers.get("Content-Type", "")))
        except admission.TooLarge:
            return self._page(self._pages.note(language, words.too_large), 413)
        except admission.TooSlow:
            return self._page(self._pages.note(language, words.refused), 408)
        except admission.BadForm as bad:
            self._reception.gathering.count_poison()
            text = words.bad_text if bad.reason == "bad_text" else words.refused
            return self._page(self._pages.note(language, text), 400)
        try:
            return await self._answer(request, form, language)
        except Full:
            return self._page(self._pages.note(language, busy_text(self._reception, request)), 503)

    async def _answer(self, request: web.Request, form: Form, language: str) -> web.Response:
        handle = admission.handle_in(request, self._reception.settings)
        if form.act == "exit":
            return self._exit(handle, form, language)
        if form.act == "begin":
            return await self._begin(request, handle)
        if handle is None or not self._reception.knows(handle):
            return self._page(self._pages.start(language))
        view = self._reception.views.of(handle)
        if view is None:
            return await self._after_the_end(request, handle, form)
        if view.id != form.view or view.scripted:
            self._keep(handle, form, str(form.page))
            return self._page(self._pages.moved(language))
        if form.page == view.page:
            return await self._step(view, form)
        if (
            form.page == view.page - 1
            and view.rendered < view.page
            and view.forms.get(form.page) == form.digest()
        ):
            return await self._render(view)  # sent twice before the first answer: the same step
        if view.forms.get(form.page) != form.digest():
            self._keep(handle, form, f"{form.page}-{form.digest().hex()[:12]}")
        return self._page(self._pages.start(language))

    async def _after_the_end(self, request: web.Request, handle: str, form: Form) -> web.Response:
        """Ended, or from before a restart: new words are kept, and the page begins anew.

        Not for a page she only went back to, or sent again: that begins nothing.
        """
        self._keep(handle, form, str(form.page))
        if form.act == "look" or form.page < self._reception.views.last_page(form.view):
            return self._page(self._pages.start(self._language(request)))
        return await self._begin(request, handle)

    def _exit(self, handle: str | None, form: Form, language: str) -> web.Response:
        view_id = form.view if protocol.is_token(form.view) else None
        self._reception.leave(handle, view_id)
        response = self._page(self._pages.gone(language))
        admission.wipe(response, self._reception.settings)
        return response

    async def _begin(self, request: web.Request, handle: str | None) -> web.Response:
        settings = self._reception.settings
        try:
            view = self._reception.open(
                handle,
                source=admission.source(request, settings),
                languages=request.headers.get("Accept-Language"),
                scripted=False,
            )
        except Ended:
            text = busy_text(self._reception, request)
            return self._page(self._pages.note(self._language(request), text), 503)
        if view.busy:
            view.show(self._reception.busy_line(view, "0"))
        self._reception.join(view, 0)
        if 0 in view.waiting:
            await self._await_stored(view, 0, view.waiting[0])
        response = await self._render(view)
        admission.remember(response, view.address.handle, settings)
        return response

    def _keep(self, handle: str, form: Form, mark: str) -> None:
        """Her words from a page that is gone are stored; the page is not shown again for them."""
        if not self._reception.signer.made_view(handle, form.view):
            return  # no page of ours
        try:
            act = self._act(form)
        except Unreadable:
            return
        if act is not None:
            self._reception.take_late(form.view, Address(CHANNEL, handle), act, mark)

    def _act(self, form: Form) -> Act | None:
        """The act in a form, None where she only looks; raises Unreadable."""
        if form.act == "look":
            return None
        kind = "choice" if form.choice else "text"
        return protocol.act(form.page, kind, form.text, form.choice or None)

    async def _step(self, view: View, form: Form) -> web.Response:
        """The next step of a living page."""
        words = self._reception.words(view)
        try:
            act = self._act(form)
        except Unreadable as unreadable:
            notices = {"too_long": words.too_long, "bad_text": words.bad_text, "empty": words.empty}
            text = "" if unreadable.reason == "bad_text" else form.text
            return self._page(
                self._pages.lines(view, notice=notices.get(unreadable.reason, words.refused), text=text)
            )
        if act is None:
            self._reception.present(view)
            self._turn(view, form)
            return await self._render(view)
        label = self._label(view, form)
        was_busy = view.busy
        try:
            stored, fast = self._reception.take(view, act)
        except Full:  # the step is not taken: her words stay in the box, the same form brings them again
            return self._page(self._pages.lines(view, notice=words.slow, text=form.text))
        self._turn(view, form)
        view.show(her_line(f"{view.id}.{act.n}", label))
        if was_busy:
            view.show(self._reception.busy_line(view, str(act.n)))
        await self._await_stored(view, act.n, stored)
        notice = words.slow if fast else "" if stored.done() else words.sending
        return await self._render(view, notice)

    async def _await_stored(self, view: View, n: int, stored: "asyncio.Future[None]") -> None:
        """Wait for the commit of an act; when it does not come in time, she is told so once."""
        await asyncio.wait([stored], timeout=self._reception.settings.stored_within)
        if not stored.done():
            view.show(self._reception.unstored_line(view, n))

    def _turn(self, view: View, form: Form) -> None:
        view.forms[form.page] = form.digest()
        view.page += 1

    def _label(self, view: View, form: Form) -> str:
        """What she sees of her own act: her words, or the label she tapped."""
        if not form.choice:
            return form.text
        shown = [choice for line in view.lines for choice in line["choices"]]
        return next((one["label"] for one in shown if one["token"] == form.choice), form.choice)

    async def _render(self, view: View, notice: str = "") -> web.Response:
        """Wait a little for what is said to her, then hand out the page; what it shows counts as seen."""
        self._reception.withhold(view)
        await self._hear(view)
        self._reception.withhold(view)
        if view.end is not None:
            ended = self._pages.moved if view.end is protocol.MOVED else self._pages.gone
            response = self._page(ended(view.language))
            if view.end is protocol.GONE_TO_EXIT:
                admission.wipe(response, self._reception.settings)
            return response
        held, view.held = view.held, []
        for frame in held:
            view.show(frame)
            view.handed.add(frame["id"])
        self._reception.saw(view, tuple(frame["id"] for frame in held))
        view.rendered = view.page
        return self._page(self._pages.lines(view, notice=notice))

    async def _hear(self, view: View) -> None:
        view.asking += 1
        wait = self._reception.settings.answer_within
        try:
            async with asyncio.timeout(wait):
                while not view.held and view.end is None:
                    view.fresh.clear()
                    await view.fresh.wait()
                heard = 0
                while heard != len(view.held) and view.end is None:
                    heard = len(view.held)
                    await asyncio.sleep(min(QUIET, wait))
        except TimeoutError:
            pass
        finally:
            view.asking -= 1

    def _language(self, request: web.Request) -> str:
        return self._reception.page_language(request.headers.get("Accept-Language"))

    def _page(self, html: str, status: int = 200) -> web.Response:
        return web.Response(text=html, status=status, content_type="text/html", headers=admission.HEADERS)
