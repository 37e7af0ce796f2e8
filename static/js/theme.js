// Changes the theme without a new page. The button does the same by itself; the server keeps the choice in a cookie.
const THEMES = ["system", "light", "dark"];
const BUTTONS = "button[name=theme]";

function show(theme) {
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll(BUTTONS)) {
    const words = button.dataset[theme];
    button.value = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    const text = button.querySelector("span");
    if (text) text.textContent = words;
    else button.title = button.ariaLabel = words;
  }
}

document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.matches(BUTTONS)) return;
  event.preventDefault();
  const theme = button.value;
  const fields = new FormData(event.target);
  fields.set("theme", theme);
  const words = button.dataset[theme];
  show(theme);
  document.dispatchEvent(new CustomEvent("announce", { detail: { value: words } }));
  await fetch(button.formAction, { method: "POST", body: fields, redirect: "manual" }).catch(() => {});
});
