// Changes the theme without a new page. The form does the same by itself; the server keeps the choice in a cookie.
const THEMES = ["system", "light", "dark"];

function show(theme) {
  document.documentElement.dataset.theme = theme;
  for (const form of document.querySelectorAll("[data-theme-form]")) {
    const button = form.querySelector("button");
    const words = form.dataset[theme];
    button.value = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    const text = button.querySelector("span");
    if (text) text.textContent = words;
    else button.title = button.ariaLabel = words;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const theme = form.querySelector("button").value;
  const fields = new FormData(form);
  fields.set("theme", theme);
  show(theme);
  document.dispatchEvent(new CustomEvent("announce", { detail: { value: form.dataset[theme] } }));
  await fetch(form.action, { method: "POST", body: fields, redirect: "manual" }).catch(() => {});
});
