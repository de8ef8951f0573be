import type { Turns } from './turns.ts'

/** As the real one draws buttons: a transparent field over a text that is hidden from programs. */
function button(id: string, says: string): string {
  return `<span class="a-button"><span class="a-button-inner"><input id="${id}" class="a-button-input" type="submit" aria-labelledby="${id}-announce"><span id="${id}-announce" class="a-button-text" aria-hidden="true">${says}</span></span></span>`
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en-us"><head><meta charset="utf-8"><title>${title}</title><style>
.a-button{display:inline-block;position:relative;background:#ffd814;border-radius:8px;margin:8px 0}.a-button-inner{display:block}
.a-button-input{position:absolute;left:0;top:0;width:100%;height:100%;opacity:.01;cursor:pointer;border:0}.a-button-text{display:block;padding:6px 24px}
.a-box{border:1px solid #ddd;padding:14px;width:340px;margin:14px auto}.a-alert-error{border-color:#c40000}</style></head><body><div id="authportal-main-section">${content}</div></body></html>`
}

const errorBox = (error: string) =>
  error === ''
    ? ''
    : `<div id="auth-error-message-box" class="a-box a-alert-error"><h4>There was a problem</h4><ul><li><span class="a-list-item">${error}</span></li></ul></div>`

const captcha =
  '<div id="auth-captcha-image-container"><img id="auth-captcha-image" alt="Visual CAPTCHA image, continue down for an audio option." width="200" height="70" src="/captcha.svg"></div><label>Type the characters you see in the image <input type="text" id="auth-captcha-guess" name="guess"></label>'

export function namePage({ newForm }: Turns, error = ''): string {
  const id = newForm ? 'ap_email_login' : 'ap_email'
  const autocomplete = newForm ? ' autocomplete="username webauthn"' : ''
  return page(
    'Amazon Sign-In',
    `${errorBox(error)}<form name="signIn" method="post" action="/ap/signin" class="a-box"><h1>Sign in</h1>
<label for="${id}">Email or mobile phone number</label><input type="email" maxlength="128" id="${id}" name="email"${autocomplete}><input type="password" name="password" class="hide" style="display:none">
${button('continue', 'Continue')}</form><p>New to Amazon?</p><a id="createAccountSubmit" href="/ap/register">Create your Amazon account</a>`,
  )
}

export function passwordPage(name: string, turns: Turns, error = ''): string {
  return page(
    'Amazon Sign-In',
    `${errorBox(error)}<form name="signIn" method="post" action="/ap/signin" class="a-box"><h1>Sign in</h1>
<span>${name}</span> <a id="ap_change_login_claim" href="/ap/signin?add=1">Change</a><input type="hidden" name="email" value="${name}" id="ap-claim">
<label for="ap_password">Password</label> <a id="auth-fpp-link-bottom" href="/ap/forgotpassword">Forgot your password?</a><input type="password" maxlength="1024" id="ap_password" name="password" autocomplete="current-password">
${turns.captcha === 'with_password' || (turns.captcha === 'after_wrong' && error !== '') ? captcha : ''}${button('signInSubmit', 'Sign in')}
<label><input type="checkbox" name="rememberMe" value="true"> Keep me signed in.</label></form>`,
  )
}

export function chooserPage(accounts: readonly { name: string; person: string }[]): string {
  const rows = accounts.map(
    ({ name, person }) =>
      `<div data-name="switch_account_request" class="a-section cvf-account-switcher-spacing-base" style="cursor:pointer" onclick="location='/ap/signin?claim=${encodeURIComponent(name)}'"><div class="cvf-account-switcher-profile-details-after-account-removed"><div>${person}</div><div class="cvf-account-switcher-claim">${name}</div></div></div>`,
  )
  return page(
    'Amazon Sign-In',
    `<h1>Switch accounts</h1>${rows.join('')}<a id="cvf-account-switcher-add-accounts-link" href="/ap/signin?add=1">Add account</a> <a href="/ap/signin?signout=1">Sign out of all accounts</a>`,
  )
}

export const continueShoppingPage = page(
  'Amazon.com',
  '<h4>Click the button below to continue shopping</h4><form method="get" action="/errors/validateCaptcha"><input type="hidden" name="amzn" value="x"><button type="submit" class="a-button-text" alt="Continue shopping">Continue shopping</button></form>',
)

export const robotPage = page(
  'Robot Check',
  '<h4>Enter the characters you see below</h4><p>Sorry, we just need to make sure you\'re not a robot.</p><form method="get" action="/errors/validateCaptcha"><img src="/captcha.svg" width="200" height="70"><input type="text" id="captchacharacters" name="field-keywords" placeholder="Type characters"><button type="submit">Continue shopping</button></form>',
)

export const newAccountPage = page(
  'Amazon',
  `<form id="intent-confirmation-form" method="post" action="/ap/register" class="a-box"><div id="intent-confirmation-container"><h1>Looks like you are new to Amazon</h1></div>${button('intention-submit-button', 'Proceed to create an account')}</form>`,
)

export const methodPage = page(
  'Two-Step Verification',
  `<h1>Two-Step Verification</h1><form id="auth-select-device-form" method="post" action="/ap/mfa/new-otp" class="a-box"><p>Choose where to receive the One Time Password (OTP)</p>
<div class="a-radio auth-SMS"><label><input type="radio" name="otpDeviceContext" value="abc=, SMS" checked> Text me at my number ending in 55</label></div><div class="a-radio auth-TOTP"><label><input type="radio" name="otpDeviceContext" value="def=, TOTP"> Use my Authenticator App</label></div>
${button('auth-send-code', 'Send OTP')}</form>`,
)

export function codePage(error = ''): string {
  return page(
    'Two-Step Verification',
    `${errorBox(error)}<form id="auth-mfa-form" method="post" action="/ap/mfa" class="a-box"><h1>Two-Step Verification</h1><p>For added security, please enter the One Time Password (OTP) generated by your Authenticator App</p>
<label for="auth-mfa-otpcode">Enter OTP:</label><input type="tel" maxlength="20" id="auth-mfa-otpcode" name="otpCode" autocomplete="off">
<label><input type="checkbox" id="auth-mfa-remember-device" name="rememberDevice" value=""> Don't require OTP on this browser</label>${button('auth-signin-button', 'Sign in')}</form><a id="auth-get-new-otp-link" href="/ap/mfa/new-otp">Didn't receive the OTP?</a>`,
  )
}

export function mailedCodePage(error = ''): string {
  return page(
    'Authentication required',
    `${errorBox(error)}<form id="verification-code-form" method="post" action="/ap/cvf/verify" class="a-box"><h1>Verification needed</h1><p>To verify your identity, enter the code sent to a***@example.com</p>
<label for="cvf-input-code">Enter code</label><input type="text" id="cvf-input-code" name="code" maxlength="8" autocomplete="off">${button('cvf-submit-otp-button', 'Continue')}</form><a href="/ap/cvf/resend">Resend code</a>`,
  )
}

export const approvalPage = page(
  'Approval needed',
  '<h1>Approve the notification sent to:</h1><p>your Amazon app</p><form id="resend-approval-form" method="post" action="/ap/cvf/approval/resend"><a href="#">Resend notification</a></form><script>setInterval(async () => { if ((await (await fetch("/ap/cvf/approval/poll")).json()).approved) location = "/ap/next" }, 300)</script>',
)

export const addPhonePage = page(
  'Add mobile number',
  `<form id="auth-account-fixup-phone-form" method="post" action="/ap/accountfixup" class="a-box"><h1>Keep hackers out</h1><p>Add mobile number</p><label>Mobile number <input type="tel" id="account-fixup-phone-number" name="cvf_phone_num"></label>${button('auth-continue', 'Add mobile number')}<a id="ap-account-fixup-phone-skip-link" href="/ap/accountfixup?skip=1">Not now</a></form>`,
)

export const passkeyPage = page(
  'Set up a passkey',
  '<h1>Sign in faster with a passkey</h1><p>Use your face, fingerprint or PIN next time.</p><form method="post" action="/ap/passkey/setup"><button type="submit">Set up</button></form><a href="/ap/passkey/skip">Not now</a>',
)

export const changePasswordPage = page(
  'Password assistance',
  `<form name="forgotPassword" method="post" action="/ap/forgotpassword" class="a-box"><h1>Password reset required</h1><p>We noticed unusual activity. Choose a new password to go on.</p>${button('continue', 'Continue')}</form>`,
)

export const ordersPage = (person: string) =>
  page(
    'Your Orders',
    `<nav><a id="nav-link-accountList" href="/gp/css/homepage.html"><span id="nav-link-accountList-nav-line-1">Hello, ${person}</span> Account &amp; Lists</a><div id="nav-flyout-accountList" style="display:none"><a id="nav-item-signout" href="/gp/flex/sign-out.html?path=%2Fgp%2Fyourstore%2Fhome&signIn=1&useRedirectOnSuccess=1&action=sign-out">Sign Out</a></div></nav><h1>Your Orders</h1><p>2 orders placed in the past three months</p>`,
  )

export const homePage = page(
  'Amazon.com',
  '<nav><a id="nav-link-accountList" href="/ap/signin"><span id="nav-link-accountList-nav-line-1">Hello, sign in</span></a></nav><h1>Deals</h1>',
)
