"""The pages as HTML: rendered here, escaped always, the same without a script."""

import json
from dataclasses import asdict
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from channels.webchat import protocol
from channels.webchat.protocol import Frame
from channels.webchat.settings import WebChatSettings
from channels.webchat.views import View
from channels.webchat.words import direction

STATIC = {
    "chat.css": "text/css",
    "chat.js": "text/javascript",
    "wire.js": "text/javascript",
    "screen.js": "text/javascript",
    "leave.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Pages:
    """The few pages there are. `language` is that of the page's own words."""

    def __init__(self, settings: WebChatSettings) -> None:
        self._settings = settings
        self._templates = Environment(
            loader=PackageLoader("channels.webchat", "pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def start(self, language: str) -> str:
        """The neutral first page: nothing of any chat, a button to begin."""
        return self._render("start.html", language, max_text=protocol.MAX_TEXT)

    def lines(self, view: View, *, notice: str = "", text: str = "") -> str:
        """The chat as it stands, for a page without a script; `text` is given back into the box."""
        offering = [line for line in reversed(view.lines) if line.get("choices")]
        newest = offering[0] if offering else None
        # A line that was changed since has news: its choices come first, without digits.
        changed = next((line for line in offering[1:] if line.get("edited")), None)
        said = [line["lang"] for line in view.lines if line.get("lang")]
        return self._render(
            "lines.html",
            view.language,
            view=view,
            newest=newest,
            hers=next((line for line in reversed(view.lines) if line["who"] == "her"), None),
            changed=_beside(newest, changed),
            side=direction(said[-1]) if said else direction(view.language),
            notice=notice,
            text=text,
        )

    def moved(self, language: str) -> str:
        """This page is not the visitor's page any more."""
        return self._render("moved.html", language)

    def note(self, language: str, text: str) -> str:
        """One sentence and the way to begin again."""
        return self._render("note.html", language, text=text)

    def gone(self, language: str) -> str:
        """A blank page that leaves for the neutral site by itself."""
        return self._render("gone.html", language)

    def _render(self, name: str, language: str, **values: object) -> str:
        words = self._settings.words[language]
        return self._templates.get_template(name).render(
            words=words,
            words_json=json.dumps(asdict(words), ensure_ascii=False),
            language=language,
            direction=direction(language),
            title=self._settings.title,
            exit_url=self._settings.exit_url,
            **values,
        )


def her_line(external_id: str, text: str) -> Frame:
    """A line of hers, as a page without a script shows it."""
    return {
        "t": "line",
        "id": external_id,
        "seq": 0,
        "who": "her",
        "name": "",
        "lang": "",
        "dir": "auto",
        "text": text,
        "choices": [],
    }


def _beside(newest: Frame | None, changed: Frame | None) -> list[Frame]:
    """The choices of `changed` that `newest` does not offer."""
    if newest is None or changed is None:
        return []
    known = [choice["token"] for choice in newest["choices"]]
    return [choice for choice in changed["choices"] if choice["token"] not in known]


def static(name: str) -> str:
    """The text of one of our own files."""
    return files("channels.webchat").joinpath("static", name).read_text("utf-8")
