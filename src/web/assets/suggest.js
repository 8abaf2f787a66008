// Names as one types, in a list box that the keyboard can walk (the combobox pattern of the ARIA
// Authoring Practices). The page is whole without it: this adds suggestions and nothing else.
"use strict";

const box = document.getElementById("q");
const form = box.form;
const list = document.createElement("ul");
list.id = "names";
list.hidden = true;
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", document.querySelector("label[for=q]").textContent);
box.after(list);
const combobox = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
for (const [name, value] of Object.entries(combobox)) box.setAttribute(name, value);

let typed = box.value;
let chosen = -1;
let asking = new AbortController();

const show = (isShown) => {
  list.hidden = !isShown;
  box.setAttribute("aria-expanded", String(isShown));
  if (!isShown) choose(-1);
};

const choose = (place) => {
  chosen = place;
  [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
  const option = list.children[place];
  if (option) {
    box.setAttribute("aria-activedescendant", option.id);
    box.value = option.dataset.name;
    option.scrollIntoView({ block: "nearest" });
  } else {
    box.removeAttribute("aria-activedescendant");
  }
};

// What stood there is no suggestion for what is in the box now.
const forget = () => {
  list.replaceChildren();
  show(false);
};

const option = (name, description, at) => {
  const item = document.createElement("li");
  item.id = `name-${at}`;
  item.dir = "auto";
  item.dataset.name = name;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.textContent = name;
  if (description) {
    const told = document.createElement("span");
    told.textContent = description;
    item.append(told);
  }
  // Else the box would lose the focus, and the list be gone before the click.
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => {
    box.value = name;
    form.requestSubmit();
  });
  return item;
};

const suggest = async () => {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  typed = box.value;
  if (!typed.trim()) return forget();
  try {
    const reply = await fetch(`/suggest?q=${encodeURIComponent(typed)}`, { signal });
    if (!reply.ok) return forget();
    const [, names, descriptions] = await reply.json();
    list.replaceChildren(...names.map((name, at) => option(name, descriptions[at], at)));
    choose(-1);
    show(names.length > 0);
  } catch {
    // Overtaken by the next letter, or the gateway is away: the box works without suggestions.
    if (!signal.aborted) forget();
  }
};

let pause;
box.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(suggest, 80);
});
box.addEventListener("blur", () => show(false));
box.addEventListener("keydown", (event) => {
  // Keys that choose a word of an input method are not ours.
  if (event.isComposing) return;
  const count = list.children.length;
  if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    box.value = typed;
    show(false);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
    event.preventDefault();
    // Names still on their way would take the list away from under the choice.
    clearTimeout(pause);
    asking.abort();
    if (list.hidden) show(true);
    const step = event.key === "ArrowDown" ? 1 : -1;
    // One place more than there are names: on it stands what was typed.
    const next = ((chosen + 1 + step + count + 1) % (count + 1)) - 1;
    if (next === -1) box.value = typed;
    choose(next);
  }
});
