// One form in steps. Without script all steps stand below each other, and the form is the same.
(function () {
  "use strict";

  function begin(form) {
    const sections = [...form.querySelectorAll("[data-step]")];
    const marks = [...form.querySelectorAll(".stepper li")];
    let current = 1;
    form.querySelectorAll("button.without-script").forEach((button) => button.remove());  // Enter would press it

    function firstFault(step) {
      return [...sections[step - 1].querySelectorAll("input, select, textarea")].find((field) => !field.checkValidity());
    }
    function show(step, isFirst) {
      current = step;
      sections.forEach((section, index) => { section.hidden = index + 1 !== step; });
      marks.forEach((mark, index) => {
        mark.classList.toggle("is-done", index + 1 < step);
        number(mark.querySelector(".n"), index + 1, index + 1 < step);
        if (index + 1 === step) { mark.setAttribute("aria-current", "step"); } else { mark.removeAttribute("aria-current"); }
      });
      summarise();
      if (!isFirst) {
        const heading = sections[step - 1].querySelector("h2");
        heading.tabIndex = -1;
        heading.focus();
      }
    }
    function number(place, count, isDone) {
      const check = document.createElement("i");
      check.className = "ti ti-check";
      place.replaceChildren(isDone ? check : String(count));
    }
    function go(step) {
      for (let passed = current; passed < step; passed += 1) {
        const fault = firstFault(passed);
        if (fault) {
          show(passed, true);
          fault.reportValidity();
          return;
        }
      }
      show(step, false);
    }
    function textOf(field) {
      if (!field) { return "—"; }
      const text = field.tagName === "SELECT" ? field.selectedOptions[0].text : field.value.replace("T", " ");
      return text || "—";
    }
    function windows() {
      const value = (number, side) => form.querySelector(`[name=window_${number}_${side}]`).value;
      return [1, 2, 3].filter((number) => value(number, "begin")).map((number) => `${value(number, "begin")}–${value(number, "end")}`).join(", ");
    }
    function summarise() {
      form.querySelectorAll("[data-windows]").forEach((place) => { place.textContent = windows() || place.dataset.windows; });
      form.querySelectorAll("[data-of]").forEach((place) => { place.textContent = textOf(document.getElementById(place.dataset.of)); });
      form.querySelectorAll("[data-of-choice]").forEach((place) => {
        const chosen = form.querySelector(`input[name=${place.dataset.ofChoice}]:checked`);
        place.textContent = chosen ? chosen.closest(".choice").querySelector("b").textContent : "—";
      });
    }

    form.addEventListener("input", summarise);
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-go]");
      if (button) { go(Number(button.dataset.go)); }
    });
    document.addEventListener("click", (event) => {  // a fault that is named above leads to its field
      const link = event.target.closest(".faults a");
      const field = link && document.getElementById(link.hash.slice(1));
      const step = sections.findIndex((section) => section.contains(field));
      if (step < 0) { return; }
      event.preventDefault();
      show(step + 1, true);
      field.focus();
    });
    form.addEventListener("submit", (event) => {
      const broken = sections.findIndex((_, index) => firstFault(index + 1));
      if (broken >= 0) {
        event.preventDefault();
        event.stopImmediatePropagation();
        form.dispatchEvent(new CustomEvent("console:not-sent", { bubbles: true }));
        show(broken + 1, true);
        firstFault(broken + 1).reportValidity();
      }
    }, true);
    const refused = sections.findIndex((section) => section.querySelector(".invalid-feedback"));
    show(refused < 0 ? 1 : refused + 1, true);
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-steps]").forEach(begin));
})();
