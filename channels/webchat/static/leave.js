// Leaving: cover at once, tell the server, then replace this page so that nothing is left to go back to.
// Used by the page with a script and, on its own, by pages made of forms.

const KEY_WITHIN = 1500; // ms between two presses of Escape

let gone = false;

/** A white sheet over everything; what was on the page is taken out of it. */
export function cover() {
  const sheet = document.createElement("div");
  sheet.className = "cover";
  document.body.className = "blank";
  document.body.replaceChildren(sheet);
}

/** Leave for the neutral site. `view` tells the server whose session ends, "" if there was none yet; null: it goes on. */
export function leave(view) {
  if (gone) return;
  gone = true;
  const exit = document.body.dataset.exit;
  cover();
  if (view !== null) tell(view);
  location.replace(exit);
}

/** The session ends on the server and its cookie is taken back, even while this page goes away. */
export function tell(view) {
  const told = new Blob([JSON.stringify({ view, after: 0 })], { type: "application/json" });
  if (!navigator.sendBeacon("/leave", told)) {
    fetch("/leave", { method: "POST", body: told, keepalive: true }).catch(() => {});
  }
}

/** Watch the exit button and the key, and tell of the key. `whose` gives the view id at that moment. */
export function watch(whose) {
  let last = -Infinity;
  const form = document.getElementById("exit-form");
  const button = form?.querySelector("button");
  if (button) button.title = JSON.parse(document.body.dataset.words).exit_key; // a screen reader tells it too
  form?.addEventListener("submit", (submit) => {
    submit.preventDefault();
    leave(whose());
  });
  document.addEventListener("keydown", (key) => {
    if (key.key !== "Escape" || key.repeat) return;
    if (key.timeStamp - last <= KEY_WITHIN) leave(whose());
    last = key.timeStamp;
  }, true);
}

// A page kept aside by the browser must come back empty.
addEventListener("pagehide", cover);
addEventListener("pageshow", (shown) => { if (shown.persisted) location.replace("/"); });

if (!document.getElementById("chat")) {
  watch(() => document.querySelector("input[name=view]")?.value ?? "");
}
