// The fields beside a message's preview: one for each of its variables. The server makes the preview itself.
(function () {
  "use strict";

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // One field per variable; what was typed stays when the text changes around it.
  function fieldFor(id, { label, hint, fieldName, value, placeholder }) {
    const box = document.createElement("div");
    const text = document.createElement("label");
    const field = document.createElement("input");
    const help = document.createElement("div");
    Object.assign(text, { className: "form-label mono", htmlFor: id, textContent: label });
    Object.assign(field, { className: "form-control", id, name: fieldName, value, placeholder, maxLength: 500, autocomplete: "off" });
    Object.assign(help, { className: "form-hint", id: id + "-hint", textContent: hint });
    field.setAttribute("aria-describedby", help.id);
    box.append(text, field, help);
    return box;
  }
  function rebuild(fieldset, prefix, names, describe) {
    const holder = fieldset.querySelector("[data-fields]");
    const fields = [...holder.querySelectorAll("input")];
    const wanted = names.map((name) => prefix + name);
    if (fields.map((field) => field.name).join("\n") === wanted.join("\n")) { return; }
    const typed = (fieldset.typed = fieldset.typed || {});  // also of a variable that is gone: it may come back
    fields.forEach((field) => { typed[field.name] = field.value; });
    holder.replaceChildren(...names.map((name, index) => fieldFor("variable-" + index, {
      label: "${" + name + "}", fieldName: prefix + name, value: typed[prefix + name] || "", ...describe(name),
    })));
  }

  function offerSamples() {
    const fieldset = document.querySelector("[data-sample-values]");
    const chosen = document.querySelector("input[name=template]:checked");
    if (!fieldset) { return; }
    const variables = chosen ? JSON.parse(chosen.dataset.defaults) : [];
    const defaults = Object.fromEntries(variables.map((variable) => [variable.name, variable.default]));
    fieldset.hidden = !variables.length;
    rebuild(fieldset, "sample:", Object.keys(defaults), (name) => ({
      placeholder: defaults[name] || "",
      hint: defaults[name] === null ? fieldset.dataset.needed : fill(fieldset.dataset.default, { default: defaults[name] }),
    }));
  }
  // The server found the variables of the text; while they are written wrong, the fields stay as they are.
  function offerDefaults() {
    const fieldset = document.querySelector("[data-default-values]");
    const found = document.querySelector("#preview [data-variables]");
    if (!fieldset || !found || "isFaulty" in found.dataset) { return; }
    const names = JSON.parse(found.dataset.variables);
    rebuild(fieldset, "value:", names, () => ({ placeholder: "", hint: fieldset.dataset.hint }));
    fieldset.querySelector("[data-no-variables]").hidden = names.length > 0;
  }

  // Only the templates of the chosen medium can be chosen.
  function showChoices() {
    const medium = document.querySelector("select[name=medium]");
    const choices = document.querySelectorAll("[data-choices] .choice");
    if (!medium || !choices.length) { return; }
    let shown = 0;
    choices.forEach((choice) => {
      choice.hidden = choice.dataset.medium !== medium.value;
      shown += choice.hidden ? 0 : 1;
      const radio = choice.querySelector("input");
      if (choice.hidden && radio.checked) { radio.checked = false; }
    });
    document.querySelector("[data-no-choice]").hidden = shown > 0;
  }
  function showDependents() {
    const values = ["medium", "task_type"].map((name) => document.querySelector(`select[name=${name}]`)).filter(Boolean).map((select) => select.value);
    document.querySelectorAll("[data-shown-for]").forEach((part) => {
      part.hidden = !values.includes(part.dataset.shownFor);
      const field = part.querySelector("select");
      if (part.hidden && field) { field.value = ""; }
    });
  }

  function refresh() {
    showDependents();
    showChoices();
    offerSamples();
    offerDefaults();
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[name=medium], [name=task_type], [name=template]")) { refresh(); }
  });
  document.addEventListener("htmx:load", refresh);
})();
