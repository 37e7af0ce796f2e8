// When the page asks for news: every second while something changes, slowing to every five, and not at all while
// nothing can change or nobody looks. The asking itself is htmx's; this only says when. Clocks tick here, too.
const FAST = 1000, SLOW = 5000, CALMER = 1.35;
const SWAPPED = ["htmx:afterSwap", "htmx:oobAfterSwap"];

class LivePoller extends HTMLElement {
  connectedCallback() {
    this.delay = FAST;
    this.unseen = 0;
    this.title0 = document.title;
    this.onVisible = () => document.hidden ? this.rest() : this.wake();
    this.onChanged = () => this.wake();
    this.onSwapped = () => this.keepOneOfEach();
    this.addEventListener("htmx:configRequest", () => {
      this.asked = document.getElementById("live-since").value;
      this.woken = false;
    });
    this.addEventListener("htmx:afterRequest", (event) => this.answered(event.detail.xhr));
    for (const name of SWAPPED) document.body.addEventListener(name, this.onSwapped);
    document.addEventListener("visibilitychange", this.onVisible);
    document.body.addEventListener("runs-changed", this.onChanged);
    if (this.dataset.live === "yes") this.schedule();
  }
  disconnectedCallback() {
    this.rest();
    document.removeEventListener("visibilitychange", this.onVisible);
    document.body.removeEventListener("runs-changed", this.onChanged);
    for (const name of SWAPPED) document.body.removeEventListener(name, this.onSwapped);
  }
  rest() { clearTimeout(this.timer); this.timer = 0; }
  // While a poll is under way htmx drops another one; that a run began meanwhile must outlive the older answer.
  wake() { this.woken = true; this.delay = FAST; this.unseenReset(); this.schedule(0); }
  schedule(delay = this.delay) {
    this.rest();
    this.timer = setTimeout(() => this.dispatchEvent(new CustomEvent("live-tick")), delay);
  }
  answered(xhr) {
    if (!xhr || document.hidden && xhr.status !== 200) return this.rest();
    if (xhr.status === 286 && !this.woken) return this.rest();
    if (xhr.status === 200) this.countUnseen(xhr);
    this.delay = this.woken || xhr.status === 200 ? FAST : Math.min(SLOW, this.delay * CALMER);
    this.schedule();
  }
  // A poll that was under way when Generate was pressed may bring the new run, too. One of them goes; which of the two
  // is older can't be seen, so the next poll asks again from where this one did.
  keepOneOfEach() {
    const known = new Set();
    for (const run of document.querySelectorAll("#run-list > .run")) {
      if (!known.has(run.id)) { known.add(run.id); continue; }
      run.remove();
      if (this.asked) document.getElementById("live-since").value = this.asked;
    }
  }
  // "(2) Studio": how many pictures came while nobody looked.
  countUnseen(xhr) {
    if (!document.hidden) return;
    this.unseen += (xhr.responseText.match(/<figure class="frame"[^>]*data-state="done"|<before-after/g) || []).length;
    if (this.unseen) document.title = `(${this.unseen}) ${this.title0}`;
  }
  unseenReset() { this.unseen = 0; document.title = this.title0; }
}

class ElapsedTime extends HTMLElement {
  connectedCallback() {
    this.started = Date.parse(this.dataset.started);
    this.quick = Number(this.dataset.quick);
    this.slow = Number(this.dataset.slow);
    this.clock = this.querySelector(".clock");
    this.draw();
    this.timer = setInterval(() => this.draw(), 200);
  }
  disconnectedCallback() { clearInterval(this.timer); }
  draw() {
    const seconds = Math.max(0, (Date.now() - this.started) / 1000);
    const end = Math.max(this.slow * 1.5, seconds * 1.15, 1);
    const [whole, tenth] = seconds.toFixed(1).split(".");
    this.clock.firstChild.nodeValue = whole;
    this.clock.querySelector("small").textContent = `.${tenth} ${this.dataset.unit}`;
    const [, band, now] = this.querySelectorAll("rect");
    band.setAttribute("x", 100 * this.quick / end);
    band.setAttribute("width", Math.max(100 * (this.slow - this.quick) / end, 1));
    now.setAttribute("width", 100 * seconds / end);
    this.querySelector(".typ-k span:last-child").textContent = end.toFixed(0);
    if (seconds > this.slow) this.querySelector(".typ-words").textContent = this.dataset.slower;
  }
}

customElements.define("live-poller", LivePoller);
customElements.define("elapsed-time", ElapsedTime);
