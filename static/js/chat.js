// The page of a conversation: a slider that holds two pictures against each other, and a form that follows when the
// picture it was waiting for has come. Without this file the pictures lie side by side at the middle, and forms post.
class BeforeAfter extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector(".stage__box");
    this.range = this.querySelector("[type=range]");
    this.range?.addEventListener("input", () => this.cut());
    this.addEventListener("change", (event) => {
      if (event.target.name === "against" && event.target.value) { this.cut(); this.range.focus({ focusVisible: false }); }
    });
    // Browsers put radios back where they were before a reload, and say nothing of it.
    requestAnimationFrame(() => this.cut());
  }
  cut() { if (this.range) this.box.style.setProperty("--cut", `${this.range.value}%`); }
}
customElements.define("before-after", BeforeAfter);

// The picture is there now: it becomes image 1, and the models' controls and prices follow. What is typed stays.
document.addEventListener("place-changed", () => document.dispatchEvent(new CustomEvent("tray-refresh")));

// What comes into the tray, or is in it beside the picture that is changed, is to be seen.
const fold = () => document.getElementById("say-tray");
const openFold = () => { if (fold()) fold().open = true; };
document.addEventListener("paste", (event) => { if (event.clipboardData.files.length) openFold(); });
document.addEventListener("drop", (event) => { if (event.dataTransfer.files.length) openFold(); });
document.addEventListener("draft-save", () => { if (fold()?.querySelector("[name=references], [name=mask]")) openFold(); });

// Where one is stands at the end of a long path.
const current = document.querySelector(".turn[aria-current]");
const pane = document.getElementById("talk-pane");
if (current && pane) pane.scrollTop = current.offsetTop + current.offsetHeight - pane.offsetTop - pane.clientHeight / 2;
