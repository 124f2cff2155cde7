// Sentences whose numbers are links. Every text goes in as textContent: nothing in it is ever HTML.
export default function ({ data, parentElement, setTriggerValue }) {
  const paragraphs = data.sentences.map((pieces) => {
    const paragraph = document.createElement("p");
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
      paragraph.append(piece);
    }
    return paragraph;
  });
  parentElement.querySelector(".root").replaceChildren(...paragraphs);
}
