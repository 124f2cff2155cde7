// Figures in boxes, each number a link to its rows (lead.js).
export default function ({ data, parentElement, setTriggerValue }) {
  const paragraph = (pieces, name) => {
    const line = document.createElement("p");
    line.className = name;
    line.append(...pieces.map((piece) => pieceOf(piece, setTriggerValue)));
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
