// Brings the explorers of a static page to life, without a kernel or a network.
//
// Where a page holds <div class="descent-explorer" data-config="...">, this script loads the rules
// and the view from beside itself: the files below, or the one that the site makes of them and names
// in data-figure. All are classic scripts: modules do not load in a page opened from disk.
(() => {
"use strict";

const FILES = ["draw.js", "controls.js", "surface_view.js", "stream_view.js", "explorer.js", "rules.js", "streams.js",
  "share.js", "page_model.js"];
const { src: here, dataset: { figure } } = document.currentScript;

function load(name) {
  const script = document.createElement("script");
  script.async = false; // run in the order of loading
  script.src = new URL(name, here);
  document.head.append(script);
  return new Promise((loaded) => (script.onload = loaded));
}

async function start() {
  const explorers = document.querySelectorAll(".descent-explorer[data-config]");
  if (!explorers.length) return;
  await Promise.all((figure ? [figure] : FILES).map(load));
  descentPage.start(explorers);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
})();
