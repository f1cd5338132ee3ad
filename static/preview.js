// The preview of a message: values in, text out, SMS parts counted (GSM 03.38 or UCS-2). Values are never HTML.
(function () {
  "use strict";

  const GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const EXTENDED = "^{}\\[~]|€";
  const PLACEHOLDER = /(\$\{[^{}]*\})/;
  const isOdd = (character) => !GSM.includes(character) && !EXTENDED.includes(character);
  const codePoint = (character) => "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function namesIn(body) {
    return [...new Set([...body.matchAll(/\$\{([\w.]+)\}/gu)].map((found) => found[1]))];
  }

  // Returns {parts, units, room, odd}: how many parts, of how many characters, and which are not GSM.
  function measure(text) {
    const odd = [...new Set(Array.from(text).filter(isOdd))];
    const units = odd.length ? text.length : Array.from(text).reduce((sum, c) => sum + (EXTENDED.includes(c) ? 2 : 1), 0);
    const [one, many] = odd.length ? [70, 67] : [160, 153];
    const parts = units <= one ? 1 : Math.ceil(units / many);
    return { parts, units, room: parts === 1 ? one : parts * many, odd };
  }

  // Writes the text into the bubble, marks values and, in an SMS, what makes it Unicode; returns the text.
  function write(bubble, body, { marksOdd, marksMissing }) {
    let text = "";
    bubble.textContent = "";
    body.split(PLACEHOLDER).forEach((piece) => {
      const name = /^\$\{(.+)\}$/.exec(piece);
      const value = name ? valueOf(name[1]) : piece;
      const isMissing = name && !value;
      const shown = isMissing ? piece : value;
      text += shown;
      Array.from(shown).forEach((character) => {
        const odd = (isMissing && marksMissing) || (marksOdd && isOdd(character));
        append(bubble, character, odd ? "odd" : name ? "value" : "");
      });
    });
    return text;
  }
  function append(bubble, character, kind) {
    const last = bubble.lastChild;
    if (last && last.dataset.kind === kind) {
      last.textContent += character;
      return;
    }
    const node = document.createElement(kind ? "mark" : "span");
    node.className = kind === "odd" ? "odd" : "";
    node.dataset.kind = kind;
    node.textContent = character;
    bubble.append(node);
  }

  function showLength(box, text, isSms) {
    const length = box.querySelector("[data-length]");
    const short = box.querySelector("[data-parts-text]");
    const { parts, units, room, odd } = measure(text);
    if (short) { short.textContent = parts === 1 ? short.dataset.one : fill(short.dataset.many, { n: parts }); }
    if (!length) { return; }
    length.hidden = !isSms;
    box.querySelector("[data-parts]").textContent = parts;
    const coding = box.querySelector("[data-coding]");
    coding.textContent = odd.length ? coding.dataset.unicode : coding.dataset.gsm;
    const roomText = box.querySelector("[data-room]");
    roomText.textContent = fill(roomText.dataset.text, { units, room });
    const bar = box.querySelector("progress");
    bar.max = room;
    bar.value = units;
    const notice = box.querySelector("[data-odd]");
    const sentence = notice.querySelector("[data-text]");
    notice.hidden = !odd.length;
    sentence.textContent = fill(sentence.dataset.text, { characters: odd.slice(0, 5).map((c) => `${c} (${codePoint(c)})`).join(", ") });
  }

  // Where the text and its values come from: the recipient's fields, the template being written, or the chosen one.
  function sourceOf(box) {
    const medium = document.querySelector("select[name=medium]");
    const written = document.querySelector("textarea[name=body]");
    const chosen = document.querySelector("input[name=template]:checked");
    const body = box.dataset.body !== undefined ? box.dataset.body : written ? written.value : chosen ? chosen.dataset.body : "";
    return { body, medium: medium ? medium.value : box.dataset.medium };
  }
  function valueOf(name) {
    const field = document.querySelector(`[data-variable="${CSS.escape(name)}"]`);
    return field ? field.value || field.placeholder : "";
  }
  function draw(box) {
    const { body, medium } = sourceOf(box);
    const isSms = medium === "sms";
    const marks = { marksOdd: isSms, marksMissing: box.dataset.body !== undefined };
    showLength(box, write(box.querySelector("[data-bubble]"), body, marks), isSms);
  }
  const drawAll = () => document.querySelectorAll("[data-preview]").forEach(draw);

  // One field per variable; what was typed stays when the text changes around it.
  function fieldFor(name, id, { label, hint, fieldName, value, placeholder }) {
    const box = document.createElement("div");
    const text = document.createElement("label");
    const field = document.createElement("input");
    const help = document.createElement("div");
    Object.assign(text, { className: "form-label mono", htmlFor: id, textContent: label });
    Object.assign(field, { className: "form-control", id, value, placeholder, maxLength: 500, autocomplete: "off" });
    Object.assign(help, { className: "form-hint", id: id + "-hint", textContent: hint });
    if (fieldName) { field.name = fieldName; }
    field.dataset.variable = name;
    field.setAttribute("aria-describedby", help.id);
    box.append(text, field, help);
    return box;
  }
  function rebuild(fieldset, names, describe) {
    const holder = fieldset.querySelector("[data-fields]");
    const typed = {};
    holder.querySelectorAll("input").forEach((field) => { typed[field.dataset.variable || field.name.replace("value:", "")] = field.value; });
    holder.replaceChildren(...names.map((name, index) => fieldFor(name, "variable-" + index, { value: typed[name] || "", ...describe(name) })));
    return names.length;
  }

  function offerSamples() {
    const fieldset = document.querySelector("[data-sample-values]");
    const chosen = document.querySelector("input[name=template]:checked");
    if (!fieldset) { return; }
    const variables = chosen ? JSON.parse(chosen.dataset.defaults) : [];
    const defaults = Object.fromEntries(variables.map((variable) => [variable.name, variable.default]));
    fieldset.hidden = !rebuild(fieldset, Object.keys(defaults), (name) => ({
      label: "${" + name + "}",
      placeholder: defaults[name] || "",
      hint: defaults[name] === null ? fieldset.dataset.needed : fill(fieldset.dataset.default, { default: defaults[name] }),
    }));
  }
  function offerDefaults() {
    const fieldset = document.querySelector("[data-default-values]");
    const body = document.querySelector("textarea[name=body]");
    if (!fieldset || !body) { return; }
    const subject = document.querySelector("input[name=subject]");
    const names = namesIn((subject ? subject.value + " " : "") + body.value);
    const shown = [...fieldset.querySelectorAll("[data-variable]")].map((field) => field.dataset.variable);
    if (shown.join() === names.join() && shown.length) { return; }
    const count = rebuild(fieldset, names, (name) => ({ label: "${" + name + "}", fieldName: "value:" + name, placeholder: "", hint: fieldset.dataset.hint }));
    fieldset.querySelector("[data-no-variables]").hidden = count > 0;
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
    drawAll();
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[name=body], input[name=subject]")) { offerDefaults(); }
    drawAll();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[name=medium], [name=task_type], [name=template]")) { refresh(); }
  });
  document.addEventListener("htmx:load", refresh);
})();
