// Picking pictures by mouse, finger and keyboard, stars without a new page, and the way back to the same place.
// Everything here shortens a trip: the boxes, the buttons and the links work without it.
const HOLD_MS = 450;
const form = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll(".pick input")];
const boxOf = (cell) => cell?.querySelector(".pick input");
const cellOf = (target) => target.closest?.(".cell");

let anchor = null; // where a range begins

function pick(cell, on) {
  boxOf(cell).checked = on;
  anchor = cell;
  count();
}

function pickTo(cell, on) {
  const cells = boxes().map(cellOf);
  const [from, to] = [cells.indexOf(anchor), cells.indexOf(cell)].sort((one, other) => one - other);
  for (const each of from < 0 ? [cell] : cells.slice(from, to + 1)) boxOf(each).checked = on;
  count();
}

function count() {
  const picked = boxes().filter((box) => box.checked).length;
  const shown = document.querySelector("[data-picked]");
  if (!shown || shown.textContent === String(picked)) return;
  shown.textContent = picked;
  document.dispatchEvent(new CustomEvent("announce", { detail: { value: shown.parentElement.textContent.trim() } }));
}

document.addEventListener("click", (event) => {
  const cell = cellOf(event.target);
  const star = event.target.closest?.(".star");
  if (star) {
    event.preventDefault();
    return flip(star);
  }
  if (!cell) return;
  if (event.target.matches(".pick input")) {
    if (event.shiftKey && anchor) pickTo(cell, event.target.checked);
    else pick(cell, event.target.checked);
  } else if (event.target.closest(".frame__pic")) {
    const isForPicking = event.ctrlKey || event.metaKey || event.shiftKey || held || (isTouch && boxes().some((box) => box.checked));
    if (!isForPicking) return remember(cell);
    event.preventDefault();
    if (event.shiftKey && anchor) pickTo(cell, true);
    else if (!held) pick(cell, !boxOf(cell).checked);
    held = false;
  }
}, true);

// A finger that stays picks; from then on each tap does.
let hold = 0, held = false, isTouch = false;
document.addEventListener("pointerdown", (event) => {
  isTouch = event.pointerType === "touch";
  held = false;
  clearTimeout(hold);
  const cell = isTouch && event.target.closest(".frame__pic") && cellOf(event.target);
  if (cell) hold = setTimeout(() => { held = true; pick(cell, !boxOf(cell).checked); }, HOLD_MS);
});
for (const name of ["pointerup", "pointercancel", "scroll"]) document.addEventListener(name, () => clearTimeout(hold), { passive: true });
document.addEventListener("contextmenu", (event) => { if (isTouch && event.target.closest?.(".cell .frame__pic")) event.preventDefault(); });

// Arrows go from frame to frame, up and down to the nearest of the next row; Space picks, Enter opens.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  if (event.key === "Escape" && !document.querySelector(":popover-open") && boxes().some((box) => box.checked)) {
    form().reset();
  } else if (event.key === "a" && (event.ctrlKey || event.metaKey) && cellOf(event.target)) {
    for (const box of boxes()) box.checked = true;
    count();
  } else if (event.ctrlKey || event.metaKey || !cellOf(event.target)) {
    return;
  } else if (event.key === " " && event.target.matches(".frame__pic")) {
    if (event.shiftKey && anchor) pickTo(cellOf(event.target), true);
    else pick(cellOf(event.target), !boxOf(cellOf(event.target)).checked);
  } else if (event.key.startsWith("Arrow")) {
    const next = neighbour(cellOf(event.target), event.key);
    if (!next) return;
    next.querySelector(".frame__pic").focus();
    if (event.shiftKey) pickTo(next, true);
  } else {
    return;
  }
  event.preventDefault();
});

function neighbour(cell, key) {
  const cells = boxes().map(cellOf);
  if (key === "ArrowLeft" || key === "ArrowRight") return cells[cells.indexOf(cell) + (key === "ArrowRight" ? 1 : -1)];
  const here = cell.getBoundingClientRect(), middle = here.left + here.width / 2, isDown = key === "ArrowDown";
  let best, distance = Infinity;
  for (const other of cells) {
    const box = other.getBoundingClientRect();
    const rows = isDown ? box.top - here.bottom : here.top - box.bottom;
    if (rows < -1) continue;
    const far = rows * 10 + Math.abs(box.left + box.width / 2 - middle);
    if (far < distance) [best, distance] = [other, far];
  }
  return best;
}

document.addEventListener("reset", (event) => {
  if (event.target.id !== "selection") return;
  for (const box of boxes()) box.checked = false;
  anchor = null;
  setTimeout(count);
});

// What is sent says where the reader is, so that the page comes back there.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "selection" || !event.target.elements.at) return;
  if (scrollY > innerHeight) event.target.elements.at.value = topmost() ?? "";
});

function topmost() {
  const seen = boxes().find((box) => cellOf(box).getBoundingClientRect().bottom > innerHeight / 3);
  return seen?.value;
}

async function flip(star) {
  const body = new FormData(form());
  body.set("act", star.value);
  const answer = await fetch(form().action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (!answer?.ok) {
    const text = answer ? document.body.dataset.sayFailed : document.body.dataset.sayOffline;
    return document.dispatchEvent(new CustomEvent("toast", { detail: { text, level: "error" } }));
  }
  const isOn = star.value.startsWith("star");
  star.setAttribute("aria-pressed", isOn);
  star.value = (isOn ? "un" : "") + star.value.replace(/^un/, "");
}

// Going back shows the same pictures: where the browser did not keep the page, the server begins it here.
function remember(cell) {
  const address = new URL(location);
  address.searchParams.delete("before");
  address.searchParams.set("at", boxOf(cell).value);
  address.hash = cell.id;
  history.replaceState(history.state, "", address);
  history.scrollRestoration = "manual"; // a page that begins at the picture is shorter than the one that was left
}

addEventListener("pageshow", (event) => {
  count();
  if (!event.persisted && /^#p\d+$/.test(location.hash)) document.querySelector(location.hash)?.scrollIntoView({ block: "center" });
});
document.addEventListener("htmx:afterSwap", count);
