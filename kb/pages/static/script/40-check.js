// A draft: characters are counted, Ctrl+Enter checks it, and a finding shows where it stands.
for (const area of document.querySelectorAll("textarea[data-count]")) {
  const counter = document.getElementById(area.dataset.count);
  const format = new Intl.NumberFormat(document.documentElement.lang);
  const count = () => { 
    if (counter) counter.textContent = area.value.trim() && counter.dataset.words.replace("#", format.format([...area.value].length));
  };
  area.addEventListener("input", count);
  count();
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const area = event.target.closest("textarea");
  if (area && area.form) area.form.requestSubmit();
});
// A mark whose findings all end with it does not name them: their numbers follow it.
const findingsAt = (mark) => {
  if (mark.dataset.findings) return mark.dataset.findings.split(" ");
  const numbers = [];
  for (let next = mark.nextElementSibling; next?.matches("sup"); next = next.nextElementSibling) numbers.push(next.textContent);
  return numbers;
};
for (const finding of document.querySelectorAll("[id^='finding-']")) {
  const places = [...document.querySelectorAll(".draft mark")].filter(
    (mark) => findingsAt(mark).includes(finding.id.slice("finding-".length)));
  const light = (isLit) => () => places.forEach((mark) => mark.classList.toggle("lit", isLit));
  for (const name of ["mouseenter", "focusin"]) finding.addEventListener(name, light(true));
  for (const name of ["mouseleave", "focusout"]) finding.addEventListener(name, light(false));
}
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const field of document.querySelectorAll("[data-browser-zone]")) field.value = zone ?? "";
for (const select of document.querySelectorAll("select[data-own-zone]")) {
  if (!zone) continue;
  if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone.replaceAll("_", " "), zone));
  select.value = zone;
}
