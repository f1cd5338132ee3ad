// The Import Marketing Data dialog: drop or choose a file, have it checked, and only then OK.
(function () {
  "use strict";

  const field = () => document.getElementById("import-file");

  let choices = 0;  // a check of a file or way that is not the last chosen says nothing any more

  function close(why) {
    const footer = document.getElementById("import-footer");
    const button = footer.querySelector("button.with-script, button.btn-primary:not(.without-script)");
    footer.querySelector(".said").textContent = why;
    button.setAttribute("aria-disabled", "true");
    button.classList.remove("btn-primary");
  }

  function choose(input) {
    const file = input.files[0];
    if (!file) { return; }
    if (file.size > Number(input.dataset.maxBytes)) {
      const notice = document.getElementById("file-too-large").content.cloneNode(true);
      const check = document.getElementById("import-check");
      check.querySelectorAll(":scope > .notice-error").forEach((old) => old.remove());
      check.prepend(notice);
      input.value = "";
      return;
    }
    choices += 1;
    close(document.querySelector("#import-footer .said").dataset.checking);
    // The dialog may be on the page a moment before htmx has read its attributes: then nobody hears the trigger.
    window.htmx.process(input);
    window.htmx.trigger(input, "check");
  }

  // A server's file is judged when it is there: OK works at once.
  function open(said) {
    const footer = document.getElementById("import-footer");
    const button = footer.querySelector("button.with-script, button.btn-primary:not(.without-script)");
    footer.querySelector(".said").textContent = said;
    button.removeAttribute("aria-disabled");
    button.classList.add("btn-primary");
    const tooltip = window.tabler.Tooltip.getInstance(button);
    if (tooltip) { tooltip.dispose(); }
    button.removeAttribute("title");
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches("#import-form [name=mode]")) { return; }
    const form = document.getElementById("import-form");
    const isByServer = event.target.value === "server";
    form.setAttribute("hx-target", isByServer ? "#import-server-said" : "#import-check");
    if (isByServer) {
      choices += 1;
      open(event.target.dataset.said);
      if (!document.querySelector("#import-folder table")) { form.querySelector("#import-server button[hx-get]").click(); }
    } else if (field().files.length) { choose(field()); } else { close(event.target.dataset.said); }
  });

  document.addEventListener("change", (event) => {
    if (event.target === field()) { choose(event.target); }
    // The file stays chosen when Mode, Parsing or the rule changes, and is read again as they say now.
    if (event.target.matches("#import-form [name=parsing], #import-form [name=mapping_rule]")) { choose(field()); }
  });
  document.addEventListener("rule-chosen", () => { if (field()) { choose(field()); } });

  document.addEventListener("htmx:beforeRequest", (event) => { event.detail.xhr.choice = choices; });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, xhr } = event.detail;
    if (requestConfig.elt === field() && xhr.choice !== choices) { event.detail.shouldSwap = false; }  // the next check is queued
  });

  ["dragover", "dragleave", "drop"].forEach((name) => document.addEventListener(name, (event) => {
    const place = event.target.closest && event.target.closest(".drop, .picked");
    if (!place || !field()) { return; }
    event.preventDefault();
    place.classList.toggle("is-over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) {
      field().files = event.dataTransfer.files;
      choose(field());
    }
  }));

  // A file that was refused while it was sent again is chosen anew.
  document.addEventListener("htmx:responseError", () => {
    if (field()) { document.querySelector("#import-footer .said").textContent = ""; }
  });
})();
