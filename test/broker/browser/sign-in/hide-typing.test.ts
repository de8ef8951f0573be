import type { ViewInput } from '@session-broker/shared'
import t from 'tap'
import { hideTyping } from '../../../../apps/broker/src/browser/sign-in/hide-typing.ts'
import { createBlotter } from '../../../../apps/broker/src/browser/traces/blot-out.ts'

t.test('what a person types is hidden, key by key or at once, and is typed all the same', async (t) => {
  const blotter = createBlotter()
  const done: ViewInput[] = []
  const view = hideTyping(
    {
      act: async (input) => void done.push(input),
      follow: () => Promise.reject(new Error('nobody looks')),
      movedOn: () => Promise.reject(new Error('nobody waits')),
    },
    blotter,
  )
  for (const type of 'alice') await view.act({ type })
  await view.act({ click: { x: 1, y: 1 } })
  await view.act({ type: 'pass-7Qx' })
  await view.act({ press: 'Enter' })
  await view.act({ type: 'ok' })
  t.equal(blotter.clean('alice, pass-7Qx: ok'), '•••, •••: ok')
  t.equal(done.length, 9)
})
