// Controls that copy what they name, the text of the element that they name, or, for links, their own address.
// What was done is said beside the control and to screen readers. Without a clipboard, links stay links.
const copied = document.createElement("p");
copied.className = "hidden";
copied.setAttribute("role", "status");
document.body.append(copied);

function textToCopy(control) {
  const source = document.getElementById(control.dataset.copyFrom);
  return source ? source.textContent : control.dataset.copy ?? control.href;
}

for (const control of document.querySelectorAll("[data-copy], [data-copy-from], [data-copy-link]")) {
  if (!navigator.clipboard) continue;
  const label = control.firstElementChild ?? control;
  const text = control.dataset.copyLink ?? label.textContent;
  label.textContent = text;
  control.hidden = false;
  control.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await navigator.clipboard.writeText(textToCopy(control));
    label.textContent = copied.textContent = control.dataset.done;
    setTimeout(() => { label.textContent = text; copied.textContent = ""; }, 2000);
  });
}
