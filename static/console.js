// What every page does in the browser. Without it every page still works, with more page loads.
(function () {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);
  const each = (root, selector, act) => root.querySelectorAll(selector).forEach(act);

  document.documentElement.classList.add("js");

  // A forbidden action stays visible and focusable, for its reason, and does nothing.
  function forbid(event) {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") { return; }
    if (event.target.closest && event.target.closest("[aria-disabled=true]")) {
      event.preventDefault();
      event.stopPropagation();
    }
  }
  document.addEventListener("click", forbid, true);
  document.addEventListener("keydown", forbid, true);

  // One press sends a form once; the button says that it is on its way.
  function setBusy(button, isBusy) {
    if (!button) { return; }
    button.setAttribute("aria-busy", isBusy ? "true" : "false");
    each(button, ".spinner-border", (spinner) => spinner.remove());
    if (isBusy && button.classList.contains("btn")) {
      const spinner = document.createElement("span");
      spinner.className = "spinner-border spinner-border-sm";
      spinner.setAttribute("aria-hidden", "true");
      button.prepend(spinner);
    }
  }
  function release(form) {
    delete form.dataset.sending;
    each(form, "[aria-busy=true]", (button) => setBusy(button, false));
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    form.dataset.sending = "yes";
    setBusy(event.submitter, true);
  }, true);
  document.addEventListener("console:not-sent", (event) => release(event.target));
  window.addEventListener("pageshow", () => each(document, "form[data-sending]", release));
  document.addEventListener("htmx:afterRequest", () => each(document, "form[data-sending]", release));

  // A request that failed is said where the user looks: in the open dialog, else above the page.
  const failures = { 403: "action-forbidden", 404: "action-gone", 503: "action-busy" };
  const isPoll = (element) => (element.getAttribute("hx-trigger") || "").includes("every ");
  function sayFailure(templateId, kind) {
    const open = document.querySelector(".modal.show .modal-body, .offcanvas.show .offcanvas-body");
    const place = open || byId("messages");
    if (!place) { return; }
    each(place, ".notice[data-failure]", (notice) => notice.remove());
    const notice = copyOf(templateId);
    notice.dataset.failure = kind;
    place.prepend(notice);
  }
  // What asks by itself says once that it is not answered, and takes it back when it is.
  function failed({ elt, xhr }, templateId) {
    if (!isPoll(elt)) {
      sayFailure(templateId, "action");
    } else if (!document.querySelector(".notice[data-failure=poll]")) {
      sayFailure(xhr.status in failures ? templateId : "poll-lost", "poll");
    }
  }
  document.addEventListener("htmx:responseError", ({ detail }) => failed(detail, failures[detail.xhr.status] || "action-failed"));
  document.addEventListener("htmx:sendError", ({ detail }) => failed(detail, "action-unreachable"));
  document.addEventListener("htmx:timeout", ({ detail }) => failed(detail, "action-unreachable"));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && isPoll(event.detail.elt)) {
      each(document, ".notice[data-failure=poll]", (notice) => notice.remove());
    }
  });

  // A session that ended answers with the sign-in page: it is shown as a page, not inside a fragment.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const address = event.detail.xhr.responseURL;
    if (address && new URL(address).pathname.startsWith("/accounts/")) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });

  // The dialog and the drawer are filled by htmx and then shown; focus goes back to what opened them.
  const surfaces = { dialog: "Modal", drawer: "Offcanvas" };
  const opener = {};
  const surface = (id) => window.tabler[surfaces[id]].getOrCreateInstance(byId(id));
  document.addEventListener("htmx:beforeRequest", (event) => {
    const id = event.detail.target.id;
    if (surfaces[id] && !byId(id).classList.contains("show")) { opener[id] = document.activeElement; }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const id = event.detail.target.id;
    if (!surfaces[id]) { return; }
    const element = byId(id);
    const content = element.firstElementChild;
    element.classList.toggle("ask", Boolean(content && content.dataset.role === "alertdialog"));
    surface(id).show();
    focusFirst(element);
  });
  function focusFirst(element) {
    const first = element.querySelector(".is-invalid") || element.querySelector("[data-first-focus]");
    if (first) { first.focus(); }
  }
  Object.keys(surfaces).forEach((id) => {
    const element = byId(id);
    if (!element) { return; }
    const kind = id === "dialog" ? "bs.modal" : "bs.offcanvas";
    let held = null;  // who is quick has gone on before it is shown whole, and must not be thrown back
    element.addEventListener("focusin", (event) => { if (event.target !== element) { held = event.target; } });
    element.addEventListener("shown." + kind, () => {
      const content = element.firstElementChild;
      element.setAttribute("role", (content && content.dataset.role) || "dialog");
      if (held && element.contains(held)) { held.focus(); } else { focusFirst(element); }
    });
    element.addEventListener("hidden." + kind, () => {
      held = null;
      element.replaceChildren();
      if (opener[id] && document.contains(opener[id])) { opener[id].focus(); }
    });
    element.addEventListener("hide." + kind, (event) => askBeforeDiscarding(event, id));
  });

  // Typed values are never thrown away without a question.
  function isTypedIn(form) {
    return Array.from(form.elements).some((field) => {
      if (field.type === "hidden" || !field.name) { return false; }
      if (field.type === "checkbox" || field.type === "radio") { return field.checked !== field.defaultChecked; }
      if (field.type === "file") { return field.files.length > 0; }
      return "defaultValue" in field && field.value !== field.defaultValue;
    });
  }
  document.addEventListener("click", (event) => {  // Cancel and Close mean it; Escape may be a slip
    const closer = event.target.closest("[data-close]");
    const shown = closer && closer.closest(".modal.show, .offcanvas.show");
    if (!shown) { return; }
    event.preventDefault();
    each(shown, "form[data-keep-typed]", (form) => { form.dataset.discarded = "yes"; });
    surface(shown.id).hide();
  });
  function askBeforeDiscarding(event, id) {
    const form = byId(id).querySelector("form[data-keep-typed]");
    if (!form || form.dataset.discarded || form.dataset.sending || !isTypedIn(form)) { return; }
    event.preventDefault();
    if (form.querySelector(".discard")) { return; }
    const question = copyOf("discard-question");
    question.querySelector("[data-keep]").addEventListener("click", () => question.remove());
    question.querySelector("[data-discard]").addEventListener("click", () => {
      form.dataset.discarded = "yes";
      surface(id).hide();
    });
    form.querySelector(".modal-footer, .offcanvas-footer").before(question);
    question.querySelector("[data-keep]").focus();
  }

  // Progress is said at 25, 50 and 75 %, not each second; its end on the page of the result, which comes in its place.
  const WATCHED = "progress-watched-at";
  let saidQuarter = 0;
  function announceProgress() {
    const bar = document.querySelector("progress[data-say]");
    if (!bar) { announceEnd(); return; }
    sessionStorage.setItem(WATCHED, location.pathname);
    const quarter = bar.max ? Math.floor((4 * bar.value) / bar.max) : 0;
    if (quarter > saidQuarter) { byId("announcer").textContent = bar.dataset.say; }
    saidQuarter = quarter;
  }

  function announceEnd() {
    const ended = document.querySelector("[data-say-end]");
    if (!ended || sessionStorage.getItem(WATCHED) !== location.pathname) { return; }
    sessionStorage.removeItem(WATCHED);
    byId("announcer").textContent = ended.innerText;
  }

  function showPassword(button) {
    const field = byId(button.dataset.showPassword);
    button.hidden = false;
    button.addEventListener("click", () => {
      const isShown = field.type === "password";
      field.type = isShown ? "text" : "password";
      button.setAttribute("aria-pressed", String(isShown));
    });
  }

  // The button beside a text that is shown once: without a clipboard the text is selected instead.
  function copyText(button) {
    const field = byId(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", () => {
      field.select();
      const done = () => { button.lastChild.textContent = button.dataset.copied; };
      if (navigator.clipboard) { navigator.clipboard.writeText(field.value).then(done, () => {}); }
    });
  }

  // What a danger button needs before it works: the number of recipients typed in.
  function requireTyped(field) {
    const button = field.form.querySelector("button.btn-danger");
    const compare = () => button.setAttribute("aria-disabled", String(field.value.replace(/\D/g, "") !== field.dataset.typeToConfirm));
    field.addEventListener("input", compare);
    compare();
  }

  function prepare(root) {
    each(root, "[data-bs-toggle=tooltip]", (element) => window.tabler.Tooltip.getOrCreateInstance(element));
    each(root, "[data-show-password]", showPassword);
    each(root, "[data-copy]", copyText);
    each(root, "[data-type-to-confirm]", requireTyped);
    each(root, "[data-submit-on-change]", (field) => field.addEventListener("change", () => field.form.requestSubmit()));
    announceProgress();
  }
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
})();
