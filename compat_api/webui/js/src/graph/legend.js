// The legend of the colors. A click on a type hides its entities or shows them again.
import { countValues } from "./colors.js";

const element = (id) => document.getElementById(id);
const MAX_ITEMS = 12;

// Return a function that draws the legend.
export function setUpLegend({ view, texts }) {
  const { colors, graph } = view;

  function draw() {
    const { listed, others } = largest(countValues(graph, colors.by), MAX_ITEMS);
    const items = listed.map(([value, count]) => item(value, count));
    if (others) items.push(listItem(`${texts.others} ${others}`));
    element("legend").replaceChildren(...items);
  }

  function item(value, count) {
    const content = [dot(colors.ofValue(value)), `${value} ${count}`];
    return colors.by === "kind" ? listItem(toggle(value, content)) : listItem(...content);
  }

  function toggle(type, content) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(!view.hiddenTypes.has(type)));
    button.append(...content);
    button.addEventListener("click", () => {
      view.toggleType(type);
      draw();
    });
    return button;
  }

  element("color-by").addEventListener("change", ({ target }) => {
    view.colorBy(target.value);
    draw();
  });
  return draw;
}

// Return the `limit` most frequent values, and the count of all others.
export function largest(counts, limit) {
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const others = sorted.slice(limit).reduce((sum, [, count]) => sum + count, 0);
  return { listed: sorted.slice(0, limit), others };
}

function listItem(...content) {
  const item = document.createElement("li");
  item.append(...content);
  return item;
}

function dot(color) {
  const mark = document.createElement("span");
  mark.className = "dot";
  mark.style.background = color;
  return mark;
}
