import type { Action } from './plan.ts'
import type { SimulatedBroker } from './simulated-broker.ts'
import { changedInUse } from './simulated-state.ts'
import type { World } from './world.ts'

const mendedAfterMs = 25 * 60 * 60_000

/** Does what the plan says, one after the other. */
export async function drive(world: World, actions: readonly Action[]): Promise<void> {
  for (const action of actions) {
    await world.takeTurn(`outside: ${action.kind}`)
    await act(world, action)
  }
}

async function act(world: World, action: Action): Promise<void> {
  switch (action.kind) {
    case 'pause':
      return pass(world, action.ms)
    case 'end sessions':
      return world.site.endSessions()
    case 'change secret':
      return world.changeSecret()
    case 'reset':
      return resetByOperator(world)
    default:
      return actOn(world, action)
  }
}

function actOn(world: World, action: Extract<Action, { broker: number }>): void {
  const { brokers, definitions } = world
  const broker = brokers[action.broker % brokers.length]
  if (!broker || broker.isStopped()) return
  if (action.kind === 'occupy') occupy(world, broker, action.ms)
  else if (action.kind === 'stop') {
    if (broker !== brokers.at(-1)) broker.giveUp()
  } else {
    const { session } = definitions[action.session % definitions.length] ?? { session: 'shop' }
    if (action.kind === 'refresh') refresh(world, { ...action, broker, session, mustSucceed: false })
    else handIn(world, { ...action, broker, session })
  }
}

function pass({ time }: World, ms: number): Promise<void> {
  return new Promise((resolve) => time.after(ms, resolve))
}

async function resetByOperator({ store, definitions, ledger }: World): Promise<void> {
  const [place] = definitions
  if (place) await store.resetLogins(place)
  ledger.closed()
}

function occupy({ time }: World, { slots }: SimulatedBroker, ms: number): void {
  void slots.take(new AbortController().signal).then((giveBack) => time.after(ms, giveBack))
}

interface Asking {
  broker: SimulatedBroker
  session: string
  isForced: boolean
  isSeen: boolean
  mustSucceed: boolean
}

function refresh(world: World, { broker, session, isForced, isSeen, mustSucceed }: Asking): void {
  const ask = async () => {
    const { generation } = broker.mirror.get(session)
    const ticket = await broker.refresher.refresh({
      session,
      ...(isSeen && { generation }),
      cause: isForced ? 'operator' : 'caller',
    })
    const result = ticket.done ?? (await ticket.result)
    const isTold =
      result.outcome === 'alive' ? result.generation >= generation : result.generation > generation
    if (!isTold) world.ledger.blame(`${result.outcome}: generation ${result.generation} after ${generation}`)
  }
  world.ask(broker, ask, mustSucceed)
}

interface HandingIn {
  kind: 'capture' | 'write back'
  broker: SimulatedBroker
  session: string
  afterMs: number
}

/** In place of what the broker had when the person, or the Chrome, began. */
function handIn(world: World, { kind, broker, session, afterMs }: HandingIn): void {
  const { issued, version } = broker.mirror.get(session)
  if (kind === 'write back' && !issued) return
  const inPlaceOf = issued ? [version] : 'none'
  const signedIn = kind === 'capture' ? world.site.signInByHand() : undefined
  const changed = changedInUse(issued?.cookies ?? [], world.newId())
  const send = async () => {
    await pass(world, afterMs)
    const published = signedIn
      ? await broker.capture({ session, state: signedIn, inPlaceOf })
      : await broker.writeBack({ session, cookies: changed, inPlaceOf })
    world.ledger.promised(session, published)
  }
  world.ask(broker, send, false)
}

/** When nothing goes wrong any more, a day has passed and an operator has mended what only they can, a refresh succeeds. */
export async function proveMended(world: World): Promise<void> {
  const { brokers, site } = world
  site.mend()
  world.disarm()
  world.changeSecret()
  for (const each of brokers) each.endUpkeep()
  await pass(world, mendedAfterMs)
  await resetByOperator(world)
  const broker = brokers.at(-1)
  if (broker) refresh(world, { broker, session: 'shop', isForced: false, isSeen: false, mustSucceed: true })
}
