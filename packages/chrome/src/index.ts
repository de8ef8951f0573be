export { pickBrowserEnv } from './chrome-env.ts'
export { ChromeError, type ChromeErrorCode } from './chrome-error.ts'
export { isPersonalProfile } from './default-profile.ts'
export type { DevToolsPipe } from './devtools-pipe.ts'
export { type FindChromeOptions, type FoundChrome, findChrome } from './find-chrome.ts'
export {
  type LaunchChromeOptions,
  type LaunchedChrome,
  launchChrome,
  launchPipedChrome,
  type PipedChrome,
} from './launch-chrome.ts'
export { playwrightBrowsersDir } from './playwright-browsers.ts'
export { unseenFeatures } from './unseen-features.ts'
