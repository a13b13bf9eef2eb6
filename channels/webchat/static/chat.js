// The page with a script. It keeps nothing: the view lives in this module's memory and ends with it.

import { cover, leave, watch } from "/leave.js";
import { Screen } from "/screen.js";
import { Wire, fits } from "/wire.js";

const HIDDEN_FOR = 15 * 60 * 1000; // ms out of sight after which nothing old is shown
const SAY_AFTER = 1500; // ms before "connecting" is worth a word

const words = JSON.parse(document.body.dataset.words);
const most = Number(document.querySelector("main").dataset.max);
const WAITS_FOR = 30 * 60 * 1000; // ms, once she tapped that she waits here
let hiddenAt = 0;
let waitsUntil = 0;
let speaking = 0;

const screen = new Screen(words, {
  tap: (choice) => act({ kind: "choice", choice: choice.token }, choice.label),
  write: (text) => act({ kind: "text", text }, text),
});
const wire = new Wire({ opened: () => screen.show(), frame: take, status });
const idOf = (n) => `${wire.view}.${n}`;

function act(made, label) {
  if (made.text && ([...made.text].length > most || !fits({ ...made, n: wire.n }))) {
    screen.giveBack("", made.text, "too_long");
    return;
  }
  if (made.choice === "!wait") waitsUntil = Date.now() + WAITS_FOR;
  screen.addHers(idOf(wire.act(made)), label);
}

function take(frame) {
  switch (frame.t) {
    case "ack": screen.stored(idOf(frame.n)); break;
    case "refused": screen.giveBack(idOf(frame.n), frame.act?.text, frame.why); break;
    case "slow": screen.say(frame.text); break;
    case "moved": moved(); break;
    case "gone": gone(frame.to); break;
    case "pong": break;
    default: screen.say(""); screen.apply(frame);
  }
}

function status(word) {
  clearTimeout(speaking);
  if (word === "connected") screen.say("");
  else speaking = setTimeout(() => screen.say(words[word]), SAY_AFTER);
}

/** Another page of hers took over: this one holds nothing any more. */
function moved() {
  wire.end();
  screen.wipe();
  const again = document.createElement("button");
  again.textContent = words.go_on_here;
  again.addEventListener("click", begin);
  const told = document.createElement("p");
  told.className = "alone";
  told.textContent = words.moved;
  const holder = document.createElement("div");
  holder.className = "begin";
  holder.append(again);
  document.querySelector("main").replaceChildren(told, holder);
}

function gone(to) {
  wire.end();
  if (to === "start") begin();
  else leave(to === "exit" ? wire.view : null);
}

/** Begin anew, neutrally, in place: this page is replaced, not kept. */
function begin() {
  wire.end();
  cover();
  location.replace("/");
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (hiddenAt && Date.now() - hiddenAt >= HIDDEN_FOR && Date.now() >= waitsUntil) begin();
});

watch(() => wire.view);

// A page fetched ahead by the browser is nobody's visit.
if (document.prerendering) document.addEventListener("prerenderingchange", () => wire.start(), { once: true });
else wire.start();
