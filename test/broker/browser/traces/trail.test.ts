import t from 'tap'
import {
  describeButton,
  describeField,
} from '../../../../apps/broker/src/browser/reading/describe-reading.ts'
import { createTrail } from '../../../../apps/broker/src/browser/traces/trail.ts'
import type { TrailStep } from '../../../../apps/broker/src/session/ports/login-traces.ts'

t.test('a trail tells what was read, done and said, at which page and when', (t) => {
  const told: TrailStep[] = []
  const trail = createTrail((step) => told.push(step))
  trail.read('form: password', 'https://shop.example/login?next=%2Fhome#top')
  trail.did('typed the password')
  trail.said('Wrong password\n  Try again ')
  trail.said(' \n ')
  const url = 'https://shop.example/login'
  t.match(trail.steps(), [
    { atMs: Number, url, what: 'read', text: 'form: password' },
    { url, what: 'did', text: 'typed the password' },
    { url, what: 'said', text: 'Wrong password / Try again' },
  ])
  t.same(told, trail.steps())
  t.end()
})

t.test('what was typed stands in none of it, also where it was hidden later', (t) => {
  const trail = createTrail()
  trail.hide('alice')
  trail.read('account chooser: button "Alice"', 'https://shop.example/u/alice/f81d4fae7dec11d0a76500a0c91e')
  trail.said('Hello alice, your number is 4711-0815')
  trail.hide('4711-0815')
  const [read, said] = trail.steps()
  t.match(read, { url: 'https://shop.example/u/•••/•••', text: 'account chooser: button "•••"' })
  t.equal(said?.text, 'Hello •••, your number is •••')
  t.end()
})

t.test('it stays short, and never keeps half a secret', (t) => {
  const trail = createTrail()
  trail.hide('hunter-secret')
  trail.said(`${'x'.repeat(290)} hunter-secret ${'y '.repeat(5_000)}`)
  for (let more = 0; more < 500; more++) trail.did('pressed')
  const steps = trail.steps()
  t.equal(steps.length, 200)
  t.ok((steps[0]?.text.length ?? 0) < 310)
  t.notMatch(steps[0]?.text, 'hunt')
  t.end()
})

t.test('a long name of a field or button is cut only once it is clean', (t) => {
  const trail = createTrail()
  trail.hide('canary.user@example.com')
  const text = `${'Stay signed in on this computer '.repeat(2).slice(0, 55)}canary.user@example.com`
  const place = { left: 0, top: 0, width: 10, height: 10, element: 0, form: 0 }
  const field = { ...place, type: 'text', label: text, name: 'u', id: '', autocomplete: '', inputMode: '' }
  trail.did(
    describeField({
      ...field,
      maxLength: -1,
      filled: false,
      tabbable: true,
      readOnly: false,
      checked: false,
    }),
  )
  trail.did(describeButton({ ...place, text, kind: 'button', overlay: -1, disabled: false }))
  for (const step of trail.steps()) t.match(step.text, /signed in .*•••"$/)
  t.notMatch(JSON.stringify(trail.steps()), 'canary')
  t.end()
})
