// Figures in boxes, each number a link to its rows. Every text goes in as textContent: nothing in it is ever HTML.
export default function ({ data, parentElement, setTriggerValue }) {
  const paragraph = (pieces, name) => {
    const line = document.createElement("p");
    line.className = name;
    for (const { text, href } of pieces) {
      const piece = document.createElement(href ? "a" : "span");
      piece.textContent = text;
      if (href) {
        piece.href = href;
        piece.onclick = (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          setTriggerValue("opened", href);
        };
      }
      line.append(piece);
    }
    return line;
  };
  const boxes = data.tiles.map(({ title, number, beside, note }) => {
    const box = document.createElement("section");
    box.setAttribute("aria-label", title);
    box.append(paragraph([{ text: title }], "title"), paragraph([number], "number"), paragraph(beside, "beside"));
    if (note) box.append(paragraph([{ text: note }], "note"));
    return box;
  });
  parentElement.querySelector(".root").replaceChildren(...boxes);
}
