// What pages do better with a script: they all work without it.
"use strict";

// Suggestions below a search box, by arrow keys or mouse.
for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${input.id}-suggestions`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  const box = document.createElement("div");
  box.className = "suggesting";
  input.replaceWith(box);
  box.append(input, list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  let timer = 0;
  let chosen = -1;

  const show = (items) => {
    list.replaceChildren(...items.map((item, number) => {
      const entry = document.createElement("li");
      entry.id = `${list.id}-${number}`;
      entry.setAttribute("role", "option");
      const link = document.createElement("a");
      link.href = item.url;
      link.dir = item.direction;
      link.tabIndex = -1;
      link.textContent = item.text;
      entry.append(link);
      return entry;
    }));
    chosen = -1;
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (number) => {
    const entries = list.children;
    if (entries.length === 0) return;
    chosen = (number + entries.length) % entries.length;
    [...entries].forEach((entry, place) => entry.setAttribute("aria-selected", String(place === chosen)));
    input.setAttribute("aria-activedescendant", entries[chosen].id);
  };
  const ask = async () => {
    const text = input.value.trim();
    if (text.length < 2) return show([]);
    const address = new URL(input.dataset.suggest, location.href);
    address.searchParams.set("q", text);
    const answer = await fetch(address);
    if (answer.ok && text === input.value.trim()) show(await answer.json());
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(() => show([])), 150);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Escape" && !list.hidden) show([]);
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].firstChild.href);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(() => show([]), 200));
}
