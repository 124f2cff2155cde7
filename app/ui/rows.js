// A table whose rows are links. Every text goes in as textContent: nothing in it is ever HTML.
const made = (tag, text, name) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const table = made("table");
  table.append(made("caption", data.caption));
  const head = table.createTHead().insertRow();
  for (const title of data.columns) {
    const cell = made("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of data.rows) {
    const line = body.insertRow();
    row.cells.forEach((cell, n) => {
      const box = line.insertCell();
      box.dataset.title = data.columns[n];
      const text = made(n === 0 && row.href ? "a" : "span", cell.text, cell.mark ? `mark ${cell.mark}` : "");
      if (n === 0 && row.href) text.href = row.href;
      box.append(text);
      if (cell.below) box.append(made("div", cell.below, "below"));
    });
    if (!row.href) continue;
    line.className = "link";
    line.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection())) return;
      event.preventDefault();
      setTriggerValue("opened", row.ref);
    };
  }
  parentElement.querySelector(".root").replaceChildren(table);
}
