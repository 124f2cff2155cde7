// Text as it is, in one width, with a button that copies it. It goes in as textContent: nothing in it is ever HTML.
export default function ({ data, parentElement }) {
  const text = document.createElement("pre");
  text.textContent = data.text;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = data.copy;
  button.onclick = async () => {
    await navigator.clipboard.writeText(data.text);
    button.textContent = data.copied;
  };
  parentElement.querySelector(".root").replaceChildren(text, button);
}
