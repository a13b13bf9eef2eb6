// The screen: lines in order of their sequence, choices of the newest line, the box she writes in.

const element = (name, className, text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

const ONE_ANSWER = 3000; // ms between lines that belong together

export class Screen {
  /** `on`: { tap(choice), write(text) } */
  constructor(words, on) {
    this.words = words;
    this.on = on;
    this.chat = document.getElementById("chat");
    this.log = document.getElementById("log");
    this.choices = document.getElementById("choices");
    this.notice = document.getElementById("notice");
    this.aside = document.getElementById("aside"); // speaks while there is no chat yet
    this.box = document.getElementById("box");
    this.unread = null; // the first line she may not have read
    this.heardAt = 0; // when the last line came, hers included
    this.placed = -1; // where the page was last scrolled to
    document.getElementById("compose").addEventListener("submit", (submit) => {
      submit.preventDefault();
      this.send();
    });
    this.box.addEventListener("keydown", (key) => {
      if (key.key !== "Enter" || key.shiftKey || key.isComposing) return;
      key.preventDefault();
      this.send();
    });
    this.box.addEventListener("input", () => this.grow());
    document.addEventListener("keydown", (key) => this.digit(key));
  }

  /** The chat takes the place of the button that begins it. */
  show() {
    document.getElementById("begin")?.remove();
    this.say("");
    this.chat.hidden = false;
  }

  /** Take a line, an edit or a removal from the wire. */
  apply(frame) {
    if ("aloud" in frame) this.readOut(frame.aloud); // lines of the page itself change nothing
    if (frame.t === "line") this.add(frame);
    if (frame.t === "edit") this.change(frame);
    if (frame.t === "delete") this.log.querySelector(`[data-id="${CSS.escape(frame.of)}"]`)?.remove();
    this.offer();
  }

  /** A line of hers, faint until it is stored. */
  addHers(id, text) {
    const line = this.line("her", this.words.you, text);
    line.dataset.id = id;
    line.dir = "auto";
    line.classList.add("unstored");
    this.log.append(line);
    [this.unread, this.heardAt] = [line, performance.now()];
    this.toEnd(true);
  }

  /** Her line `id` is stored. */
  stored(id) {
    this.log.querySelector(`[data-id="${CSS.escape(id)}"]`)?.classList.remove("unstored");
  }

  /** Her line `id` was not taken: her words go back into the box, and why is said. */
  giveBack(id, text, why) {
    this.log.querySelector(`[data-id="${CSS.escape(id)}"]`)?.remove();
    if (text) {
      this.box.value = this.box.value ? `${text}\n${this.box.value}` : text;
      this.grow();
    }
    this.say(this.words[why] ?? this.words.refused);
  }

  /** A word of the page itself, or none. */
  say(text) {
    const place = this.chat.hidden ? this.aside : this.notice;
    place.textContent = text;
    place.hidden = !text;
  }

  /** A screen reader reads new lines out by itself, or waits to be asked: the server knows whether it is safe. */
  readOut(aloud) {
    for (const place of [this.log, this.notice]) place.setAttribute("aria-live", aloud ? "polite" : "off");
  }

  /** Nothing is left of the chat. */
  wipe() {
    this.log.replaceChildren();
    this.choices.replaceChildren();
    this.box.value = "";
    this.say("");
  }

  // --- lines --------------------------------------------------------------------------------------------

  line(who, name, text) {
    const line = element("li", `line ${who}`);
    line.append(element("span", "who", name), " ", element("span", "said", text));
    return line;
  }

  add(frame) {
    const atEnd = this.isAtEnd();
    const line = this.line(frame.who, frame.name || this.words.guide, frame.text);
    line.dataset.id = frame.id;
    line.dataset.seq = frame.seq;
    this.fill(line, frame);
    const newer = [...this.log.children].find((other) => frame.seq && Number(other.dataset.seq) > frame.seq);
    this.log.insertBefore(line, newer ?? null); // one that was held back takes its place in the order
    const now = performance.now();
    if (frame.who !== "guide" || now - this.heardAt > ONE_ANSWER) this.unread = line; // it came by itself
    this.heardAt = now;
    this.toEnd(atEnd);
  }

  change(frame) {
    const line = this.log.querySelector(`[data-id="${CSS.escape(frame.of)}"]`);
    if (!line) return;
    line.querySelector(".said").textContent = frame.text;
    line.edited = true;
    this.fill(line, frame);
  }

  fill(line, frame) {
    line.lang = frame.lang;
    line.dir = frame.dir;
    line.offered = frame.choices;
    this.chat.dir = frame.dir;
  }

  /**
   * Show the choices of the newest line that has some, once each. A line that was changed since has news:
   * its choices come first, without digits, which belong to the newest.
   */
  offer() {
    const offering = [...this.log.children].reverse().filter((line) => line.offered?.length);
    const newest = offering[0];
    const changed = offering.find((line) => line.edited && line !== newest);
    if (this.newest === newest?.offered && this.changed === changed?.offered) return;
    [this.newest, this.changed] = [newest?.offered, changed?.offered];
    const atEnd = this.isAtEnd();
    const known = new Set(this.newest?.map((choice) => choice.token));
    const news = (this.changed ?? []).filter((choice) => !known.has(choice.token));
    const choices = [...news.map((choice) => ({ ...choice, digit: "" })), ...(this.newest ?? [])];
    this.choices.replaceChildren(...choices.map((choice) => this.button(choice)));
    if (newest) { this.choices.lang = newest.lang; this.choices.dir = newest.dir; }
    this.toEnd(atEnd);
  }

  button(choice) {
    const button = element("button", "choice");
    button.type = "button";
    button.dataset.digit = choice.digit;
    if (choice.digit) button.append(element("kbd", "", choice.digit), " ");
    button.append(element("span", "", choice.label));
    button.addEventListener("click", () => this.on.tap(choice));
    return button;
  }

  // --- her hands ----------------------------------------------------------------------------------------

  send() {
    const text = this.box.value;
    if (!text.trim()) return;
    this.say("");
    this.box.value = "";
    this.grow();
    this.on.write(text);
    this.box.focus();
  }

  /** A digit pressed anywhere but in the box taps its choice; in the box it is sent like any word. */
  digit(key) {
    if (key.target === this.box || key.ctrlKey || key.altKey || key.metaKey || key.repeat || this.chat.hidden) return;
    if (!/^[0-9]$/.test(key.key)) return;
    const button = this.choices.querySelector(`[data-digit="${key.key}"]`);
    if (!button) { this.box.focus(); return; }
    key.preventDefault();
    button.click();
  }

  grow() {
    this.box.rows = Math.min(6, Math.max(1, this.box.value.split("\n").length));
  }

  isAtEnd() {
    return scrollY === this.placed || innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
  }

  /** Scroll on, but never past the beginning of what she has not read yet. */
  toEnd(wanted) {
    if (!wanted) return;
    const covered = document.querySelector(".top").offsetHeight + 8;
    const unread = this.unread?.isConnected ? this.unread.getBoundingClientRect().top + scrollY - covered : Infinity;
    scrollTo(0, Math.min(unread, document.documentElement.scrollHeight));
    this.placed = scrollY;
  }
}
