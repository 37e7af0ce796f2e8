// Keys that shorten the trip. A key presses whatever says data-shortcut="…": a link, a button, a checkbox;
// in a field it puts the cursor there. "g s" means G, then S. Single keys act only outside fields and can be turned off.
// Before a key presses anything, other modules hear the event `shortcut` {keys}; who acts on it prevents its default.
const SETTING = "darkroom.letters";
const PAUSE_MS = 1200; // between the two keys of a pair

const isTyping = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range], [type=submit], [type=button])");

let first = "";
let forget = 0;

function press(keys) {
  const named = `[data-shortcut="${CSS.escape(keys)}"]`; // what the page itself is about comes before its frame
  for (const target of [...document.querySelectorAll(`main ${named}`), ...document.querySelectorAll(named)]) {
    if (target.disabled || !target.checkVisibility?.()) continue;
    if (isTyping(target)) target.focus();
    else target.click();
    return true;
  }
  return false;
}

function submitFrom(field) {
  const form = field.form;
  if (!form) return;
  const button = form.querySelector("[data-primary]") ?? form.querySelector("[type=submit], button:not([type])");
  if (button && (button.disabled || button.ariaDisabled === "true")) return;
  form.requestSubmit(button ?? undefined);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && event.target.form) {
    event.preventDefault();
    if (!event.repeat) submitFrom(event.target);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (localStorage.getItem(SETTING) === "off" || document.querySelector(":popover-open") && event.key !== "?") return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const arrowsBelongHere = event.target.closest("[type=radio], [type=range], [role=group][tabindex]");
  if (key.startsWith("Arrow") && arrowsBelongHere) return;
  if (key === "Enter" && event.target.closest("a, button, summary")) return; // it presses what has the focus
  const pair = first ? `${first} ${key}` : "";
  clearTimeout(forget);
  const keys = pair || key;
  const asked = new CustomEvent("shortcut", { detail: { keys }, bubbles: true, cancelable: true });
  if (!event.target.dispatchEvent(asked) || press(keys)) {
    event.preventDefault();
    first = "";
  } else if (document.querySelector(`[data-shortcut^="${CSS.escape(key)} "]`)) {
    first = key;
    forget = setTimeout(() => { first = ""; }, PAUSE_MS);
  } else {
    first = "";
  }
});

const setting = document.getElementById("letters");
if (setting) {
  setting.checked = localStorage.getItem(SETTING) !== "off";
  setting.addEventListener("change", () => {
    if (setting.checked) localStorage.removeItem(SETTING);
    else localStorage.setItem(SETTING, "off");
  });
}
