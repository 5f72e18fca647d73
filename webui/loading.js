// Parts of the graph from the server into the picture.
import { notice, send } from "../compat_api/static/webui/page.js";

const value = (id) => Number(document.getElementById(id).value);

// `told` hears of each part that came, and of nothing when something went.
export function loader(words, picture, narrowed, told) {
  const ask = async (url, body) => (await send(url, body)).json();
  const load = {
    start: "*",

    async show(label) {
      const part = await ask(words.data, { label, depth: value("depth"), nodes: value("nodes"), ...narrowed() });
      if (!part.nodes.length) return notice(words.none, true);
      load.start = label;
      picture.show(part);
      return told(part);
    },

    async expand(label) {
      const part = await ask(words.data, { label, depth: 1, nodes: value("nodes"), ...narrowed(), shown: picture.ids });
      picture.add(part, label);
      return told(part);
    },

    async path(one, other) {
      const part = await ask(words.path, { one, other, shown: picture.ids });
      if (part.path.length) {
        picture.add(part, one);
        picture.showPath(part.path);
        told(part);
      }
      return part.path.map((id) => part.nodes.find((node) => node[0] === id)[1]);
    },

    add(part) {
      picture.add(part);
      told(part);
    },

    remove(...names) {
      picture.remove(...names);
      told();
    },

    collapse(name) {
      picture.collapse(name);
      told();
    },

    removeEdge(one, other) {
      picture.removeEdge(one, other);
      told();
    },
  };
  return load;
}
