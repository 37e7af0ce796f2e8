// The composer's comforts: a draft that survives a reload, and one key for each submit. Without this file the form
// still works; the server checks everything again.
// A conversation has a draft of its own; what says where in it the form stands is the page's, never the draft's.
const PLACE = ["conversation", "step", "answer", "from"];
const SKIP = new Set(["csrfmiddlewaretoken", "submission_key", ...PLACE]);
// Elsewhere in it, words and pictures that were added are still meant; the models are those of that place.
const MEANT = /^(prompt|table|references|follow|note-.*)$/;

const form = () => document.getElementById("composer");
const KEY = form()?.dataset.draft ?? "darkroom-draft";
const BEFORE = `${KEY}-before`;
const from = () => form().elements.from?.value ?? "";
let isSaid = false;
const entries = () => [...new FormData(form())].filter(([name, value]) => !SKIP.has(name) && typeof value === "string");

function save() {
  if (isSaid) return;
  try { localStorage.setItem(KEY, JSON.stringify([...entries(), ["from", from()]])); } catch { return; } // private mode: no draft, no harm
  const note = document.getElementById("draft-note");
  if (note) note.textContent = note.dataset.saved;
}

// Before a set-up fills the form, what is in it is put aside, to be brought back. A reload asks for no set-up again.
function putAside(draft) {
  const isTyped = draft?.some(([name, value]) => name === "references" || name === "prompt" && value.trim());
  try { isTyped ? localStorage.setItem(BEFORE, JSON.stringify(draft)) : localStorage.removeItem(BEFORE); } catch { /* no draft, no harm */ }
}

function kept(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key) || "null");
    return Array.isArray(draft) ? draft : null;
  } catch { return null; }
}

function offerBack() {
  for (const offer of document.querySelectorAll("[data-draft-before]")) offer.hidden = !kept(BEFORE);
}

function restore() {
  // A set-up that was asked for in the address, or a form that came back with errors, is newer than the draft.
  const asked = new URLSearchParams(location.search);
  const isOpened = Boolean(document.getElementById("setup-opened"));
  if (isOpened) putAside(kept(KEY));
  if (asked.has("setup")) {
    const why = document.querySelector("#tray .notice--warn")?.textContent.trim(); // the draft's tray comes in its place
    if (why && !isOpened) document.addEventListener("DOMContentLoaded", () => document.dispatchEvent(new CustomEvent("toast", { detail: { text: why, level: "error" } })));
    history.replaceState(history.state, "", location.pathname);
  }
  const isAsked = asked.has("from") || asked.has("recipe") || asked.has("matrix") || isOpened || form().dataset.draft && asked.has("reference");
  if (isAsked || form().querySelector("[aria-invalid], #form-errors > *, #models-error")) return save();
  let draft = kept(KEY);
  if (!draft) return;
  if ((draft.find(([name]) => name === "from")?.[1] ?? "") !== from()) {
    draft = [...entries().filter(([name]) => !MEANT.test(name)), ...draft.filter(([name]) => MEANT.test(name))];
  }
  if (restoreTray(draft, asked.has("reference"))) return;
  const wanted = new Map();
  for (const [name, value] of draft) wanted.set(name, [...(wanted.get(name) || []), value]);
  for (const field of form().elements) {
    if (!field.name || SKIP.has(field.name)) continue;
    const values = wanted.get(field.name);
    if (field.type === "checkbox") field.checked = Boolean(values?.includes(field.value));
    else if (field.type === "radio") { if (values) field.checked = values.includes(field.value); }
    else if (values && (field.tagName !== "SELECT" || [...field.options].some((o) => o.value === values[0]))) field.value = values[0];
  }
  for (const fold of form().querySelectorAll("details")) if (!fold.id && fold.querySelector(":checked[type=checkbox]")) fold.open = true;
  // htmx begins to listen when the page is complete; modules run just before.
  document.addEventListener("DOMContentLoaded", () => document.body.dispatchEvent(new CustomEvent("draft-restored")));
}

// Pictures are drawn by the server: it gets the whole draft, and answers with the tray and the models' controls. A
// picture that the address brought along comes after those that were there.
function restoreTray(draft, isAdding) {
  const brought = isAdding ? [...form().querySelectorAll("[name=references]")].map((field) => ["references", field.value]) : [];
  const all = [...draft, ...brought];
  if (isAdding) history.replaceState(null, "", location.pathname);
  // So are the controls of a set-up with several sizes, which are other ones.
  if (!all.some(([name]) => name === "references" || name === "several")) return false;
  document.addEventListener("DOMContentLoaded", drawn(all));
  return true;
}

// What asks the server for the form as this draft has it.
function drawn(draft) {
  const values = new FormData();
  for (const [name, value] of draft) values.append(name, value);
  for (const name of PLACE) if (form().elements[name]) values.append(name, form().elements[name].value);
  values.append("act", "restore");
  const prompt = form().elements.prompt;
  prompt.value = draft.find(([name]) => name === "prompt")?.[1] ?? prompt.value;
  if (form().elements.table) form().elements.table.value = draft.find(([name]) => name === "table")?.[1] ?? "";
  const source = document.getElementById("draft-loader");
  return () => htmx.ajax("POST", document.getElementById("tray").dataset.url, { source, target: "#tray", swap: "outerHTML", values }).then(save);
}

document.addEventListener("draft-before", () => putAside(entries()));
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-draft-back]")) return;
  const before = kept(BEFORE);
  if (before) drawn(before)();
  localStorage.removeItem(BEFORE);
});

let timer = 0;
document.addEventListener("input", (event) => {
  if (event.target.form !== form()) return;
  clearTimeout(timer);
  timer = setTimeout(saveNow, 300);
});
function saveNow() {
  clearTimeout(timer);
  if (timer) save();
  timer = 0;
}
// Whoever types and leaves at once finds the last word again, too.
addEventListener("pagehide", saveNow);
document.addEventListener("change", (event) => { if (event.target.form === form()) save(); });
document.addEventListener("draft-save", save);
// A turn was taken: its words are no draft any more.
document.addEventListener("turn-taken", () => {
  isSaid = true;
  localStorage.removeItem(KEY);
});

// A price on its way when the tray redraws the form was asked for sections that are gone: it is asked for again.
let isLate = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  const asking = form()?.querySelector("[hx-post$='/estimate/']");
  if (event.detail.target.id === "tray") isLate = Boolean(asking?.classList.contains("htmx-request"));
  else if (isLate && event.detail.requestConfig.elt === asking) {
    isLate = event.detail.shouldSwap = false;
    document.body.dispatchEvent(new CustomEvent("draft-restored"));
  }
});

// A refused submit answers with the composer itself, a started one with the new run for the top of the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422 && event.detail.requestConfig.elt === form()) {
    event.detail.target = form();
    event.detail.swapOverride = "outerHTML";
  }
});
document.addEventListener("htmx:afterSwap", () => {
  offerBack();
  const wrong = form()?.querySelector("[aria-invalid]");
  if (wrong && !form().dataset.shown) { form().dataset.shown = "yes"; wrong.focus(); }
  // Asked once more: the answer is one more press of the same button.
  const sure = form()?.querySelector("#generate[name=sure]");
  if (sure && !form().dataset.shown) { form().dataset.shown = "yes"; sure.focus({ preventScroll: true }); }
});

// A new run is on top of the list. Beside the composer that is where to look; under it (on a phone) the person stays
// at the composer, whose foot links to the runs.
document.body.addEventListener("runs-changed", (event) => {
  if (event.target === form() && matchMedia("(min-width: 961px)").matches) scrollTo({ top: 0 });
});

// A prompt with variables needs its table, which lies behind a fold.
document.addEventListener("htmx:oobAfterSwap", () => {
  const fold = document.getElementById("matrix-fold");
  if (fold && !fold.open && document.querySelector("#matrix-sum[data-variables]")) fold.open = true;
});

if (form()) { restore(); offerBack(); }
