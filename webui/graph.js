// The graph page: what belongs together is told here; each part is in a file of its own.
import { notice } from "../compat_api/static/webui/page.js";
import { boxForCypher } from "./cypher.js";
import { letMend } from "./mending.js";
import { filters } from "./narrowing.js";
import { legend } from "./legend.js";
import { loader } from "./loading.js";
import { Panel } from "./panel.js";
import { letFindPaths } from "./pathfinding.js";
import { Picture } from "./picture.js";
import { savePicture, saveGraphML } from "./saving.js";
import { entityField } from "./suggest.js";

const root = document.getElementById("graph");
const element = (id) => document.getElementById(id);
if (root) begin();

function begin() {
  const words = root.dataset;
  const safely = (promise) => promise.catch((error) => notice(error.message, true));
  const picture = new Picture(root, {
    select: (name) => safely(panel.entity(name)),
    selectEdge: (one, other) => safely(panel.relation(one, other)),
    expand: (name) => safely(load.expand(name)),
    clear: () => panel.shut(),
    settling,
  });
  const narrowed = filters(words, () => safely(load.show(load.start)));
  const load = loader(words, picture, narrowed, told);
  const panel = new Panel(words, picture, load, safely);
  const page = { words, picture, load, panel, safely };
  const drawLegend = legend(page);
  let truncated = false;

  function told(part) {
    truncated = Boolean(part?.truncated);
    size();
    drawLegend();
  }

  function size() {
    const said = [words.size.replace("{n}", picture.graph.order).replace("{m}", picture.graph.size)];
    if (truncated) said.push(words.truncated);
    if (picture.layout.running) said.push(words.settling);
    element("size").textContent = said.join(" · ");
  }

  function settling(atWork) {
    root.dataset.settled = atWork ? "" : "1";
    if (element("size").textContent) size();
  }

  async function go(name) {
    element("name").value = "";
    history.replaceState(null, "", `${location.pathname}?${new URLSearchParams({ label: name })}`);
    await load.show(name);
    await panel.entity(name);
  }

  if (matchMedia("(max-width: 46rem)").matches) element("colours").open = false;
  letMend(page);
  letFindPaths(page);
  boxForCypher(page);
  entityField(element("name"), element("names"), words.search, (name) => safely(go(name)));
  for (const id of ["depth", "nodes"]) element(id).addEventListener("change", () => safely(load.show(load.start)));
  element("all").addEventListener("click", () => {
    history.replaceState(null, "", location.pathname);
    panel.shut();
    safely(load.show("*"));
  });
  element("zoom").addEventListener("click", ({ target }) => {
    if (target.dataset.zoom === "settle") picture.settle();
    else if (target.dataset.zoom) picture.zoom(target.dataset.zoom);
    if (target.dataset.save === "png") safely(savePicture(picture.sigma));
    if (target.dataset.save === "graphml") saveGraphML(picture.graph);
    if (target.closest(".card")) element("save").open = false;
  });
  for (const name of ["themechange", "storage"]) addEventListener(name, () => { picture.repaint(); drawLegend(); panel.repaint(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) panel.shut(); });
  root.picture = picture; // for measuring, in the browser's console and in benchmarks

  safely(words.label ? go(words.label) : load.show("*"));
}
