// The reference tray's comforts: files that are dropped, pasted, chosen or photographed come with their progress; tiles
// are dragged; names go into the prompt. Every act is the server's: it draws the tray anew, and what hangs on it.
const id = (name) => document.getElementById(name);
const form = () => id("composer");
const tray = () => id("tray");
const say = (text, level = "error") => document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));
const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const isText = (element) => element.matches("textarea, input:not([type]), input[type=text]");

// -- Acts, one after another: each starts from the tray that the one before left --------------------------------------
let turn = Promise.resolve();
let promptSent = "";

function act(value, isMeant = true, more = {}) {
  turn = turn.then(async () => {
    promptSent = id("prompt").value;
    if (value.startsWith("setup")) document.dispatchEvent(new CustomEvent("draft-before"));
    const focused = document.activeElement?.closest?.(".ref")?.dataset.upload;
    await htmx.ajax("POST", tray().dataset.url, { source: tray(), target: "#tray", swap: "outerHTML", values: { ...more, act: value } });
    keepFocus(focused);
    if (isMeant) document.dispatchEvent(new CustomEvent("draft-save"));
  }).catch(() => {});
  return turn;
}

// The button that was pressed may be disabled now (first, last), or gone with its tile.
function keepFocus(upload) {
  if (!upload || document.activeElement && document.activeElement !== document.body) return;
  const tile = tray().querySelector(`[data-upload="${CSS.escape(upload)}"]`);
  (tile ?? tray()).querySelector(".ref__move button:not([disabled]), .ref__file")?.focus();
}

// What the tray hangs on has changed without an act: it is drawn anew as it is. Nobody asked for that, so what somebody
// chooses until the answer is there is chosen again in it.
document.addEventListener("tray-refresh", async () => {
  const chosen = new Map();
  const note = ({ target }) => {
    if (target.form !== form() || target.id === "prompt" || !target.name) return;
    chosen.set(target.type === "checkbox" ? `${target.name}=${target.value}` : target.name, target);
  };
  document.addEventListener("change", note);
  await act("restore", false);
  document.removeEventListener("change", note);
  for (const { name, type, value, checked } of chosen.values()) {
    const isChoice = type === "checkbox" || type === "radio";
    const field = [...form().elements].find((one) => one.name === name && (!isChoice || one.value === value));
    if (!field) continue;
    if (isChoice) field.checked = checked;
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// Numbers followed their pictures, or notes were written. Whoever typed on meanwhile keeps their own words.
document.addEventListener("prompt-written", ({ detail }) => {
  const prompt = id("prompt");
  if (prompt.value === promptSent || prompt.value.trim() === promptSent.trim()) prompt.value = detail.prompt;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=act], [data-act]:not(input)");
  if (button && (tray().contains(button) || button.closest("#picker"))) {
    if (button.value === "add" || button.value === "mask-file") return;
    event.preventDefault();
    if (button.dataset.act) button.setAttribute("aria-pressed", "true");
    act(button.dataset.act ?? button.value);
  }
});
document.addEventListener("submit", (event) => {
  const output = event.target.dataset?.use;
  if (!output || !tray()) return;
  event.preventDefault();
  act(`use:${output}`);
}, true);
document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-act]")) act(event.target.dataset.act);
  if (event.target.matches(".ref__file")) {
    bring([...event.target.files]);
    event.target.value = "";
  }
});

// -- Files ------------------------------------------------------------------------------------------------------------
let arrivals = Promise.resolve();
const lanes = [Promise.resolve(), Promise.resolve()];

// A set-up as a document: it can only be meant as one, and is opened at once.
const isDocument = (file) => /\.json$/i.test(file.name);
const LARGEST_DOCUMENT = 200_000;

async function open(file) {
  if (file.size > LARGEST_DOCUMENT) return say(id("coming").dataset.sayNoSetup.replace("%(name)s", file.name));
  const setup = await file.text();
  act("setup", true, { setup });
}

function bring(files) {
  for (const file of files) {
    if (isDocument(file)) { open(file); continue; }
    const coming = id("coming");
    const words = (key) => coming.dataset[key].replace("%(name)s", file.name);
    if (file.size > Number(coming.dataset.most)) { say(words("sayLarge")); continue; }
    const tile = id("coming-tile").content.firstElementChild.cloneNode(true);
    tile.querySelector(".hint").textContent = file.name;
    tile.querySelector("progress").setAttribute("aria-label", file.name);
    coming.append(tile);
    const lane = lanes.shift();
    const sent = lane.then(() => send(file, tile, words));
    lanes.push(sent);
    // Whichever is quicker: they stand in the tray in the order in which they were chosen.
    arrivals = arrivals.then(() => sent).then(async (upload) => {
      if (upload) await act(`take:${upload}`);
      tile.remove();
    });
  }
}

function send(file, tile, words) {
  if (tile.dataset.cancelled) return Promise.resolve(0);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const data = new FormData();
    data.append("file", file);
    request.upload.addEventListener("progress", (event) => { tile.querySelector("progress").value = event.loaded / event.total; });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a page instead of an answer */ }
      if (!answer.id) say(answer.error ?? words("sayLost"));
      resolve(answer.id ?? 0);
    });
    request.addEventListener("error", () => { say(words("sayLost")); resolve(0); });
    request.addEventListener("abort", () => resolve(0));
    tile.addEventListener("cancel-upload", () => request.abort());
    request.open("POST", form().dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", token());
    request.send(data);
  });
}

document.addEventListener("click", (event) => {
  const tile = event.target.closest("button")?.closest(".ref--coming");
  if (!tile) return;
  tile.dataset.cancelled = "yes";
  tile.hidden = true;
  tile.dispatchEvent(new CustomEvent("cancel-upload"));
});

document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length) return;
  event.preventDefault();
  bring(files);
});

// -- Dragging: files and pictures of the page come in, tiles change places ------------------------------------------------
const TILE = "application/x-darkroom-tile";
const has = (event, type) => event.dataTransfer.types.includes(type);

function mark(element) {
  for (const marked of document.querySelectorAll(".is-over")) if (marked !== element) marked.classList.remove("is-over");
  element?.classList.add("is-over");
}

document.addEventListener("dragstart", (event) => {
  const tile = event.target.closest?.(".ref[data-upload]");
  if (!tile) return;
  event.dataTransfer.setData(TILE, tile.dataset.upload);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const inside = form()?.contains(event.target);
  if (has(event, TILE)) {
    const over = event.target.closest(".ref[data-upload]");
    if (!over) return mark(null);
    event.preventDefault();
    mark(over);
  } else if (has(event, "Files") || inside && has(event, "text/uri-list")) {
    event.preventDefault();
    mark(form());
  }
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
document.addEventListener("dragend", () => mark(null));
document.addEventListener("drop", (event) => {
  mark(null);
  if (has(event, TILE)) {
    const over = event.target.closest(".ref[data-upload]");
    if (!over) return;
    event.preventDefault();
    act(`move:${event.dataTransfer.getData(TILE)}:${over.dataset.number}`);
  } else if (event.dataTransfer.files.length) {
    event.preventDefault();
    bring([...event.dataTransfer.files]);
  } else if (form()?.contains(event.target)) {
    const output = /\/gallery\/(\d+)\//.exec(event.dataTransfer.getData("text/uri-list"));
    if (!output) return;
    event.preventDefault();
    act(`use:${output[1]}`);
  }
});

// -- Keys and names --------------------------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const tile = event.target.closest?.(".ref[data-upload]");
  if (!tile) return;
  if (event.key === "Enter" && event.target.matches(".ref__note")) return event.preventDefault();
  if (!event.shiftKey || isText(event.target)) return;
  const verb = { ArrowLeft: "earlier", ArrowRight: "later" }[event.key];
  if (!verb) return;
  event.preventDefault();
  act(`${verb}:${tile.dataset.upload}`);
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest(".ref__chip");
  if (!chip) return;
  const prompt = id("prompt");
  const isChinese = /[\u3400-\u9fff]/.test(prompt.value) || !prompt.value && document.documentElement.lang.startsWith("zh");
  const name = isChinese ? chip.dataset.chinese : chip.dataset.english;
  const before = prompt.value.slice(0, prompt.selectionStart);
  const gap = isChinese || !before || /\s$/.test(before) ? "" : " ";
  prompt.setRangeText(gap + name, prompt.selectionStart, prompt.selectionEnd, "end");
  prompt.focus();
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
});

// -- What opens over the composer ---------------------------------------------------------------------------------------
async function openPicker(address) {
  await htmx.ajax("GET", address, { target: "#picks" });
  id("picker").showModal();
}

async function openPainter(address) {
  const dialog = id("painter");
  if (!dialog.dataset.loaded) {
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: dialog.dataset.style });
    document.head.append(style);
    dialog.dataset.loaded = "yes";
  }
  await Promise.all([import(dialog.dataset.script), htmx.ajax("GET", address, { target: "#painter" })]);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-pick], [data-painter]");
  if (opener) {
    event.preventDefault();
    if (opener.dataset.pick) openPicker(opener.dataset.pick);
    else openPainter(opener.dataset.painter);
  }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});
document.addEventListener("mask-saved", ({ detail }) => {
  id("painter").close();
  act(`mask:${detail.id}`);
});
