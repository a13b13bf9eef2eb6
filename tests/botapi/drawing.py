"""Her screen as a page: enough of a messenger to be walked by a browser and looked at in a picture."""

from html import escape
from time import gmtime, strftime

from tests.botapi.chats import Message
from tests.botapi.phone import Phone

STYLE = """
*{box-sizing:border-box}body{margin:0;font:15px/1.4 system-ui,sans-serif;background:#dfe6ec;color:#17212b}
header{background:#fff;padding:10px 14px;font-weight:600;position:sticky;top:0}
#notices{font-size:12px;color:#5b6b7a;padding:4px 14px;min-height:22px}
#chat{display:flex;flex-direction:column;gap:6px;padding:8px 10px 90px}
.line{max-width:84%;padding:7px 11px;border-radius:12px;white-space:pre-wrap;overflow-wrap:anywhere}
.theirs{background:#fff;align-self:flex-start}.hers{background:#d6f3c9;align-self:flex-end}
.chosen{outline:2px solid #3b8ed0}.meta{font-size:11px;color:#75838f;margin-left:8px}
.keys{display:flex;flex-wrap:wrap;gap:4px;max-width:84%}.keys div{display:flex;gap:4px;width:100%}
.keys button{flex:1;min-height:38px;border:0;border-radius:9px;background:#9db3c6;color:#fff;font:inherit}
form{position:fixed;bottom:0;left:0;right:0;display:flex;gap:6px;background:#fff;padding:8px}
input{flex:1;min-width:0;font:inherit;padding:9px;border:1px solid #c3ccd4;border-radius:9px}
form button{font:inherit;border:0;border-radius:9px;background:#3b8ed0;color:#fff;padding:0 14px}
@media(prefers-color-scheme:dark){body{background:#0e1621;color:#e8eef3}header,form{background:#17212b}
.theirs{background:#182533}.hers{background:#2b5278}
.keys button{background:#33475c}input{background:#0e1621;color:inherit}}
"""

SCRIPT = """
const body = document.getElementById("body"), box = document.getElementById("box");
let held = "", answered = "";
const mark = () => document.querySelectorAll(".line").forEach(
  (line) => line.classList.toggle("chosen", line.dataset.line === answered));
async function look() {
  try {
    const text = await (await fetch(location.pathname + "/screen")).text();
    if (text !== held) {
      held = text; body.innerHTML = text;
      mark(); scrollTo(0, document.body.scrollHeight);
    }
  } catch (away) {}
  setTimeout(look, 60);
}
const act = (what, data) => fetch(location.pathname + "/" + what, {method: "POST", body: data});
document.getElementById("write").addEventListener("submit", (event) => {
  event.preventDefault();
  if (box.value && answered) act("answer", answered + " " + box.value);
  else if (box.value) act("write", box.value);
  box.value = answered = ""; mark();
});
body.addEventListener("click", (event) => {
  const key = event.target.closest("button[data-key]"), line = event.target.closest(".line");
  if (key) act("tap", key.dataset.key);
  else if (line) { answered = answered === line.dataset.line ? "" : line.dataset.line; mark(); }
});
document.getElementById("start").addEventListener("click", () => act("start", ""));
look();
"""


def page(phone: Phone) -> str:
    """The whole page; what is on the screen comes by itself."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Phone</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style><header>{escape(phone.bot.name)}</header>"
        f'<div id="body">{screen(phone)}</div>'
        '<form id="write"><button type="button" id="start">Start</button>'
        '<input id="box" autocomplete="off" placeholder="Message"><button>Send</button></form>'
        f"<script>{SCRIPT}</script></html>"
    )


def screen(phone: Phone) -> str:
    """Notices and lines as they are now."""
    sounding = sum(notice.sounding for notice in phone.notices)
    told = f"{len(phone.notices)} notices, {sounding} with a sound" if phone.notices else ""
    topics = {topic.id: topic.name for topic in phone.chat.topics.values()}
    lines = "".join(_line(message, topics) for message in phone.screen())
    return f'<div id="notices">{told}</div><div id="chat">{lines}</div>'


def _line(message: Message, topics: dict[int, str]) -> str:
    whose = "theirs" if message.from_bot else "hers"
    text = message.text or "[" + ", ".join(message.body) + "]"
    marks = [strftime("%H:%M", gmtime(message.date))]
    marks += [f"in {escape(topics[message.thread])}"] if message.thread in topics else []
    marks += ["edited"] if message.edited else []
    marks += ["cannot be forwarded"] if message.protected else []
    line = f'<div class="line {whose}" data-line="{message.id}"><span class="said">{escape(text)}</span>'
    line += f'<span class="meta">{" · ".join(marks)}</span></div>'
    rows = [
        "<div>"
        + "".join(
            f'<button data-key="{message.id} {escape(button.get("callback_data", ""), quote=True)}">'
            f"{escape(button['text'])}</button>"
            for button in row
        )
        + "</div>"
        for row in message.keyboard
    ]
    return line + (f'<div class="keys">{"".join(rows)}</div>' if rows else "")
