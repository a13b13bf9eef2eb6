// The wire: one view, its acts and its lines, over a WebSocket or, where that fails, a long poll.
// Acts are kept until the server says that they are stored; lines are asked for from the last one held.

const OPEN_WITHIN = 8000; // ms for a socket to open
const PING_EVERY = 20000;
const DEAF_AFTER = 12000; // ms without an answer before a socket is given up
const SOCKET_AGAIN = 120000; // ms of polling before a socket is tried again
const WAITS = [300, 1000, 2000, 4000, 8000, 15000];
const MAX_BYTES = 65000;
const MOST_ACTS = 30; // in one poll
const REFUSED = new Map([[413, "too_long"], [400, "refused"]]); // for good, by the server or a front before it

const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const post = (path, body, signal) => fetch(path, {
  method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, cache: "no-store", signal,
});

/** Whether a frame fits the wire. */
export const fits = (frame) => new TextEncoder().encode(JSON.stringify(frame)).length <= MAX_BYTES;

export class Wire {
  /** `on`: { opened(), frame(frame), status(word) }, word being "connecting", "connected" or "offline". */
  constructor(on) {
    this.on = on;
    this.view = "";
    this.after = 0; // highest sequence held
    this.n = 0; // number of the last act
    this.unstored = new Map(); // acts not acknowledged, by number, in order
    this.unseen = new Set(); // entries on the screen that the server was not told of
    this.shown = new Set(); // entries taken from the wire: each once
    this.socket = null;
    this.polling = false;
    this.over = false;
    this.failed = 0; // sockets in a row that did not open
    this.tries = 0; // rests in a row
    addEventListener("online", () => { this.tries = 0; this.nudge(); });
    addEventListener("offline", () => { this.abort?.abort(); this.drop(); this.on.status("offline"); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { this.flush(); this.ping(); this.nudge(); } });
    setInterval(() => this.ping(), PING_EVERY);
    setInterval(() => this.listenForLife(), 3000);
  }

  /** Ask for a view of our own, then stay connected until told that it is over. */
  async start() {
    this.on.status("connecting");
    while (!this.view && !this.over) {
      try {
        const answer = await post("/open", {});
        const told = await answer.json();
        if (answer.ok) {
          this.view = told.view;
          this.on.opened();
        }
        if (told.text) this.on.frame({ t: "slow", text: told.text });
      } catch { this.on.status("offline"); }
      if (!this.view) await this.rest();
    }
    while (!this.over) {
      const worked = this.failed >= 2 ? await this.poll() : await this.converse();
      if (worked) this.tries = 0;
      if (this.over) return;
      if (this.failed === 2 && navigator.onLine) continue; // sockets do not open: try the other way at once
      this.on.status("offline");
      await this.rest();
    }
  }

  /** Her act: numbered, kept until stored, sent now if there is a connection. */
  act(act) {
    this.n += 1;
    const frame = { t: "act", n: this.n, ...act };
    this.unstored.set(this.n, frame);
    if (this.socket) {
      this.put(frame);
      this.ping();
    } else if (this.polling) this.abort?.abort();
    else {
      this.on.status("offline");
      this.nudge();
    }
    return this.n;
  }

  /** Entry `id` is on the screen. */
  saw(id) {
    this.unseen.add(id);
    this.flush();
  }

  /** No further word in either direction. */
  end() {
    this.over = true;
    this.drop();
    this.abort?.abort();
    this.nudge();
  }

  // --- socket -------------------------------------------------------------------------------------------

  converse() {
    return new Promise((done) => {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      const socket = new WebSocket(`${scheme}//${location.host}/socket`);
      const late = setTimeout(() => socket.close(), OPEN_WITHIN);
      let opened = false;
      this.drop = () => { socket.onclose = null; socket.close(); end(); };
      const end = () => {
        clearTimeout(late);
        this.socket = null;
        this.drop = () => {};
        this.failed = opened ? 0 : this.failed + 1;
        done(opened);
      };
      socket.onopen = () => {
        clearTimeout(late);
        opened = true;
        this.asked = 0; // when the ping was sent that waits for an answer
        this.socket = socket;
        this.put({ t: "hello", view: this.view, after: this.after });
        for (const frame of this.unstored.values()) this.put(frame);
        this.flush();
        this.ping();
        this.on.status("connected");
      };
      socket.onmessage = (brought) => {
        this.asked = 0;
        this.take(JSON.parse(brought.data));
      };
      socket.onclose = end;
    });
  }

  drop() {}

  put(frame) {
    if (frame.t === "ping") this.asked ||= performance.now();
    this.socket?.send(JSON.stringify(frame));
  }

  ping() {
    if (!document.hidden && this.socket) this.put({ t: "ping" });
  }

  listenForLife() {
    if (this.socket && this.asked && performance.now() - this.asked > DEAF_AFTER) this.drop();
  }

  flush() {
    if (!this.socket || document.hidden || !this.unseen.size) return;
    this.put({ t: "seen", ids: [...this.unseen].slice(0, 200) });
    this.unseen.clear();
  }

  // --- long poll ----------------------------------------------------------------------------------------

  async poll() {
    const until = performance.now() + SOCKET_AGAIN;
    this.polling = true;
    let worked = false;
    let refused = false; // the acts brought last were refused together
    try {
      while (!this.over && (performance.now() < until || this.unstored.size)) {
        const acts = this.some(refused ? 1 : MOST_ACTS);
        let seen = document.hidden ? [] : [...this.unseen].slice(0, 200);
        if (!fits([...acts, seen])) seen = []; // another time
        const frames = [...acts, ...(seen.length ? [{ t: "seen", ids: seen }] : [])];
        this.abort = new AbortController();
        let answer;
        try {
          answer = await post("/poll", { view: this.view, after: this.after, visible: !document.hidden, frames }, this.abort.signal);
        } catch (trouble) {
          if (trouble.name === "AbortError" && navigator.onLine) continue; // something new to bring
          return this.retreat(worked);
        }
        if (REFUSED.has(answer.status) && acts.length) {
          // Offered again it would be refused again: alone, it goes back to her; of several it is one.
          if (acts.length === 1) this.take({ t: "refused", n: acts[0].n, why: REFUSED.get(answer.status) });
          refused = acts.length > 1;
          continue;
        }
        if (!answer.ok) return this.retreat(worked);
        refused = false;
        worked = true;
        this.on.status("connected");
        for (const id of seen) this.unseen.delete(id);
        const told = await answer.json();
        for (const frame of told.frames) this.take(frame);
        if (told.frames.some((frame) => frame.t === "slow")) await pause(1000);
      }
      this.failed = 0; // time to try a socket again
      return worked;
    } finally { this.polling = false; }
  }

  /** Polling failed as well: a socket is as good to try next. */
  retreat(worked) {
    this.failed = 1;
    return worked;
  }

  /** As many acts, in order, as one poll may carry. */
  some(most) {
    const taken = [];
    for (const frame of this.unstored.values()) {
      if (taken.length >= most || (taken.length && !fits([...taken, frame]))) break;
      taken.push(frame);
    }
    return taken;
  }

  // --- both ---------------------------------------------------------------------------------------------

  take(frame) {
    if (frame.t === "ack" || frame.t === "refused") {
      const act = this.unstored.get(frame.n);
      this.unstored.delete(frame.n);
      this.on.frame({ ...frame, act });
      return;
    }
    if (frame.id) {
      const again = this.shown.has(frame.id);
      this.shown.add(frame.id);
      this.after = Math.max(this.after, frame.seq);
      if (!again) this.on.frame(frame);
      if (frame.seq) this.saw(frame.id);
      return;
    }
    this.on.frame(frame);
  }

  /** Wait a little longer each time; a nudge ends the wait. */
  rest() {
    const ms = WAITS[Math.min(this.tries, WAITS.length - 1)] * (0.7 + Math.random() * 0.6);
    this.tries += 1;
    return Promise.race([pause(ms), new Promise((go) => { this.nudge = go; })]);
  }

  nudge() {}
}
