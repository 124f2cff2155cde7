// Around every page: the button that hides everything (the same by Esc twice), the language of the page for whoever
// reads it aloud, and Streamlit's own few English words in that language.
const LABELS = ["aria-label", "placeholder", "title"];
const DATA = "[data-testid=stText], [data-testid=stCode]"; // never touched

// What Streamlit fills into its own words: a number, a text, a day as "June 01, 2023".
function filled(kind, value, tag) {
  const day = kind === "day" ? new Date(value) : NaN;
  return isNaN(day) ? value : new Intl.DateTimeFormat(tag, { dateStyle: "long" }).format(day);
}

function translator(pairs, tag) {
  const known = pairs.map(([from, to]) => {
    const signs = from.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\\\{n\\\}/, "(\\d+)").replace(/\\\{(any|day)\\\}/, "(.*)");
    const put = (...found) => to.replace(/\{(n|any|day)\}/, (_, kind) => filled(kind, found[1], tag));
    return [new RegExp(`^${signs}$`), put];
  });
  return (text) => {
    const found = known.find(([pattern]) => pattern.test(text));
    return found ? text.replace(...found) : null;
  };
}

function speak(root, said) {
  const elements = [root, ...root.querySelectorAll("*")];
  for (const element of elements) {
    for (const name of LABELS) {
      const other = element.hasAttribute(name) && said(element.getAttribute(name));
      if (other) element.setAttribute(name, other);
    }
    if (element.closest(DATA)) continue;
    for (const part of element.childNodes) {
      const other = part.nodeType === Node.TEXT_NODE && part.data.length < 100 && said(part.data);
      if (other) part.data = other;
    }
  }
}

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
  const said = translator(data.words, data.tag);
  speak(document.body, said);
  const watch = new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) speak(node, said);
      if (change.type === "attributes") speak(change.target, said);
    }
  });
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: LABELS });
  stop = () => {
    document.removeEventListener("keydown", onKey, true);
    watch.disconnect();
  };
  return stop;
}
