// What the colours stand for; a type can be hidden and shown again.
import { count } from "./colours.js";

const element = (id) => document.getElementById(id);
const MOST = 12;

export function legend({ picture, words }) {
  const { colours, graph } = picture;

  function draw() {
    const counts = [...count(graph, colours.by)].sort((one, other) => other[1] - one[1]);
    const items = counts.slice(0, MOST).map(([value, number]) => item(value, number));
    const rest = counts.slice(MOST).reduce((sum, [, number]) => sum + number, 0);
    if (rest) items.push(line("", `${words.rest} ${rest}`));
    element("legend").replaceChildren(...items);
  }

  function item(value, number) {
    if (colours.by !== "kind") return line(colours.ofValue(value), `${value} ${number}`);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(!picture.hidden.has(value)));
    button.append(dot(colours.ofValue(value)), `${value} ${number}`);
    button.addEventListener("click", () => { picture.toggle(value); draw(); });
    const listed = document.createElement("li");
    listed.append(button);
    return listed;
  }

  element("colour").addEventListener("change", ({ target }) => { picture.colourBy(target.value); draw(); });
  return draw;
}

function line(colour, text) {
  const listed = document.createElement("li");
  if (colour) listed.append(dot(colour));
  listed.append(text);
  return listed;
}

export function dot(colour) {
  const found = document.createElement("span");
  found.className = "dot";
  found.style.background = colour;
  return found;
}
