// "/" goes to the search box, or to the search page; Escape leaves the box.
document.addEventListener("keydown", (event) => {
  const typedIn = event.target.closest("input, textarea, select");
  if (event.key === "Escape" && !event.defaultPrevented && typedIn?.type === "search") typedIn.blur();
  if (event.key !== "/" || typedIn || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const input = document.querySelector("input[type=search]");
  if (input) input.focus();
  else location.assign(`${document.querySelector("header nav a[href*='/search']").href}#q`);
});

if (location.hash === "#q") document.querySelector("#q")?.focus();
