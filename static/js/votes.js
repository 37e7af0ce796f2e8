// Voting by keyboard is in shortcuts.js; here is what is left: 0 for "none", one vote for one press, and the pictures
// of the next ballot while the names of this one are read.
document.addEventListener("keydown", (event) => {
  if (event.key !== "0" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (localStorage.getItem("darkroom.letters") === "off" || document.querySelector(":popover-open")) return;
  document.querySelector("[data-zero]")?.click();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-ballot]")) return;
  if (event.target.ariaBusy === "true") event.preventDefault();
  event.target.ariaBusy = "true";
});
addEventListener("pageshow", () => { document.querySelector("[data-ballot]")?.removeAttribute("aria-busy"); });

for (const address of document.querySelector("[data-preload]")?.dataset.preload.trim().split(/\s+/) ?? []) new Image().src = address;
