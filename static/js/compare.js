// Looking closely: one zoom and one place for all frames, a pair under a slider, flipped or subtracted, and a loupe; by
// mouse, finger and keyboard. The address holds the state, so a reload or a link shows the same. Without this file there
// is the grid, its table, and a form that asks the server for another view.
const STEP = 1.5, LOUPE = 3, ABOVE_FULL = 4, NEAR_PX = 28, NUDGE = 0.1, SETTLED_MS = 250;
const PAIRED = ["slider", "flip", "difference"];
const room = document.getElementById("compare");
const tools = document.getElementById("tools");
const pair = document.getElementById("pair");
const range = pair.querySelector("[type=range]");
const apart = document.getElementById("difference");
const flipButton = document.getElementById("flip");
const scale = document.getElementById("scale");
const frames = [...room.querySelectorAll(".frame")];
const frameOf = (id) => frames.find((frame) => frame.dataset.o === id);
const mode = () => tools.elements.m.value;
const isLoupe = () => mode() === "loupe";
const chosen = () => [tools.elements.a.value, tools.elements.b.value].map(frameOf);
const views = () => [...room.querySelectorAll(".view")].filter((view) => view.checkVisibility());
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const failed = (answer) => document.dispatchEvent(new CustomEvent("toast", {
  detail: { text: answer ? document.body.dataset.sayFailed : document.body.dataset.sayOffline, level: "error" },
}));
const say = (value) => document.dispatchEvent(new CustomEvent("announce", { detail: { value } }));

// --- The place: z is how far beyond the fitted size, x and y the middle of what is seen, from 0 to 1 ---
const place = { z: 1, x: 0.5, y: 0.5 };

// The zoom at which the largest picture has one point for one of the screen.
function full() {
  const box = views()[0]?.getBoundingClientRect();
  if (!box) return 1;
  const images = views().flatMap((view) => [...view.querySelectorAll("img[width]")]);
  return Math.max(1, ...images.map((image) => {
    const width = Number(image.getAttribute("width")), height = Number(image.getAttribute("height"));
    return width / Math.min(box.width, box.height * width / height);
  }));
}

function show() {
  place.z = clamp(place.z, 1, full() * ABOVE_FULL);
  const half = isLoupe() ? 0 : 0.5 / place.z;
  place.x = clamp(place.x, half, 1 - half);
  place.y = clamp(place.y, half, 1 - half);
  const z = isLoupe() ? 1 : place.z;
  const values = { z, tx: z > 1 ? 0.5 - place.x * z : 0, ty: z > 1 ? 0.5 - place.y * z : 0, lz: place.z, lx: place.x, ly: place.y };
  for (const [name, value] of Object.entries(values)) room.style.setProperty(`--${name}`, value);
  room.classList.toggle("is-zoomed", z > 1);
  const percent = Math.round(100 * place.z / full()), isFitted = place.z === 1;
  scale.textContent = isFitted ? room.dataset.sayFit.replace("#", percent) : `${percent}%`;
  settle();
}

// Whatever lies under this point (in parts of a view) stays under it.
function zoomTo(z, px = 0.5, py = 0.5) {
  const before = place.z;
  place.z = clamp(z, 1, full() * ABOVE_FULL);
  if (!isLoupe()) {
    place.x += (px - 0.5) * (1 / before - 1 / place.z);
    place.y += (py - 0.5) * (1 / before - 1 / place.z);
  }
  show();
}

function step(isIn) {
  const goal = full(), next = isIn ? place.z * STEP : place.z / STEP;
  const passes = (place.z - goal) * (next - goal) < 0 && Math.abs(place.z / goal - 1) > 0.01;
  zoomTo(passes ? goal : next); // 100% is on the way
}

const ZOOMS = { in: () => step(true), out: () => step(false), fit: () => zoomTo(isLoupe() ? LOUPE : 1), full: () => zoomTo(full()) };

// At 100%, those in sight: twelve 4K pictures are three hundred megabytes.
function loadOriginals() {
  if (place.z === 1 || place.z < full() * 0.99) return;
  for (const view of views()) {
    const box = view.getBoundingClientRect();
    if (box.right < 0 || box.left > innerWidth || box.bottom < 0 || box.top > innerHeight) continue;
    for (const image of view.querySelectorAll("img[data-original]")) loadOriginal(image);
  }
}
async function loadOriginal(image) {
  const { original } = image.dataset, whole = new Image();
  delete image.dataset.original;
  image.dataset.coming = whole.src = original;
  await whole.decode().catch(() => {});
  if (!whole.naturalWidth || image.dataset.coming !== original) return; // the small version stays, or it shows another
  image.removeAttribute("srcset");
  image.src = original;
}

// --- The pair ---
let before = [tools.elements.a.value, tools.elements.b.value];

function choosePair(first, second) {
  [tools.elements.a.value, tools.elements.b.value] = before = [first, second];
  const images = [...pair.querySelectorAll("img")].reverse(), shapes = [];
  chosen().forEach((frame, at) => {
    const source = frame.querySelector("img");
    for (const name of ["src", "srcset", "width", "height", "alt"]) {
      if (source.hasAttribute(name)) images[at].setAttribute(name, source.getAttribute(name));
      else images[at].removeAttribute(name);
    }
    copyOriginal(source, images[at]);
    shapes.push(source.getAttribute("width") / source.getAttribute("height"));
    pair.querySelectorAll(".pair__tag")[at].textContent = frame.dataset.name;
  });
  pair.style.setProperty("--ar", Math.sqrt(shapes[0] * shapes[1]));
  showDifference();
  show();
  say(chosen().map((frame) => frame.dataset.name).join(" / "));
}

function copyOriginal(from, to) {
  delete to.dataset.coming;
  if (from.dataset.original) to.dataset.original = from.dataset.original;
  else delete to.dataset.original;
}

function showDifference() {
  const ids = before.join(",");
  if (mode() !== "difference" || apart.dataset.pair === ids) return;
  apart.dataset.pair = ids;
  apart.replaceChildren(); // figures of another pair would be wrong
  htmx.ajax("GET", `${room.dataset.difference}?o=${ids}`, { target: apart }).catch(() => {}).then(() => {
    if (!apart.children.length) {
      delete apart.dataset.pair;
      return failed(navigator.onLine);
    }
    show();
    say(apart.innerText);
  });
}

function cut(percent) {
  range.value = percent;
  pair.style.setProperty("--cut", `${range.value}%`);
}
range.addEventListener("input", () => cut(range.value));

let timer = 0;
function flip(isSaid = true) {
  const isFlipped = pair.classList.toggle("is-flipped");
  flipButton.setAttribute("aria-pressed", isFlipped);
  say(chosen()[Number(isFlipped)].dataset.name);
}
function flipByItself() {
  clearInterval(timer);
  const pause = Number(document.getElementById("every").value);
  if (pause && mode() === "flip") timer = setInterval(() => { if (!document.hidden) flip(false); }, pause);
}
flipButton.addEventListener("click", () => flip());

// --- The view ---
function setMode(value) {
  tools.elements.m.value = value;
  changeMode();
}
function changeMode() {
  if (isLoupe()) addLenses();
  if (isLoupe() && place.z === 1) place.z = LOUPE;
  showDifference();
  flipByItself();
  show();
  const names = PAIRED.includes(mode()) ? chosen().map((frame) => frame.dataset.name).join(" / ") : "";
  say(`${tools.querySelector("[name=m]:checked").parentElement.textContent.trim()} ${names}`);
}
function addLenses() {
  for (const frame of frames) {
    if (frame.querySelector(".lens")) continue;
    const lens = document.createElement("span"), image = new Image(), shown = frame.querySelector("img");
    lens.className = "lens";
    lens.setAttribute("aria-hidden", "true");
    Object.assign(image, { src: shown.dataset.original ? shown.dataset.large : shown.src, alt: "", draggable: false });
    copyOriginal(shown, image);
    lens.append(image);
    shown.after(lens);
  }
}

tools.addEventListener("change", ({ target }) => {
  if (target.name === "m") return changeMode();
  if (target.name === "s") document.documentElement.dataset.surround = target.value;
  if (target.id === "every") flipByItself();
  if (target.name === "a" || target.name === "b") {
    const [first, second] = [tools.elements.a.value, tools.elements.b.value];
    choosePair(first === second && target.name === "b" ? before[1] : first, first === second && target.name === "a" ? before[0] : second);
  }
  settle();
});
tools.addEventListener("click", (event) => {
  const zoom = ZOOMS[event.target.closest("[data-zoom]")?.dataset.zoom];
  if (!zoom) return;
  zoom();
  say(scale.textContent);
});

// --- Mouse and finger ---
const inView = (event, view) => {
  const box = view.getBoundingClientRect();
  return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
};
let drag = null;
room.addEventListener("pointerdown", (event) => {
  const view = event.target.closest(".view");
  if (!view || event.button || event.altKey) return;
  const [x, y] = inView(event, view), isTouch = event.pointerType === "touch";
  const isNearCut = Math.abs(x - range.value / 100) * view.clientWidth < NEAR_PX;
  const does = mode() === "slider" && (place.z === 1 || isNearCut) ? "cut" : isLoupe() ? "loupe" : place.z > 1 ? "pan" : "";
  if (!does) return;
  drag = { view, does, x, y, at: { ...place } };
  view.setPointerCapture(event.pointerId);
  move(event);
  if (!isTouch) event.preventDefault();
});
function move(event) {
  const [x, y] = inView(event, drag.view);
  if (drag.does === "cut") return cut(100 * x);
  if (drag.does === "loupe") Object.assign(place, { x, y });
  else Object.assign(place, { x: drag.at.x - (x - drag.x) / place.z, y: drag.at.y - (y - drag.y) / place.z });
  show();
}
room.addEventListener("pointermove", (event) => {
  if (drag) return pinch ? null : move(event);
  const view = isLoupe() && event.pointerType === "mouse" && event.target.closest(".view");
  if (!view) return;
  [place.x, place.y] = inView(event, view);
  show();
});
for (const name of ["pointerup", "pointercancel"]) room.addEventListener(name, () => { drag = null; });

// A page that is being scrolled scrolls on, also where a picture comes under the mouse.
let scrolled = 0;
document.addEventListener("scroll", () => { scrolled = performance.now(); settle(); }, { passive: true, capture: true });
room.addEventListener("wheel", (event) => {
  const view = event.target.closest(".view"), isScrolling = event.deltaY > 0 || performance.now() - scrolled < SETTLED_MS;
  if (!view || !event.ctrlKey && place.z === 1 && isScrolling) return;
  event.preventDefault();
  zoomTo(place.z * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : event.ctrlKey ? 0.01 : 0.002)), ...inView(event, view));
}, { passive: false });

let pinch = null;
const apartPx = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
room.addEventListener("touchstart", (event) => {
  const view = event.target.closest(".view");
  pinch = view && event.touches.length === 2 ? { view, z: place.z, px: apartPx(event.touches) } : null;
}, { passive: true });
room.addEventListener("touchmove", (event) => {
  if (!pinch || event.touches.length !== 2) return;
  event.preventDefault();
  const [one, other] = event.touches;
  const middle = { clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
  zoomTo(pinch.z * apartPx(event.touches) / pinch.px, ...inView(middle, pinch.view));
}, { passive: false });
room.addEventListener("touchend", () => { pinch = null; });
room.addEventListener("dblclick", (event) => {
  const view = event.target.closest(".view");
  if (view) zoomTo(place.z > 1 && !isLoupe() ? 1 : full(), ...inView(event, view));
});

// --- Keys: the buttons have theirs; these mean something else here, or nothing has them ---
document.addEventListener("shortcut", (event) => {
  const { keys } = event.detail, isPaired = PAIRED.includes(mode());
  const again = { s: "slider", x: "difference", l: "loupe" }[keys] === mode();
  if (again) setMode("grid");
  else if (keys === "f" && mode() === "flip") flip();
  else if (keys === "=") step(true);
  else if (isPaired && frames[keys - 1]) {
    const id = frames[keys - 1].dataset.o;
    if (id !== before[1]) choosePair(id === before[0] ? before[1] : before[0], id);
  } else return;
  event.preventDefault();
});
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
document.addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key];
  if (!arrow || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (place.z > 1) {
    const far = isLoupe() ? NUDGE / 2 : NUDGE / place.z;
    place.x += arrow[0] * far;
    place.y += arrow[1] * far;
    show();
  } else if (mode() === "slider" && arrow[0]) cut(Number(range.value) + 2 * arrow[0]);
  else return;
  event.preventDefault();
});

// --- Picks go to the server without a new page ---
document.getElementById("picks").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target, button = event.submitter, body = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (!answer?.ok) return failed(answer);
  const isPicked = button.value.startsWith("star"), frame = frameOf(button.value.split(":")[1]);
  button.value = (isPicked ? "un" : "") + button.value.replace(/^un/, "");
  button.setAttribute("aria-pressed", isPicked);
  const words = isPicked ? room.dataset.sayPicked : room.dataset.sayPick;
  button.querySelector("[data-words]").textContent = words;
  frame.classList.toggle("picked", isPicked);
  say(`${frame.dataset.label}: ${words}`);
});

// --- At rest: the address says it, and what is looked at closely is loaded ---
let settling = 0;
function settle() {
  clearTimeout(settling);
  settling = setTimeout(() => { remember(); loadOriginals(); }, SETTLED_MS);
}
function remember() {
  const address = new URL(location), isPaired = PAIRED.includes(mode()), isMoved = place.z > 1;
  const state = {
    m: mode() === "grid" ? "" : mode(), s: tools.elements.s.value, a: isPaired ? before[0] : "", b: isPaired ? before[1] : "",
    z: isMoved ? place.z.toFixed(3) : "", x: isMoved ? place.x.toFixed(4) : "", y: isMoved ? place.y.toFixed(4) : "",
  };
  for (const [name, value] of Object.entries(state)) value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
  address.search = address.search.replaceAll("%2C", ",");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}

const told = new URLSearchParams(location.search);
for (const name of ["z", "x", "y"]) if (Number(told.get(name)) > 0) place[name] = Number(told.get(name));
if (isLoupe()) addLenses();
if (isLoupe() && place.z === 1) place.z = LOUPE;
show();
addEventListener("resize", show);
