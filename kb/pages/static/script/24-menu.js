// The menu lies over the page: Escape closes it, and so does whatever leaves it.
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  const leave = (target) => { if (target && !menu.contains(target)) menu.open = false; };
  menu.addEventListener("focusout", (event) => leave(event.relatedTarget));
  document.addEventListener("click", (event) => leave(event.target));
}
