/** Where a sign-in ends that names no front end: it shows the tokens to who works with the API itself. */
import { pageOf } from './page.js';

export const SIGNED_IN_PAGE = pageOf({
  title: 'Signing in',
  body: `
<p id="outcome" role="status">One moment …</p>
<div id="tokens" hidden>
<label for="access">Access token, good for <span id="minutes"></span></label>
<textarea id="access" rows="5" readonly spellcheck="false"></textarea>
<label for="refresh">Refresh token, to exchange once at /api/v1/auth/refresh</label>
<textarea id="refresh" rows="2" readonly spellcheck="false"></textarea>
<p class="quiet">Send the access token as “Authorization: Bearer …”. The tokens are yours alone: keep them to yourself, and close
this page when you have them. They are not shown again.</p>
</div>`,
  script: `
'use strict';
const element = (id) => document.getElementById(id);
const outcome = element('outcome');
const handed = new URLSearchParams(location.hash.slice(1));
// The code shall not stay in the address bar, nor in the history.
history.replaceState(null, '', location.pathname + location.search);

function end(title, text, kind) {
  document.title = title;
  document.querySelector('h1').textContent = title;
  outcome.textContent = text;
  outcome.className = kind;
}

async function exchange(code) {
  const response = await fetch('api/v1/auth/oidc/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const answer = await response.json();
  if (!response.ok) return end('Not signed in', answer.detail, 'bad');
  element('access').value = answer.access_token;
  element('refresh').value = answer.refresh_token;
  element('minutes').textContent = Math.round(answer.expires_in / 60) + ' minutes';
  element('tokens').hidden = false;
  const me = await fetch('api/v1/auth/me', { headers: { authorization: 'Bearer ' + answer.access_token } });
  const { username } = await me.json();
  end('Signed in', 'You are signed in as ' + username + '.', 'good');
}

if (handed.has('error')) {
  end('Not signed in', handed.get('error_description') || 'The sign-in did not work. Begin again.', 'bad');
} else if (handed.has('code')) {
  exchange(handed.get('code')).catch(() => end('Not signed in', 'The server could not be reached. Begin again.', 'bad'));
} else {
  end('Not signed in', 'There is nothing to show here. Begin again.', 'bad');
}
`,
});
