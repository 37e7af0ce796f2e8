// Buttons with data-copy="id" copy the text of that element. Where the browser has no clipboard, they select it.
const SHOW_MS = 2000;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source);
    return;
  }
  const words = button.querySelector("span");
  const before = words.textContent;
  words.textContent = button.dataset.done;
  document.dispatchEvent(new CustomEvent("announce", { detail: { value: button.dataset.done } }));
  setTimeout(() => { words.textContent = before; }, SHOW_MS);
});
