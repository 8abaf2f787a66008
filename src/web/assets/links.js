// A button by which the browser hands links such as web+go:Boeing to this gateway. It is shown only where the
// browser would: over https, or on this very machine.
"use strict";

const place = document.getElementById("links");
const told = document.createElement("span");
told.setAttribute("role", "status");
place.append(" ", told);

const askBrowser = () => {
  try {
    navigator.registerProtocolHandler("web+go", `${location.origin}/go/%s`);
    told.textContent = place.dataset.asked;
  } catch {
    // A browser that will not has no use for the button.
    place.hidden = true;
  }
};

place.querySelector("button").addEventListener("click", askBrowser);
place.hidden = !(isSecureContext && "registerProtocolHandler" in navigator);
