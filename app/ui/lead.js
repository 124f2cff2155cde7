// A click that leads to another page of ours; a tab of its own is for the browser to open.
const lead = (tell, href) => (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tell("opened", href);
};

// A piece of a text, a link if it leads anywhere. It goes in as textContent: nothing in it is ever HTML.
const pieceOf = ({ text, href }, tell) => {
  const piece = document.createElement(href ? "a" : "span");
  piece.textContent = text;
  if (href) Object.assign(piece, { href, onclick: lead(tell, href) });
  return piece;
};
