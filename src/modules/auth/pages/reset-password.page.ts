/** The page behind the link of a mail: it takes the token from the fragment, which no server and no log gets to see. */
import { pageOf } from './page.js';

export const RESET_PASSWORD_PAGE = pageOf({
  title: 'Choose a new password',
  body: `
<form id="form" novalidate hidden>
<p class="quiet" id="rules">At least 8 characters. Not a common one, nor your own name or email.</p>
<label for="password">New password</label>
<input id="password" type="password" autocomplete="new-password" required minlength="8" aria-describedby="rules message">
<label for="again">The same once more</label>
<input id="again" type="password" autocomplete="new-password" required aria-describedby="message">
<p class="bad" id="message" role="alert" hidden></p>
<button id="send">Set the password</button>
</form>
<p id="outcome" role="status"></p>
<p class="quiet" id="next" hidden>All earlier sessions have ended. You can close this page and sign in with the new password.</p>`,
  script: `
'use strict';
const element = (id) => document.getElementById(id);
const [form, password, again, message, send, outcome] =
  ['form', 'password', 'again', 'message', 'send', 'outcome'].map(element);
const token = new URLSearchParams(location.hash.slice(1)).get('token');
// The token shall not stay in the address bar, nor in the history of a shared machine.
history.replaceState(null, '', location.pathname + location.search);

function end(text, kind) {
  form.hidden = true;
  outcome.textContent = text;
  outcome.className = kind;
}

function refuse(text, field) {
  message.textContent = text;
  message.hidden = false;
  for (const input of [password, again]) input.setAttribute('aria-invalid', String(input === field));
  field.focus();
}

async function set() {
  const response = await fetch('api/v1/auth/password/reset', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, new_password: password.value }),
  });
  if (response.ok) {
    end('Your new password is set.', 'good');
    element('next').hidden = false;
    return;
  }
  const problem = await response.json();
  if (problem.code === 'invalid_reset_token') return end(problem.detail, 'bad');
  const reasons = (problem.errors || []).filter(({ field }) => field === 'new_password').map(({ message }) => message);
  refuse(reasons.length === 0 ? problem.detail : 'The password ' + reasons.join(', and ') + '.', password);
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  message.hidden = true;
  if ([...password.value].length < 8) return refuse('The password must have at least 8 characters.', password);
  if (new TextEncoder().encode(password.value).length > 72) return refuse('The password is too long: at most 72 bytes.', password);
  if (password.value !== again.value) return refuse('The two are not the same. Type them again.', again);
  send.disabled = true;
  try {
    await set();
  } catch {
    refuse('The server could not be reached. Try again in a moment; the link still works.', password);
  } finally {
    send.disabled = false;
  }
});

if (token) {
  form.hidden = false;
  password.focus();
} else {
  end('This link is not complete. Open it from the mail again, or ask for another one.', 'bad');
}
`,
});
