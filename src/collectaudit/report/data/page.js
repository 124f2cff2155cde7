"use strict";
for (const line of document.querySelectorAll("button.line")) {
  line.addEventListener("click", () => {
    const sound = document.getElementById(line.dataset.sound);
    sound.currentTime = Math.max(Number(line.dataset.at), 0);
    sound.play();
  });
}
