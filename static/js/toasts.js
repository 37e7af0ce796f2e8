// Toasts: things already done. They leave after eight seconds, but not while somebody reads or reaches for them.
// Other modules and the server's HX-Trigger header speak through two events, which bubble to the document:
//   toast    {text, level}     shows and says a sentence
//   announce {value}           only says it, in the page's one polite live region
const STAY_MS = 8000;
const region = document.getElementById("toasts");
const pattern = document.getElementById("toast");
const announcer = document.getElementById("announcer");

function announce(text) {
  announcer.textContent = "";
  // A region says what changes in it: the same sentence twice needs the empty moment between.
  requestAnimationFrame(() => { announcer.textContent = text; });
}

function letGo(toast) {
  if (toast.dataset.level === "error" || toast.dataset.level === "warning") return;
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, STAY_MS / 4);
    else toast.remove();
  };
  setTimeout(leave, STAY_MS);
}

function toast(text, level = "success") {
  const shown = [...region.querySelectorAll(".toast__words")].some((words) => words.textContent === text);
  if (shown) return;
  const made = pattern.content.firstElementChild.cloneNode(true);
  made.dataset.level = level;
  made.querySelector(".toast__words").textContent = text;
  region.append(made);
  announce(text);
  letGo(made);
}

for (const made of region.children) letGo(made);
const waiting = [...region.querySelectorAll(".toast__words")].map((words) => words.textContent).join(" ");
if (waiting) announce(waiting);

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast")?.remove());
document.addEventListener("toast", ({ detail }) => toast(detail.text, detail.level));
document.addEventListener("announce", ({ detail }) => announce(detail.value));

// A request that somebody asked for and that failed says so. Polls keep quiet: the page that polls says it in its place.
const asked = (event) => Boolean(event.detail.requestConfig?.triggeringEvent?.isTrusted);
document.addEventListener("htmx:sendError", (event) => {
  if (asked(event)) toast(document.body.dataset.sayOffline, "error");
});
document.addEventListener("htmx:responseError", (event) => {
  if (!asked(event)) return;
  const isStale = event.detail.xhr.status === 403;
  toast(isStale ? document.body.dataset.sayStale : document.body.dataset.sayFailed, "error");
});
