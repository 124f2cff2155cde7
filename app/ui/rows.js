// A table whose rows are links. Every text goes in as textContent: nothing in it is ever HTML.
const made = (tag, text, name) => {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  if (name) element.className = name;
  return element;
};

const LONG = 24; // signs; a time is shorter and stays on one line
const RUN = /\S{16}/; // a hash or the name of a file is broken anywhere, a word is not

// A box for each row and one for all of them; what is chosen stays while the same rows are drawn again.
function boxes(data, root, told) {
  const here = new Set(data.rows.map((row) => row.ref));
  root.chosen = new Set([...(root.chosen ?? [])].filter((ref) => here.has(ref)));
  const every = [];
  const box = (label, checked, act) => {
    const one = made("input");
    Object.assign(one, { type: "checkbox", checked });
    one.setAttribute("aria-label", label);
    one.onclick = (event) => event.stopPropagation();
    one.onchange = () => (act(one.checked), told([...root.chosen]));
    return one;
  };
  const put = (ref, on) => (on ? root.chosen.add(ref) : root.chosen.delete(ref));
  return {
    all: () => box(data.choose.all, here.size > 0 && root.chosen.size === here.size, (on) =>
      every.forEach(({ one, ref }) => (put(ref, on), (one.checked = on)))),
    of: (row) => {
      const one = box(`${data.choose.one} ${row.cells[0].text}`, root.chosen.has(row.ref), (on) => put(row.ref, on));
      every.push({ one, ref: row.ref });
      return one;
    },
  };
}

export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  const root = parentElement.querySelector(".root");
  const choose = data.choose && boxes(data, root, (refs) => setStateValue("chosen", refs));
  const table = made("table", "", data.columns.length > 9 ? "wide" : "");
  table.append(made("caption", data.caption));
  const head = table.createTHead().insertRow();
  if (choose) head.append(made("th", "", "choose")), head.lastChild.append(choose.all());
  for (const title of data.columns) {
    const cell = made("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of data.rows) {
    const line = body.insertRow();
    if (choose) {
      const cell = line.insertCell();
      cell.className = "choose";
      cell.onclick = (event) => event.stopPropagation();
      cell.append(choose.of(row));
    }
    row.cells.forEach((cell, n) => {
      const box = line.insertCell();
      box.dataset.title = data.columns[n];
      const href = cell.href || (n === 0 && row.href);
      const text = made(href ? "a" : "span", cell.text, cell.mark ? `mark ${cell.mark}` : "");
      if (href) text.href = href;
      if (cell.text.length > LONG) text.classList.add("long");
      if (RUN.test(`${cell.text} ${cell.below}`)) box.classList.add("run");
      if (cell.href) text.onclick = (event) => (event.stopPropagation(), lead(setTriggerValue, cell.href)(event));
      box.append(text);
      if (cell.below) box.append(made("div", cell.below, "below"));
    });
    if (!row.href) continue;
    line.className = "link";
    line.onclick = (event) => String(getSelection()) || lead(setTriggerValue, row.href)(event);
  }
  root.replaceChildren(table);
}
