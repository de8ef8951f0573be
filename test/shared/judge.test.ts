import { checkSchema, type Expectation, judge, type Sighting } from '@session-broker/shared'
import t from 'tap'

const page: Sighting = { status: 200, finalUrl: 'https://shop.example/home?x=1', body: 'Hello, Alice' }
const see = (expect: Expectation, change: Partial<Sighting> = {}) => judge(expect, { ...page, ...change })

t.test('every part of an expectation has to hold', async (t) => {
  t.equal(see({ status: 200, text: 'Hello, Alice' }), 'signed_in')
  t.equal(see({ status: 200, text: 'Hello, Bob' }), 'signed_out')
  t.equal(see({ status: 200 }, { status: 403 }), 'signed_out')
  t.equal(see({ finalUrl: 'https://shop.example/home' }), 'signed_in', 'the query does not count')
  t.equal(see({ finalUrl: 'https://shop.example/' }), 'signed_out')
  t.equal(see({ selector: '#account' }, { hasSelector: true }), 'signed_in')
  t.equal(see({ selector: '#account' }), 'signed_out')
})

t.test('a password field is found in markup, or told by a browser', async (t) => {
  const expect = { passwordField: false } as const
  t.equal(see(expect), 'signed_in')
  t.equal(see(expect, { body: `<input name=p type='password'>` }), 'signed_out')
  t.equal(see(expect, { hasPasswordField: true }), 'signed_out')
  t.equal(see(expect, { body: '<input type=password hidden>', hasPasswordField: false }), 'signed_in')
})

t.test('a site in trouble says nothing about the session', async (t) => {
  for (const status of [302, 429, 500, 502, 503]) t.equal(see({ status: 200 }, { status }), 'unclear')
  t.equal(see({ status: 503 }, { status: 503 }), 'signed_in', 'unless that is what is expected')
})

t.test('a check that cannot work is refused', async (t) => {
  const url = 'https://shop.example/'
  t.notOk(checkSchema.safeParse({ url, expect: {} }).success, 'nothing expected')
  t.notOk(checkSchema.safeParse({ url, expect: { selector: '#a' } }).success, 'a selector needs a browser')
  t.notOk(checkSchema.safeParse({ url: 'file:///etc/passwd', expect: { status: 200 } }).success)
  t.same(checkSchema.parse({ url, expect: { status: 200 } }), { url, expect: { status: 200 }, in: 'http' })
})
