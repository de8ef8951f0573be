import { deviceId, rememberDevice } from './device.js'

const id = deviceId()
await rememberDevice(id)

const answer = await fetch('/api/me', { headers: { 'x-device-id': id } })
if (answer.status === 401) {
  location.replace('/login')
} else if (answer.ok) {
  const me = await answer.json()
  document.querySelector('#greeting').textContent = `Hello, ${me.username}`
  document.querySelector('#session-number').textContent = me.sessionNumber
  document.querySelector('#obtained-at').textContent = new Date(me.obtainedAt).toLocaleTimeString()
  document.querySelector('#device').textContent = `${id.slice(0, 8)}…`
  document.querySelector('main').dataset.signedInAs = me.username
}
