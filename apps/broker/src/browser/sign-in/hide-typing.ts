import type { PageView } from '../../session/ports/site-login.ts'
import type { Trail } from '../traces/trail.ts'

/** Less may be a letter that stands anywhere. */
const leastCharacters = 3

/** What a person types on the page is hidden like what the broker types: also where it comes key by key. */
export function hideTyping(view: PageView, trail: Pick<Trail, 'hide'>): PageView {
  let run = ''
  return {
    ...view,
    act(input) {
      run = 'type' in input ? run + input.type : ''
      if (run.length >= leastCharacters) trail.hide(run)
      return view.act(input)
    },
  }
}
