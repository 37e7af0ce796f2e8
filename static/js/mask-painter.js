// <mask-painter>: paints which part of a picture may change, and saves it as the PNG that is sent. Mouse, touch (two
// fingers move and zoom), pen, and numbers for those who don't draw. How bits are set is mask-bits.js.
const UNDO_STEPS = 60;
const TOOLS = { b: "brush", e: "eraser", r: "rectangle", l: "lasso", f: "fill" };
const HATCH = 12;

class MaskPainter extends HTMLElement {
  async connectedCallback() {
    const { Bits } = await import(this.dataset.bits);
    if (!this.isConnected) return;
    this.bits = new Bits(Number(this.dataset.width), Number(this.dataset.height));
    this.canvas = this.querySelector("canvas");
    this.brush = this.canvas.getContext("2d", { willReadFrequently: true });
    this.stage = this.querySelector(".paint__stage");
    this.sheet = this.querySelector(".paint__sheet");
    this.tool = "brush";
    this.done = [];
    this.undone = [];
    this.pointers = new Map();
    this.listen();
    // It is filled before its dialog opens: the picture is fitted in when there is room, and when the room changes.
    this.room = new ResizeObserver(() => this.fit());
    this.room.observe(this.stage);
    this.size.value = Math.round(Math.max(this.bits.width, this.bits.height) / 16);
    if (this.dataset.mask) await this.load(this.dataset.mask);
    this.isChanged = false;
    this.dataset.ready = "yes";
  }

  disconnectedCallback() { this.room?.disconnect(); }

  get size() { return this.querySelector("[name=brush-size]"); }
  get dialog() { return this.closest("dialog"); }

  listen() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-do]");
      if (button) this.doIt(button.dataset.do, button.dataset.value);
    });
    this.addEventListener("change", (event) => {
      if (event.target.name === "tool") this.pick(event.target.value);
      if (event.target.type === "file" && event.target.files[0]) this.load(URL.createObjectURL(event.target.files[0])).then(() => { event.target.value = ""; });
    });
    this.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, (event) => this[name](event));
    }
    this.stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.zoomTo(this.zoom * Math.exp(-event.deltaY / 300), event.clientX, event.clientY);
    }, { passive: false });
    // Nothing painted is thrown away by one key.
    this.dialog?.addEventListener("cancel", (event) => {
      if (this.line) { event.preventDefault(); this.line = null; this.draw(); return; }
      if (!this.isChanged || this.isWarned || !this.isConnected) return;
      event.preventDefault();
      this.isWarned = true;
      this.say(this.dataset.sayLeave);
    });
  }

  doIt(verb, value) {
    if (verb === "earlier") return this.load(value);
    if (verb === "zoom") return value === "fit" ? this.fit() : this.zoomTo(this.zoom * Number(value));
    if (verb === "numbers") return this.numbers(Number(value));
    if (verb === "undo" || verb === "redo") return this.step(verb);
    if (verb === "save") return this.save();
    return this.change(() => {
      if (verb === "invert") return this.bits.invert();
      return this.bits.rectangle(0, 0, this.bits.width, this.bits.height, verb === "all" ? 1 : 0);
    });
  }

  key(event) {
    if (event.target.matches("input:not([type=radio], [type=range])")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    const plain = { i: ["invert"], "+": ["zoom", "1.5"], "=": ["zoom", "1.5"], "-": ["zoom", "0.667"], 0: ["zoom", "fit"] };
    if (isCommand && key === "z") this.step(event.shiftKey ? "redo" : "undo");
    else if (isCommand && key === "y") this.step("redo");
    else if (isCommand || event.altKey) return;
    else if (TOOLS[key]) this.pick(TOOLS[key]);
    else if (key === "[" || key === "]") this.size.value = Number(this.size.value) * (key === "[" ? 0.8 : 1.25);
    else if (plain[key]) this.doIt(...plain[key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  pick(tool) {
    this.tool = tool;
    this.querySelector(`[name=tool][value=${tool}]`).checked = true;
  }

  // -- Changing bits: each change remembers the box that it touched, as it was before -----------------------------------
  change(act) {
    const before = this.bits.data.slice();
    this.finish(before, act());
  }

  finish(before, [left, top, right, bottom]) {
    if (right <= left || bottom <= top) return;
    this.done.push({ box: [left, top, right, bottom], rows: this.cut(before, left, top, right, bottom) });
    if (this.done.length > UNDO_STEPS) this.done.shift();
    this.undone = [];
    this.touched([left, top, right, bottom]);
  }

  cut(data, left, top, right, bottom) {
    const rows = [];
    for (let y = top; y < bottom; y += 1) rows.push(data.slice(y * this.bits.width + left, y * this.bits.width + right));
    return rows;
  }

  step(verb) {
    const [from, to] = verb === "undo" ? [this.done, this.undone] : [this.undone, this.done];
    const change = from.pop();
    if (!change) return;
    const { box, rows } = change;
    to.push({ box, rows: this.cut(this.bits.data, ...box) });
    rows.forEach((row, n) => this.bits.data.set(row, (box[1] + n) * this.bits.width + box[0]));
    this.touched(box);
  }

  touched(box) {
    this.isChanged = true;
    this.isWarned = false;
    this.draw(box);
    const percent = this.bits.share * 100;
    const said = percent && percent < 1 ? percent.toFixed(1) : percent.toFixed(0);
    this.querySelector(".paint__share").textContent = this.dataset.sayShare.replace("%(percent)s", said);
    for (const [verb, steps] of [["undo", this.done], ["redo", this.undone]]) this.querySelector(`[data-do=${verb}]`).disabled = !steps.length;
    this.querySelector("[data-do=save]").disabled = !percent;
    this.say("");
  }

  numbers(bit) {
    const [left, top, width, height] = ["left", "top", "width", "height"].map((name) => Number(this.querySelector(`[name=box-${name}]`).value));
    if (!(width > 0 && height > 0)) return this.say(this.dataset.sayBox);
    this.change(() => this.bits.rectangle(left, top, width, height, bit));
  }

  async load(address) {
    const image = new Image();
    image.src = address;
    try { await image.decode(); } catch { return this.say(this.dataset.sayUnreadable); }
    const { width, height } = this.bits;
    if (Math.abs((image.naturalHeight * width) / image.naturalWidth - height) > 1) return this.say(this.dataset.sayShape);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(image, 0, 0, width, height);
    this.change(() => this.bits.read(context.getImageData(0, 0, width, height).data));
  }

  // -- Pointers -----------------------------------------------------------------------------------------------------------
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * this.bits.width) / box.width, ((event.clientY - box.top) * this.bits.height) / box.height];
  }

  get bit() { return this.tool === "eraser" ? 0 : 1; }

  pointerdown(event) {
    if (event.button > 1) return;
    this.canvas.setPointerCapture?.(event.pointerId);
    this.pointers.set(event.pointerId, event);
    if (event.pointerType === "pen") this.hasPen = true;
    this.isPanning = event.button === 1 || this.pointers.size > 1 || (this.hasPen && event.pointerType === "touch");
    if (this.isPanning) return this.abandon();
    event.preventDefault();
    const [x, y] = this.at(event);
    if (this.tool === "fill") return this.change(() => this.bits.fill(x, y, 1));
    this.before = this.bits.data.slice();
    this.box = [this.bits.width, this.bits.height, 0, 0];
    this.line = [[x, y]];
    if (this.tool === "brush" || this.tool === "eraser") this.paint(x, y, x, y);
  }

  pointermove(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    if (this.isPanning) this.pan(event, last);
    this.pointers.set(event.pointerId, event);
    if (this.isPanning || !this.line) return;
    for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const [x, y] = this.at(each);
      if (this.tool === "brush" || this.tool === "eraser") this.paint(...this.line[0], x, y);
      if (this.tool === "lasso") this.line.push([x, y]);
      else this.line[this.tool === "rectangle" ? 1 : 0] = [x, y];
    }
    if (this.tool === "lasso" || this.tool === "rectangle") this.draw();
  }

  paint(...points) {
    const touched = this.bits.stroke(...points, Math.max(0.5, Number(this.size.value) / 2), this.bit);
    this.box = [Math.min(this.box[0], touched[0]), Math.min(this.box[1], touched[1]), Math.max(this.box[2], touched[2]), Math.max(this.box[3], touched[3])];
    this.draw(touched);
  }

  pointerup(event) {
    this.pointers.delete(event.pointerId);
    const [line, tool] = [this.line, this.tool];
    if (this.isPanning || !line) { this.isPanning = this.pointers.size > 0; return; }
    this.line = null;
    if (tool === "rectangle" && line[1]) {
      const [[x0, y0], [x1, y1]] = line;
      this.box = this.bits.rectangle(Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
    } else if (tool === "lasso" && line.length > 2) this.box = this.bits.polygon(line, 1);
    this.draw();
    this.finish(this.before, this.box);
  }

  pointercancel(event) {
    this.pointers.delete(event.pointerId);
    this.abandon();
  }

  // A second finger means moving, not painting: what the first one painted meanwhile goes again.
  abandon() {
    if (this.line && this.before) this.bits.data.set(this.before);
    this.line = null;
    this.draw();
  }

  pan(event, last) {
    const others = [...this.pointers.values()].filter((each) => each.pointerId !== event.pointerId);
    if (others.length) {
      const apart = (each) => Math.hypot(each.clientX - others[0].clientX, each.clientY - others[0].clientY);
      if (apart(last) > 0) this.zoomTo((this.zoom * apart(event)) / apart(last), event.clientX, event.clientY);
    }
    this.stage.scrollBy(last.clientX - event.clientX, last.clientY - event.clientY);
  }

  // -- What is seen -------------------------------------------------------------------------------------------------------
  fit() {
    const room = this.stage.getBoundingClientRect();
    if (room.width) this.zoomTo(Math.min((room.width - 16) / this.bits.width, (room.height - 16) / this.bits.height, 4));
  }

  zoomTo(zoom, x, y) {
    const room = this.stage.getBoundingClientRect();
    const [overX, overY] = [(x ?? room.left + room.width / 2) - room.left, (y ?? room.top + room.height / 2) - room.top];
    const ratio = Math.max(0.05, Math.min(16, zoom)) / (this.zoom ?? 1);
    const [left, top] = [this.stage.scrollLeft, this.stage.scrollTop];
    this.zoom = (this.zoom ?? 1) * ratio;
    this.sheet.style.setProperty("inline-size", `${this.bits.width * this.zoom}px`);
    this.stage.scrollTo((left + overX) * ratio - overX, (top + overY) * ratio - overY);
    this.draw();
  }

  // Yellow hatch with a dark and a yellow edge; only the box that changed is drawn anew.
  draw(box = [0, 0, this.bits.width, this.bits.height]) {
    const { width, height, data } = this.bits;
    const edge = Math.max(1, Math.round(1.5 / (this.zoom ?? 1)));
    const stripe = Math.max(3, Math.round(HATCH / (this.zoom ?? 1)));
    const [left, top, right, bottom] = this.bits.clip(box[0] - 2 * edge, box[1] - 2 * edge, box[2] + 2 * edge, box[3] + 2 * edge);
    if (right <= left || bottom <= top) return;
    const image = this.brush.createImageData(right - left, bottom - top);
    const out = new Uint32Array(image.data.buffer);
    const near = (x, y, by) =>
      !(x >= by && data[y * width + x - by]) || !(x + by < width && data[y * width + x + by]) ||
      !(y >= by && data[(y - by) * width + x]) || !(y + by < height && data[(y + by) * width + x]);
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        if (!data[y * width + x]) continue;
        let colour = (x + y) % stripe < stripe / 3 ? 0xd91fc8ff : 0x591fc8ff;
        if (near(x, y, edge)) colour = 0xff141414;
        else if (near(x, y, 2 * edge)) colour = 0xff1fc8ff;
        out[(y - top) * (right - left) + x - left] = colour;
      }
    }
    this.brush.putImageData(image, left, top);
    if (this.line && this.tool !== "brush" && this.tool !== "eraser") this.drawLine(edge);
  }

  drawLine(edge) {
    const path = new Path2D();
    if (this.tool === "rectangle" && this.line[1]) {
      const [[x0, y0], [x1, y1]] = this.line;
      path.rect(x0, y0, x1 - x0, y1 - y0);
    } else if (this.tool === "lasso") {
      this.line.forEach(([x, y], n) => n ? path.lineTo(x, y) : path.moveTo(x, y));
      path.closePath();
    }
    for (const [colour, wide] of [["#141414", 3], ["#ffc81f", 1.5]]) {
      Object.assign(this.brush, { strokeStyle: colour, lineWidth: wide * edge });
      this.brush.stroke(path);
    }
  }

  say(text) { this.querySelector(".paint__said").textContent = text; }

  // -- Saving -------------------------------------------------------------------------------------------------------------
  async save() {
    const button = this.querySelector("[data-do=save]");
    if (button.disabled) return;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await this.send();
      if (!answer.id) return this.say(answer.error);
      this.isChanged = false;
      this.dispatchEvent(new CustomEvent("mask-saved", { bubbles: true, detail: { id: answer.id } }));
    } catch {
      this.say(this.dataset.sayLost);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }

  async send() {
    const canvas = new OffscreenCanvas(this.bits.width, this.bits.height);
    const context = canvas.getContext("2d");
    const image = context.createImageData(this.bits.width, this.bits.height);
    this.bits.write(image.data);
    context.putImageData(image, 0, 0);
    const body = new FormData();
    body.append("mask", await canvas.convertToBlob({ type: "image/png" }), "mask.png");
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    const answer = await fetch(this.dataset.save, { method: "POST", body, headers });
    return answer.json();
  }
}

customElements.get("mask-painter") ?? customElements.define("mask-painter", MaskPainter);
