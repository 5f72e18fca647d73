// The graph page: creates its parts and connects them.
import "../shared/dialogs.js";
import { showError } from "../shared/notices.js";
import { format } from "../shared/translations.js";
import { setUpCypherBox } from "./cypher.js";
import { DetailPanel } from "./detail-panel.js";
import { setUpEditDialogs } from "./edit-dialogs.js";
import { setUpEntityField } from "./entity-field.js";
import { saveGraphML, savePNG } from "./export.js";
import { setUpFilters } from "./filters.js";
import { GraphLoader } from "./graph-loader.js";
import { GraphView } from "./graph-view.js";
import { setUpLegend } from "./legend.js";
import { setUpPathSearch } from "./path-search.js";

const PHONE = "(max-width: 46rem)";
const root = document.getElementById("graph");
const element = (id) => document.getElementById(id);
if (root) start(root.dataset);

function start(texts) {
  const reportError = (promise) => promise.catch(showError);
  const reload = () => reportError(loader.show(loader.label));
  const view = new GraphView(root, {
    select: (name) => reportError(panel.showEntity(name)),
    selectEdge: (source, target) => reportError(panel.showRelation(source, target)),
    expand: (name) => reportError(loader.expand(name)),
    clear: () => panel.close(),
    layoutChanged,
  });
  const filters = setUpFilters(texts, reload);
  const loader = new GraphLoader(texts, view, filters, loaded);
  const panel = new DetailPanel(texts, view, loader, reportError);
  const page = { root, texts, view, loader, panel, reportError };
  const drawLegend = setUpLegend(page);
  let isTruncated = false;

  function loaded(part) {
    isTruncated = Boolean(part?.truncated);
    drawSize();
    drawLegend();
  }

  function drawSize() {
    const parts = [format(texts.size, { n: view.graph.order, m: view.graph.size })];
    if (isTruncated) parts.push(texts.truncated);
    if (view.layout.isRunning) parts.push(texts.layoutRunning);
    element("graph-size").textContent = parts.join(" · ");
  }

  function layoutChanged(isRunning) {
    root.dataset.settled = isRunning ? "" : "1";
    if (element("graph-size").textContent) drawSize();
  }

  async function go(name) {
    element("name").value = "";
    history.replaceState(null, "", `?${new URLSearchParams({ label: name })}`);
    await loader.show(name);
    await panel.showEntity(name);
  }

  function showEntireGraph() {
    history.replaceState(null, "", location.pathname);
    panel.close();
    reportError(loader.show("*"));
  }

  if (matchMedia(PHONE).matches) element("colors").open = false;
  setUpEditDialogs(page);
  setUpPathSearch(page);
  setUpCypherBox(page);
  setUpEntityField(element("name"), element("names"), texts.search, (name) =>
    reportError(go(name)),
  );
  for (const id of ["depth", "nodes"]) element(id).addEventListener("change", reload);
  element("all").addEventListener("click", showEntireGraph);
  setUpToolbar(view, reportError);
  for (const name of ["themechange", "storage"]) {
    addEventListener(name, () => {
      view.updateTheme();
      drawLegend();
      panel.updateTheme();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) panel.close();
  });
  root.graphView = view; // for tests, benchmarks and the browser's console

  reportError(texts.label ? go(texts.label) : loader.show("*"));
}

function setUpToolbar(view, reportError) {
  element("toolbar").addEventListener("click", ({ target }) => {
    if (target.dataset.zoom === "layout") view.runLayout();
    else if (target.dataset.zoom) view.zoom(target.dataset.zoom);
    if (target.dataset.export === "png") reportError(savePNG(view.sigma));
    if (target.dataset.export === "graphml") saveGraphML(view.graph);
    if (target.closest(".card")) element("export").open = false;
  });
}
