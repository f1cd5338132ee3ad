// Tenant Parameter, System Parameter: what was changed and not saved yet is marked, counted, and can be undone.
(function () {
  "use strict";

  function begin(form) {
    const fields = [...form.querySelectorAll("[data-saved]")];
    const bar = form.querySelector(".savebar");

    function mark(field) {
      const line = field.closest(".param");
      const isChanged = field.value.trim() !== field.dataset.saved;
      const was = line.querySelector("[data-was]");
      const text = was.querySelector("[data-text]");
      line.classList.toggle("is-changed", isChanged);
      was.hidden = !isChanged;
      const reset = line.querySelector("[data-reset]");
      if (reset) { reset.hidden = field.value.trim() === reset.dataset.reset; }
      text.textContent = text.dataset.text.replace("{value}", shown(field) || text.dataset.empty);
      return isChanged;
    }
    function shown(field) {
      const option = field.options && [...field.options].find((one) => one.value === field.dataset.saved);
      return option ? option.text : field.dataset.saved;
    }
    function refresh() {
      const count = fields.map(mark).filter(Boolean).length;
      if (!bar) { return; }
      const text = bar.querySelector("[data-changes]");
      bar.hidden = count === 0;
      text.textContent = count === 1 ? text.dataset.one : text.dataset.many.replace("{n}", count);
    }
    form.addEventListener("input", refresh);
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-undo], [data-reset]");
      if (!button) { return; }
      event.preventDefault();  // without script the server fills the default in
      const field = button.closest(".param").querySelector("[data-saved]");
      field.value = "reset" in button.dataset ? button.dataset.reset : field.dataset.saved;
      field.focus();
      refresh();
    });
    window.addEventListener("beforeunload", (event) => {
      if (bar && !bar.hidden && !form.dataset.sending) { event.preventDefault(); }
    });
    refresh();
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-parameters]").forEach(begin));
})();
