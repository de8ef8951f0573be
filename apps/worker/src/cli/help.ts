/** What stands below the options of each `--help`. */
export const programHelp = `
The key stands in the environment as SESSION_BROKER_KEY, or in a file that SESSION_BROKER_KEY_FILE names. run, exec and
doctor want the scopes read and refresh, capture read and write, status read.
Exit codes: 0 all well, 1 something has to be put right, 2 the command line is not understood; exec has the job's.

Example:
  SESSION_BROKER_KEY=sb_… session-worker run --broker https://broker.example:8787 --session amazon

session-worker <command> --help tells more.`

export const runHelp = `
Examples:
  a Chrome that runs on port 9222, kept signed in to two sessions:
    session-worker run --broker https://broker.example:8787 --session amazon --session bank
  a Chrome of its own, without a window, for other programs on port 9333:
    session-worker run --broker https://broker.example:8787 --session amazon --launch --headless --port 9333`

export const execHelp = `
The job finds Chrome's address in CHROME_CDP_URL (of several in CHROME_CDP_URLS, with spaces between). It gets PATH, HOME,
LANG, TZ, TERM, proxies and the like, what --env names, and never the key. Signals are passed on to it.
Exit codes: the job's own; 75 where the sessions were not in within --wait, 126 and 127 where the job cannot be started,
128 and the signal's number where a signal ended the job or the wait for it.

Examples:
    session-worker exec --broker https://broker.example:8787 --session amazon -- node orders.js
    session-worker exec --broker https://broker.example:8787 --session amazon --launch --headless --env SHOP_ID -- ./job.sh`

export const statusHelp = `
Examples:
    session-worker status --broker https://broker.example:8787
    session-worker status --worker http://127.0.0.1:9464 --json`

export const captureHelp = `
Example: sign in by hand in a Chrome that was started with --remote-debugging-port=9222, leave a tab open on a page that
strangers do not see, then:
    session-worker capture --broker https://broker.example:8787 --session amazon`

export const doctorHelp = `
Each line begins with ok, warn or FAIL and says what to do. Exit code 1 where a line says FAIL. Nothing is changed and no
login is started; the check's page of each session is opened once in a hidden page.

Examples:
    session-worker doctor --broker https://broker.example:8787 --session amazon --chrome http://127.0.0.1:9222
    session-worker doctor --broker https://broker.example:8787 --json`
