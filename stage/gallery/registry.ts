import { alreadySignedIn } from './afterwards/already-signed-in.ts'
import { chooseWorkspace } from './afterwards/choose-workspace.ts'
import { homeThatSaysSignIn } from './afterwards/home-that-says-sign-in.ts'
import { homeWithPasswordField } from './afterwards/home-with-password-field.ts'
import { passwordChangeDemanded } from './afterwards/password-change-demanded.ts'
import { passwordExpiring } from './afterwards/password-expiring.ts'
import { savePasskey } from './afterwards/save-passkey.ts'
import { staySignedIn } from './afterwards/stay-signed-in.ts'
import { termsAndNotifications } from './afterwards/terms-and-notifications.ts'
import { hcaptchaAfterName } from './captchas/hcaptcha-after-name.ts'
import { imageCaptcha } from './captchas/image-captcha.ts'
import { pictureToClick } from './captchas/picture-to-click.ts'
import { recaptchaBadge } from './captchas/recaptcha-badge.ts'
import { recaptchaBox } from './captchas/recaptcha-box.ts'
import { turnstile } from './captchas/turnstile.ts'
import { approveOnPhone } from './codes/approve-on-phone.ts'
import { mailedCode } from './codes/mailed-code.ts'
import { totpFormAgain } from './codes/totp-form-again.ts'
import { totpMethodChoice } from './codes/totp-method-choice.ts'
import { totpOneField } from './codes/totp-one-field.ts'
import { totpRememberDevice } from './codes/totp-remember-device.ts'
import { totpSameId } from './codes/totp-same-id.ts'
import { totpSamePage } from './codes/totp-same-page.ts'
import { totpSixBoxes } from './codes/totp-six-boxes.ts'
import type { DoorPlan } from './door-plan.ts'
import { alerts } from './in-the-way/alerts.ts'
import { cookieBanner } from './in-the-way/cookie-banner.ts'
import { cookieFrame } from './in-the-way/cookie-frame.ts'
import { cookieShadow } from './in-the-way/cookie-shadow.ts'
import { cookieWall } from './in-the-way/cookie-wall.ts'
import { lateForm } from './in-the-way/late-form.ts'
import { metaRefresh } from './in-the-way/meta-refresh.ts'
import { slowPage } from './in-the-way/slow-page.ts'
import { eyeButton } from './neighbours/eye-button.ts'
import { formsEverywhere } from './neighbours/forms-everywhere.ts'
import { honeypotOffScreen } from './neighbours/honeypot-off-screen.ts'
import { honeypotTransparent } from './neighbours/honeypot-transparent.ts'
import { qrFirst } from './neighbours/qr-first.ts'
import { rateLimited } from './neighbours/rate-limited.ts'
import { signUpFirst } from './neighbours/sign-up-first.ts'
import { signUpSecond } from './neighbours/sign-up-second.ts'
import { socialButtons } from './neighbours/social-buttons.ts'
import { tabs } from './neighbours/tabs.ts'
import { ariaOnly } from './plain/aria-only.ts'
import { basicAuth } from './plain/basic-auth.ts'
import { csrf } from './plain/csrf.ts'
import { enterOnly } from './plain/enter-only.ts'
import { floatingLabels } from './plain/floating-labels.ts'
import { noForm } from './plain/no-form.ts'
import { placeholdersOnly } from './plain/placeholders-only.ts'
import { plainForm } from './plain/plain-form.ts'
import { prefilled } from './plain/prefilled.ts'
import { tableLayout } from './plain/table-layout.ts'
import { accountChooser } from './steps/account-chooser.ts'
import { hiddenPassword } from './steps/hidden-password.ts'
import { identifierKept } from './steps/identifier-kept.ts'
import { passwordInstead } from './steps/password-instead.ts'
import { passwordUnfolds } from './steps/password-unfolds.ts'
import { twoDocuments } from './steps/two-documents.ts'
import { twoStepSpa } from './steps/two-step-spa.ts'
import { tokenIndexedDb } from './tokens/token-indexed-db.ts'
import { tokenLocalStorage } from './tokens/token-local-storage.ts'
import { tokenSessionStorage } from './tokens/token-session-storage.ts'
import { iframeOtherOrigin } from './windows/iframe-other-origin.ts'
import { iframeSameOrigin } from './windows/iframe-same-origin.ts'
import { landingLink } from './windows/landing-link.ts'
import { modal } from './windows/modal.ts'
import { modalFromMenu } from './windows/modal-from-menu.ts'
import { oidcConsent } from './windows/oidc-consent.ts'
import { popupWindow } from './windows/popup-window.ts'
import { samlLike } from './windows/saml-like.ts'
import { shadowRoots } from './windows/shadow-roots.ts'

/** All doors, by families. */
export const plans: readonly DoorPlan[] = [
  // plain
  ariaOnly,
  basicAuth,
  csrf,
  enterOnly,
  floatingLabels,
  noForm,
  placeholdersOnly,
  plainForm,
  prefilled,
  tableLayout,
  // neighbours
  eyeButton,
  formsEverywhere,
  honeypotOffScreen,
  honeypotTransparent,
  qrFirst,
  rateLimited,
  signUpFirst,
  signUpSecond,
  socialButtons,
  tabs,
  // steps
  accountChooser,
  hiddenPassword,
  identifierKept,
  passwordInstead,
  passwordUnfolds,
  twoDocuments,
  twoStepSpa,
  // windows
  iframeOtherOrigin,
  iframeSameOrigin,
  landingLink,
  modalFromMenu,
  modal,
  oidcConsent,
  popupWindow,
  samlLike,
  shadowRoots,
  // in-the-way
  alerts,
  cookieBanner,
  cookieFrame,
  cookieShadow,
  cookieWall,
  lateForm,
  metaRefresh,
  slowPage,
  // afterwards
  alreadySignedIn,
  chooseWorkspace,
  homeThatSaysSignIn,
  homeWithPasswordField,
  passwordChangeDemanded,
  passwordExpiring,
  savePasskey,
  staySignedIn,
  termsAndNotifications,
  // codes
  approveOnPhone,
  mailedCode,
  totpFormAgain,
  totpMethodChoice,
  totpOneField,
  totpRememberDevice,
  totpSameId,
  totpSamePage,
  totpSixBoxes,
  // captchas
  hcaptchaAfterName,
  imageCaptcha,
  pictureToClick,
  recaptchaBadge,
  recaptchaBox,
  turnstile,
  // tokens
  tokenIndexedDb,
  tokenLocalStorage,
  tokenSessionStorage,
]
