import { unanswered } from '../../../apps/broker/src/session/challenge/unanswered.ts'
import type { AskPerson } from '../../../apps/broker/src/session/ports/site-login.ts'

/** Where no person is there to help. */
export const nobody: AskPerson = ({ kind }) => Promise.reject(unanswered(kind, 'nobody is there'))
