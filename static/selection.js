// Ticked recipients: the bar above the table says how many, and its button says what it will do.
(function () {
  "use strict";

  const boxes = () => [...document.querySelectorAll("input[name=recipient][form=selection]")];
  const fill = (text, n) => text.replace("{n}", n);

  function refresh() {
    const form = document.getElementById("selection");
    const bar = form && form.querySelector(".bulkbar");
    if (!bar) { return; }
    const all = form.elements.all_found.value !== "";
    const ticked = boxes().filter((box) => box.checked);
    const count = all ? Number(bar.dataset.found) : ticked.length;
    const shown = all ? bar.dataset.foundText : String(count);
    bar.hidden = count === 0;
    bar.querySelector("[data-selected]").textContent = fill(bar.querySelector("[data-selected]").dataset.text, shown);
    const label = bar.querySelector("[data-delete-label]");
    label.textContent = count === 1 ? label.dataset.one : fill(label.dataset.many, shown);
    boxes().forEach((box) => box.closest("tr").classList.toggle("is-picked", box.checked));
    const page = document.querySelector("[data-select-page]");
    if (page) {
      page.checked = ticked.length > 0 && ticked.length === boxes().length;
      page.indeterminate = ticked.length > 0 && !page.checked;
    }
  }
  function tick(isTicked, allFound) {
    boxes().forEach((box) => { box.checked = isTicked; });
    document.getElementById("selection").elements.all_found.value = allFound ? "yes" : "";
    refresh();
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-page]")) { tick(event.target.checked, false); }
    if (event.target.matches("input[name=recipient]")) {
      document.getElementById("selection").elements.all_found.value = "";
      refresh();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-select-found]")) { tick(true, true); }
    if (event.target.closest("[data-select-none]")) { tick(false, false); }
  });
  document.addEventListener("htmx:load", refresh);
})();
