// Keeps a page up to date while it is open. Everything works without it; it never touches what is being typed.

const EVERY = { now: 5000, chat: 2000 };
const page = document.body.dataset.page;
const text = document.getElementById("text");
const note = document.getElementById("note");
const banner = document.getElementById("banner");
let tag = "";
let touched = false;
let stopped = false;
let failures = 0;

for (const kind of ["pointerdown", "keydown", "input"]) {
  addEventListener(kind, () => { touched = true; }, { passive: true });
}

function tell(text) {
  if (!banner) return;
  banner.textContent = text;
  banner.hidden = !text;
}

// Replace what changed and leave the rest alone: focus, open menus and a reader's place stay.
function settle(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (!old.id || old.id !== fresh.id || !simple(old, fresh)) {
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
    return;
  }
  const before = new Map([...old.children].map((child) => [child.id, child]));
  let place = old.firstElementChild;
  for (const child of [...fresh.children]) {
    const known = before.get(child.id);
    if (known) {
      before.delete(child.id);
      if (known !== place) old.insertBefore(known, place);
      else place = place.nextElementSibling;
      settle(known, child);
    } else {
      old.insertBefore(child, place);
    }
  }
  for (const gone of before.values()) gone.remove();
}

// Lists whose every entry has a name are settled entry by entry, so that a reader hears only what is new.
function simple(old, fresh) {
  const named = (list) => list.children.length > 0 && [...list.children].every((child) => child.id);
  return named(old) && named(fresh);
}

function show(html) {
  const told = new DOMParser().parseFromString(html, "text/html");
  if (page === "now") {
    for (const part of ["readiness", "own-shift", "offers", "free", "mine", "waiting", "underway", "queue", "duty"]) {
      const [old, fresh] = [document.getElementById(part), told.getElementById(part)];
      if (old && fresh) settle(old, document.importNode(fresh, true));
    }
    const [old, fresh] = [document.querySelector(".stamp"), told.querySelector(".stamp")];
    if (old && fresh) old.textContent = fresh.textContent;
    return;
  }
  for (const part of ["lines", "presence", "facts", "note-list"]) {
    const [old, fresh] = [document.getElementById(part), told.getElementById(part)];
    if (old && fresh) settle(old, document.importNode(fresh, true));
  }
}

// A short soft sound, only if she who works here asked for it. It says nothing but "look".
let sounding = false;
let audio = null;
function sound() {
  if (!sounding || !audio) return;
  const [note, volume] = [audio.createOscillator(), audio.createGain()];
  note.frequency.value = 528;
  volume.gain.setValueAtTime(0.0001, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.15, audio.currentTime + 0.05);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.7);
  note.connect(volume).connect(audio.destination);
  note.start();
  note.stop(audio.currentTime + 0.75);
}

const soundButton = document.getElementById("sound");
if (soundButton) {
  soundButton.hidden = false;
  soundButton.addEventListener("click", () => {
    sounding = !sounding;
    audio ??= new AudioContext();
    soundButton.setAttribute("aria-pressed", String(sounding));
    soundButton.textContent = `Sound: ${sounding ? "on" : "off"}`;
    sound();
  });
}

let known = null;
const title = document.title;
function news(told) {
  const found = new Set(page === "now" ? [...told.offers, ...told.unanswered.map((id) => `u${id}`), ...told.calls.map((id) => `c${id}`)] : told.hers);
  const fresh = known ? [...found].filter((id) => !known.has(id)) : [];
  if (fresh.length) sound();
  if (page === "now") document.title = found.size ? `(${found.size}) ${title}` : title;
  else if (fresh.length && document.hidden) document.title = `(new) ${title}`;
  known = found;
}
document.addEventListener("visibilitychange", () => { if (page === "chat" && !document.hidden) document.title = title; });

// Locked, or no longer ours: her words leave this screen too. What the volunteer typed stays.
function clear() {
  stopped = true;
  for (const part of ["lines", "presence", "facts", "note-list", "live"]) document.getElementById(part)?.replaceChildren();
  document.title = title;
}

async function look() {
  const path = page === "now" ? "/now.json" : `${document.body.dataset.chat}/lines`;
  const headers = tag ? { "If-None-Match": tag } : {};
  if (touched) headers["X-Here"] = "1";
  const answer = await fetch(path, { headers, cache: "no-store", credentials: "same-origin", redirect: "error" });
  touched = false;
  failures = 0;
  if (answer.status === 401) {
    clear();
    tell("You are signed out. Sign in again in another tab. What you have typed stays here; copy it before you leave this page.");
    return;
  }
  if (answer.status === 410 || answer.status === 403) {
    clear();
    tell("This chat is not with you any more. What you have typed was sent to nobody and stays here.");
    return;
  }
  tell("");
  if (answer.status !== 200) return;
  tag = answer.headers.get("ETag") ?? "";
  const told = await answer.json();
  show(told.html);
  news(told);
  if (told.left && document.getElementById("text")) {
    clear();
    if (!text?.value && !note?.value) location.reload();
    else tell("She had to leave. Nothing more can reach her. What you have typed stays here; load the page again to go on.");
  }
}

async function keepLooking() {
  while (!stopped) {
    await new Promise((done) => setTimeout(done, EVERY[page] * (failures > 2 ? 4 : 1)));
    try {
      await look();
    } catch {
      failures += 1;
      if (failures > 2) tell("No connection to the console. Trying again; nothing you typed is lost.");
    }
  }
}

if (page in EVERY) {
  document.getElementById("refresh")?.remove();
  keepLooking();
}

// Ctrl+Enter sends; Enter alone makes a new line.
text?.addEventListener("keydown", (press) => {
  if (press.key === "Enter" && (press.ctrlKey || press.metaKey)) {
    press.preventDefault();
    text.form.requestSubmit(text.form.querySelector("button.go"));
  }
});

// What is half-written elsewhere on the page travels with whichever form is sent, and comes back with the answer.
document.addEventListener("submit", (sending) => {
  const form = sending.target;
  const other = form.contains(text) ? note : text;
  if (!text || !other || form.contains(other) || !other.value) return;
  const draft = document.createElement("input");
  draft.type = "hidden";
  draft.name = "draft";
  draft.value = other.value;
  form.append(draft);
});
