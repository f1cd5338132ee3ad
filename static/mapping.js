// Mapping rules: the letter beside each column number, and what the chosen rule says.
(function () {
  "use strict";

  const most = 100;

  function letterOf(column) {
    const before = Math.floor((column - 1) / 26);
    return (before ? letterOf(before) : "") + String.fromCharCode(65 + ((column - 1) % 26));
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-column]")) { return; }
    const column = Number(event.target.value);
    const isColumn = Number.isInteger(column) && column >= 1 && column <= most;
    event.target.parentElement.querySelector("[data-letter]").textContent = isColumn ? letterOf(column) : "";
  });

  function sayRule() {
    const select = document.getElementById("mapping-rule");
    if (!select) { return; }
    document.getElementById("rule-says").textContent = select.selectedOptions[0].dataset.says || "";
  }
  document.addEventListener("change", (event) => { if (event.target.id === "mapping-rule") { sayRule(); } });
  document.addEventListener("htmx:load", sayRule);

  // Enter in the fields of a new rule saves the rule: it must not import the file.
  document.addEventListener("keydown", (event) => {
    const editor = event.key === "Enter" && event.target.matches("input") && event.target.closest("#rule-editor");
    if (!editor) { return; }
    event.preventDefault();
    editor.querySelector("[data-save]").click();
  });
})();
