import t from 'tap'
import { createBlotter } from '../../../../apps/broker/src/browser/traces/blot-out.ts'

function blotterOf(...values: string[]) {
  const blotter = createBlotter()
  for (const value of values) blotter.hide(value)
  return blotter
}

t.test('what is hidden stands nowhere, however it is written', (t) => {
  const secret = 'Alice+1@example.com'
  const { clean } = blotterOf(secret)
  const bytes = Buffer.from(secret)
  const written = [
    secret,
    secret.toUpperCase(),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    'Alice+1',
  ]
  for (const each of written) {
    t.equal(clean(`Hello ${each}, welcome`), 'Hello •••, welcome', each)
  }
  t.end()
})

t.test('a short value is hidden as a word, not within other words', (t) => {
  const { clean } = blotterOf('user')
  t.equal(clean('Username of user: USER'), 'Username of •••: •••')
  t.end()
})

t.test('a code is found though the page shows it in groups', (t) => {
  const { clean } = blotterOf('123456')
  t.equal(clean('You gave 123 456 and 123-456, not 1234567'), 'You gave ••• and •••, not 1234567')
  t.end()
})

t.test('the longest of several is hidden whole', (t) => {
  t.equal(blotterOf('secret', 'secret-of-alice').clean('secret-of-alice, secret'), '•••, •••')
  t.end()
})

t.test('what looks like a token is blotted out unasked, words and dates are not', (t) => {
  const { clean } = createBlotter()
  t.equal(clean('key 3f786850e387550fdab836ed7e6dc881de23001b'), 'key •••')
  const said = 'Unbelievably-long-compound-words, AADSTS50126, 2026-11-25 18:00, +49 30 1234567'
  t.equal(clean(said), said)
  t.equal(clean(''), '')
  blotterOf('').hide('')
  t.end()
})

t.test('special characters of a secret are only themselves', (t) => {
  t.equal(blotterOf('a.*(b)[c]').clean('a.*(b)[c] and axx(b)[c]'), '••• and axx(b)[c]')
  t.end()
})

t.test('the pattern finds in a page what is hidden', (t) => {
  t.equal(createBlotter().pattern(), undefined)
  const pattern = new RegExp(blotterOf('alice').pattern() ?? '', 'giu')
  t.equal('Hello Alice'.replace(pattern, ''), 'Hello ')
  t.end()
})

t.test('where a text was cut, the beginning of a value is hidden too', (t) => {
  const { clean } = blotterOf('canary.user@example.com', 'right-7Qx')
  t.equal(clean('Go on as Canary.us…'), 'Go on as •••…')
  t.equal(
    clean('field "canary.us…", button "as righ…"; the right one'),
    'field "•••…", button "as •••…"; the right one',
  )
  t.equal(clean('That is all, can…'), 'That is all, can…')
  t.equal(clean('more … than canary'), 'more … than canary')
  t.end()
})
