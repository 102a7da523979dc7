"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const panels = [...document.querySelectorAll(".panel")];
  const tabs = panels.map((panel) => document.getElementById(panel.dataset.tab));
  let current = 0;

  // --- Stacks: links without this script, tabs with it.

  function select(index, focus) {
    current = index;
    panels.forEach((panel, at) => {
      panel.hidden = at !== index;
      tabs[at].setAttribute("aria-selected", String(at === index));
      tabs[at].tabIndex = at === index ? 0 : -1;
    });
    if (focus) tabs[index].focus();
  }

  function choose(index, focus) {
    select(index, focus);
    history.replaceState(null, "", "#" + panels[index].id);
  }

  function setUpTabs() {
    if (panels.length < 2) {
      document.querySelector(".tabs")?.remove();
      return;
    }
    root.classList.add("tabbed");
    const list = document.querySelector(".tabs");
    list.setAttribute("role", "tablist");
    tabs.forEach((tab, index) => {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panels[index].id);
      panels[index].setAttribute("role", "tabpanel");
      panels[index].setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        choose(index, true);
      });
    });
    list.addEventListener("keydown", (event) => {
      const last = panels.length - 1;
      const to = {
        ArrowRight: current === last ? 0 : current + 1,
        ArrowLeft: current === 0 ? last : current - 1,
        Home: 0,
        End: last,
      }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        choose(to, true);
      } else if (event.key === " ") {
        event.preventDefault();
      }
    });
    select(0, false);
  }

  // --- Tree: search, folding and links into it.

  const trees = panels.map((panel) => {
    const tools = panel.querySelector(".tools");
    const field = tools.querySelector("input");
    const status = tools.querySelector(".matches");
    const whole = status.textContent;
    let nodes = null;
    let folds = null;

    // What is searched besides type and name: not the links, or every neighbour would be found as well.
    function said(inner) {
      return [...inner.querySelectorAll(":scope > .inputs, :scope > .finding, :scope > .facts code")];
    }

    // Read once and only when someone searches: a large page opens as fast as a small one.
    function load() {
      nodes ??= [...panel.querySelectorAll("li.node")].map((item) => {
        const details = item.firstElementChild;
        const body = details.lastElementChild;
        const own = body.querySelector(":scope > details.own");
        const inner = own ?? (details.classList.contains("room") ? null : body);
        return {
          item, details, own,
          above: item.parentElement.closest("li.node"),
          room: details.classList.contains("room"),
          head: (details.firstElementChild.textContent + " " + item.dataset.type).toLowerCase(),
          text: inner ? said(inner).map((part) => part.textContent).join(" ").toLowerCase() : "",
        };
      });
      return nodes;
    }

    function keepFolds() {
      folds ??= load().flatMap(({ details, own }) =>
        [details, own].filter(Boolean).map((element) => [element, element.open]));
    }

    function clear() {
      field.value = "";
      status.textContent = whole;
      CSS.highlights?.delete("match");
      if (!folds) return;
      nodes.forEach((node) => { node.item.hidden = false; node.item.classList.remove("hit"); });
      folds.forEach(([element, open]) => { element.open = open; });
      folds = null;
    }

    function search() {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (!words.length) {
        const typed = field.value;
        clear();
        field.value = typed;
        return;
      }
      keepFolds();
      const inHead = (node) => words.every((word) => node.head.includes(word));
      const anywhere = (node) => words.every((word) => node.head.includes(word) || node.text.includes(word));
      const hits = new Set(nodes.filter(anywhere).map((node) => node.item));
      const opened = new Set();
      hits.forEach((item) => {
        for (let above = item.parentElement.closest("li.node"); above && !opened.has(above);
          above = above.parentElement.closest("li.node")) opened.add(above);
      });
      // Document order: a parent comes before what is inside it.
      const inside = new Set();
      for (const node of nodes) {
        const hit = hits.has(node.item);
        const shown = hit || opened.has(node.item) || inside.has(node.above);
        if (node.room && (hit || inside.has(node.above))) inside.add(node.item);
        node.item.hidden = !shown;
        node.item.classList.toggle("hit", hit);
        const byInputs = hit && !inHead(node);
        node.details.open = node.room ? opened.has(node.item) || (byInputs && node.own !== null) : byInputs;
        if (node.own) node.own.open = byInputs;
      }
      status.textContent = hits.size + " of " + whole;
      highlight(hits, words);
    }

    function highlight(hits, words) {
      // Only paint, no change of the document; a browser without it goes without.
      if (!CSS.highlights) return;
      const ranges = [];
      for (const item of hits) {
        const details = item.firstElementChild;
        const parts = [details.firstElementChild];
        const own = details.lastElementChild.querySelector(":scope > details.own");
        if (own?.open) parts.push(...said(own));
        else if (details.open && details.classList.contains("leaf")) parts.push(...said(details.lastElementChild));
        for (const part of parts) {
          const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
          for (let text = walker.nextNode(); text && ranges.length < 2000; text = walker.nextNode()) {
            const lower = text.data.toLowerCase();
            if (lower.length !== text.data.length) continue;
            for (const word of words) {
              for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length)) {
                const range = new Range();
                range.setStart(text, at);
                range.setEnd(text, at + word.length);
                ranges.push(range);
              }
            }
          }
        }
      }
      CSS.highlights.set("match", new Highlight(...ranges));
    }

    function foldAll(open) {
      // Rooms only: all inputs of all resources at once help nobody.
      load().forEach((node) => {
        if (node.room) node.details.open = open;
        else if (!open) node.details.open = false;
        if (node.own && !open) node.own.open = false;
      });
    }

    tools.hidden = false;
    field.addEventListener("input", search);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        if (field.value) clear();
        else field.blur();
      } else if (event.key === "Enter" || event.key === "ArrowDown") {
        const first = panel.querySelector("li.node.hit > details > summary");
        if (first) {
          event.preventDefault();
          first.focus();
        }
      }
    });
    tools.addEventListener("click", (event) => {
      const wish = event.target.dataset?.do;
      if (wish) foldAll(wish === "open");
    });
    return { field, clear };
  });

  document.addEventListener("keydown", (event) => {
    const tree = trees[current];
    if (!tree || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      tree.field.focus({ preventScroll: true });
      // At the top, so that what is found is seen below it; there already, the tree stays where it is.
      const top = tree.field.getBoundingClientRect().top;
      if (top < 0 || top > innerHeight / 3) tree.field.closest(".block").scrollIntoView();
      tree.field.select();
    } else if (event.key === "Escape" && event.target !== tree.field && tree.field.value) {
      tree.clear();
    }
  });

  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const panel = target?.closest(".panel");
    if (!panel) return;
    const index = panels.indexOf(panel);
    if (root.classList.contains("tabbed")) select(index, false);
    else current = index;
    const node = target.closest("li.node");
    if (node) {
      if (node.hidden) trees[index].clear();
      for (let at = node.firstElementChild; at; at = at.parentElement.closest("details")) at.open = true;
      node.firstElementChild.firstElementChild.focus({ preventScroll: true });
    }
    target.scrollIntoView({ block: node ? "center" : "start" });
  }

  // --- Drawings: fitted to the page, or as large as they are.

  document.querySelectorAll("button[data-do=size]").forEach((button) => {
    const figure = button.closest("figure");
    const image = figure.querySelector("img");
    const main = document.getElementById("main");
    const fit = () => { button.hidden = image.naturalWidth <= main.clientWidth; };
    window.addEventListener("load", fit);
    window.addEventListener("resize", fit);
    button.addEventListener("click", () => {
      const full = figure.classList.toggle("full");
      button.setAttribute("aria-pressed", String(full));
    });
  });

  setUpTabs();
  window.addEventListener("hashchange", follow);
  // The same link again changes no hash, but its reader wants to get there all the same.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) setTimeout(follow);
  });
  if (location.hash) {
    follow();
    // Once more: at the end of loading the browser goes to the fragment by itself, and forgets the focus.
    window.addEventListener("load", () => setTimeout(follow));
  }
})();
