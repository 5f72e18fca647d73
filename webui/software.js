// Where no graphics card draws, a processor does, which takes a second for 20,000 edges.
const DRAWN_BY_PROCESSOR = /swiftshader|llvmpipe|software|basic render/i;
const MANY = 2000; // edges

function drawsInSoftware(sigma) {
  const gl = sigma.webGLContexts.nodes;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  return Boolean(told) && DRAWN_BY_PROCESSOR.test(gl.getParameter(told.UNMASKED_RENDERER_WEBGL));
}

// There, edges are left out while the picture moves, and drawn when it stands.
export function spare(sigma, graph) {
  sigma.setSetting("hideEdgesOnMove", graph.size > MANY && drawsInSoftware(sigma));
}
