// Alt and a click on any picture, or C on one that has the focus, compares it with the current one: the one that the page
// is about, or else the last that was clicked. The first one is only held. Pictures are known by their addresses.
const LAST = "darkroom.picture";
const idIn = (address) => /\/gallery\/(\d+)\//.exec(address ?? "")?.[1];

function pictureAt(target) {
  const place = target.closest?.("a, figure, .cell, .view") ?? target;
  const images = place.matches?.("img") ? [place] : [...(place.querySelectorAll?.("img") ?? [])];
  const shown = target.matches?.("img, .view") || place.matches?.("a, .cell, .view") ? images : [];
  return shown.map((image) => idIn(image.getAttribute("src"))).find(Boolean);
}

const current = () =>
  idIn(location.pathname) ?? document.querySelector("[data-current]")?.dataset.current ?? sessionStorage.getItem(LAST);

function compareWith(id) {
  const other = current();
  sessionStorage.setItem(LAST, id);
  if (other && other !== id) location.assign(`${document.body.dataset.compare}?o=${other},${id}`);
  else document.dispatchEvent(new CustomEvent("toast", { detail: { text: document.body.dataset.sayHeld, level: "info" } }));
}

document.addEventListener("click", (event) => {
  const id = event.button === 0 && pictureAt(event.target);
  if (!id) return;
  if (!event.altKey) return sessionStorage.setItem(LAST, id);
  event.preventDefault(); // a browser would save the link
  event.stopImmediatePropagation();
  compareWith(id);
}, true);

document.addEventListener("shortcut", (event) => {
  if (event.detail.keys !== "c" || document.querySelector(".pick input:checked")) return;
  const id = event.target.matches("a, img, .view, .pick input") && pictureAt(event.target);
  if (!id) return;
  event.preventDefault();
  compareWith(id);
});
