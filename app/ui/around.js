// Around every page: the button that hides everything (the same by Esc twice), the language of the page for whoever
// reads it aloud, and Streamlit's own few English words in that language.
const LABELS = ["aria-label", "placeholder", "title"];
const LABELLED = LABELS.map((name) => `[${name}]`).join();
const DATA = "[data-testid=stText]"; // never touched

// What Streamlit fills into its own words: a number, a text, a day as "June 01, 2023".
function filled(kind, value, tag) {
  const day = kind === "day" ? new Date(value) : NaN;
  return isNaN(day) ? value : new Intl.DateTimeFormat(tag, { dateStyle: "long" }).format(day);
}

function translator(pairs, tag) {
  const exact = new Map(pairs.filter(([from]) => !from.includes("{")));
  const known = pairs.filter(([from]) => from.includes("{")).map(([from, to]) => {
    const signs = from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\\\{n\\\}/, "(\\d+)").replace(/\\\{(any|day)\\\}/, "(.*)");
    const put = (...found) => to.replace(/\{(n|any|day)\}/, (_, kind) => filled(kind, found[1], tag));
    return [new RegExp(`^${signs}$`), put];
  });
  return (text) => {
    const found = !exact.has(text) && known.find(([pattern]) => pattern.test(text));
    return found ? text.replace(...found) : exact.get(text);
  };
}

function speakOf(element, said) {
  for (const name of LABELS) {
    const other = element.hasAttribute(name) && said(element.getAttribute(name));
    if (other) element.setAttribute(name, other);
  }
}

// What is looked for is found by the browser, which is much faster than going through every element here.
function speak(root, said) {
  for (const element of [root, ...root.querySelectorAll(LABELLED)]) speakOf(element, said);
  const parts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (parts.nextNode()) {
    const part = parts.currentNode;
    const other = part.data.length < 100 && said(part.data);
    if (other && !part.parentElement.closest(DATA)) part.data = other;
  }
}

// What other pages need, fetched when nothing has been asked for half a second; otherwise a click waits for it.
async function fetchSoon(parts) {
  for (let quiet = 0; quiet < 5; quiet += 1) {
    await new Promise((go) => setTimeout(go, 100));
    if (!document.querySelector("[data-test-script-state=notRunning]")) quiet = -1;
  }
  for (const part of parts) import(new URL(part, location.origin)).catch(() => {});
}

let fetched = null; // once for each time that the browser loads the program
let stop = null; // of the time before: Streamlit calls again with new data, without an end in between

export default function ({ data, parentElement }) {
  stop?.();
  document.documentElement.lang = data.tag;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = data.text;
  button.title = data.keys;
  const hide = () => location.replace(data.away);
  button.onclick = hide;
  parentElement.querySelector(".root").replaceChildren(button);
  let last = 0;
  const onKey = (event) => {
    if (event.key !== "Escape") return;
    const now = performance.now();
    if (now - last < 700) hide();
    last = now;
  };
  document.addEventListener("keydown", onKey, true);
  fetched ??= fetchSoon(data.soon);
  const said = translator(data.words, data.tag);
  speak(document.body, said);
  const watch = new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) speak(node, said);
      if (change.type === "attributes") speakOf(change.target, said);
    }
  });
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: LABELS });
  stop = () => {
    document.removeEventListener("keydown", onKey, true);
    watch.disconnect();
  };
  return stop;
}
