// How does a page talk to passkeys? By allauth's script; it is started here, failures get words.

const WORDS = {
  NotAllowedError: "Nothing was chosen. Try again, or sign in another way.",
  InvalidStateError: "That device holds a passkey for this account already.",
  SecurityError: "This browser does not allow passkeys at this address.",
  NotSupportedError: "This browser cannot make a passkey.",
};

function show(exception) {
  const line = document.querySelector("[data-passkey-error]");
  if (!line) return;
  line.textContent = WORDS[exception?.name] ?? "The passkey could not be used. Try again.";
  line.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  show(event.detail.exception);
});

const description = document.getElementById("passkey-form");
const ids = JSON.parse(description.textContent);
const present = Object.values(ids).every((id) => document.getElementById(id));
if (present) window.allauth.webauthn.forms[description.dataset.call]({ ids });
