import { withoutQuery } from '@session-broker/shared'
import type { TrailStep } from '../../session/ports/login-traces.ts'
import { createBlotter } from './blot-out.ts'

const mostSteps = 200
const mostCharacters = 300
/** Shortened only after the blotting: half a secret would not be found. */
const mostKept = 20 * mostCharacters

/** What one sign-in reads and does, line by line. Whoever does something in it says so here. */
export interface Trail {
  /** The sign-in stands at a page, and this is what it wants. */
  read(text: string, url: string): void
  /** Something was done: pressed, typed, ticked. Never what was typed. */
  did(text: string): void
  /** Lines that the site has shown in answer. */
  said(text: string): void
  /** The value was typed, or granted: wherever it stands in the trail, it is blotted out. */
  hide(value: string): void
  /** The same for values that the site has granted. */
  hideAll(values: readonly string[]): void
  /** A text of the site, fit to be kept or shown. */
  clean(text: string): string
  /** What finds the hidden values in a page, as `Blotter` has it. */
  hiddenPattern(): string | undefined
  steps(): TrailStep[]
}

/** @param onStep is told of each line at once. */
export function createTrail(onStep?: (step: TrailStep) => void): Trail {
  const startedMs = performance.now()
  const blotter = createBlotter()
  const noted: TrailStep[] = []
  let url = ''

  const clean = (step: TrailStep): TrailStep => ({
    ...step,
    url: blotter.clean(step.url),
    text: shorten(blotter.clean(step.text)),
  })

  function note(what: TrailStep['what'], text: string): void {
    if (noted.length >= mostSteps) return
    const step: TrailStep = {
      atMs: Math.round(performance.now() - startedMs),
      url,
      what,
      text: text.slice(0, mostKept),
    }
    noted.push(step)
    onStep?.(clean(step))
  }

  return {
    read(text, at) {
      url = withoutQuery(at)
      note('read', text)
    },
    did: (text) => note('did', text),
    said(text) {
      const lines = text.replace(/\s*\n\s*/g, ' / ').trim()
      if (lines !== '') note('said', lines)
    },
    hide: blotter.hide,
    hideAll: blotter.hideAll,
    clean: blotter.clean,
    hiddenPattern: blotter.pattern,
    // Again: what was hidden later may stand in an earlier line.
    steps: () => noted.map(clean),
  }
}

function shorten(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)} …` : text
}
