// Sentences whose numbers are links (lead.js).
export default function ({ data, parentElement, setTriggerValue }) {
  const paragraphs = data.sentences.map((pieces) => {
    const paragraph = document.createElement("p");
    paragraph.append(...pieces.map((piece) => pieceOf(piece, setTriggerValue)));
    return paragraph;
  });
  parentElement.querySelector(".root").replaceChildren(...paragraphs);
}
