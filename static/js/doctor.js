// The sum of what is ticked, before the click. Without this file each price stands beside its question.
const form = document.getElementById("doctor");
const total = document.getElementById("doctor-total");

function add() {
  const ticked = [...form.querySelectorAll("input[data-price]:checked")];
  const sum = ticked.reduce((before, box) => before + Number(box.dataset.price), 0);
  total.textContent = total.dataset.words.replace("{sum}", sum.toFixed(3)).replace("{count}", ticked.length);
}

if (form) {
  form.addEventListener("change", add);
  add();
}
