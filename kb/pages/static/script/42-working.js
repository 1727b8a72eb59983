// A form is not sent twice: the answer to a second click would deny what the first has done. One that takes a while
// says so on its button. Coming back to the page restores it.
for (const form of document.querySelectorAll("form[data-working], form[method=post]")) {
  const working = form.dataset.working;
  const status = document.createElement("span");
  status.className = "hidden";
  status.setAttribute("role", "status");
  if (working) form.append(status);
  let restore = null;
  form.addEventListener("submit", (event) => {
    if (restore) return event.preventDefault();
    const isSeen = event.submitter && !event.submitter.hidden;
    const button = isSeen ? event.submitter : [...form.querySelectorAll("button")].pop();
    // A file that is downloaded leaves the page as it is.
    if (button.hasAttribute("data-downloads")) return;
    const text = button.textContent;
    const timers = [
      setTimeout(() => {
        if (working) button.textContent = status.textContent = working;
        button.setAttribute("aria-disabled", "true");
      }, 300),
      // Whoever has stopped it may try again.
      setTimeout(() => restore(), (form.dataset.patience || 10) * 1000),
    ];
    restore = () => {
      timers.forEach(clearTimeout);
      if (working) button.textContent = text;
      status.textContent = "";
      button.removeAttribute("aria-disabled");
      restore = null;
    };
  });
  addEventListener("pageshow", () => { if (restore) restore(); });
}
