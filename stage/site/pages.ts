const head = (title: string, script: string) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title} · Parcel Desk</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/assets/site.css">
  <script type="module" src="/assets/${script}"></script>
</head>
<body>
  <header>Parcel Desk</header>`

const tail = `
</body>
</html>
`

export interface LoginForm {
  csrf: string
  username?: string
  error?: string
  /** Asks for the letters of a picture. */
  captcha?: boolean
}

export function loginPage({ csrf, username = '', error, captcha = false }: LoginForm): string {
  return `${head('Sign in', 'login.js')}
  <main>
    <h1>Sign in</h1>${error === undefined ? '' : `\n    <p class="error" role="alert">${escapeHtml(error)}</p>`}
    <form method="post" action="/login">
      <input type="hidden" name="csrf" value="${escapeHtml(csrf)}">
      <input type="hidden" name="device" value="">
      <label for="username">Username</label>
      <input id="username" name="username" type="text" autocomplete="username" autocapitalize="none" required value="${escapeHtml(username)}">
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>${captcha ? captchaFields : ''}
      <button type="submit">Sign in</button>
    </form>
  </main>${tail}`
}

const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='
const captchaFields = `
      <img id="captcha-picture" src="${picture}" width="160" height="50" alt="Letters to type">
      <label for="captcha">Letters</label>
      <input id="captcha" name="captcha" type="text" autocomplete="off">`

/** What stands where the form has its place. */
export const formlessPage = '<!doctype html><title>Parcel Desk</title><h1>Closed for maintenance</h1>'
/** After a sign-in that comes to nothing. */
export const deadEndPage = '<!doctype html><title>Parcel Desk</title><h1>Thank you</h1>'
export const brokenPage = '<!doctype html><title>Parcel Desk</title><h1>Something went wrong</h1>'

/** Without `me` the page knows nobody yet: its script asks for them with the device id. */
export function homePage(me?: { username: string; sessionNumber: number; obtainedAt: string }): string {
  const signedInAs = me ? ` data-signed-in-as="${escapeHtml(me.username)}"` : ''
  return `${head('Home', 'home.js')}
  <main${signedInAs}>
    <h1 id="greeting">${me ? `Hello, ${escapeHtml(me.username)}` : 'One moment …'}</h1>
    <dl>
      <dt>Session</dt><dd id="session-number">${me?.sessionNumber ?? ''}</dd>
      <dt>Signed in at</dt><dd id="obtained-at">${me?.obtainedAt ?? ''}</dd>
      <dt>Device</dt><dd id="device"></dd>
    </dl>
    <form method="post" action="/logout"><button type="submit">Sign out</button></form>
  </main>${tail}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
